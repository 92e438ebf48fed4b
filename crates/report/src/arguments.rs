//! The command line of the lab's commands: help on standard output, complaints in one line.

use crate::screen;
use clap::{Parser, ValueEnum, error::ErrorKind};
use std::{io, process::ExitCode};

/// Exit code where the command line makes no sense.
const USAGE: u8 = 2;

/// How a table is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For spreadsheets: exact numbers.
    Csv,
    /// For documents.
    Markdown,
}

/// The arguments that the program was called with; where there is nothing to run, because help was
/// asked for or they make no sense, that was said, and the exit code is given.
///
/// # Errors
/// As said above.
pub fn parse<C: Parser>() -> Result<C, ExitCode> {
    C::try_parse().map_err(|e| match e.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match e.print() {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
                screen::tell(format_args!("error: cannot write standard output: {e}"));
                ExitCode::FAILURE
            }
            _ => ExitCode::SUCCESS,
        },
        _ => {
            screen::tell(one_line(&e.to_string()));
            ExitCode::from(USAGE)
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_one_line() {
        let complaint = "error: no --x\n\n  tip: try --y\n\nUsage: probe\n\nFor more information";
        assert_eq!(one_line(complaint), "error: no --x; tip: try --y");
    }
}
