//! From profiles to what a person looks at: statistics, tables, charts and a page.
//!
//! A report is a pure function of [`profile::Profile`]s: it measures nothing, links neither
//! kernels nor GPU code, and draws the same from files of another machine as from its own.

pub mod analysis;
pub mod chart;
pub mod export;
pub mod format;
pub mod guidelines;
pub mod html;
pub mod paper;
pub mod sections;
pub mod sentences;
pub mod stats;
pub mod table;
pub mod tables;
pub mod text;

#[cfg(test)]
mod fixture;

use profile::Profile;
use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The operating system refused.
    #[error("cannot write {path}: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A chart could not be drawn.
    #[error("cannot draw a chart: {0}")]
    Draw(#[from] plotters::drawing::DrawingAreaErrorKind<io::Error>),
}

/// Writes the report of `profiles` into the folder `out`: `index.html`, `charts/*.svg`, `ops.csv`,
/// `trace.json` and, where there are experiments, `verdicts.json`. Files of an earlier report are replaced. Returns the page's path.
///
/// # Errors
/// Where the folder or a file cannot be written.
pub fn write(profiles: &[Profile], out: &Path) -> Result<PathBuf, WriteError> {
    let charts = out.join("charts");
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| WriteError::Io { path, source }
    };
    fs::create_dir_all(&charts).map_err(at(&charts))?;
    let save = |path: PathBuf, text: &str| fs::write(&path, text).map_err(at(&path));
    let page = html::page(profiles)?;
    for (chart, name) in page.charts.iter().zip(unique(page.charts.iter().map(|c| &c.name))) {
        save(charts.join(name + ".svg"), &chart.standalone())?;
    }
    let verdicts = guidelines::records::records(profiles);
    if !verdicts.is_empty() {
        let json = serde_json::to_string_pretty(&verdicts).map_err(io::Error::from);
        let path = out.join("verdicts.json");
        save(path.clone(), &json.map_err(at(&path))?)?;
    }
    save(out.join("trace.json"), &export::trace(profiles).to_string())?;
    let path = out.join("ops.csv");
    let file = File::create(&path).map_err(at(&path))?;
    export::csv(profiles, file).map_err(|e| at(&path)(e.into()))?;
    let path = out.join("index.html");
    save(path.clone(), &page.html)?;
    Ok(path)
}

/// The names, each with a number where it stood before: the same network on the same device may
/// have been measured twice.
fn unique<'n>(names: impl Iterator<Item = &'n String>) -> Vec<String> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    names
        .map(|name| {
            let times = seen.entry(name).or_default();
            *times += 1;
            if *times == 1 { name.clone() } else { format!("{name}-{times}") }
        })
        .collect()
}
