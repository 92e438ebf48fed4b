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
mod compare;
mod comparison;
mod cores;
mod device;
mod emulation;
mod error;
pub mod experiment;
mod interrupt;
mod jobs;
mod lab;
mod latency;
mod machine;
mod measure;
mod memory;
mod models;
mod network_name;
mod output;
mod own_thread;
mod progress;
mod record;
mod run_folder;
mod validation;
mod verb;
mod verification;

use args::{Cli, Verb};
use error::chain;
use report::{arguments, screen};
use std::process::ExitCode;

/// Runs the command that the program was called with.
pub fn main() -> ExitCode {
    ops::cpu::configure_allocator();
    profile::file::outlive_size_limit();
    let cli: Cli = match arguments::parse() {
        Ok(cli) => cli,
        Err(exit_code) => return exit_code,
    };
    if !matches!(
        cli.verb,
        Some(
            Verb::List(_)
                | Verb::Cost(_)
                | Verb::Validate(_)
                | Verb::Completions(_)
                | Verb::Man(_)
                | Verb::Report(_)
        )
    ) {
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
        Some(Verb::Validate(args)) => verb::validate::run(&args),
        Some(Verb::Guidelines(args)) => verb::guidelines::run(&args),
        Some(Verb::Completions(args)) => verb::completions::run(&args),
        Some(Verb::Man(args)) => verb::man::run(&args),
        Some(Verb::Compare(args)) => verb::compare::run(&args),
        Some(Verb::Table(args)) => verb::table::run(&args),
        Some(Verb::Predict(args)) => verb::predict::run(&args),
        Some(Verb::Report(args)) => verb::report::run(&args),
    };
    let interrupted = interrupt::requested();
    let exit_code = done.unwrap_or_else(|e| {
        let error = if interrupted { "" } else { "error: " };
        screen::tell(format_args!("{error}{}", chain(&e)));
        ExitCode::FAILURE
    });
    if interrupted {
        interrupt::exit();
    }
    exit_code
}
