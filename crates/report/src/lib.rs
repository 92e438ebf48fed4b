//! From profiles to what a person looks at: statistics, tables, charts and a page.
//!
//! A report is a pure function of [`profile::Profile`]s: it measures nothing, links neither
//! kernels nor GPU code, and draws the same from files of another machine as from its own.

pub mod analysis;
pub mod arguments;
pub mod bound;
pub mod ceilings;
pub mod chart;
pub mod export;
pub mod format;
pub mod guidelines;
pub mod html;
pub mod names;
pub mod paper;
pub mod plateaus;
pub mod screen;
pub mod sections;
pub mod sentences;
pub mod stats;
pub mod table;
pub mod tables;
pub mod text;
pub mod visible;

#[cfg(test)]
mod fixture;

use profile::Profile;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The operating system refused.
    #[error("cannot write {path}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The table of operators could not be made.
    #[error("cannot make ops.csv")]
    Table(#[from] csv::Error),
    /// A chart could not be drawn.
    #[error("cannot draw a chart")]
    Draw(#[from] plotters::drawing::DrawingAreaErrorKind<io::Error>),
}

/// Writes the report of `profiles` into the folder `out`: `index.html` (and a page a network where
/// they are many), `charts/*.svg`, `ops.csv`, `trace.json`, where there are experiments
/// `verdicts.json`, and where networks were compared with themselves rewritten `guidelines.json`. Files of an earlier report are
/// replaced, and charts and pages that this one lacks removed. Returns the first page's path.
///
/// # Errors
/// Where the folder or a file cannot be written.
pub fn write(profiles: &[Profile], out: &Path) -> Result<PathBuf, WriteError> {
    let pages = html::pages(profiles)?;
    clear(out)?;
    let names = names::told_apart(pages.charts.iter().map(|c| &c.name));
    for (chart, name) in pages.charts.iter().zip(names) {
        save(&out.join("charts").join(name + ".svg"), chart.standalone())?;
    }
    for (path, page) in pages.networks {
        save(&out.join(path), page)?;
    }
    let verdicts = guidelines::records::records(profiles);
    if !verdicts.is_empty() {
        save(&out.join("verdicts.json"), format!("{:#}", serde_json::json!(verdicts)))?;
    }
    let architectures = guidelines::architecture::all(profiles);
    if !architectures.is_empty() {
        save(&out.join("guidelines.json"), format!("{:#}", serde_json::json!(architectures)))?;
    }
    save(&out.join("trace.json"), export::trace(profiles).to_string())?;
    let mut table = Vec::new();
    export::csv(profiles, &mut table)?;
    save(&out.join("ops.csv"), table)?;
    let index = out.join("index.html");
    save(&index, pages.index)?;
    Ok(index)
}

/// Removes what an earlier report left: this one may have fewer charts and pages.
fn clear(out: &Path) -> Result<(), WriteError> {
    let folder = |name: &str, ending: &str| {
        let files = fs::read_dir(out.join(name)).into_iter().flatten().flatten().map(|f| f.path());
        files.filter(|f| f.extension().is_some_and(|e| e == ending)).collect::<Vec<_>>()
    };
    let single = ["verdicts.json", "guidelines.json"].map(|name| out.join(name));
    let earlier = folder("charts", "svg").into_iter().chain(folder("networks", "html"));
    for path in earlier.chain(single.into_iter().filter(|path| path.exists())) {
        fs::remove_file(&path).map_err(|source| WriteError::Io { path, source })?;
    }
    // A folder with files of others stays.
    for name in ["charts", "networks"] {
        let _ = fs::remove_dir(out.join(name));
    }
    Ok(())
}

/// Writes a file, and its folder where there is none.
fn save(path: &Path, content: impl AsRef<[u8]>) -> Result<(), WriteError> {
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    let saved = folder.and_then(|()| fs::write(path, content));
    saved.map_err(|source| WriteError::Io { path: path.to_owned(), source })
}
