//! A folder that one process holds.

use super::{
    error::{FolderError, in_the_way},
    own::{Digest, List, Scope, list, own},
    places::{HOME, LIST, LOCK, demand_kind, demand_plain, names_in},
};
use crate::screen;
use profile::file;
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs::{self, File, FileType, OpenOptions, TryLockError},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

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
        let folder = fs::metadata(&path).map_err(io)?;
        let folder = Folder { identity: file::identity(&folder), path, lock };
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
    identity: Option<(u64, u64)>,
    lock: File,
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

    /// Demands that the folder at its path still is the one that was claimed: another may have been put in its
    /// place.
    ///
    /// # Errors
    /// Where it is not, or its lock is gone.
    pub fn demand_held(&self) -> Result<(), FolderError> {
        let now = fs::metadata(&self.path).ok().as_ref().and_then(file::identity);
        match now == self.identity && file::is_at(&self.lock, &self.path.join(LOCK)) {
            true => Ok(()),
            false => Err(FolderError::Swapped { path: self.path.clone() }),
        }
    }

    /// Writes the list of what the lab wrote.
    pub(super) fn write_list(
        &self,
        files: BTreeMap<String, Vec<Digest>>,
    ) -> Result<(), FolderError> {
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
        Ok(()) => {}
        // A file system without locks: nobody can be kept out.
        Err(TryLockError::Error(e)) if has_no_locks(&e) => screen::tell(format_args!(
            "warning: {}: the file system has no locks ({e}): start no second probe or report that writes there",
            path.display()
        )),
        Err(TryLockError::Error(e)) => return Err(io(e)),
        Err(TryLockError::WouldBlock) => return Err(FolderError::Taken { path: path.to_owned() }),
    }
    Ok(file)
}

/// Whether this says that the file system has no locks, or no more of them.
fn has_no_locks(e: &io::Error) -> bool {
    #[cfg(target_os = "linux")]
    const NO_MORE: Option<i32> = Some(rustix::io::Errno::NOLCK.raw_os_error());
    #[cfg(not(target_os = "linux"))]
    const NO_MORE: Option<i32> = None;
    e.kind() == ErrorKind::Unsupported || (NO_MORE.is_some() && e.raw_os_error() == NO_MORE)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use rustix::io::Errno;

    #[test]
    fn a_file_system_without_locks_is_told_from_one_that_fails() {
        let has_none = |errno: Errno| has_no_locks(&errno.into());
        assert!([Errno::NOSYS, Errno::OPNOTSUPP, Errno::NOLCK].map(has_none).iter().all(|no| *no));
        assert!(![Errno::IO, Errno::ACCESS].map(has_none).iter().any(|no| *no));
    }
}
