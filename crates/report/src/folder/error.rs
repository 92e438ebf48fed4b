//! What keeps the lab from writing a folder.

use std::{
    io,
    path::{Path, PathBuf},
};

/// A folder that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is no folder, and none can be made.
    #[error(
        "cannot write to --out {path}: expected a folder, or a place where one can be made",
        path = path.display()
    )]
    NoFolder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The operating system refused.
    #[error("cannot write {path}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something that is not known to be the lab's would be replaced or removed.
    #[error(
        "{path} is in the way{others}: it {what}: move it elsewhere, or choose another --out (of an \
         earlier run, a copy of `profiles.jsonl` is all that is needed)",
        path = path.display()
    )]
    InTheWay {
        /// The first such file or folder.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
        /// How many more there are, in words.
        others: String,
    },
    /// Another folder, or another file in it, took the place of the one that a run began with.
    #[error(
        "{path} is no longer what it was when this run began: something else was put in its place, and \
         nothing is written there",
        path = path.display()
    )]
    Swapped {
        /// The folder or file.
        path: PathBuf,
    },
    /// Another process has the folder.
    #[error(
        "{path}: another probe or report is writing there: wait for its end, or choose another --out",
        path = path.display()
    )]
    Taken {
        /// The folder.
        path: PathBuf,
    },
}

/// What is in the way in a folder: names, each with what is wrong with it.
pub(super) fn in_the_way(folder: &Path, others: Vec<(PathBuf, String)>) -> FolderError {
    let more = others.len().saturating_sub(1);
    let (name, what) = others.into_iter().next().unwrap_or_default();
    let others = if more == 0 { String::new() } else { format!(", with {more} more") };
    FolderError::InTheWay { path: folder.join(name), what, others }
}
