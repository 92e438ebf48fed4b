//! What stands in which place of a folder.

use super::error::{FolderError, in_the_way};
use profile::file;
use std::{
    ffi::OsString,
    fs::{self, FileType},
    io::ErrorKind,
    path::Path,
};

/// The lab's own corner of a folder: the list, the lock, and new files until they take their places.
pub(super) const HOME: &str = ".lab";
pub(super) const LIST: &str = ".lab/files.json";
pub(super) const LOCK: &str = ".lab/lock";
pub(super) const NEW: &str = ".lab/new";

/// What `name` is in the folder `path`, links not followed; `None` where nothing is.
pub(super) fn kind(path: &Path, name: &str) -> Result<Option<FileType>, FolderError> {
    let path = path.join(name);
    match fs::symlink_metadata(&path) {
        Ok(metadata) => Ok(Some(metadata.file_type())),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FolderError::Io { path, source }),
    }
}

/// Demands that the file `name` in the folder `path` is a plain one or not there: a link would lead out of
/// the folder.
///
/// # Errors
/// Where it is anything else.
pub fn demand_plain(path: &Path, name: &str) -> Result<(), FolderError> {
    demand_kind(path, name, FileType::is_file)
}

pub(super) fn demand_kind(
    path: &Path,
    name: &str,
    is_it: fn(&FileType) -> bool,
) -> Result<(), FolderError> {
    match kind(path, name)?.filter(|kind| !is_it(kind)) {
        None => Ok(()),
        Some(other) => Err(in_the_way(path, vec![(name.into(), is_a(other))])),
    }
}

/// What is wrong with something of this kind, where another should be.
pub(super) fn is_a(kind: FileType) -> String {
    format!("is {}", file::name_of(kind))
}

/// The names of all that is in the folder `path`.
pub(super) fn names_in(path: &Path) -> Result<Vec<OsString>, FolderError> {
    let names = fs::read_dir(path).and_then(|all| all.map(|e| Ok(e?.file_name())).collect());
    names.map_err(|source| FolderError::Io { path: path.to_owned(), source })
}
