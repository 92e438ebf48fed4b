//! `probe validate`: how far modelled cores are from real ones.

use crate::{
    args::{TextFormat, ValidateArgs},
    output, validation,
};
use report::{
    screen,
    validation::{NOTE, table},
};
use std::process::ExitCode;

/// Runs the verb.
///
/// # Errors
/// Where what was published cannot be read, this machine cannot be measured, or a network cannot be traced.
pub fn run(args: &ValidateArgs) -> anyhow::Result<ExitCode> {
    let rows = validation::rows(args)?;
    let width = output::width();
    screen::print(&match args.format {
        TextFormat::Json => screen::json(&rows)?,
        TextFormat::Table => {
            format!("{}\n{}\n", table(&rows).text(width), textwrap::fill(NOTE, width))
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
