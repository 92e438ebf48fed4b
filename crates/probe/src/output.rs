//! How wide the screen is, what time it is, and where files go.

use report::names::Name;
use std::{
    env,
    ffi::OsString,
    io::{self, IsTerminal},
    path::PathBuf,
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

/// The moment, RFC 3339, UTC, to the millisecond: what tells runs of the lab apart.
pub fn moment() -> String {
    humantime::format_rfc3339_millis(SystemTime::now()).to_string()
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

/// `model` without what file systems dislike: `shufflenet_v1(groups=3)` as
/// `shufflenet_v1-groups=3`.
pub fn file_name(model: &str) -> String {
    Name::plain(model, "=").alone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

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
