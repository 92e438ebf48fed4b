//! Profiles on disk: JSON Lines, a line a profile, each flushed as soon as it is finished.

use crate::{Calibration, Profile, SCHEMA};
use serde_json::Value;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
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

/// Appends one profile to `path` and flushes it, so that nothing finished is lost later. It takes the
/// place of a line that an earlier run left cut off.
///
/// # Errors
/// Where the file cannot be opened or written.
pub fn append(path: &Path, profile: &Profile) -> Result<(), FileError> {
    let io = |source| FileError::Io { path: path.to_owned(), source };
    let mut file =
        OpenOptions::new().create(true).read(true).append(true).open(path).map_err(io)?;
    let ended = ends_in_a_line(&mut file).map_err(io)? || drop_cut_off(path).map_err(io)?;
    let mut line = if ended { vec![] } else { vec![b'\n'] };
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

/// Takes the last line away if it is cut off; `false` where it only lacks its end.
fn drop_cut_off(path: &Path) -> io::Result<bool> {
    let text = fs::read(path)?;
    let last = text.split_inclusive(|byte| *byte == b'\n').next_back().unwrap_or_default();
    let cut_off = is_cut_off(last);
    if cut_off {
        let finished = (text.len() - last.len()) as u64;
        OpenOptions::new().write(true).open(path)?.set_len(finished)?;
    }
    Ok(cut_off)
}

/// Whether this is what a crash leaves of a line: the beginning of one, without its end.
fn is_cut_off(line: &[u8]) -> bool {
    let ends_early = |e: serde_json::Error| e.is_eof();
    !line.ends_with(b"\n") && serde_json::from_slice::<Value>(line).is_err_and(ends_early)
}

/// Reads every profile of a file. A last line that a crash cut off is left out, and `warn` hears of
/// it: what stands before it is as good as ever.
///
/// # Errors
/// Where the file cannot be read, or a line is not a profile of [`SCHEMA`]: the error names file,
/// line and field.
pub fn read(path: &Path, warn: &mut dyn FnMut(String)) -> Result<Vec<Profile>, FileError> {
    let text = fs::read(path).map_err(|source| FileError::Io { path: path.to_owned(), source })?;
    let mut profiles = Vec::new();
    for (i, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let number = i + 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        if is_cut_off(line) {
            let path = path.display();
            warn(format!(
                "warning: {path}:{number}: left out: the line is cut off, as a crash leaves it"
            ));
            continue;
        }
        profiles.push(parse(line.trim_ascii_end()).map_err(|what| FileError::Malformed {
            path: path.to_owned(),
            line: number,
            what,
        })?);
    }
    Ok(profiles)
}

fn parse(line: &[u8]) -> Result<Profile, String> {
    let value: Value = serde_json::from_slice(line).map_err(|e| {
        let cut = if e.is_eof() { "the line is cut off: " } else { "" };
        format!("{cut}{}", without_line(&e))
    })?;
    match value.get("schema").and_then(Value::as_u64) {
        Some(s) if s == u64::from(SCHEMA) => {}
        Some(s) => return Err(format!("schema {s}: this version reads schema {SCHEMA}")),
        None => return Err("field `schema` is missing or no number".to_owned()),
    }
    // The text again, not the value: only the text has columns.
    let json = &mut serde_json::Deserializer::from_slice(line);
    let parsed = serde_path_to_error::deserialize(json);
    let profile: Profile = parsed.map_err(|e| match e.path().to_string().as_str() {
        "." => without_line(e.inner()),
        field => format!("field `{field}`: {}", without_line(e.inner())),
    })?;
    match profile.calibration.as_ref().and_then(Calibration::flaw) {
        Some(flaw) => {
            Err(format!("field `calibration`: {flaw}: take the line out, or measure again"))
        }
        None => Ok(profile),
    }
}

/// The message of `error` with its column alone: its line is always 1, that of the file is known.
fn without_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or_default();
    format!("{message} at column {}", error.column())
}
