//! `probe report`: what the program `report` does, for those who have `probe` alone.

use report::command::{self, ReportArgs};
use std::process::ExitCode;

/// Runs the verb.
///
/// # Errors
/// As [`command::run`].
pub fn run(args: &ReportArgs) -> anyhow::Result<ExitCode> {
    command::run(args)?;
    Ok(ExitCode::SUCCESS)
}
