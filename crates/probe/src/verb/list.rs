//! `probe list`: the families of networks, or one of them with all that it takes.

use crate::{
    args::{ListArgs, TextFormat},
    output,
};
use anyhow::Context;
use report::text::{Align, Column, Table};
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
            families.iter().try_for_each(|&f| output::print_json(&Listed::from(f)))?;
        }
        TextFormat::Table => output::print(&match (&args.family, families.as_slice()) {
            (Some(_), [family]) => one(family),
            _ => all(&families),
        })?,
    }
    Ok(ExitCode::SUCCESS)
}

fn left(title: &str, worth: u8) -> Column {
    Column::new(title, Align::Left, worth)
}

/// A line a family.
fn all(families: &[&Family]) -> String {
    let mut table = Table::new(vec![
        left("family", 9),
        left("year", 8),
        left("introduced", 7),
        left("taxonomy", 4),
        left("parameters", 6),
        Column::new("networks", Align::Right, 5),
    ]);
    for family in families {
        let parameters: Vec<&str> = family.parameters.iter().map(|p| p.name).collect();
        table.row(vec![
            family.name.to_owned(),
            family.paper.year.to_string(),
            family.introduced.to_owned(),
            taxonomy(family),
            parameters.join(", "),
            family.presets.len().to_string(),
        ]);
    }
    table.render(output::width())
        + "\n\n`probe list --family NAME` shows a family's parameters and networks.\n"
}

/// Everything about one family.
fn one(family: &Family) -> String {
    let Paper { authors, title, year, arxiv } = family.paper;
    let arxiv = if arxiv.is_empty() { String::new() } else { format!(", arXiv {arxiv}") };
    let [c, h, w] = family.default_input();
    let mut parameters = vec![left("parameter", 9), left("default", 8), left("values", 7)];
    parameters.push(left("what it does", 6));
    let mut parameters = Table::new(parameters);
    for p in family.parameters {
        let cells =
            [p.name.to_owned(), p.default.to_string(), p.kind.to_string(), p.doc.to_owned()];
        parameters.row(cells.to_vec());
    }
    let mut networks = Table::new(vec![left("network", 9), left("is", 8)]);
    for preset in family.presets {
        networks
            .row(vec![preset.name.to_owned(), format!("{}({})", family.name, preset.arguments)]);
    }
    format!(
        "{}: {}\n{authors}, \u{201c}{title}\u{201d}, {year}{arxiv}\ntaxonomy: {}\n\
         default input: {c}×{h}×{w}\n\n{}\n\n{}\n",
        family.name,
        family.introduced,
        taxonomy(family),
        parameters.render(output::width()),
        networks.render(output::width()),
    )
}

fn taxonomy(family: &Family) -> String {
    family.taxonomy.iter().map(|t| t.name()).collect::<Vec<_>>().join(", ")
}
