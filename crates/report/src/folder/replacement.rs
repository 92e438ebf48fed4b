//! Files that take the place of the lab's earlier ones, all together or not at all.

use super::{
    claim::Folder,
    error::FolderError,
    own::{Digest, Digested, List, Scope, list, own},
    places::NEW,
};
use profile::file;
use std::{
    collections::{BTreeMap, HashSet},
    fs::{self, File},
    io::{self, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
};

/// Files that are to take the place of the lab's earlier ones. Where it is dropped before
/// [`Replacement::finish`], the earlier ones stay.
#[derive(Debug)]
pub struct Replacement<'f> {
    folder: &'f Folder,
    scope: Scope,
    list: List,
    /// What the lab wrote of the scope, as it stands there.
    own: BTreeMap<String, Digest>,
    files: Vec<NewFile>,
}

/// One of them, on the disk beside its place; `beside` is `None` where the same stands there already.
#[derive(Debug)]
struct NewFile {
    name: String,
    digest: Digest,
    beside: Option<PathBuf>,
}

impl<'f> Replacement<'f> {
    /// Begins to replace all that the lab wrote of `scope` into `folder`.
    ///
    /// # Errors
    /// Where something of `scope` is not the lab's, another folder stands in this one's place, or it cannot
    /// be written to.
    pub fn begin(folder: &'f Folder, scope: Scope) -> Result<Self, FolderError> {
        folder.demand_held()?;
        let list = list(folder.path())?;
        let own = own(folder.path(), &scope, &list)?;
        let new = folder.path().join(NEW);
        let io = |source| FolderError::Io { path: new.clone(), source };
        match fs::remove_dir_all(&new) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(io(e)),
            _ => {}
        }
        fs::create_dir(&new).map_err(io)?;
        Ok(Self { folder, scope, list, own, files: Vec::new() })
    }

    /// Writes a file beside its place.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn add(&mut self, name: &str, content: impl AsRef<[u8]>) -> Result<(), FolderError> {
        self.write(name, |out| out.write_all(content.as_ref()))
    }

    /// Writes a file beside its place, as `content` comes.
    ///
    /// # Errors
    /// Where the scope does not hold it, or the system refuses.
    pub fn write(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), FolderError> {
        let io = |source| FolderError::Io { path: self.folder.path().join(name), source };
        if !self.scope.holds(name) {
            return Err(io(io::Error::other("not announced as one of the files to write")));
        }
        let beside = self.folder.path().join(NEW).join(self.files.len().to_string());
        let mut file = Digested::new(BufWriter::new(File::create_new(&beside).map_err(io)?));
        content(&mut file).and_then(|()| file.flush()).map_err(io)?;
        let digest = file.digest();
        let stands = self.own.get(name) == Some(&digest);
        if stands {
            fs::remove_file(&beside).map_err(io)?;
        }
        let beside = (!stands).then_some(beside);
        self.files.push(NewFile { name: name.to_owned(), digest, beside });
        Ok(())
    }

    /// Puts the new files into their places, and removes those of the lab's that have none.
    ///
    /// # Errors
    /// Where the system refuses. While only new places are taken, the old files are as they were.
    pub fn finish(mut self) -> Result<(), FolderError> {
        let new = self.folder.path().join(NEW);
        sync_files(&new).map_err(|source| FolderError::Io { path: new, source })?;
        self.note()?;
        let files = std::mem::take(&mut self.files);
        self.place(&files)?;
        let new: HashSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
        for name in self.own.keys().filter(|name| !new.contains(name.as_str())) {
            let path = self.folder.path().join(name);
            fs::remove_file(&path)
                .map_err(|source| FolderError::Io { path: path.clone(), source })?;
            if let Some(parent) = path.parent().filter(|parent| *parent != self.folder.path()) {
                // A folder with files of others stays.
                let _ = fs::remove_dir(parent);
            }
        }
        let folders = self.scope.folders.iter().map(|(folder, _)| self.folder.path().join(folder));
        folders
            .chain([self.folder.path().to_owned()])
            .for_each(|folder| file::sync_folder(&folder));
        Ok(())
    }

    /// Lists what may stand in the folder from now on: a crash leaves the old or the new.
    fn note(&mut self) -> Result<(), FolderError> {
        let mut files = std::mem::take(&mut self.list.files);
        files.retain(|name, _| !self.scope.holds(name));
        for (name, digest) in &self.own {
            files.insert(name.clone(), vec![digest.clone()]);
        }
        for NewFile { name, digest, .. } in &self.files {
            let digests = files.entry(name.clone()).or_default();
            if !digests.contains(digest) {
                digests.push(digest.clone());
            }
        }
        self.folder.write_list(files)
    }

    /// Moves each file into its place: first where nothing stands yet, as that alone can need room on
    /// the disk, and can be undone.
    fn place(&self, files: &[NewFile]) -> Result<(), FolderError> {
        let root = self.folder.path();
        let mut placed = Vec::new();
        let mut place = |new: &NewFile| {
            let Some(beside) = &new.beside else { return Ok(()) };
            let path = root.join(&new.name);
            path.parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| fs::rename(beside, &path))
                .map_err(|source| FolderError::Io { path: path.clone(), source })?;
            placed.push(path);
            Ok(())
        };
        let (over, fresh): (Vec<_>, Vec<_>) =
            files.iter().partition(|file| self.own.contains_key(&file.name));
        if let Err(e) = fresh.into_iter().try_for_each(&mut place) {
            placed.iter().for_each(|path| drop(fs::remove_file(path)));
            return Err(e);
        }
        over.into_iter().try_for_each(place)
    }
}

/// Puts all files in a folder on the disk: a thousand with one call take a tenth of the time that they
/// take with a call each.
#[cfg(target_os = "linux")]
fn sync_files(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

/// Puts all files in a folder on the disk.
#[cfg(not(target_os = "linux"))]
fn sync_files(folder: &Path) -> io::Result<()> {
    fs::read_dir(folder)?
        .try_for_each(|new| File::options().write(true).open(new?.path())?.sync_all())
}

impl Drop for Replacement<'_> {
    fn drop(&mut self) {
        // What cannot be removed now is when the next one begins.
        let _ = fs::remove_dir_all(self.folder.path().join(NEW));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope { files: vec!["index.html".to_owned()], folders: vec![("charts", "svg")] }
    }

    /// What a folder shows when it was written with `files`.
    fn shown(path: &Path) -> BTreeMap<String, String> {
        let read = |name: &str| Some((name.to_owned(), fs::read_to_string(path.join(name)).ok()?));
        NAMES.iter().filter_map(|name| read(name)).collect()
    }

    const NAMES: [&str; 4] = ["charts/a.svg", "charts/b.svg", "charts/c.svg", "index.html"];

    fn begin<'f>(folder: &'f Folder, files: &[(&str, &str)]) -> Replacement<'f> {
        let mut replacement = Replacement::begin(folder, scope()).unwrap();
        files.iter().for_each(|(name, content)| replacement.add(name, content).unwrap());
        replacement
    }

    /// Wherever the process is killed, the next one finds the files of the old or of the new, and
    /// replaces all.
    #[test]
    fn a_killed_process_locks_nobody_out() {
        let path = std::env::temp_dir().join(format!("report-killed-{}", std::process::id()));
        let old = [("charts/a.svg", "old"), ("charts/b.svg", "old"), ("index.html", "old")];
        let new = [("charts/b.svg", "new"), ("charts/c.svg", "new"), ("index.html", "new")];
        let next = [("charts/a.svg", "next"), ("index.html", "next")];
        for stop in 0..7 {
            let _ = fs::remove_dir_all(&path);
            let folder = Folder::open(&path, &scope()).unwrap();
            begin(&folder, &old).finish().unwrap();
            let mut killed = begin(&folder, &new[..stop.min(3)]);
            if stop >= 3 {
                killed.note().unwrap();
                let files = std::mem::take(&mut killed.files);
                killed.place(&files[..stop - 3]).unwrap();
            }
            std::mem::forget(killed);
            drop(folder);
            let left = shown(&path);
            assert_eq!(left.len(), if stop >= 5 { 4 } else { 3 }, "nothing is lost");
            assert_eq!(left["index.html"], if stop == 6 { "new" } else { "old" });
            let folder = Folder::open(&path, &scope()).unwrap();
            begin(&folder, &next).finish().unwrap();
            let expected = next.map(|(name, content)| (name.to_owned(), content.to_owned()));
            assert_eq!(shown(&path), expected.into(), "stopped after {stop}");
            assert!(!path.join(NEW).exists());
        }
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn what_was_not_announced_is_not_written() {
        let path = std::env::temp_dir().join(format!("report-scope-{}", std::process::id()));
        let folder = Folder::open(&path, &scope()).unwrap();
        let mut replacement = Replacement::begin(&folder, scope()).unwrap();
        for name in ["read.me", "charts/a.png", "charts/../a.svg", "charts/b/a.svg", "/a", ""] {
            assert!(replacement.add(name, "").is_err(), "{name}");
        }
        drop(replacement);
        fs::remove_dir_all(path).unwrap();
    }
}
