//! Writes a graph, with its weights, as an ONNX model (operator set 17, N, C, H, W), and reads the models of
//! others.
//!
//! Any other engine can run the very networks that the lab times. Only standard operators are
//! used: a channel split in full is one `Split`, a channel shuffle is reshape, transpose, reshape. Read
//! back, those are one operator again.

#![forbid(unsafe_code)]

mod emit;
mod lift;
pub mod proto;
mod read;

pub use read::{Error, Options, Unsupported, read};

use ops::{Graph, Node};
use prost::Message;

/// The ONNX operator set that models are written in.
pub const OPERATOR_SET: i64 = 17;

/// Bytes that a file can have: readers of its format count them in 31 bits.
pub const LARGEST: u64 = (1 << 31) - 1;

/// A network whose weights do not fit into an ONNX file.
#[derive(Debug, thiserror::Error)]
#[error(
    "{model} has {:.2} GB of weights, and an ONNX file holds {:.2} GB at most: choose a smaller \
     network or input",
    *.bytes as f64 / 1e9,
    LARGEST as f64 / 1e9
)]
pub struct TooLarge {
    /// The network.
    pub model: String,
    /// What its file would have.
    pub bytes: u64,
}

/// `graph` as an ONNX model, its weights drawn from `seed`.
pub fn model(graph: &Graph, seed: u64) -> proto::Model {
    proto::Model {
        ir_version: 8,
        producer_name: "convolution profiling lab".to_owned(),
        graph: Some(emit::graph(graph, seed)),
        opset_import: vec![proto::OperatorSetId { version: OPERATOR_SET, ..Default::default() }],
        ..proto::Model::default()
    }
}

/// `graph` as the bytes of an ONNX file, its weights drawn from `seed`.
///
/// # Errors
/// Where it would have more than [`LARGEST`] bytes; known before any weight is drawn.
pub fn bytes(graph: &Graph, seed: u64) -> Result<Vec<u8>, TooLarge> {
    demand(graph, weight_bytes(graph))?;
    let model = model(graph, seed);
    demand(graph, model.encoded_len() as u64)?;
    Ok(model.encode_to_vec())
}

fn demand(graph: &Graph, bytes: u64) -> Result<(), TooLarge> {
    if bytes <= LARGEST {
        return Ok(());
    }
    Err(TooLarge { model: graph.name.clone(), bytes })
}

/// Bytes of all weights, biases and running statistics among them.
fn weight_bytes(graph: &Graph) -> u64 {
    let node = |node: &Node| -> u64 {
        let weights = node.op.weights(&graph.input_shapes(node));
        weights.iter().map(|w| 4 * w.shape.elements() as u64).sum()
    };
    graph.nodes.iter().map(node).sum()
}
