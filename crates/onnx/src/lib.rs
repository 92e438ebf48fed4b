//! Writes a graph, with its weights, as an ONNX model (operator set 17, N, C, H, W).
//!
//! Any other engine can then run the very networks that the lab times. Only standard operators are
//! used: a channel split in full is one `Split`, a channel shuffle is reshape, transpose, reshape.

mod emit;
pub mod proto;

use ops::Graph;
use prost::Message;

/// The ONNX operator set that models are written in.
pub const OPERATOR_SET: i64 = 17;

/// `graph` as an ONNX model, its weights drawn from `seed`.
pub fn model(graph: &Graph, seed: u64) -> proto::Model {
    proto::Model {
        ir_version: 8,
        producer_name: "convolution profiling lab".to_owned(),
        graph: Some(emit::graph(graph, seed)),
        opset_import: vec![proto::OperatorSet { domain: String::new(), version: OPERATOR_SET }],
    }
}

/// `graph` as the bytes of an ONNX file, its weights drawn from `seed`.
pub fn bytes(graph: &Graph, seed: u64) -> Vec<u8> {
    model(graph, seed).encode_to_vec()
}
