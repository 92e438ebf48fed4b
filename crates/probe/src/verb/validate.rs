//! `probe validate`: how far modelled cores are from real ones.

use crate::{
    args::{TextFormat, ValidateArgs},
    output,
};
use cores::{Errors, Validation};
use report::{
    format::{grouped, percent},
    screen,
    table::{Column, Table},
};
use std::process::ExitCode;

/// What stands under the table.
const NOTE: &str = "Relative errors of single products without their sign, median and 90th percentile. figures: the \
     core's file, at whatever clock it ran; fitted: with factors of loads and stores and cycles that a tile takes to \
     start; naive: multiply-adds, bytes, elements of the product, and a constant. Scalars are fitted to every other \
     kernel with tiles. A product with a vector reads each number once, and caches are left aside here.";

/// Runs the verb.
///
/// # Errors
/// Where what was measured cannot be read.
pub fn run(args: &ValidateArgs) -> anyhow::Result<ExitCode> {
    let all = cores::validate()?;
    screen::print(&match args.format {
        TextFormat::Json => screen::json(&all)?,
        TextFormat::Table => table(&all) + "\n" + &textwrap::fill(NOTE, output::width()) + "\n",
    })?;
    Ok(ExitCode::SUCCESS)
}

fn table(all: &[Validation]) -> String {
    let words = [("core", 9), ("model", 8)].map(|(title, worth)| Column::words(title, worth));
    let numbers =
        ["scalars", "products", "fitted", "products", "predicted", "products", "with a vector"];
    let numbers = numbers.map(|title| Column::numbers(title, 7));
    let mut table = Table::new(words.into_iter().chain(numbers).collect());
    for Validation { core, model, scalars, fitted, predicted, vectors, .. } in all {
        let told = |e: &Errors| {
            [grouped(e.products as f64, 0), format!("{}, {}", percent(e.median), percent(e.p90))]
        };
        let row = [core.clone(), (*model).to_owned(), scalars.to_string()];
        table.row(
            row.into_iter()
                .chain([fitted, predicted, vectors].into_iter().flat_map(told))
                .collect(),
        );
    }
    table.text(output::width())
}
