//! `report FILES… --out DIR`: one report from profiles of any number of runs and machines, or, without a folder, what
//! they say in words. `report compare A B`: what two files of other times or machines have in common. All of it stands
//! in the library, where `probe report` finds it.

#![forbid(unsafe_code)]

use clap::Parser;
use report::{
    command::{self, ReportArgs},
    screen,
};
use std::process::ExitCode;

/// Draws one report from profiles of any number of runs and machines.
#[derive(Debug, Parser)]
#[command(name = "report", version)]
struct Cli {
    #[command(flatten)]
    arguments: ReportArgs,
}

fn main() -> ExitCode {
    profile::file::outlive_size_limit();
    let cli: Cli = match report::arguments::parse() {
        Ok(cli) => cli,
        Err(exit_code) => return exit_code,
    };
    match command::run(&cli.arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen::tell(format_args!("report: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
