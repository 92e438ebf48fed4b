//! The document as Markdown, for where charts have no room: a comment on a change, a build server's summary.
//!
//! Text is text here, too: every sign that Markdown or HTML would take for theirs has a backslash before it.

use crate::{
    compare::{apart::Apart, pair::Pair},
    document::{
        apart,
        block::{Block, Medium, Part, Role},
        compared,
    },
    visible,
};

/// Two sides that were measured in turn, and the limits that B `passed`.
pub fn pair(pair: &Pair<'_>, passed: &[String]) -> String {
    let failed = passed.iter().map(|what| Block::warning(format!("Failed: {what}.")));
    blocks(failed.chain(compared::section(pair).blocks))
}

/// Measurements of other times or machines.
pub fn apart(all: &[Apart<'_>]) -> String {
    blocks(all.iter().flat_map(|apart| apart::section(apart).blocks))
}

fn blocks<'a>(blocks: impl Iterator<Item = Block<'a>>) -> String {
    let mut text = String::new();
    blocks.for_each(|block| write(block, &mut text));
    text
}

fn write(block: Block<'_>, out: &mut String) {
    match block {
        Block::Heading(depth, text) => {
            *out += &format!("{} {}\n\n", "#".repeat(depth.into()), escaped(&text));
        }
        Block::Paragraph(role, text) => {
            let text = escaped(&text);
            *out += &match role {
                Role::Warning => format!("> **{text}**\n\n"),
                Role::Finding | Role::Title => format!("**{text}**\n\n"),
                Role::Lead | Role::Note => format!("{text}\n\n"),
            };
        }
        Block::List(facts) => {
            facts.iter().for_each(|fact| *out += &format!("- {}\n", escaped(&fact.text)));
            out.push('\n');
        }
        Block::Terms(terms) => {
            let item = |(term, meaning): &(String, String)| {
                format!("- **{}**: {}\n", escaped(term), escaped(meaning))
            };
            *out += &(terms.iter().map(item).collect::<String>() + "\n");
        }
        Block::Table(table) => *out += &(table.markdown(escaped) + "\n"),
        Block::Chart(_) | Block::Only(Medium::Terminal, _) => {}
        Block::Part(Part { title, blocks, .. }) | Block::Fold(title, blocks) => {
            *out += &format!("<details><summary>{}</summary>\n\n", escaped(&title));
            blocks.into_iter().for_each(|block| write(block, out));
            *out += "</details>\n\n";
        }
        Block::Only(Medium::Page, block) => write(*block, out),
    }
}

/// `text` as Markdown that shows the same.
pub(crate) fn escaped(text: &str) -> String {
    let special = |c: char| "\\`*_{}[]<>()#|~!&".contains(c);
    let mut out = String::new();
    for c in visible::line(text).chars() {
        if special(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(escaped("a_b|<i>"), "a\\_b\\|\\<i\\>");
        let mut out = String::new();
        write(Block::Fold("more".to_owned(), vec![Block::note("# no heading")]), &mut out);
        assert_eq!(out, "<details><summary>more</summary>\n\n\\# no heading\n\n</details>\n\n");
    }
}
