//! The document as text for a terminal: no line is wider than asked, if its words allow.

use crate::document::block::{Block, Medium, Section};

/// Sections with a blank line between them.
pub fn sections<'a>(sections: impl IntoIterator<Item = Section<'a>>, width: usize) -> String {
    let texts: Vec<String> = sections.into_iter().map(|part| section(part, width)).collect();
    texts.join("\n")
}

/// A section with its details.
pub fn section(section: Section<'_>, width: usize) -> String {
    let details = section.details.into_iter().flat_map(|details| details.blocks);
    blocks(section.blocks.into_iter().chain(details), width)
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
        Block::Table(table) => *out += &(table.text(width) + "\n"),
        Block::Chart(_) | Block::Only(Medium::Page, _) => {}
        Block::Fold(summary, blocks) => {
            heading(&summary, width, out);
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
    for word in text.split_whitespace() {
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
