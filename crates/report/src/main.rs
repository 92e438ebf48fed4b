//! `report FILES… --out DIR`: one report from profiles of any number of runs and machines.

use anyhow::{Result, ensure};
use clap::Parser;
use report::screen;
use std::{path::PathBuf, process::ExitCode};

/// Draws one report from profiles of any number of runs and machines.
#[derive(Debug, Parser)]
#[command(name = "report", version)]
struct Arguments {
    /// Files of profiles (`profiles.jsonl`), merged in the order given.
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,

    /// Folder to write index.html, charts, ops.csv and trace.json into.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn main() -> ExitCode {
    let arguments = match report::arguments::parse() {
        Ok(arguments) => arguments,
        Err(exit_code) => return exit_code,
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen::tell(format_args!("report: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let mut profiles = Vec::new();
    for file in &arguments.files {
        profiles.extend(profile::read(file, &mut |warning| screen::tell(warning))?);
    }
    ensure!(!profiles.is_empty(), "no profile in the files given: nothing to report");
    let page = report::write(&profiles, &arguments.out)?;
    screen::tell(format_args!("{} profiles in {}", profiles.len(), page.display()));
    Ok(())
}
