//! Writes a graph, with its weights, as an ONNX model (operator set 17, N, C, H, W), and reads the models of
//! others.
//!
//! Any other engine can run the very networks that the lab times. Only standard operators are
//! used: a channel split in full is one `Split`, a channel shuffle is reshape, transpose, reshape. Read
//! back, those are one operator again.
//!
//! ```
//! let graph = zoo::build("lenet5", zoo::Options::default())?;
//! let file = onnx::bytes(&graph, 0, &ops::Stop::default())?;
//! // 61,706 parameters of four bytes, and what names them.
//! assert!((246_824..256_000).contains(&file.len()), "{}", file.len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod blocks;
mod emit;
mod functions;
mod lift;
pub mod proto;
mod read;

pub use read::{Counted, Error, Options, Partial, Unsupported, read, read_partial};

use ops::{Graph, Node, SessionError, Stop};
use prost::Message;

/// The ONNX operator set that models are written in.
pub const OPERATOR_SET: i64 = 17;

/// Bytes that a file can have: readers of its format count them in 31 bits.
pub const LARGEST: u64 = (1 << 31) - 1;

/// Why there is no file of a network.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Its weights do not fit into an ONNX file.
    #[error(
        "{model} has {:.2} GB of weights, and an ONNX file holds {:.2} GB at most: choose a smaller \
         network or input",
        *.bytes as f64 / 1e9,
        LARGEST as f64 / 1e9
    )]
    TooLarge {
        /// The network.
        model: String,
        /// What its file would have.
        bytes: u64,
    },
    /// The wish to stop.
    #[error(transparent)]
    Stopped(#[from] SessionError),
}

/// `graph` as an ONNX model, its weights drawn from `seed`.
///
/// # Errors
/// Where `stop` is set meanwhile.
pub fn model(graph: &Graph, seed: u64, stop: &Stop) -> Result<proto::Model, SessionError> {
    Ok(proto::Model {
        ir_version: 8,
        producer_name: "convolution profiling lab".to_owned(),
        graph: Some(emit::graph(graph, seed, stop)?),
        opset_import: vec![proto::OperatorSetId { version: OPERATOR_SET, ..Default::default() }],
        ..proto::Model::default()
    })
}

/// `graph` as the bytes of an ONNX file, its weights drawn from `seed`.
///
/// # Errors
/// Where it would have more than [`LARGEST`] bytes; known before any weight is drawn. Where `stop` is set
/// meanwhile.
pub fn bytes(graph: &Graph, seed: u64, stop: &Stop) -> Result<Vec<u8>, WriteError> {
    demand(graph, weight_bytes(graph))?;
    let model = model(graph, seed, stop)?;
    demand(graph, model.encoded_len() as u64)?;
    stop.check()?;
    Ok(model.encode_to_vec())
}

fn demand(graph: &Graph, bytes: u64) -> Result<(), WriteError> {
    if bytes <= LARGEST {
        return Ok(());
    }
    Err(WriteError::TooLarge { model: graph.name.clone(), bytes })
}

/// Bytes of all weights, biases and running statistics among them.
fn weight_bytes(graph: &Graph) -> u64 {
    let node = |node: &Node| -> u64 {
        let weights = node.op.weights(&graph.input_shapes(node));
        weights.iter().map(|w| 4 * w.shape.elements() as u64).sum()
    };
    graph.nodes.iter().map(node).sum()
}
