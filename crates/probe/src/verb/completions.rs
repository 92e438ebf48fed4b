//! `probe completions`: a script that lets a shell complete the command line.

use crate::args::{Cli, CompletionsArgs};
use clap::CommandFactory;
use report::screen;
use std::process::ExitCode;

/// Runs the verb.
///
/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &CompletionsArgs) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "probe", &mut script);
    screen::print(&String::from_utf8(script)?)?;
    Ok(ExitCode::SUCCESS)
}
