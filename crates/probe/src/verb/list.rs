//! `probe list`: the families of networks, or one of them with all that it takes.

use crate::{
    args::{ListArgs, TextFormat},
    output,
};
use anyhow::Context;
use report::screen;
use serde::Serialize;
use std::process::ExitCode;
use zoo::{FAMILIES, Family, Model, Paper, Parameter, Preset, Taxon};

/// A family as JSON has it.
#[derive(Serialize)]
struct Listed {
    name: &'static str,
    paper: Paper,
    introduced: &'static str,
    taxonomy: &'static [Taxon],
    /// Channels, height, width.
    default_input: [usize; 3],
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
            default_input: family.default_input(),
            parameters: family.parameters,
            models: family.presets,
        }
    }
}

/// Runs the verb.
///
/// # Errors
/// Where there is no such family.
pub fn run(args: &ListArgs) -> anyhow::Result<ExitCode> {
    let families: Vec<&'static Family> = match &args.family {
        // A preset's name stands for its family.
        Some(name) => vec![Model::parse(name).context("--family")?.family()],
        None => FAMILIES.to_vec(),
    };
    match args.format {
        TextFormat::Json => {
            for family in families {
                screen::print(&screen::json(&Listed::from(family))?)?;
            }
        }
        TextFormat::Table if args.family.is_some() => {
            screen::print(&families.iter().map(|f| one(f)).collect::<String>())?;
        }
        TextFormat::Table => screen::print(&all(&families))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A paragraph a family.
fn all(families: &[&'static Family]) -> String {
    let paragraphs: Vec<String> = families.iter().map(|family| paragraph(family)).collect();
    paragraphs.join("\n") + "\n`probe list --family NAME` explains a family's parameters.\n"
}

/// What a family is and the names of its networks, in a few lines.
fn paragraph(family: &Family) -> String {
    let Paper { authors, title, year, arxiv } = family.paper;
    let arxiv = if arxiv.is_empty() { String::new() } else { format!(", arXiv {arxiv}") };
    let [c, h, w] = family.default_input();
    let parameters = join(family.parameters.iter().map(|p| p.name));
    let networks = join(family.presets.iter().map(|p| p.name));
    let lines = [
        format!("{}: {}", family.name, family.introduced),
        format!("  paper       {authors}, \u{201c}{title}\u{201d}, {year}{arxiv}"),
        format!("  taxonomy    {}", join(family.taxonomy.iter().map(|t| t.name()))),
        format!("  input       {c}×{h}×{w}"),
        format!("  parameters  {}", if parameters.is_empty() { "none" } else { &parameters }),
        format!("  networks    {networks}"),
    ];
    lines.map(|line| wrapped(&line, output::width())).concat()
}

/// Everything about one family.
fn one(family: &Family) -> String {
    let mut lines = paragraph(family);
    for p in family.parameters {
        let line = format!("  {:<11} {}; {}, by default {}", p.name, p.doc, p.kind, p.default);
        lines += &wrapped(&line, output::width());
    }
    for preset in family.presets {
        let line = format!("  {} = {}({})", preset.name, family.name, preset.arguments);
        lines += &wrapped(&line, output::width());
    }
    lines
}

fn join(words: impl Iterator<Item = &'static str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

/// `line` broken at blanks to fit `width`; what follows is indented under its second column.
fn wrapped(line: &str, width: usize) -> String {
    const INDENT: usize = 14;
    let mut out = String::new();
    let mut column = 0;
    for word in line.split_inclusive(' ') {
        let length = word.trim_end().chars().count();
        if column + length > width && column > INDENT {
            out.truncate(out.trim_end().len());
            out += &format!("\n{:INDENT$}", "");
            column = INDENT;
        }
        out += word;
        column += word.chars().count();
    }
    out + "\n"
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
        let family = Model::parse("shufflenet_v1").unwrap().family();
        let text = one(family);
        for part in ["1707.01083", "groups", "3×224×224", "one of 1, 2, 3, 4, 8", "shufflenet_v1"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
