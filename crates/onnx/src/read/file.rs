//! The bytes of a model: its file, and files beside it that hold weights.

use super::{Error, bound, error::cut};
use crate::proto::{Model, StringStringEntry};
use bytes::Bytes;
use ops::cpu::Mapped;
use profile::file;
use prost::Message;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    io,
    path::{Component, Path, PathBuf},
};

/// Bytes from which a file is mapped. Smaller ones are read: nobody can change a copy.
const MAPPED: u64 = 64 << 20;

/// The bytes of a file.
fn content(path: &Path) -> io::Result<Bytes> {
    let file = file::open(path)?;
    if file.metadata()?.len() < MAPPED {
        return file::read(path).map(Bytes::from);
    }
    Mapped::of(&file).map(Bytes::from_owner)
}

/// A model with what is known of its bytes.
pub(crate) struct File {
    /// The model; its tensors lie in the bytes that were read.
    pub model: Model,
    /// Files beside it.
    pub folder: Folder,
    /// The bytes of the file.
    pub own: Bytes,
}

impl File {
    /// Reads the file at `path`.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let own = content(path).map_err(Error::Io)?;
        if !bound::is_bounded(&own) {
            return Err(Error::Refused("has more messages than a network needs".to_owned()));
        }
        let model = Model::decode(own.clone()).map_err(Error::Decode)?;
        Ok(Self { model, folder: Folder::around(path), own })
    }
}

/// Start of the digest of a model's content, the files beside it that were read among it.
pub(crate) fn digest(own: &[u8], folder: &Folder) -> String {
    let mut sha = Sha256::new_with_prefix(own);
    folder.files.values().for_each(|bytes| sha.update(bytes));
    sha.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// The files beside a model, each read once.
pub(crate) struct Folder {
    path: Option<PathBuf>,
    /// Where files may lie: in the folder, or beside the model's own file where that is a link.
    homes: Vec<PathBuf>,
    files: BTreeMap<String, Bytes>,
}

impl Folder {
    /// Of a model that stands alone.
    pub const fn none() -> Self {
        Self { path: None, homes: Vec::new(), files: BTreeMap::new() }
    }

    /// Of the model at `path`.
    fn around(path: &Path) -> Self {
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
        let folder = parent.unwrap_or(Path::new("."));
        let own = path.canonicalize().ok().and_then(|real| real.parent().map(Path::to_owned));
        let homes = folder.canonicalize().ok().into_iter().chain(own).collect();
        Self { path: Some(folder.to_owned()), homes, files: BTreeMap::new() }
    }

    /// Bytes that were read.
    pub fn len(&self) -> usize {
        self.files.values().map(Bytes::len).sum()
    }

    /// The bytes at the place that a tensor's entries name.
    pub fn bytes(&mut self, entries: &[StringStringEntry]) -> Result<Bytes, String> {
        let entry = |key: &str| entries.iter().find(|e| e.key == key).map(|e| e.value.as_str());
        let number = |key: &str| {
            let read = |text: &str| {
                text.parse::<usize>()
                    .map_err(|_| format!("has {key} {:?} in another file", cut(text)))
            };
            entry(key).map(read).transpose()
        };
        let location = entry("location").ok_or("has elements in a file without a name")?;
        let (offset, length) = (number("offset")?.unwrap_or(0), number("length")?);
        let file = self.file(location)?;
        let end = length.map_or(Some(file.len()), |length| offset.checked_add(length));
        let inside = end.filter(|&end| offset <= end && end <= file.len());
        let end = inside.ok_or_else(|| {
            format!("has elements beyond the {} bytes of {:?}", file.len(), cut(location))
        })?;
        Ok(file.slice(offset..end))
    }

    fn file(&mut self, location: &str) -> Result<Bytes, String> {
        if let Some(bytes) = self.files.get(location) {
            return Ok(bytes.clone());
        }
        let shown = cut(location);
        let outside = || format!("has elements in {shown:?}, outside the model's folder");
        let folder = self.path.as_deref().ok_or_else(outside)?;
        let plain = Path::new(location)
            .components()
            .all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
        let path = plain.then(|| folder.join(location)).ok_or_else(outside)?;
        let failed = |e: io::Error| match e.kind() {
            io::ErrorKind::NotFound => {
                format!("has elements in {shown:?}, a file that is missing beside the model")
            }
            _ => format!("has elements in {shown:?}, which cannot be read: {e}"),
        };
        // A link may lead out of the folder. Caches keep models and their weights so, both in another one.
        let real = path.canonicalize().map_err(failed)?;
        if !self.homes.iter().any(|home| real.starts_with(home)) {
            return Err(outside());
        }
        let bytes = content(&real).map_err(failed)?;
        self.files.insert(location.to_owned(), bytes.clone());
        Ok(bytes)
    }
}
