//! A report as the files of a folder, and each of its parts.

use crate::{
    chart::picture::{Chart, DrawError, Rendered},
    compare::{apart::Apart, apart_record::ApartRecord, pair::Pair, record::PairRecord},
    document::contents::{self, document},
    export,
    findings::Findings,
    folder::{Folder, FolderError, Replacement, Scope},
    html::{self, Pages},
    latency::Drift,
    names, trace as time_line, visible,
};
use std::{error::Error, io, path::PathBuf};

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder cannot take it.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A chart could not be drawn.
    #[error("cannot draw a chart")]
    Draw(#[from] DrawError),
    /// A copy of a chart could not be made.
    #[error(transparent)]
    Copy(Box<dyn Error + Send + Sync>),
}

/// The files that a report may have.
pub fn scope() -> Scope {
    let files = [
        "apart.json",
        "compare.json",
        "drift.json",
        "guidelines.json",
        "index.html",
        "ops.csv",
        "trace.json",
        "verdicts.json",
    ];
    Scope {
        files: files.map(str::to_owned).into(),
        folders: vec![("charts", "svg"), ("networks", "html"), ("png", "png")],
    }
}

/// Makes PNG pictures of a chart: what to add to its name, and the picture.
pub type Copies<'c> =
    &'c dyn Fn(&Chart) -> Result<Vec<(&'static str, Vec<u8>)>, Box<dyn Error + Send + Sync>>;

/// Writes the report of `findings` into `folder`: `index.html` (and a page a network where
/// they are many), `charts/*.svg`, `ops.csv`, `trace.json`, where there are experiments
/// `verdicts.json`, and where networks were compared with themselves rewritten `guidelines.json`. Files
/// of an earlier report are replaced, and charts and pages that this one lacks removed, when all of this
/// one is on the disk. `progress` hears what share of it is done. Returns the first page's path.
///
/// # Errors
/// Where the folder cannot take it, or something in it that is not the lab's is in the way; the
/// earlier report is then as it was.
pub fn write(
    findings: &Findings<'_>,
    folder: &Folder,
    progress: &mut dyn FnMut(f64),
) -> Result<PathBuf, WriteError> {
    write_with(findings, folder, &|_| Ok(Vec::new()), progress)
}

/// The same with `copies` of each chart in `png/`.
///
/// # Errors
/// As [`write()`], and where a copy cannot be made.
pub fn write_with(
    findings: &Findings<'_>,
    folder: &Folder,
    copies: Copies<'_>,
    progress: &mut dyn FnMut(f64),
) -> Result<PathBuf, WriteError> {
    let document = document(findings);
    let (mut done, all) = (0, document.charts() + findings.analyses.len());
    let mut step = || {
        done += 1;
        progress(f64::from(done) / all as f64);
    };
    let pages = html::pages(document, &mut step)?;
    let mut report = Replacement::begin(folder, scope())?;
    add_pages(&mut report, pages, copies)?;
    if !findings.studies.is_empty() {
        report.add("verdicts.json", json(&serde_json::json!(findings.verdicts())))?;
    }
    if !findings.architectures.is_empty() {
        report.add("guidelines.json", json(&serde_json::json!(findings.architectures)))?;
    }
    if !findings.pairs.is_empty() {
        let records: Vec<PairRecord> = findings.pairs.iter().map(Pair::record).collect();
        report.add("compare.json", json(&serde_json::json!(records)))?;
    }
    report.add("trace.json", &*visible::json(&trace(findings)))?;
    report.write("ops.csv", |out| export::csv(findings.analyses, out, &mut step))?;
    report.finish()?;
    Ok(folder.path().join("index.html"))
}

fn add_pages(
    report: &mut Replacement<'_>,
    pages: Pages,
    copies: Copies<'_>,
) -> Result<(), WriteError> {
    let names = names::told_apart(pages.charts.iter().map(|c| &c.name));
    for (chart, name) in pages.charts.iter().zip(names) {
        report.add(&format!("charts/{name}.svg"), chart.standalone())?;
        for (which, picture) in copies(chart).map_err(WriteError::Copy)? {
            report.add(&format!("png/{name}{which}.png"), picture)?;
        }
    }
    for (path, page) in pages.networks {
        report.add(&path, page)?;
    }
    Ok(report.add("index.html", pages.index)?)
}

/// Writes what measurements of other times or machines have in common into `folder`: `index.html`, `charts/*.svg` and
/// `apart.json`, in the place of a report. Returns the page's path.
///
/// # Errors
/// As [`write()`].
pub fn write_apart(all: &[Apart<'_>], folder: &Folder) -> Result<PathBuf, WriteError> {
    let pages = html::pages(contents::apart(all), &mut || ())?;
    let mut report = Replacement::begin(folder, scope())?;
    add_pages(&mut report, pages, &|_| Ok(Vec::new()))?;
    let records: Vec<ApartRecord> = all.iter().map(Apart::record).collect();
    report.add("apart.json", json(&serde_json::json!(records)))?;
    report.finish()?;
    Ok(folder.path().join("index.html"))
}

/// Writes `ops.csv` of `findings` alone into `folder`, in the place of a report, and where `drifts` are known
/// `drift.json`. Returns the path of the first.
///
/// # Errors
/// As [`write()`].
pub fn write_rows(
    findings: &Findings<'_>,
    drifts: &[Drift],
    folder: &Folder,
) -> Result<PathBuf, WriteError> {
    let mut report = Replacement::begin(folder, scope())?;
    report.write("ops.csv", |out| csv(findings, out))?;
    if !drifts.is_empty() {
        report.add("drift.json", json(&serde_json::json!(drifts)))?;
    }
    report.finish()?;
    Ok(folder.path().join("ops.csv"))
}

/// A value as a file for people and programs.
fn json(value: &serde_json::Value) -> String {
    visible::json(&format!("{value:#}")).into_owned()
}

/// The pages of a report, with their charts.
///
/// # Errors
/// Where a picture cannot be written.
pub fn pages(findings: &Findings<'_>) -> Rendered<Pages> {
    html::pages(document(findings), &mut || ())
}

/// The networks that a report draws, as `trace.json` has them.
pub fn trace(findings: &Findings<'_>) -> String {
    time_line::trace(&findings.selection.rendered)
}

/// `ops.csv`: a row an operator of everything that was measured.
///
/// # Errors
/// Where `out` refuses.
pub fn csv(findings: &Findings<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    export::csv(findings.analyses, out, &mut || ())
}
