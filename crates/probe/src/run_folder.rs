//! The folder that a run writes: its profiles, and the report of them.

use crate::output::{file_name, now};
use anyhow::{Context, ensure};
use profile::{Profile, file};
use report::{
    Findings,
    folder::{Folder, FolderError, Found, demand_plain},
    latency::Drift,
    screen,
};
use std::{
    fs::{self, File, OpenOptions},
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// The file that profiles are appended to.
const PROFILES: &str = "profiles.jsonl";

/// The folder of one run, which holds it alone, with the profiles that are in it.
#[derive(Debug)]
pub struct RunFolder {
    folder: Folder,
    /// The file of profiles as it was opened: another may be put in its place.
    file: File,
    profiles: Vec<Profile>,
    /// How many of them it held when it was opened.
    held: usize,
    /// How long the file was when this run last wrote to it, bytes.
    length: u64,
    /// Whether the file of profiles is this run's.
    new: bool,
}

impl RunFolder {
    /// Makes `path`, or a new `reports/<name>-<now>`, and proves that it can be written to. Profiles
    /// that it already holds are kept.
    ///
    /// # Errors
    /// Where it cannot be made or written to, what it holds are no profiles, something that is not the
    /// lab's is in the way of a report, or another process writes there. Nothing is changed then.
    pub fn open(path: Option<PathBuf>, name: &str) -> anyhow::Result<Self> {
        let path = path.map_or_else(|| new_folder(Path::new("reports"), name), Ok)?;
        let file = path.join(PROFILES);
        let found = Found::at(&path, &report::scope())?;
        demand_plain(&path, PROFILES)?;
        profile::demand_appendable(&file)?;
        let new = !file.exists();
        let profiles = match new {
            true => Vec::new(),
            false => profile::read(&file, &mut |warning| screen::tell(warning))?,
        };
        let folder = found.claim()?;
        let opened = OpenOptions::new().create(true).append(true).open(&file);
        let file = opened.with_context(|| format!("cannot write {}", file.display()))?;
        let (held, length) = (profiles.len(), file.metadata()?.len());
        Ok(Self { folder, file, profiles, held, length, new })
    }

    /// Where profiles are appended.
    fn path(&self) -> PathBuf {
        self.folder.path().join(PROFILES)
    }

    /// Every profile in it.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// Reads its profiles again: the file is what counts.
    ///
    /// # Errors
    /// Where it cannot be read, or lacks what this run wrote: the screen has that then.
    pub fn reread(&mut self) -> anyhow::Result<()> {
        if let Err(e) = self.demand_uncut() {
            return self.keep(&[], e);
        }
        self.profiles = profile::read(&self.path(), &mut |warning| screen::tell(warning))?;
        Ok(())
    }

    /// Draws the report of what was found, and says where it is.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn render(&self, findings: &Findings<'_>) -> anyhow::Result<()> {
        let page = report::write(findings, &self.folder, &mut |_| ())?;
        screen::tell(format_args!(
            "wrote {}, and beside it profiles.jsonl, ops.csv, trace.json (for ui.perfetto.dev) and \
             charts/",
            page.display()
        ));
        Ok(())
    }

    /// Writes what was found as rows alone, and says where they are.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub fn write_rows(&self, findings: &Findings<'_>, drifts: &[Drift]) -> anyhow::Result<()> {
        let rows = report::write_rows(findings, drifts, &self.folder)?;
        screen::tell(format_args!("wrote {}, and beside it profiles.jsonl", rows.display()));
        Ok(())
    }

    /// Appends finished profiles, all or none; they are on the disk when this returns. Where that
    /// fails, standard error has their lines (or standard output, where it takes none): what was measured is
    /// not lost.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub fn append(&mut self, profiles: Vec<Profile>) -> anyhow::Result<()> {
        let path = self.path();
        let demanded = self.demand_same(&path).and_then(|()| self.demand_uncut());
        let written = demanded.and_then(|()| Ok(profile::append_all(&path, &profiles)?));
        if let Err(e) = written {
            return self.keep(&profiles, e);
        }
        self.profiles.extend(profiles);
        self.length = self.file.metadata()?.len();
        Ok(())
    }

    /// Shows what the file lacks: `unwritten` profiles, and where it was cut those that this run wrote.
    fn keep(&self, unwritten: &[Profile], why: anyhow::Error) -> anyhow::Result<()> {
        let written = if self.is_cut() { &self.profiles[self.held..] } else { &[] };
        for profile in written.iter().chain(unwritten) {
            screen::keep(&screen::json(profile)?)?;
        }
        let lacks = "the screen has what the file lacks, a line a profile";
        Err(why.context(format!("cannot write {}: {lacks}", self.path().display())))
    }

    /// Whether the file is shorter than this run left it.
    fn is_cut(&self) -> bool {
        self.file.metadata().is_ok_and(|file| file.len() < self.length)
    }

    /// Demands that nobody took away what this run wrote.
    fn demand_uncut(&self) -> anyhow::Result<()> {
        ensure!(!self.is_cut(), "somebody shortened it while this run wrote to it");
        Ok(())
    }

    /// Demands that folder and file are those that this run began with, and the file is no link.
    fn demand_same(&self, path: &Path) -> anyhow::Result<()> {
        self.folder.demand_held()?;
        demand_plain(self.folder.path(), PROFILES)?;
        match file::is_at(&self.file, path) {
            true => Ok(()),
            false => Err(FolderError::Swapped { path: path.to_owned() }.into()),
        }
    }
}

impl Drop for RunFolder {
    /// A run that ended before its first profile leaves no empty file.
    fn drop(&mut self) {
        let path = self.path();
        let empty = self.file.metadata().is_ok_and(|file| file.len() == 0);
        if self.new && empty && self.demand_same(&path).is_ok() {
            // What is left then is empty: nobody misses anything.
            let _ = fs::remove_file(path);
        }
    }
}

/// A new folder in `parent`, `<name>-<now>`, with a number where another run made that one.
fn new_folder(parent: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let named = format!("{}-{}", file_name(name), now().replace(['-', ':'], ""));
    let (mut path, mut number) = (parent.join(&named), 1);
    loop {
        match fs::create_dir_all(parent).and_then(|()| fs::create_dir(&path)) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists && path.is_dir() => {
                number += 1;
                path = parent.join(format!("{named}-{number}"));
            }
            made => {
                made.with_context(|| format!("cannot make {}", path.display()))?;
                return Ok(path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty folder of this test's own.
    fn empty(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        path
    }

    #[test]
    fn runs_of_one_second_have_folders_of_their_own() {
        let parent = empty("run-folders");
        let paths: Vec<_> = (0..100).map(|_| new_folder(&parent, "a(b=1)").unwrap()).collect();
        assert_eq!(fs::read_dir(&parent).unwrap().count(), paths.len());
        assert!(paths.iter().all(|path| path.is_dir()));
        fs::remove_dir_all(parent).unwrap();
    }

    #[test]
    fn what_is_drawn_is_what_the_file_holds() {
        let path = empty("run-reread");
        let mut folder = RunFolder::open(Some(path.clone()), "").unwrap();
        assert!(RunFolder::open(Some(path.clone()), "").is_err(), "it is held");
        let file = "../../reports/example/profiles.jsonl.gz";
        let profile = profile::read(Path::new(file), &mut |_| ()).unwrap().remove(0);
        folder.append(vec![profile.clone()]).unwrap();
        profile::append(&folder.path(), &profile).unwrap();
        folder.reread().unwrap();
        assert_eq!(folder.profiles(), [profile.clone(), profile.clone()]);
        drop(folder);
        assert_eq!(RunFolder::open(Some(path.clone()), "").unwrap().profiles().len(), 2);
        fs::remove_dir_all(path).unwrap();
    }

    /// Nothing of another's folder or file is written to, and what was measured goes to the screen.
    #[cfg(unix)]
    #[test]
    fn what_took_the_place_of_the_folder_or_the_file_is_left_alone() {
        let example = "../../reports/example/profiles.jsonl.gz";
        let profile = profile::read(Path::new(example), &mut |_| ()).unwrap().remove(0);
        let profile = Profile { calibration: None, ops: Vec::new(), ..profile };
        let (folder_swapped, file_swapped) =
            (|path: &Path| path.to_owned(), |path: &Path| path.join(PROFILES));
        for (name, swapped) in [
            ("run-swapped", folder_swapped as fn(&Path) -> PathBuf),
            ("run-file-swapped", file_swapped),
        ] {
            let root = empty(name);
            let path = root.join("run");
            let mut folder = RunFolder::open(Some(path.clone()), "").unwrap();
            folder.append(vec![profile.clone()]).unwrap();
            let place = swapped(&path);
            fs::rename(&place, root.join("away")).unwrap();
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join(PROFILES), "").unwrap();
            let refusal = folder.append(vec![profile.clone()]).unwrap_err();
            assert!(format!("{refusal:#}").contains("put in its place"), "{refusal:#}");
            drop(folder);
            assert_eq!(fs::read(path.join(PROFILES)).unwrap(), b"", "{name}");
            fs::remove_dir_all(root).unwrap();
        }
    }

    /// A file that somebody emptied takes no more, and nobody is told that all is well.
    #[test]
    fn a_file_that_was_shortened_meanwhile_is_an_error() {
        let path = empty("run-shortened");
        let mut folder = RunFolder::open(Some(path.clone()), "").unwrap();
        let example = "../../reports/example/profiles.jsonl.gz";
        let profile = profile::read(Path::new(example), &mut |_| ()).unwrap().remove(0);
        let profile = Profile { calibration: None, ops: Vec::new(), ..profile };
        folder.append(vec![profile.clone()]).unwrap();
        fs::write(path.join(PROFILES), "").unwrap();
        for refusal in [folder.reread(), folder.append(vec![profile])] {
            let refusal = format!("{:#}", refusal.unwrap_err());
            assert!(refusal.contains("shortened it"), "{refusal}");
        }
        assert_eq!(fs::read(path.join(PROFILES)).unwrap(), b"");
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_run_that_measured_nothing_leaves_no_file_and_takes_none() {
        let path = empty("run-nothing");
        let file = path.join(PROFILES);
        drop(RunFolder::open(Some(path.clone()), "").unwrap());
        assert!(!file.exists());
        fs::write(&file, "").unwrap();
        drop(RunFolder::open(Some(path.clone()), "").unwrap());
        assert!(file.exists(), "it was there before");
        fs::remove_dir_all(path).unwrap();
    }
}
