//! `report FILES… --out DIR`: one report from profiles of any number of runs and machines.

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use report::{Findings, Measurements, folder::Folder, screen};
use std::{fs, path::PathBuf, process::ExitCode};

/// Draws one report from profiles of any number of runs and machines.
#[derive(Debug, Parser)]
#[command(name = "report", version)]
struct Arguments {
    /// Files of profiles (`profiles.jsonl`, as it is or compressed by gzip), merged in the order given.
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,

    /// Folder to write index.html, charts, ops.csv and trace.json into.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn main() -> ExitCode {
    profile::file::outlive_size_limit();
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
    let bar = bar(&arguments.files);
    let rendered = render(arguments, &bar);
    bar.finish_and_clear();
    let (profiles, page) = rendered?;
    let s = if profiles == 1 { "" } else { "s" };
    screen::tell(format_args!("{profiles} profile{s} in {}", page.display()));
    Ok(())
}

/// How many profiles there are, and the page that was drawn of them.
fn render(arguments: &Arguments, bar: &ProgressBar) -> Result<(usize, PathBuf)> {
    let measured = read(&arguments.files, bar)?;
    ensure!(!measured.is_empty(), "no profile in the files given: nothing to report");
    bar.set_message("drawing");
    let folder = Folder::open(&arguments.out, &report::scope())?;
    let all = bar.length().unwrap_or(0) as f64;
    let page = report::write(&Findings::of(&measured), &folder, &mut |done| {
        bar.set_position((done * all) as u64);
    })?;
    Ok((measured.len(), page))
}

/// What the files hold, each profile reduced as it is read.
fn read(files: &[PathBuf], bar: &ProgressBar) -> Result<Measurements> {
    let mut opened = Vec::new();
    for file in files {
        let warn = |warning| bar.suspend(|| screen::tell(warning));
        opened.push(profile::each(file, |bytes| bar.inc(bytes as u64), warn)?);
    }
    Ok(opened.into_iter().flatten().collect::<Result<_, _>>()?)
}

/// A bar over the bytes of `files`, on a terminal only. It has no ticks: those take a thread, which the system
/// may refuse.
fn bar(files: &[PathBuf]) -> ProgressBar {
    let bytes = files.iter().filter_map(|file| fs::metadata(file).ok()).map(|file| file.len());
    let bar = ProgressBar::new(bytes.sum()).with_message("reading");
    let style = ProgressStyle::with_template("{msg} {bar:30} {percent} % · {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
