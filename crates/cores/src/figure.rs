//! A figure in a file: its value and where that comes from. What is wrong with one is told with file, line and
//! field.

use serde::{Deserialize, de::DeserializeOwned};
use std::{collections::BTreeMap, ops::Range};
use toml::Spanned;

/// A value and its source, which is a key of the file's [`Sources`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure<T = f64> {
    value: Spanned<T>,
    source: Spanned<String>,
}

/// Where a file's figures come from, by the short names that they use.
pub type Sources = BTreeMap<String, String>;

impl<T: Copy> Figure<T> {
    /// The value.
    pub fn get(&self) -> T {
        *self.value.get_ref()
    }

    /// Where the value stands.
    pub fn span(&self) -> Range<usize> {
        self.value.span()
    }
}

/// A file that describes no core or no board.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{line}: {what}")]
pub struct BadFile {
    path: String,
    line: usize,
    what: String,
}

/// Something wrong, and where in the text.
pub type Flaw = (Range<usize>, String);

/// What a file's figures can be.
pub trait Described: DeserializeOwned {
    /// The first impossible thing in it.
    ///
    /// # Errors
    /// In that case.
    fn check(&self) -> Result<(), Flaw>;

    /// What the file at `path`, whose `text` this is, describes.
    ///
    /// # Errors
    /// Where a figure is missing, unknown or impossible, with path, line and field.
    fn parse(path: &str, text: &str) -> Result<Self, BadFile> {
        let at = |span: Option<Range<usize>>, what: &str| {
            let start = span.map_or(0, |span| span.start).min(text.len());
            let line = text[..start].matches('\n').count() + 1;
            BadFile { path: path.to_owned(), line, what: profile::shortened(what) }
        };
        let parsed: Self = toml::from_str(text).map_err(|e| at(e.span(), e.message()))?;
        parsed.check().map_err(|(span, what)| at(Some(span), &what))?;
        Ok(parsed)
    }
}

/// Refuses a figure outside `within`, or of a source that the file does not name.
///
/// # Errors
/// In that case.
pub fn demand(
    field: &str,
    figure: &Figure,
    (least, most): (f64, f64),
    sources: &Sources,
) -> Result<(), Flaw> {
    let value = figure.get();
    if !(least..=most).contains(&value) {
        let what = format!("{field} is {value}: expected {least} to {most}");
        return Err((figure.span(), what));
    }
    demand_source(field, figure, sources)
}

/// Refuses a figure of a source that the file does not name.
///
/// # Errors
/// In that case.
pub fn demand_source<T: Copy>(
    field: &str,
    figure: &Figure<T>,
    sources: &Sources,
) -> Result<(), Flaw> {
    let source = &figure.source;
    if sources.contains_key(source.get_ref()) {
        return Ok(());
    }
    let what = format!("{field}: [sources] has no {:?}", source.get_ref());
    Err((source.span(), what))
}

/// Refuses a figure that is no whole number from 1 to `most`.
///
/// # Errors
/// In that case.
pub fn demand_count(
    field: &str,
    figure: &Figure<usize>,
    most: usize,
    sources: &Sources,
) -> Result<(), Flaw> {
    let value = figure.get();
    if !(1..=most).contains(&value) {
        return Err((figure.span(), format!("{field} is {value}: expected 1 to {most}")));
    }
    demand_source(field, figure, sources)
}
