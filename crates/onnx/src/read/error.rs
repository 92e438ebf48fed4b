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
        write!(f, "{} × {kind}", nodes.len())?;
        if !attributes.is_empty() {
            write!(f, " ({attributes})")?;
        }
        write!(f, " of {shapes}: {missing} [{}]", nodes.join(", "))
    }
}

/// What is missing in all, then the nodes.
fn listed(all: &[Unsupported]) -> String {
    let missing: BTreeSet<&str> = all.iter().map(|u| u.missing.as_str()).collect();
    let nodes: String = all.iter().map(|u| format!("\n  {u}")).collect();
    missing.into_iter().collect::<Vec<_>>().join("; ") + "." + &nodes
}
