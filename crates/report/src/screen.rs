//! The only way to standard output and standard error.
//!
//! What is shown there may come from files, models, devices and command lines: it is made
//! [`visible`] here, so that none of it can steer a terminal. A terminal that cannot show more gets ASCII.

use crate::{ascii::ascii, format::shorten, visible};
use indicatif::ProgressStyle;
use serde::Serialize;
use std::{
    borrow::Cow,
    env,
    ffi::OsString,
    fmt::Display,
    io::{self, ErrorKind, IsTerminal, Write},
};

/// Standard output could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write standard output")]
pub struct PrintError(#[source] io::Error);

/// Writes `text` to standard output. A reader that went away (`| head`) is no error: files are
/// written all the same.
///
/// # Errors
/// Where the system refuses for another reason.
#[allow(clippy::disallowed_methods, reason = "this is the way")]
pub fn print(text: &str) -> Result<(), PrintError> {
    let mut out = io::stdout().lock();
    let shown = shown(text, out.is_terminal());
    match out.write_all(shown.as_bytes()).and_then(|()| out.flush()) {
        Err(source) if source.kind() != ErrorKind::BrokenPipe => Err(PrintError(source)),
        _ => Ok(()),
    }
}

/// A value as a line of JSON that can be printed and read again unchanged.
///
/// # Errors
/// Where the value cannot be written as JSON.
pub fn json(value: &impl Serialize) -> serde_json::Result<String> {
    let line = serde_json::to_string(value)? + "\n";
    Ok(visible::json(&line).into_owned())
}

/// Most characters of a line that is told: a message may repeat what a file or a command line has.
const LONGEST: usize = 4000;

/// Writes one line to standard error, whatever lines a driver or a parser made of its message, its middle left
/// out where it is long.
/// Where that is full or closed the line is lost: nothing that is being done depends on it.
#[allow(clippy::disallowed_methods, reason = "this is the way")]
pub fn tell(what: impl Display) {
    let line = joined(&what.to_string()) + "\n";
    let mut err = io::stderr().lock();
    let shown = shown(&line, err.is_terminal());
    let _ = err.write_all(shown.as_bytes());
}

/// `text` as it can be shown: on a terminal in the characters that it has.
fn shown(text: &str, on_terminal: bool) -> Cow<'_, str> {
    let visible = visible::lines(text);
    match on_terminal && !has_unicode(|variable| env::var_os(variable)) {
        true => Cow::Owned(ascii(&visible)),
        false => visible,
    }
}

/// `text` as a terminal can show it, for those who draw on one themselves.
pub fn fitting(text: &str) -> Cow<'_, str> {
    shown(text, true)
}

/// How a progress bar with this `template` looks on a terminal, in the characters that it has.
pub fn bar(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(&fitting(template))
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let unicode = has_unicode(|variable| env::var_os(variable));
    if unicode { style } else { style.progress_chars("#>-") }
}

/// Whether the terminal takes UTF-8, by the first of the variables that says anything. Windows' does.
fn has_unicode(environment: impl Fn(&str) -> Option<OsString>) -> bool {
    let known = |variable| environment(variable).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(known).unwrap_or_default();
    let locale = locale.to_string_lossy().to_lowercase();
    cfg!(windows) || locale.contains("utf-8") || locale.contains("utf8")
}

/// Writes lines that must not be lost: to standard error or, where that is full or closed, to standard
/// output.
///
/// # Errors
/// Where both refuse.
#[allow(clippy::disallowed_methods, reason = "this is the way")]
pub fn keep(lines: &str) -> Result<(), PrintError> {
    match io::stderr().write_all(visible::lines(lines).as_bytes()) {
        Ok(()) => Ok(()),
        Err(_) => print(lines),
    }
}

/// The lines of `text` as one that is not too long.
fn joined(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    visible::line(shorten(&lines.collect::<Vec<_>>().join(" "), LONGEST)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn a_message_of_several_lines_is_told_in_one() {
        assert_eq!(
            joined("Validation Error\r\n\n  Caused by:\n\tx\u{1b}\n"),
            "Validation Error Caused by: x[U+001B]"
        );
        let long = joined(&format!("no model {}: see --list", "x".repeat(100_000)));
        assert!(long.starts_with("no model x") && long.ends_with("x: see --list"), "{long}");
        assert_eq!(long.chars().count(), LONGEST);
    }

    #[cfg(not(windows))]
    #[test]
    fn the_first_variable_that_says_anything_decides_what_a_terminal_has() {
        let with = |values: &[(&str, &str)]| {
            let values: HashMap<_, _> = values.iter().copied().collect();
            has_unicode(|variable| values.get(variable).map(OsString::from))
        };
        assert!(with(&[("LANG", "de_DE.UTF-8")]) && with(&[("LC_CTYPE", "C.utf8")]));
        assert!(!with(&[]) && !with(&[("LANG", "C")]));
        assert!(!with(&[("LC_ALL", "POSIX"), ("LANG", "en_US.UTF-8")]));
        assert!(with(&[("LC_ALL", ""), ("LANG", "en_US.UTF-8")]));
    }

    #[test]
    fn json_is_one_line_that_reads_the_same() {
        let line = json(&"a\n\u{9b}").unwrap();
        assert_eq!((line.as_str(), &*visible::lines(&line)), ("\"a\\n\\u009b\"\n", &*line));
    }
}
