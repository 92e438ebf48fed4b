//! `probe list`: the families of networks and the guidelines' blocks, or one of them with all that it
//! takes. Whatever can be asked for by name stands here.

use crate::{
    args::{ListArgs, TableFormat},
    output,
};
use anyhow::Context;
use report::{rows::Rows, screen};
use serde::Serialize;
use std::process::ExitCode;
use textwrap::WordSplitter;
use zoo::{
    FAMILIES, Family, Model, Paper, Parameter, Preset, Taxon,
    micro::{self, GUIDES, Guide},
};

/// A family, or a guideline's block, as it is told.
#[derive(Serialize)]
struct Listed {
    name: &'static str,
    paper: Paper,
    introduced: &'static str,
    taxonomy: &'static [Taxon],
    /// Channels, height, width; nothing where its parameters decide.
    default_input: Option<[usize; 3]>,
    parameters: &'static [Parameter],
    models: &'static [Preset],
}

impl From<&'static Family> for Listed {
    fn from(family: &'static Family) -> Self {
        Self {
            name: family.name,
            paper: family.paper,
            introduced: family.introduced,
            taxonomy: family.taxonomy,
            default_input: Some(family.default_input()),
            parameters: family.parameters,
            models: family.presets,
        }
    }
}

impl From<&'static Guide> for Listed {
    fn from(guide: &'static Guide) -> Self {
        Self {
            name: guide.name,
            paper: micro::PAPER,
            introduced: guide.introduced,
            taxonomy: &[],
            default_input: None,
            parameters: guide.parameters,
            models: &[],
        }
    }
}

impl Listed {
    /// All that there is.
    fn all() -> Vec<Self> {
        let families = FAMILIES.iter().map(|&family| Self::from(family));
        families.chain(GUIDES.iter().map(Self::from)).collect()
    }

    /// The one that `name` is of: its own name, a preset's, or that of a network with parameters.
    fn named(name: &str) -> anyhow::Result<Self> {
        let alone = name.split('(').next().unwrap_or_default().trim();
        if let Some(guide) = Guide::named(alone) {
            return Ok(guide.into());
        }
        Ok(Model::parse(name).context("--family")?.family().into())
    }
}

/// Runs the verb.
///
/// # Errors
/// Where there is no such family.
pub fn run(args: &ListArgs) -> anyhow::Result<ExitCode> {
    let families = match &args.family {
        Some(name) => vec![Listed::named(name)?],
        None => Listed::all(),
    };
    match args.format {
        TableFormat::Json => {
            for family in &families {
                screen::print(&screen::json(family)?)?;
            }
        }
        TableFormat::Table if args.family.is_some() => {
            screen::print(&families.iter().map(one).collect::<String>())?;
        }
        TableFormat::Table => screen::print(&all(&families))?,
        TableFormat::Csv => screen::print(&rows(&families).csv()?)?,
        TableFormat::Markdown => screen::print(&rows(&families).markdown())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A row a network that has a name.
fn rows(families: &[Listed]) -> Rows {
    let of = |family: &Listed| {
        let Paper { title, year, arxiv, .. } = family.paper;
        let input = family.default_input.map_or(String::new(), |[c, h, w]| format!("{c}x{h}x{w}"));
        let row = |preset: &Preset| {
            let words = [preset.name, family.name, preset.arguments, &input, title, arxiv];
            let mut row: Vec<String> = words.map(str::to_owned).to_vec();
            row.push(year.to_string());
            row
        };
        family.models.iter().map(row).collect::<Vec<_>>()
    };
    let titles = &["network", "family", "arguments", "input", "paper", "arxiv", "year"];
    Rows { titles, rows: families.iter().flat_map(of).collect() }
}

/// A paragraph a family.
fn all(families: &[Listed]) -> String {
    let paragraphs: Vec<String> = families.iter().map(paragraph).collect();
    paragraphs.join("\n") + "\n`probe list --family NAME` explains a family's parameters.\n"
}

/// What a family is and the names of its networks, in a few lines.
fn paragraph(family: &Listed) -> String {
    let Paper { authors, title, year, arxiv } = family.paper;
    let arxiv = if arxiv.is_empty() { String::new() } else { format!(", arXiv {arxiv}") };
    let input = family
        .default_input
        .map_or("as its parameters say".to_owned(), |[c, h, w]| format!("{c}×{h}×{w}"));
    let lines = [
        format!("{}: {}", family.name, family.introduced),
        format!("  paper       {authors}, \u{201c}{title}\u{201d}, {year}{arxiv}"),
        format!("  taxonomy    {}", join(family.taxonomy.iter().map(|t| t.name()))),
        format!("  input       {input}"),
        format!("  parameters  {}", join(family.parameters.iter().map(|p| p.name))),
        format!("  networks    {}", join(family.models.iter().map(|p| p.name))),
    ];
    lines.map(|line| wrapped(&line, output::width())).concat()
}

/// Everything about one family.
fn one(family: &Listed) -> String {
    let mut lines = paragraph(family);
    for p in family.parameters {
        let default =
            p.default.map_or("must be given".to_owned(), |value| format!("by default {value}"));
        let line = format!("  {:<11} {}; {}, {default}", p.name, p.doc, p.kind);
        lines += &wrapped(&line, output::width());
    }
    for preset in family.models {
        let line = format!("  {} = {}({})", preset.name, family.name, preset.arguments);
        lines += &wrapped(&line, output::width());
    }
    lines
}

fn join(words: impl Iterator<Item = &'static str>) -> String {
    let words = words.collect::<Vec<_>>().join(", ");
    if words.is_empty() { "none".to_owned() } else { words }
}

/// `line` broken at blanks to fit `width`; what follows is indented under its second column, before which it
/// is never broken.
fn wrapped(line: &str, width: usize) -> String {
    const INDENT: &str = "              ";
    let second = if line.starts_with(' ') { line.floor_char_boundary(INDENT.len()) } else { 0 };
    let (first, rest) = line.split_at(second);
    let options = textwrap::Options::new(width)
        .initial_indent(first)
        .subsequent_indent(INDENT)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(rest, options) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_at_blanks() {
        let text = wrapped("  networks    aa, bb, cc, dd", 22);
        assert_eq!(text, "  networks    aa, bb,\n              cc, dd\n");
        assert_eq!(wrapped("  a-word-longer-than-the-line", 10), "  a-word-longer-than-the-line\n");
    }

    #[test]
    fn a_family_tells_all_of_itself() {
        let text = one(&Listed::named("shufflenet_v1").unwrap());
        for part in ["1707.01083", "groups", "3×224×224", "one of 1, 2, 3, 4, 8", "shufflenet_v1"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    /// Whatever the zoo takes by name is listed, and a value that it must be given is said.
    #[test]
    fn a_guideline_s_block_tells_all_of_itself() {
        for name in ["g1", " g2 ", "g3(channels=8,fragments=2,series)", "g4"] {
            assert!(
                Listed::named(name).is_ok_and(|listed| !listed.parameters.is_empty()),
                "{name}"
            );
        }
        let text = one(&Listed::named("g3").unwrap());
        for part in ["1807.11164", "must be given", "one of series, parallel", "by default 56x56"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let names: Vec<&str> = Listed::all().iter().map(|listed| listed.name).collect();
        assert_eq!(names[names.len() - 4..], ["g1", "g2", "g3", "g4"]);
        assert!(Listed::named("g5").is_err());
    }
}
