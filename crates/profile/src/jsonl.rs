//! Profiles on disk: JSON Lines, a line a profile, each flushed as soon as it is finished.

use crate::{Profile, SCHEMA};
use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
};

/// A profile file that could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refused.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line is no profile.
    #[error("{path}:{line}: not a profile: {what}", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The field and what was expected there.
        what: String,
    },
}

/// Appends one profile to `path` and flushes it, so that nothing finished is lost later.
///
/// # Errors
/// Where the file cannot be opened or written.
pub fn append(path: &Path, profile: &Profile) -> Result<(), FileError> {
    let io = |source| FileError::Io { path: path.to_owned(), source };
    let mut line = serde_json::to_vec(profile).map_err(|e| io(e.into()))?;
    line.push(b'\n');
    let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(io)?;
    file.write_all(&line).and_then(|()| file.sync_data()).map_err(io)
}

/// Reads every profile of a file.
///
/// # Errors
/// Where the file cannot be read, or a line is not a profile of [`SCHEMA`]: the error names file,
/// line and field.
pub fn read(path: &Path) -> Result<Vec<Profile>, FileError> {
    let io = |source| FileError::Io { path: path.to_owned(), source };
    let mut profiles = Vec::new();
    for (i, line) in BufReader::new(File::open(path).map_err(io)?).lines().enumerate() {
        let line = line.map_err(io)?;
        if line.trim().is_empty() {
            continue;
        }
        profiles.push(parse(&line).map_err(|what| FileError::Malformed {
            path: path.to_owned(),
            line: i + 1,
            what,
        })?);
    }
    Ok(profiles)
}

fn parse(line: &str) -> Result<Profile, String> {
    let value: serde_json::Value = serde_json::from_str(line).map_err(|e| e.to_string())?;
    match value.get("schema").and_then(serde_json::Value::as_u64) {
        Some(s) if s == u64::from(SCHEMA) => {}
        Some(s) => return Err(format!("schema {s}: this version reads schema {SCHEMA}")),
        None => return Err("field `schema` is missing or no number".to_owned()),
    }
    serde_json::from_str(line).map_err(|e| e.to_string())
}
