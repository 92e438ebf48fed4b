//! How wide the screen is, what time it is, where files go, and the folder that a run writes.

use anyhow::Context;
use profile::Profile;
use report::{names::Name, screen};
use std::{
    env,
    ffi::OsString,
    fs::{self, OpenOptions},
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Width of tables where no terminal says otherwise.
const WIDTH: usize = 140;

/// Characters in a line of the terminal.
#[allow(clippy::disallowed_methods, reason = "it is only looked at")]
pub fn width() -> usize {
    let terminal = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    terminal.map_or(WIDTH, |(width, _)| usize::from(width.0))
}

/// The moment, RFC 3339, UTC.
pub fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// A file of this program in the user's cache folder; `None` where the system has no such folder.
pub fn cache_file(name: &str) -> Option<PathBuf> {
    let cache = cache_folder(|variable| env::var_os(variable))?;
    Some(cache.join("probe").join(name))
}

/// The user's cache folder, as the environment has it. A path that is not absolute counts as none: it
/// would lie wherever the program is called.
fn cache_folder(environment: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder =
        |variable| environment(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    folder("XDG_CACHE_HOME")
        .or_else(|| folder("LOCALAPPDATA"))
        .or_else(|| Some(folder("HOME")?.join(".cache")))
}

/// The folder of one run, with the profiles that it holds.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    profiles: Vec<Profile>,
}

impl RunFolder {
    /// Makes `path`, or `reports/<name>-<now>`, and proves that it can be written to. Profiles that
    /// it already holds are kept.
    ///
    /// # Errors
    /// Where it cannot be made or written to, or what it holds are no profiles.
    pub fn open(path: Option<PathBuf>, name: &str) -> anyhow::Result<Self> {
        let path = path.unwrap_or_else(|| {
            let time = now().replace(['-', ':'], "");
            PathBuf::from("reports").join(format!("{}-{time}", file_name(name)))
        });
        fs::create_dir_all(&path).with_context(|| {
            format!("--out {}: expected a folder, or a place where one can be made", path.display())
        })?;
        let mut folder = Self { path, profiles: Vec::new() };
        let file = folder.file();
        let open = OpenOptions::new().create(true).append(true).open(&file);
        open.with_context(|| format!("cannot write {}", file.display()))?;
        folder.profiles = profile::read(&file, &mut |warning| screen::tell(warning))?;
        Ok(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file that profiles are appended to.
    fn file(&self) -> PathBuf {
        self.path.join("profiles.jsonl")
    }

    /// Every profile in it.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// Draws the report of all that it holds, and says where it is.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn draw(&self) -> anyhow::Result<()> {
        let page = report::write(&self.profiles, &self.path)?;
        screen::tell(format_args!(
            "wrote {}, and beside it profiles.jsonl, ops.csv, trace.json (for ui.perfetto.dev) and \
             charts/",
            page.display()
        ));
        Ok(())
    }

    /// Appends a finished profile; it is on the disk when this returns.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn append(&mut self, profile: Profile) -> anyhow::Result<()> {
        profile::append(&self.file(), &profile)?;
        self.profiles.push(profile);
        Ok(())
    }
}

/// `model` without what file systems dislike: `shufflenet_v1(groups=3)` as
/// `shufflenet_v1-groups=3`.
pub fn file_name(model: &str) -> String {
    Name::plain(model, "=").alone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_makes_a_file_name() {
        assert_eq!(file_name("shufflenet_v1(groups=3)"), "shufflenet_v1-groups=3");
        assert_eq!(file_name("a(b=1,c=0.5)"), "a-b=1-c=0.5");
    }

    #[test]
    fn the_cache_is_where_the_environment_says_if_that_is_a_place() {
        let root = env::temp_dir();
        let with = |xdg: Option<&Path>, home: Option<&Path>| {
            cache_folder(|variable| match variable {
                "XDG_CACHE_HOME" => xdg.map(OsString::from),
                "HOME" => home.map(OsString::from),
                _ => None,
            })
        };
        assert_eq!(with(Some(&root), None), Some(root.clone()));
        for nowhere in [None, Some(Path::new("")), Some(Path::new("here"))] {
            assert_eq!(with(nowhere, Some(&root)), Some(root.join(".cache")), "{nowhere:?}");
            assert_eq!(with(nowhere, nowhere), None, "{nowhere:?}");
        }
    }

    #[test]
    fn the_moment_is_utc_to_the_second() {
        let now = now();
        assert_eq!((now.len(), now.ends_with('Z'), &now[10..11]), (20, true, "T"), "{now}");
    }
}
