//! A folder that a program of the lab writes, and what in it is the lab's own.
//!
//! A list in the folder, [`LIST`], has each file that the lab wrote and its digest. What stands there
//! as it was written may be replaced or removed; whatever else is in the way is named and left alone.
//! New files are written beside, and take their places when all are on the disk.

mod own;
mod replacement;

pub use own::Scope;
pub use replacement::Replacement;

use own::{Digest, List, list, own};
use profile::file;
use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fs::{self, File, FileType, OpenOptions, TryLockError},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// The lab's own corner of a folder: the list, the lock, and new files until they take their places.
const HOME: &str = ".lab";
const LIST: &str = ".lab/files.json";
const LOCK: &str = ".lab/lock";
const NEW: &str = ".lab/new";

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

/// A folder as it was found: nothing is written yet.
#[derive(Debug)]
pub struct Found {
    path: PathBuf,
    lock: Option<File>,
}

impl Found {
    /// Looks at the folder `path`, which need not be there.
    ///
    /// # Errors
    /// Where something of `scope` is not the lab's, or another process writes there.
    pub fn at(path: &Path, scope: &Scope) -> Result<Self, FolderError> {
        let mut found = Self { path: path.to_owned(), lock: None };
        match fs::metadata(path) {
            Ok(folder) if folder.is_dir() => {}
            Ok(_) => {
                let source = io::Error::from(ErrorKind::NotADirectory);
                return Err(FolderError::NoFolder { path: path.to_owned(), source });
            }
            Err(_) => return Ok(found),
        }
        found.demand_own_corner()?;
        if path.join(LOCK).exists() {
            found.lock = Some(lock(path)?);
        }
        match own(path, scope, &list(path)?) {
            // Another process came between: what stood there was its.
            Err(_) if found.lock.is_none() && path.join(LOCK).exists() => Self::at(path, scope),
            looked => looked.map(|_| found),
        }
    }

    /// Demands that what stands in the place of the lab's own corner is one: a folder with a list, or
    /// what is left of making one.
    fn demand_own_corner(&self) -> Result<(), FolderError> {
        demand_kind(&self.path, HOME, FileType::is_dir)?;
        let home = self.path.join(HOME);
        if !home.exists() || self.path.join(LIST).exists() {
            return Ok(());
        }
        for name in names_in(&home)? {
            if home.join(&name) != self.path.join(LOCK) && !is_half_list(&name) {
                let what = "is none that the lab made".to_owned();
                return Err(in_the_way(&self.path, vec![(HOME.into(), what)]));
            }
        }
        Ok(())
    }

    /// Makes the folder, if it is not there, and holds it until it is dropped or the process ends.
    ///
    /// # Errors
    /// Where it cannot be made or written to, or another process was faster.
    pub fn claim(self) -> Result<Folder, FolderError> {
        let Self { path, lock: held } = self;
        fs::create_dir_all(&path)
            .map_err(|source| FolderError::NoFolder { path: path.clone(), source })?;
        let home = path.join(HOME);
        let io = |source| FolderError::Io { path: home.clone(), source };
        fs::create_dir_all(&home).map_err(io)?;
        let lock = held.map_or_else(|| lock(&path), Ok)?;
        for half in names_in(&home)?.iter().filter(|name| is_half_list(name)) {
            fs::remove_file(home.join(half)).map_err(io)?;
        }
        let folder = Folder { path, _lock: lock };
        if !folder.path.join(LIST).exists() {
            folder.write_list(BTreeMap::new())?;
        }
        Ok(folder)
    }
}

/// Whether a file in the lab's corner is what a crash leaves of writing the list.
fn is_half_list(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".files.json.")
}

/// A folder that no other process of the lab writes while this lives.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// [`Found::at`] and [`Found::claim`].
    ///
    /// # Errors
    /// As those.
    pub fn open(path: &Path, scope: &Scope) -> Result<Self, FolderError> {
        Found::at(path, scope)?.claim()
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins to replace all that the lab wrote of `scope`.
    ///
    /// # Errors
    /// Where something of `scope` is not the lab's, or the folder cannot be written to.
    pub fn replace(&self, scope: Scope) -> Result<Replacement<'_>, FolderError> {
        let list = list(&self.path)?;
        let own = own(&self.path, &scope, &list)?;
        let new = self.path.join(NEW);
        let io = |source| FolderError::Io { path: new.clone(), source };
        match fs::remove_dir_all(&new) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(io(e)),
            _ => {}
        }
        fs::create_dir(&new).map_err(io)?;
        Ok(Replacement { folder: self, scope, list, own, files: Vec::new() })
    }

    fn write_list(&self, files: BTreeMap<String, Vec<Digest>>) -> Result<(), FolderError> {
        let path = self.path.join(LIST);
        let text = format!("{:#}\n", serde_json::json!(List { about: List::ABOUT.into(), files }));
        file::write(&path, text.as_bytes()).map_err(|source| FolderError::Io { path, source })
    }
}

/// Takes the lock of the folder `path`; the system gives it back when the process ends, however.
fn lock(path: &Path) -> Result<File, FolderError> {
    let path_of_lock = path.join(LOCK);
    let io = |source| FolderError::Io { path: path_of_lock.clone(), source };
    demand_plain(path, LOCK)?;
    let open = OpenOptions::new().create(true).append(true).open(&path_of_lock);
    let file = open.map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        // A file system without locks: nobody can be kept out.
        Err(TryLockError::Error(e)) if e.kind() == ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(e)) => Err(io(e)),
        Err(TryLockError::WouldBlock) => Err(FolderError::Taken { path: path.to_owned() }),
    }
}

/// What `name` is in the folder `path`, links not followed; `None` where nothing is.
fn kind(path: &Path, name: &str) -> Result<Option<FileType>, FolderError> {
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

fn demand_kind(path: &Path, name: &str, is_it: fn(&FileType) -> bool) -> Result<(), FolderError> {
    match kind(path, name)?.filter(|kind| !is_it(kind)) {
        None => Ok(()),
        Some(other) => Err(in_the_way(path, vec![(name.into(), is_a(other))])),
    }
}

/// What is wrong with something of this kind, where another should be.
fn is_a(kind: FileType) -> String {
    format!("is {}", file::name_of(kind))
}

/// The names of all that is in the folder `path`.
fn names_in(path: &Path) -> Result<Vec<OsString>, FolderError> {
    let names = fs::read_dir(path).and_then(|all| all.map(|e| Ok(e?.file_name())).collect());
    names.map_err(|source| FolderError::Io { path: path.to_owned(), source })
}

fn in_the_way(folder: &Path, others: Vec<(PathBuf, String)>) -> FolderError {
    let more = others.len().saturating_sub(1);
    let (name, what) = others.into_iter().next().unwrap_or_default();
    let others = if more == 0 { String::new() } else { format!(", with {more} more") };
    FolderError::InTheWay { path: folder.join(name), what, others }
}
