//! The shaders that compilers are asked about: every kernel for every operator of some networks that multiplies or
//! reduces.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use ops::{
    Op,
    gpu::{AdapterLimits, Candidate, Dispatch, Site, Suits},
};
use profile::Level;

/// Depthwise kernels of 3×3, 5×5 and 7×7 among them.
pub const NETWORKS: [&str; 5] =
    ["resnet50", "mobilenet_v2", "shufflenet_v2_x1_0", "mobilenet_v3_large", "convnext_tiny"];

/// Calls `f` with each kernel that suits, and whether it is the one that is chosen without tuning on an adapter with
/// these `traits`.
pub fn each_candidate(traits: AdapterLimits, mut f: impl FnMut(&Op, &Candidate<'_>, bool)) {
    for name in NETWORKS {
        let graph = zoo::build(name, zoo::Options::default()).unwrap().at(Level::Folded);
        for node in &graph.nodes {
            if !matches!(
                node.op,
                Op::Conv2d(_) | Op::Linear(_) | Op::Pool2d(_) | Op::LayerNorm(_) | Op::Softmax(_)
            ) {
                continue;
            }
            let inputs = graph.input_shapes(node);
            let site = Site::new(&inputs, node.output, traits);
            let candidates = node.op.gpu(&site);
            let suited = candidates.iter().enumerate().filter(|(_, c)| c.suits == Suits::Well);
            suited.for_each(|(i, c)| f(&node.op, c, i == 0));
        }
    }
}

/// What makes a pipeline another one.
pub fn key(dispatch: &Dispatch) -> String {
    format!("{}{:?}", dispatch.source(|_| false), dispatch.constants)
}
