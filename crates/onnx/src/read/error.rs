//! Why a file was not read.

use std::{collections::BTreeSet, fmt, io};

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system refused it.
    #[error("the file cannot be read")]
    Io(#[source] io::Error),
    /// It is no ONNX model.
    #[error("it is no ONNX model")]
    Decode(#[source] prost::DecodeError),
    /// It contradicts itself.
    #[error("it is malformed: it {0}")]
    Malformed(String),
    /// It is nothing that the lab runs.
    #[error("it {0}")]
    Refused(String),
    /// It has nodes that are no operators of the lab: all of them.
    #[error("the lab lacks what it needs: {}", listed(.0))]
    Unsupported(Vec<Unsupported>),
    /// Its operators do not fit each other.
    #[error(transparent)]
    Graph(#[from] ops::GraphError),
}

/// Nodes of a file that are alike, and that no operator of the lab stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// Their operator.
    pub kind: String,
    /// Their attributes.
    pub attributes: String,
    /// Axes of their inputs and outputs.
    pub shapes: String,
    /// What the lab lacks for them.
    pub missing: String,
    /// Their names.
    pub nodes: Vec<String>,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, attributes, shapes, missing, nodes } = self;
        write!(f, "{} × {}", nodes.len(), cut(kind))?;
        if !attributes.is_empty() {
            write!(f, " ({attributes})")?;
        }
        write!(f, " of {shapes}: {missing} [{}]", first(nodes, ", ", |name| cut(name)))
    }
}

/// Nodes and groups of them that are named one by one.
const MOST_NAMED: usize = 20;

/// The first of `all` as text, and how many more there are.
fn first<T>(all: &[T], between: &str, text: impl Fn(&T) -> String) -> String {
    let named: Vec<String> = all.iter().take(MOST_NAMED).map(text).collect();
    let more = match all.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!("{between}and {more} more"),
    };
    named.join(between) + &more
}

/// The start of a text of the file, which may be of any length. Control characters are spelled out: a line break
/// in a name would begin a line of a list.
pub(crate) fn cut(text: &str) -> String {
    const MOST: usize = 80;
    let more = if text.chars().nth(MOST).is_some() { "…" } else { "" };
    let mut start = String::new();
    for c in text.chars().take(MOST) {
        match c.is_control() {
            true => start += &format!("[U+{:04X}]", c as u32),
            false => start.push(c),
        }
    }
    start + more
}

/// What is missing in all, then the nodes.
fn listed(all: &[Unsupported]) -> String {
    let missing: BTreeSet<&str> = all.iter().map(|u| u.missing.as_str()).collect();
    let nodes = first(all, "\n  ", Unsupported::to_string);
    missing.into_iter().collect::<Vec<_>>().join("; ") + ".\n  " + &nodes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_begins_no_line_of_a_list() {
        let nodes = vec!["foo\n  1 × Conv\u{1b}[31m".to_owned()];
        let [kind, attributes, shapes, missing] =
            ["Foo\r\nBar", "", "1×2", "no such operator"].map(str::to_owned);
        let listed = listed(&[Unsupported { kind, attributes, shapes, missing, nodes }]);
        assert_eq!(listed.lines().count(), 2, "{listed}");
        assert!(listed.contains("1 × Foo[U+000D][U+000A]Bar"), "{listed}");
        assert!(listed.ends_with("[foo[U+000A]  1 × Conv[U+001B][31m]"), "{listed}");
        assert_eq!(cut(&"é".repeat(81)), "é".repeat(80) + "…");
    }
}
