//! What in a folder is the lab's own: what its list has, as long as it is as the list says.

use super::{
    error::{FolderError, in_the_way},
    places::{LIST, is_a, kind, names_in},
};
use profile::file;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

/// What a program may write into a folder.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Files in the folder itself.
    pub files: Vec<String>,
    /// Folders in it, each with the ending of all that is written there.
    pub folders: Vec<(&'static str, &'static str)>,
}

impl Scope {
    /// Whether `path`, with `/` between a folder and its file, is of this scope.
    pub(super) fn holds(&self, path: &str) -> bool {
        match path.split_once('/') {
            None => self.files.iter().any(|file| file == path),
            Some((folder, name)) => {
                let plain = Path::new(name).file_name().is_some_and(|only| only == name);
                let ending = Path::new(name).extension();
                plain
                    && self.folders.iter().any(|(f, e)| *f == folder && ending == Some(e.as_ref()))
            }
        }
    }
}

/// What a file held, in words that a list can keep.
pub(super) type Digest = String;

/// The list of what the lab wrote.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct List {
    #[serde(default)]
    pub(super) about: String,
    /// The digests that each file may have: of what stood there and of what was to take its place,
    /// as a crash leaves either.
    pub(super) files: BTreeMap<String, Vec<Digest>>,
}

impl List {
    pub(super) const ABOUT: &str = "Files that the lab wrote here, with the SHA-256 of each. It replaces and \
                         removes these alone, and only while they are as it wrote them.";
}

/// The list in the folder `path`; an empty one where there is none.
pub(super) fn list(path: &Path) -> Result<List, FolderError> {
    let path = path.join(LIST);
    let text = match file::read(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(List::default()),
        Err(source) => return Err(FolderError::Io { path, source }),
    };
    serde_json::from_slice(&text).map_err(|e| FolderError::InTheWay {
        path,
        what: format!("is no list of files that the lab wrote ({e})"),
        others: String::new(),
    })
}

/// What the lab wrote of `scope` into the folder `path`, each with its digest.
///
/// # Errors
/// Where something else of that name is there.
pub(super) fn own(
    path: &Path,
    scope: &Scope,
    list: &List,
) -> Result<BTreeMap<String, Digest>, FolderError> {
    let (mut own, mut others) = (BTreeMap::new(), Vec::new());
    for name in standing(path, scope, &mut others)? {
        match inspect(path, &name, list)? {
            Ok(digest) => drop(own.insert(name, digest)),
            Err(what) => others.push((PathBuf::from(name), what)),
        }
    }
    if others.is_empty() { Ok(own) } else { Err(in_the_way(path, others)) }
}

/// Names of `scope` that are taken in the folder `path`. What cannot even be a file of the scope is
/// put with the `others`.
fn standing(
    path: &Path,
    scope: &Scope,
    others: &mut Vec<(PathBuf, String)>,
) -> Result<Vec<String>, FolderError> {
    let mut names = Vec::new();
    for name in &scope.files {
        if kind(path, name)?.is_some() {
            names.push(name.clone());
        }
    }
    for (folder, ending) in &scope.folders {
        match kind(path, folder)? {
            None => continue,
            Some(kind) if kind.is_dir() => {}
            Some(kind) => {
                others.push((PathBuf::from(folder), is_a(kind)));
                continue;
            }
        }
        for name in names_in(&path.join(folder))? {
            if Path::new(&name).extension() != Some(ending.as_ref()) {
                continue;
            }
            match name.to_str() {
                Some(name) => names.push(format!("{folder}/{name}")),
                None => others.push((Path::new(folder).join(name), NOT_OURS.to_owned())),
            }
        }
    }
    names.sort();
    Ok(names)
}

const NOT_OURS: &str = "is not in the list of files that the lab wrote there";

/// The digest of a file that is as the lab wrote it, or what else stands there.
fn inspect(path: &Path, name: &str, list: &List) -> Result<Result<Digest, String>, FolderError> {
    if let Some(other) = kind(path, name)?.filter(|kind| !kind.is_file()) {
        return Ok(Err(is_a(other)));
    }
    let Some(digests) = list.files.get(name) else { return Ok(Err(NOT_OURS.to_owned())) };
    let at = path.join(name);
    let found = File::open(&at).and_then(digest);
    let found = found.map_err(|source| FolderError::Io { path: at, source })?;
    Ok(if digests.contains(&found) {
        Ok(found)
    } else {
        Err("was changed since the lab wrote it".to_owned())
    })
}

/// The SHA-256 of all that `content` holds.
fn digest(mut content: impl Read) -> io::Result<Digest> {
    let mut digested = Digested::new(io::sink());
    io::copy(&mut content, &mut digested)?;
    Ok(digested.digest())
}

/// Something written to, with the SHA-256 of all that was.
pub(super) struct Digested<W> {
    to: W,
    hash: Sha256,
}

impl<W: Write> Digested<W> {
    pub(super) fn new(to: W) -> Self {
        Self { to, hash: Sha256::new() }
    }

    pub(super) fn digest(self) -> Digest {
        self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl<W: Write> Write for Digested<W> {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        let written = self.to.write(part)?;
        self.hash.update(&part[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
