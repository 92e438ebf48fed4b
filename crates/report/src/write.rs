//! A report as the files of a folder, and each of its parts.

use crate::{
    chart::picture::Drawn,
    document::contents::document,
    export,
    findings::Findings,
    folder::{Folder, FolderError, Replacement, Scope},
    guidelines::{
        architecture::record::{self, Architecture},
        records::{self, Record},
        study::Study,
    },
    html::{self, Pages},
    measurements::Measurements,
    names, trace as time_line, visible,
};
use std::{io, path::PathBuf};

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder cannot take it.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A chart could not be drawn.
    #[error("cannot draw a chart")]
    Draw(#[from] plotters::drawing::DrawingAreaErrorKind<io::Error>),
}

/// The files that a report may have.
pub fn scope() -> Scope {
    let files = ["guidelines.json", "index.html", "ops.csv", "trace.json", "verdicts.json"];
    Scope {
        files: files.map(str::to_owned).into(),
        folders: vec![("charts", "svg"), ("networks", "html")],
    }
}

/// Writes the report of `measured` into `folder`: `index.html` (and a page a network where
/// they are many), `charts/*.svg`, `ops.csv`, `trace.json`, where there are experiments
/// `verdicts.json`, and where networks were compared with themselves rewritten `guidelines.json`. Files
/// of an earlier report are replaced, and charts and pages that this one lacks removed, when all of this
/// one is on the disk. `progress` hears what share of it is done. Returns the first page's path.
///
/// # Errors
/// Where the folder cannot take it, or something in it that is not the lab's is in the way; the
/// earlier report is then as it was.
pub fn write(
    measured: &Measurements,
    folder: &Folder,
    progress: &mut dyn FnMut(f64),
) -> Result<PathBuf, WriteError> {
    let findings = Findings::of(measured.all());
    let document = document(&findings);
    let (mut done, all) = (0, document.charts() + measured.all().len());
    let mut step = || {
        done += 1;
        progress(f64::from(done) / all as f64);
    };
    let pages = html::pages(document, &mut step)?;
    let mut report = Replacement::begin(folder, scope())?;
    let names = names::told_apart(pages.charts.iter().map(|c| &c.name));
    for (chart, name) in pages.charts.iter().zip(names) {
        report.add(&format!("charts/{name}.svg"), chart.standalone())?;
    }
    for (path, page) in pages.networks {
        report.add(&path, page)?;
    }
    if !findings.studies.is_empty() {
        let verdicts = records::records(&findings.studies);
        report.add("verdicts.json", json(&serde_json::json!(verdicts)))?;
    }
    if !findings.architectures.is_empty() {
        report.add("guidelines.json", json(&serde_json::json!(findings.architectures)))?;
    }
    report.add("trace.json", &*visible::json(&time_line::trace(&findings.selection.drawn)))?;
    report.write("ops.csv", |out| export::csv(measured.all(), out, &mut step))?;
    report.add("index.html", pages.index)?;
    report.finish()?;
    Ok(folder.path().join("index.html"))
}

/// A value as a file for people and programs.
fn json(value: &serde_json::Value) -> String {
    visible::json(&format!("{value:#}")).into_owned()
}

/// The pages of a report, with their charts.
///
/// # Errors
/// Where plotters fails.
pub fn pages(measured: &Measurements) -> Drawn<Pages> {
    html::pages(document(&Findings::of(measured.all())), &mut || ())
}

/// The networks that a report draws, as `trace.json` has them.
pub fn trace(measured: &Measurements) -> String {
    time_line::trace(&Findings::of(measured.all()).selection.drawn)
}

/// `ops.csv`: a row an operator of everything that was measured.
///
/// # Errors
/// Where `out` refuses.
pub fn csv(measured: &Measurements, out: &mut dyn io::Write) -> io::Result<()> {
    export::csv(measured.all(), out, &mut || ())
}

/// The verdicts of all experiments, as `verdicts.json` has them.
pub fn verdicts(measured: &Measurements) -> Vec<Record> {
    records::records(&Study::all(measured.all()))
}

/// Networks on the axes of the guidelines, as `guidelines.json` has them.
pub fn architectures(measured: &Measurements) -> Vec<Architecture> {
    record::architectures(measured.all())
}
