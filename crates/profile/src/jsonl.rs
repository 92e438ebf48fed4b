//! Profiles on disk: JSON Lines, a line a profile, each flushed as soon as it is finished. A file compressed by
//! gzip is read like any other.

use crate::{Profile, SCHEMA, file, limits, shortened};
use flate2::bufread::GzDecoder;
use serde_json::Value;
use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    iter,
    path::{Path, PathBuf},
};

/// Longest line of a file, bytes: a thousand times what a large network's has. A compressed file of a megabyte
/// may hold more than any memory.
const LONGEST: u64 = 1 << 28;

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
    /// What is to be written would be no profile to who reads it.
    #[error("{path}: nothing is appended, for no reader would take it: {what}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The field and what is expected there.
        what: String,
    },
    /// What is to be appended to is compressed.
    #[error(
        "{path} is compressed, and nothing is appended to such a file: uncompress it (`gunzip`), or choose \
         another folder",
        path = path.display()
    )]
    Compressed {
        /// The file.
        path: PathBuf,
    },
}

/// What a file that gzip compressed begins with.
const GZIP: &[u8] = b"\x1f\x8b";

/// Refuses a file that profiles cannot be appended to.
///
/// # Errors
/// Where it is no regular file, or a compressed one.
pub fn demand_appendable(path: &Path) -> Result<(), FileError> {
    let io = |source| FileError::Io { path: path.to_owned(), source };
    file::demand_regular_or_none(path).map_err(io)?;
    let mut begin = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(GZIP.len() as u64).read_to_end(&mut begin).map_err(io)?,
        Err(e) if e.kind() == io::ErrorKind::NotFound => 0,
        Err(e) => return Err(io(e)),
    };
    match begin == GZIP {
        true => Err(FileError::Compressed { path: path.to_owned() }),
        false => Ok(()),
    }
}

/// Appends one profile to `path`: [`append_all`] of one.
///
/// # Errors
/// As [`append_all`].
pub fn append(path: &Path, profile: &Profile) -> Result<(), FileError> {
    append_all(path, std::slice::from_ref(profile))
}

/// Appends profiles to `path` and flushes them, so that nothing finished is lost later. They take the
/// place of a line that an earlier run left cut off.
///
/// # Errors
/// Where the file is no regular one, is compressed, or cannot be opened or written, or where a profile is one
/// that [`read`] refuses: the file is then as long as before.
pub fn append_all(path: &Path, profiles: &[Profile]) -> Result<(), FileError> {
    let io = |source| FileError::Io { path: path.to_owned(), source };
    demand_appendable(path)?;
    let mut file =
        OpenOptions::new().create(true).read(true).append(true).open(path).map_err(io)?;
    let ended = ends_in_a_line(&mut file).map_err(io)? || drop_cut_off(&mut file).map_err(io)?;
    let mut lines = if ended { vec![] } else { vec![b'\n'] };
    for profile in profiles {
        let line = serde_json::to_vec(profile).map_err(|e| io(e.into()))?;
        parse(&line).map_err(|what| FileError::Unreadable { path: path.to_owned(), what })?;
        lines.extend(line);
        lines.push(b'\n');
    }
    let length = file.metadata().map_err(io)?.len();
    let written = file.write_all(&lines).and_then(|()| file.sync_data());
    written.map_err(|source| {
        // What did not fit would be half a line.
        let _ = file.set_len(length);
        io(source)
    })
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

/// Takes away what a crash left: a last line that is cut off, zeros behind the lines. `false` where the last line
/// only lacks its end.
fn drop_cut_off(file: &mut File) -> io::Result<bool> {
    let mut text = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut text)?;
    let written = without_zeros(&text);
    let last = written.split_inclusive(|byte| *byte == b'\n').next_back().unwrap_or_default();
    let cut_off = is_cut_off(without_mark(last));
    let kept = written.len() - if cut_off { last.len() } else { 0 };
    if kept < text.len() {
        file.set_len(kept as u64)?;
    }
    Ok(cut_off || last.ends_with(b"\n"))
}

/// Text without the zeros behind it: a file system leaves them where power was lost before it wrote what it had
/// made room for.
fn without_zeros(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &text[..end]
}

/// How a line begins that [`append_all`] wrote.
const BEGINNING: &[u8] = b"{\"schema\":";

/// Whether this is what a crash leaves of a line: the beginning of one, without its end. What begins in
/// another way may be somebody's text: it is no line to leave out or to replace.
fn is_cut_off(line: &[u8]) -> bool {
    let ends_early = |e: serde_json::Error| e.is_eof();
    !line.ends_with(b"\n")
        && (line.starts_with(BEGINNING) || BEGINNING.starts_with(line))
        && serde_json::from_slice::<Value>(line).is_err_and(ends_early)
}

/// A line without the byte-order mark that some editors begin a file with: joined files have it in
/// later lines, too.
fn without_mark(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
}

/// What is wrong with a file whose line of this `number` is so, if that is no text that holds profiles.
fn of_no_text(line: &[u8], number: usize) -> Option<&'static str> {
    match number {
        1 if is_wide(line) => Some("the text is UTF-16 or UTF-32: save it as UTF-8"),
        1 if line.starts_with(GZIP) => {
            Some("the text is compressed twice: uncompress it once (`gunzip`)")
        }
        _ if line.starts_with(GZIP) => {
            Some("a compressed text begins here: uncompress it (`gunzip`) before joining texts")
        }
        _ => None,
    }
}

/// Whether a text is UTF-16 or UTF-32: by its mark, or by the zeros round its first bracket.
fn is_wide(text: &[u8]) -> bool {
    let marks: [&[u8]; 3] = [b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"];
    let brackets: [&[u8]; 3] = [b"{\0", b"\0{", b"\0\0\0{"];
    marks.iter().chain(&brackets).any(|start| text.starts_with(start))
}

/// Reads every profile of a file. A last line that a crash cut off is left out, and `warn` hears of
/// it: what stands before it is as good as ever.
///
/// # Errors
/// Where the file is no regular one or cannot be read, or a line is not a profile of [`SCHEMA`]: the error names file,
/// line and field.
pub fn read(path: &Path, warn: &mut dyn FnMut(String)) -> Result<Vec<Profile>, FileError> {
    each(path, |_| (), warn)?.collect()
}

/// As [`read`], one profile after the other: only one line of the file is held in memory. `seen` is told of
/// every part of the file that was read, in bytes.
///
/// # Errors
/// As [`read`]; of a line where it is reached.
pub fn each(
    path: &Path,
    seen: impl FnMut(usize),
    mut warn: impl FnMut(String),
) -> Result<impl Iterator<Item = Result<Profile, FileError>>, FileError> {
    let path = path.to_owned();
    let io = |path: &Path, source| FileError::Io { path: path.to_owned(), source };
    let file = Watched { file: file::open(&path).map_err(|source| io(&path, source))?, seen };
    let mut text = Text::of(file).map_err(|source| io(&path, source))?;
    let (mut line, mut number) = (Vec::new(), 0);
    Ok(iter::from_fn(move || {
        loop {
            line.clear();
            number += 1;
            match text.read_line(&mut line) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(source) => return Some(Err(io(&path, source))),
            }
            let malformed = |what| FileError::Malformed { path: path.clone(), line: number, what };
            if line.len() as u64 == LONGEST {
                return Some(Err(malformed(format!("a line of {LONGEST} bytes or more"))));
            }
            if let Some(what) = of_no_text(&line, number) {
                return Some(Err(malformed(what.to_owned())));
            }
            let written = without_zeros(&line);
            let padded = written.len() < line.len();
            let line = without_mark(written);
            let blank = line.trim_ascii().is_empty();
            let why = match (blank, padded) {
                (true, false) => continue,
                (true, true) => Some("zeros, as a loss of power leaves them"),
                _ => is_cut_off(line).then_some("the line is cut off, as a crash leaves it"),
            };
            if let Some(why) = why {
                warn(format!("warning: {}:{number}: left out: {why}", path.display()));
                continue;
            }
            return Some(parse(line.trim_ascii_end()).map_err(malformed));
        }
    }))
}

/// A file of which somebody hears how far it was read.
struct Watched<F> {
    file: File,
    seen: F,
}

impl<F: FnMut(usize)> Read for Watched<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.file.read(buffer)?;
        (self.seen)(bytes);
        Ok(bytes)
    }
}

/// The text of a file, which may be compressed by gzip.
enum Text<R> {
    Plain(BufReader<R>),
    Compressed(Box<BufReader<Members<BufReader<R>>>>),
}

/// What the members of a gzip file hold, one after the other; `None` behind the last of them. Zeros behind a
/// member are padding, as tapes and block devices leave it.
struct Members<R>(Option<GzDecoder<R>>);

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.0 {
            let bytes = member.read(buffer)?;
            if bytes > 0 || buffer.is_empty() {
                return Ok(bytes);
            }
            skip_zeros(member.get_mut())?;
            let over = member.get_mut().fill_buf()?.is_empty();
            self.0 =
                self.0.take().filter(|_| !over).map(|member| GzDecoder::new(member.into_inner()));
        }
        Ok(0)
    }
}

fn skip_zeros(bytes: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = bytes.fill_buf()?;
        let (zeros, all) = (buffer.iter().take_while(|byte| **byte == 0).count(), buffer.len());
        bytes.consume(zeros);
        if zeros < all || all == 0 {
            return Ok(());
        }
    }
}

impl<R: Read> Text<R> {
    /// The text of `file`.
    fn of(file: R) -> io::Result<Self> {
        let mut file = BufReader::new(file);
        let compressed = file.fill_buf()?.starts_with(GZIP);
        Ok(match compressed {
            true => Self::Compressed(Box::new(BufReader::new(Members(Some(GzDecoder::new(file)))))),
            false => Self::Plain(file),
        })
    }

    /// Appends a line to `line`, its end included, of [`LONGEST`] bytes at most; returns how many.
    fn read_line(&mut self, line: &mut Vec<u8>) -> io::Result<usize> {
        let text: &mut dyn BufRead = match self {
            Self::Plain(text) => text,
            Self::Compressed(text) => text.as_mut(),
        };
        text.take(LONGEST).read_until(b'\n', line)
    }
}

/// The profile of a line, or why it is none, in few words whatever the line holds.
fn parse(line: &[u8]) -> Result<Profile, String> {
    parsed(line).map_err(|what| shortened(&what))
}

fn parsed(line: &[u8]) -> Result<Profile, String> {
    let value: Value = serde_json::from_slice(line).map_err(|e| {
        let cut = if e.is_eof() { "the line is cut off: " } else { "" };
        format!("{cut}{}", without_line(&e))
    })?;
    match value.get("schema").and_then(Value::as_u64) {
        Some(s) if (1..=u64::from(SCHEMA)).contains(&s) => {}
        Some(s) => return Err(format!("schema {s}: this version reads schemas 1 to {SCHEMA}")),
        None => return Err("field `schema` is missing or no number".to_owned()),
    }
    // Where a field is not told, reading takes half the time.
    let read: Profile = serde_json::from_slice(line).map_err(|e| misfit(line, &value, &e))?;
    // What it is from now on: a line that is written again has the keys of today.
    let profile = Profile { schema: SCHEMA, ..read };
    match limits::flaw(&value, &profile) {
        Some(flaw) => Err(format!("{flaw}: take the line out, or measure again")),
        None => Ok(profile),
    }
}

/// Why `line`, which is the JSON `value`, is no profile, as `error` has it: the field and what was expected there.
fn misfit(line: &[u8], value: &Value, error: &serde_json::Error) -> String {
    if let Some(misfit) = limits::misfit(value) {
        return misfit;
    }
    // The text again, not the value: only the text has columns.
    let json = &mut serde_json::Deserializer::from_slice(line);
    let told = serde_path_to_error::deserialize::<_, Profile>(json).err();
    match told.as_ref().map(|e| (e.path().to_string(), e.inner())) {
        Some((field, inner)) if field != "." => format!("field `{field}`: {}", without_line(inner)),
        _ => without_line(error),
    }
}

/// The message of `error` with its column alone: its line is always 1, that of the file is known.
fn without_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or_default();
    format!("{message} at column {}", error.column())
}
