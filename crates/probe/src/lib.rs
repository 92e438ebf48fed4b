//! The lab's command: it opens devices, verifies networks on them, takes times and writes
//! profiles. What profiles look like to people is the business of `report`.
//!
//! A verb of the command line is a file in [`verb`], a device one in [`device`]; [`measure`] takes
//! times and knows neither.

mod args;
mod build_info;
mod device;
mod emulation;
mod interrupt;
mod machine;
mod measure;
mod memory;
mod models;
mod output;
mod progress;
mod verb;
mod verification;

use args::{Cli, Verb};
use clap::{Parser, error::ErrorKind};
use std::process::ExitCode;

/// Exit code where the command line makes no sense.
const USAGE: u8 = 2;

/// Runs the command that the program was called with.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) if matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            e.exit()
        }
        Err(e) => {
            eprintln!("{}", one_line(&e.to_string()));
            return ExitCode::from(USAGE);
        }
    };
    let done = match cli.verb {
        None => verb::profile::run(&cli.profile),
        Some(Verb::List(args)) => verb::list::run(&args),
        Some(Verb::Cost(args)) => verb::cost::run(&args),
        Some(Verb::Verify(args)) => verb::verify::run(&args),
    };
    done.unwrap_or_else(|e| {
        eprintln!("error: {e:#}");
        ExitCode::FAILURE
    })
}

/// The parser's complaint and its tips in one line, without usage and reminders.
fn one_line(complaint: &str) -> String {
    let useful = complaint
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
        .filter(|line| !line.is_empty());
    useful.collect::<Vec<_>>().join("; ")
}
