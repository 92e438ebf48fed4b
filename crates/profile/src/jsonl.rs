//! Profiles on disk: JSON Lines, a line a profile, each flushed as soon as it is finished.

use crate::{Calibration, Profile, SCHEMA};
use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// A profile file that could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refused; the source says why.
    #[error("{path}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
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

/// Appends one profile to `path` and flushes it, so that nothing finished is lost later. A line
/// that an earlier run left unfinished is ended first, so that it spoils no other.
///
/// # Errors
/// Where the file cannot be opened or written.
pub fn append(path: &Path, profile: &Profile) -> Result<(), FileError> {
    let io = |source| FileError::Io { path: path.to_owned(), source };
    let mut file =
        OpenOptions::new().create(true).read(true).append(true).open(path).map_err(io)?;
    let mut line = if ends_in_a_line(&mut file).map_err(io)? { vec![] } else { vec![b'\n'] };
    serde_json::to_writer(&mut line, profile).map_err(|e| io(e.into()))?;
    line.push(b'\n');
    file.write_all(&line).and_then(|()| file.sync_data()).map_err(io)
}

/// Whether the file is empty or its last line is ended.
fn ends_in_a_line(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
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
    let value: serde_json::Value = serde_json::from_str(line).map_err(|e| {
        let cut = if e.is_eof() { "the line is cut off: " } else { "" };
        format!("{cut}{}", without_line(&e))
    })?;
    match value.get("schema").and_then(serde_json::Value::as_u64) {
        Some(s) if s == u64::from(SCHEMA) => {}
        Some(s) => return Err(format!("schema {s}: this version reads schema {SCHEMA}")),
        None => return Err("field `schema` is missing or no number".to_owned()),
    }
    // The text again, not the value: only the text has columns.
    let json = &mut serde_json::Deserializer::from_str(line);
    let parsed = serde_path_to_error::deserialize(json);
    let profile: Profile = parsed.map_err(|e| match e.path().to_string().as_str() {
        "." => without_line(e.inner()),
        field => format!("field `{field}`: {}", without_line(e.inner())),
    })?;
    match profile.calibration.as_ref().and_then(Calibration::flaw) {
        Some(flaw) => Err(format!("field `calibration`: {flaw}")),
        None => Ok(profile),
    }
}

/// The message of `error` with its column alone: its line is always 1, that of the file is known.
fn without_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or_default();
    format!("{message} at column {}", error.column())
}
