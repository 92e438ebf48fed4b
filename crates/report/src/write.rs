//! A report as the files of a folder.

use crate::{
    export,
    folder::{Folder, FolderError, Scope},
    guidelines, html, names, place, trace, visible,
};
use profile::Profile;
use std::{io, path::PathBuf};

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder cannot take it.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The table of operators could not be made.
    #[error("cannot make ops.csv")]
    Table(#[from] csv::Error),
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

/// Writes the report of `profiles` into `folder`: `index.html` (and a page a network where
/// they are many), `charts/*.svg`, `ops.csv`, `trace.json`, where there are experiments
/// `verdicts.json`, and where networks were compared with themselves rewritten `guidelines.json`. Files
/// of an earlier report are replaced, and charts and pages that this one lacks removed, when all of this
/// one is on the disk. Returns the first page's path.
///
/// # Errors
/// Where the folder cannot take it, or something in it that is not the lab's is in the way; the
/// earlier report is then as it was.
pub fn write(profiles: &[Profile], folder: &Folder) -> Result<PathBuf, WriteError> {
    let profiles = &*place::told_apart(profiles);
    let pages = html::pages(profiles)?;
    let mut report = folder.replace(scope())?;
    let names = names::told_apart(pages.charts.iter().map(|c| &c.name));
    for (chart, name) in pages.charts.iter().zip(names) {
        report.add(&format!("charts/{name}.svg"), chart.standalone())?;
    }
    for (path, page) in pages.networks {
        report.add(&path, page)?;
    }
    if !pages.verdicts.is_empty() {
        report.add("verdicts.json", json(&serde_json::json!(pages.verdicts)))?;
    }
    let architectures = guidelines::architecture::all(profiles);
    if !architectures.is_empty() {
        report.add("guidelines.json", json(&serde_json::json!(architectures)))?;
    }
    report.add("trace.json", &*visible::json(&trace::trace(profiles)))?;
    let mut table = Vec::new();
    export::csv(profiles, &mut table)?;
    report.add("ops.csv", table)?;
    report.add("index.html", pages.index)?;
    report.finish()?;
    Ok(folder.path().join("index.html"))
}

/// A value as a file for people and programs.
fn json(value: &serde_json::Value) -> String {
    visible::json(&format!("{value:#}")).into_owned()
}
