//! The shaders that compilers are asked about: the kernel that is chosen for each operator of the zoo's networks, and
//! all that suit those of some networks that multiply or reduce.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use ops::{
    Op,
    gpu::{AdapterLimits, Candidate, Dispatch, Site, Suits},
};
use profile::Level;
use std::collections::HashSet;
use zoo::Options;

/// Networks of which all kernels are asked about. Depthwise kernels of 3×3, 5×5 and 7×7 are among them.
pub const COMPARED: [&str; 5] =
    ["resnet50", "mobilenet_v2", "shufflenet_v2_x1_0", "mobilenet_v3_large", "convnext_tiny"];

/// Calls `f` with each kernel, and whether it is the one that is chosen without tuning on an adapter with these
/// `traits`.
pub fn each_candidate(traits: AdapterLimits, mut f: impl FnMut(&Op, &Candidate<'_>, bool)) {
    let mut seen = HashSet::new();
    let models = zoo::models();
    let names = COMPARED.into_iter().chain(models.iter().map(|model| model.name()));
    for (i, name) in names.enumerate() {
        let graph = zoo::build(name, Options::default()).unwrap().at(Level::Folded);
        for node in &graph.nodes {
            let inputs = graph.input_shapes(node);
            if !seen.insert(format!("{:?} {inputs:?}", node.op)) {
                continue;
            }
            let all = i < COMPARED.len() && multiplies(&node.op);
            let site = Site::new(&inputs, node.output, traits);
            for (i, candidate) in node.op.gpu(&site).iter().enumerate() {
                if i == 0 || (all && candidate.suits == Suits::Well) {
                    f(&node.op, candidate, i == 0);
                }
            }
        }
    }
}

/// Whether it multiplies or reduces.
fn multiplies(op: &Op) -> bool {
    matches!(op, Op::Conv2d(_) | Op::Linear(_) | Op::Pool2d(_) | Op::LayerNorm(_) | Op::Softmax(_))
}

/// What makes a pipeline another one.
pub fn key(dispatch: &Dispatch) -> String {
    format!("{}{:?}", dispatch.source(|_| false), dispatch.constants)
}
