//! `report FILES… --out DIR`: one report from profiles of any number of runs and machines, or, without a folder, what
//! they say in words. `report compare A B`: what
//! two files of other times or machines have in common.

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use report::{
    Findings, Measurements,
    folder::Folder,
    screen,
    terminal::{self, Extent},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

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

    /// Folder to write index.html, charts, ops.csv and trace.json into; without it, the networks are printed.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Prints the networks, every operator of them.
    #[arg(long)]
    ops: bool,

    /// Paints each chart, light and dark, as PNG pictures into `png/`.
    #[cfg(feature = "png")]
    #[arg(long, requires = "out")]
    png: bool,
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
    let said = said(arguments, &bar);
    bar.finish_and_clear();
    let (told, printed) = said?;
    told.into_iter().for_each(screen::tell);
    Ok(screen::print(&printed)?)
}

/// What is told of the folder that was written, and what is printed of the networks.
fn said(arguments: &Report, bar: &ProgressBar) -> Result<(Option<String>, String)> {
    let measured = read(&arguments.files, bar)?;
    ensure!(!measured.is_empty(), "no profile in the files given: nothing to report");
    let findings = Findings::of(&measured);
    let page =
        arguments.out.as_ref().map(|out| render(&findings, out, arguments, bar)).transpose()?;
    let s = if measured.len() == 1 { "" } else { "s" };
    let told = page.map(|page| format!("{} profile{s} in {}", measured.len(), page.display()));
    let printed = match (arguments.ops, &told) {
        (true, _) => terminal::networks(&findings, Extent::Full, WIDTH),
        (false, None) => terminal::networks(&findings, Extent::Brief, WIDTH),
        (false, Some(_)) => String::new(),
    };
    Ok((told, printed))
}

/// The page that was drawn in the folder `out`.
fn render(
    findings: &Findings<'_>,
    out: &Path,
    #[cfg_attr(not(feature = "png"), allow(unused_variables))] arguments: &Report,
    bar: &ProgressBar,
) -> Result<PathBuf> {
    bar.set_message("drawing");
    let folder = Folder::open(out, &report::scope())?;
    let all = bar.length().unwrap_or(0) as f64;
    let progress = &mut |done| bar.set_position((done * all) as u64);
    #[cfg(feature = "png")]
    if arguments.png {
        let painter = report::png::Painter::new()?;
        let copies = |chart: &report::Chart| Ok(painter.paint(chart)?.into());
        return Ok(report::write_with(findings, &folder, &copies, progress)?);
    }
    Ok(report::write(findings, &folder, progress)?)
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
