//! Reads an ONNX model as a graph of the lab's operators.
//!
//! The file's constants are computed first, the axes of all values with them ([`import`](mod@import)); what is
//! left is lifted to operators ([`crate::lift`]) and built as a graph, whose weights stay where the
//! file has them.

pub(crate) mod array;
mod bound;
mod build;
pub(crate) mod call;
pub(crate) mod error;
pub(crate) mod file;
mod fold;
pub(crate) mod geometry;
pub(crate) mod import;
pub(crate) mod infer;
mod input;
pub(crate) mod layout;
pub(crate) mod net;
mod options;
mod partial;
mod tensor;
pub(crate) mod transposed;

pub use error::{Error, Unsupported};
pub use options::Options;
pub use partial::{Counted, Partial};

use crate::lift;
use ops::Graph;
use std::path::Path;

/// The network in the file at `path`, called by the file's name and the start of a digest of its content.
/// Its weights are the file's.
///
/// # Errors
/// Where the file can't be read, is malformed, or holds what the lab has no operator for: all of that.
pub fn read(path: &Path, options: Options) -> Result<Graph, Error> {
    let (net, name) = lifted(path, options)?;
    build::build(&net, name)
}

/// What of the network in the file at `path` can be counted, and what the lab lacks for the rest.
///
/// # Errors
/// Where the file can't be read or is malformed, or its operators do not fit each other.
pub fn read_partial(path: &Path, options: Options) -> Result<Partial, Error> {
    let (net, name) = lifted(path, options)?;
    partial::partial(&net, name)
}

/// The lifted network of a file, and its name.
fn lifted(path: &Path, options: Options) -> Result<(net::FileNet, String), Error> {
    let file::File { model, mut folder, own } = file::File::read(path)?;
    let net = lift::lift(import::import(model, &mut folder, own.len(), options)?);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok((net, format!("{name}@{}", file::digest(&own, &folder))))
}
