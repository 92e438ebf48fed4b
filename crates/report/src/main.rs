//! `report FILES… --out DIR`: one report from profiles of any number of runs and machines. `report compare A B`: what
//! two files of other times or machines have in common.

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use report::{Findings, Measurements, folder::Folder, screen, terminal};
use std::{fs, path::PathBuf, process::ExitCode};

/// Characters in a line of text.
const WIDTH: usize = 140;

/// Draws one report from profiles of any number of runs and machines.
#[derive(Debug, Parser)]
#[command(name = "report", version)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Arguments {
    /// What to do instead.
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    report: Option<Report>,
}

/// What to do instead of drawing a report.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Says what two files of other times or machines have that can be compared, and what cannot.
    Compare {
        /// The first file of profiles.
        a: PathBuf,
        /// The second.
        b: PathBuf,
    },
}

/// What to draw, and where.
#[derive(Debug, Args)]
struct Report {
    /// Files of profiles (`profiles.jsonl`, as it is or compressed by gzip), merged in the order given.
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,

    /// Folder to write index.html, charts, ops.csv and trace.json into.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn main() -> ExitCode {
    profile::file::outlive_size_limit();
    let arguments: Arguments = match report::arguments::parse() {
        Ok(arguments) => arguments,
        Err(exit_code) => return exit_code,
    };
    let done = match (arguments.verb, arguments.report) {
        (Some(Verb::Compare { a, b }), _) => compare(a, b),
        (None, Some(report)) => run(&report),
        (None, None) => Ok(()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen::tell(format_args!("report: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Prints what the profiles of two files have that can be compared.
fn compare(a: PathBuf, b: PathBuf) -> Result<()> {
    let files = [a, b];
    let bar = bar(&files);
    let read = |file: &PathBuf| {
        let measured = read(std::slice::from_ref(file), &bar)?;
        ensure!(!measured.is_empty(), "no profile in {}: nothing to compare", file.display());
        Ok(measured)
    };
    let [a, b] = files.each_ref().map(read);
    bar.finish_and_clear();
    Ok(screen::print(&terminal::apart(&a?, &b?, WIDTH))?)
}

fn run(arguments: &Report) -> Result<()> {
    let bar = bar(&arguments.files);
    let rendered = render(arguments, &bar);
    bar.finish_and_clear();
    let (profiles, page) = rendered?;
    let s = if profiles == 1 { "" } else { "s" };
    screen::tell(format_args!("{profiles} profile{s} in {}", page.display()));
    Ok(())
}

/// How many profiles there are, and the page that was drawn of them.
fn render(arguments: &Report, bar: &ProgressBar) -> Result<(usize, PathBuf)> {
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
