//! The document as text for a terminal: no line is wider than asked, if its words allow.

use crate::document::block::{Block, Medium, Part, Section};

/// Sections with a blank line between them.
pub fn sections<'a>(sections: impl IntoIterator<Item = Section<'a>>, width: usize) -> String {
    let texts: Vec<String> = sections.into_iter().map(|part| section(part, width)).collect();
    texts.join("\n")
}

/// A section.
pub fn section(section: Section<'_>, width: usize) -> String {
    blocks(section.blocks, width)
}

/// A section without what is only for those who ask for more, which `more` says how to do.
pub fn brief(section: Section<'_>, more: &str, width: usize) -> String {
    blocks(section.blocks.into_iter().map(|block| shortened(block, more)), width)
}

/// `block` with a line in place of each fold.
fn shortened<'a>(block: Block<'a>, more: &str) -> Block<'a> {
    match block {
        Block::Fold(summary, _) => Block::Heading(4, format!("{summary}: {more}")),
        Block::Part(part) => {
            let blocks = part.blocks.into_iter().map(|block| shortened(block, more)).collect();
            Block::Part(Part { blocks, ..part })
        }
        other => other,
    }
}

/// Blocks, a blank line before each heading but the first.
pub fn blocks<'a>(blocks: impl IntoIterator<Item = Block<'a>>, width: usize) -> String {
    let mut text = String::new();
    blocks.into_iter().for_each(|block| write(block, width, &mut text));
    text
}

fn write(block: Block<'_>, width: usize, out: &mut String) {
    match block {
        Block::Heading(_, text) => heading(&text, width, out),
        Block::Paragraph(_, text) => line(&text, width, out),
        Block::List(facts) => facts.iter().for_each(|fact| line(&fact.text, width, out)),
        Block::Terms(terms) => {
            terms
                .iter()
                .for_each(|(term, meaning)| line(&format!("{term}: {meaning}"), width, out));
        }
        Block::Table(table) => *out += &(table.text(width) + "\n"),
        Block::Chart(_) | Block::Only(Medium::Page, _) => {}
        Block::Part(Part { title, blocks, .. }) | Block::Fold(title, blocks) => {
            heading(&title, width, out);
            blocks.into_iter().for_each(|block| write(block, width, out));
        }
        Block::Only(Medium::Terminal, block) => write(*block, width, out),
    }
}

fn heading(text: &str, width: usize, out: &mut String) {
    if !out.is_empty() {
        out.push('\n');
    }
    line(text, width, out);
}

fn line(text: &str, width: usize, out: &mut String) {
    *out += &(wrap(text, width) + "\n");
}

/// Breaks `text` at blanks so that no line is wider than `width`, if its words allow.
fn wrap(text: &str, width: usize) -> String {
    let (mut out, mut used) = (String::new(), 0);
    for word in text.split(is_gap).filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        let gap = usize::from(used > 0);
        if used + gap + length > width && used > 0 {
            out.push('\n');
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out
}

/// Whether a line may be broken at `c`: not at the thin gap within a number.
fn is_gap(c: char) -> bool {
    c.is_whitespace() && c != '\u{202f}'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::block::Fact;

    #[test]
    fn lines_break_at_blanks_and_not_within_numbers() {
        assert_eq!(wrap("a b\n c", 3), "a b\nc");
        assert_eq!(wrap("takes 12\u{202f}345 ns", 8), "takes\n12\u{202f}345\nns");
        assert_eq!(wrap("longer than that", 4), "longer\nthan\nthat");
        assert_eq!(wrap(" ", 4), "");
    }

    #[test]
    fn a_blank_line_stands_before_each_heading_but_the_first() {
        let fact = Fact { text: "a fact".to_owned(), warns: true };
        let fold = Block::Fold("more".to_owned(), vec![Block::note("a note")]);
        let all = [
            Block::Heading(2, "title".to_owned()),
            Block::List(vec![fact]),
            Block::part("part"),
            Block::finding("for both"),
            Block::finding("for pages").only(Medium::Page),
            Block::finding("for terminals").only(Medium::Terminal),
            fold,
        ];
        let text = "title\na fact\n\npart\nfor both\nfor terminals\n\nmore\na note\n";
        assert_eq!(blocks(all.clone(), 80), text);
        let part = Part { depth: 3, title: "one".to_owned(), open: false, blocks: all[5..].into() };
        let section = Section { blocks: vec![Block::Part(part)], ..Section::default() };
        assert_eq!(brief(section, "--ops", 80), "one\nfor terminals\n\nmore: --ops\n");
    }
}
