//! The command `report`, which `probe report` is as well: its arguments, and what it does.

use crate::{
    arguments::TableFormat,
    compare::{
        apart::{Apart, apart},
        apart_record,
    },
    findings::Findings,
    folder::Folder,
    format::counted,
    markdown,
    measurements::Measurements,
    screen,
    terminal::{self, Extent},
    write::{scope, write, write_apart},
};
use anyhow::{Result, ensure};
use clap::{Args, Subcommand};
use indicatif::ProgressBar;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Characters in a line of text.
const WIDTH: usize = 140;

/// What to draw, or to do instead.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct ReportArgs {
    /// What to do instead.
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    report: Option<Report>,
}

/// What to do instead of drawing a report.
#[derive(Clone, Debug, Subcommand)]
enum Verb {
    /// Says what two files of other times or machines have that can be compared, and what cannot.
    Compare(Compare),
}

/// Which files to compare, and what to make of it.
#[derive(Clone, Debug, Args)]
struct Compare {
    /// The first file of profiles.
    a: PathBuf,
    /// The second.
    b: PathBuf,
    /// Folder to write index.html, charts and apart.json into; without it, what can be compared is printed.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// What to print.
    #[arg(long)]
    format: Option<TableFormat>,
}

/// What to draw, and where.
#[derive(Clone, Debug, Args)]
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

/// Does it.
///
/// # Errors
/// Where a file is not there or holds no profiles, or something cannot be written.
pub fn run(arguments: &ReportArgs) -> Result<()> {
    match (&arguments.verb, &arguments.report) {
        (Some(Verb::Compare(arguments)), _) => compare(arguments),
        (None, Some(report)) => draw(report),
        (None, None) => Ok(()),
    }
}

/// Prints or writes what the profiles of two files have that can be compared.
fn compare(arguments: &Compare) -> Result<()> {
    let files = [&arguments.a, &arguments.b];
    let bar = bar(&files);
    let read = |file: &PathBuf| {
        let measured = read(&[file], &bar)?;
        ensure!(!measured.is_empty(), "no profile in {}: nothing to compare", file.display());
        Ok(measured)
    };
    let [a, b] = files.map(read);
    bar.finish_and_clear();
    let [a, b] = [a?, b?];
    let all = apart(&a, &b);
    if let Some(out) = &arguments.out {
        let page = write_apart(&all, &Folder::open(out, &scope())?)?;
        screen::tell(format_args!("{} in {}", counted(all.len(), "pair"), page.display()));
    }
    let format = match (arguments.format, &arguments.out) {
        (None, Some(_)) => return Ok(()),
        (format, _) => format.unwrap_or(TableFormat::Table),
    };
    let records = all.iter().map(Apart::record).collect::<Vec<_>>();
    Ok(screen::print(&match format {
        TableFormat::Table => terminal::apart(&all, WIDTH),
        TableFormat::Json => screen::json(&records)?,
        TableFormat::Csv => apart_record::rows(&all).csv()?,
        TableFormat::Markdown => markdown::apart(&all),
    })?)
}

fn draw(arguments: &Report) -> Result<()> {
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
    let folder = Folder::open(out, &scope())?;
    let all = bar.length().unwrap_or(0) as f64;
    let progress = &mut |done| bar.set_position((done * all) as u64);
    #[cfg(feature = "png")]
    if arguments.png {
        let painter = crate::png::Painter::new()?;
        let copies = |chart: &crate::Chart| Ok(painter.paint(chart)?.into());
        return Ok(crate::write_with(findings, &folder, &copies, progress)?);
    }
    Ok(write(findings, &folder, progress)?)
}

/// What the files hold, each profile reduced as it is read.
fn read(files: &[impl AsRef<Path>], bar: &ProgressBar) -> Result<Measurements> {
    let mut opened = Vec::new();
    for file in files {
        let warn = |warning| bar.suspend(|| screen::tell(warning));
        opened.push(profile::each(file.as_ref(), |bytes| bar.inc(bytes as u64), warn)?);
    }
    Ok(opened.into_iter().flatten().collect::<Result<_, _>>()?)
}

/// A bar over the bytes of `files`, on a terminal only. It has no ticks: those take a thread, which the system
/// may refuse.
fn bar(files: &[impl AsRef<Path>]) -> ProgressBar {
    let bytes = files.iter().filter_map(|file| fs::metadata(file).ok()).map(|file| file.len());
    let bar = ProgressBar::new(bytes.sum()).with_message("reading");
    bar.set_style(screen::bar("{msg} {bar:30} {percent} % · {elapsed}"));
    bar
}
