//! The lab's command: it opens devices, verifies networks on them, takes times and writes
//! profiles. What profiles look like to people is the business of `report`.
//!
//! A verb of the command line is a file in [`verb`], a device one in [`device`]; [`measure`] takes
//! times and knows neither.

#![forbid(unsafe_code)]

mod args;
mod build_info;
pub mod calibrate;
mod cgroup;
mod comparison;
mod device;
mod emulation;
pub mod experiment;
mod interrupt;
mod machine;
mod measure;
mod memory;
mod models;
mod output;
mod progress;
mod record;
mod run_folder;
mod verb;
mod verification;

use args::{Cli, Verb};
use report::{arguments, screen};
use std::process::ExitCode;

/// Runs the command that the program was called with.
pub fn main() -> ExitCode {
    ops::cpu::give_freed_back();
    let cli: Cli = match arguments::parse() {
        Ok(cli) => cli,
        Err(exit_code) => return exit_code,
    };
    if !matches!(cli.verb, Some(Verb::List(_) | Verb::Cost(_))) {
        interrupt::listen();
    }
    let done = match cli.verb {
        None => verb::profile::run(&cli.profile),
        Some(Verb::List(args)) => verb::list::run(&args),
        Some(Verb::Cost(args)) => verb::cost::run(&args),
        Some(Verb::Verify(args)) => verb::verify::run(&args),
        Some(Verb::Experiment(args)) => verb::experiment::run(&args),
        Some(Verb::Export(args)) => verb::export::run(&args),
        Some(Verb::Calibrate(args)) => verb::calibrate::run(&args),
        Some(Verb::Guidelines(args)) => verb::guidelines::run(&args),
    };
    done.unwrap_or_else(|e| {
        if interrupt::requested() {
            screen::tell(chain(&e));
            return interrupt::exit_code();
        }
        screen::tell(format_args!("error: {}", chain(&e)));
        ExitCode::FAILURE
    })
}

/// An error and its causes in one line; a cause that the error itself quotes is not told twice.
fn chain(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| {
        match (told.is_empty(), told.contains(&cause)) {
            (true, _) => cause,
            (false, true) => told,
            (false, false) => format!("{told}: {cause}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_tells_each_cause_once() {
        let error = anyhow::anyhow!("disk full").context("cannot write a: disk full").context("b");
        assert_eq!(chain(&error), "b: cannot write a: disk full");
    }
}
