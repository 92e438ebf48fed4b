//! How many dispatches a run takes on a GPU, counted from the plan: views have none.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use ops::gpu::{AdapterLimits, Hardware, dispatches};
use profile::Level;

/// Dispatches of a network at both levels on a described GPU: kernels that cut their walk in parts, to be
/// added up by one more, count with both.
fn counts(network: &str, gpu: &str) -> [usize; 2] {
    let raw = zoo::build(network, zoo::Options::default()).unwrap();
    let hardware = Hardware::described(gpu);
    assert!(hardware.is_some(), "{gpu}");
    let traits = AdapterLimits { hardware, ..AdapterLimits::WEBGPU };
    [Level::Folded, Level::Fused].map(|level| {
        let graph = raw.at(level);
        let dispatches = dispatches(&graph, traits).unwrap();
        for (node, count) in graph.nodes.iter().zip(&dispatches).filter(|(_, count)| **count > 0) {
            println!("{gpu} {level} {count} {} {:?}", node.name, node.op);
        }
        dispatches.iter().sum()
    })
}

#[test]
fn fused_networks_take_few_dispatches() {
    for (network, most) in
        [("shufflenet_v2", 65), ("shufflenet_v2_x1_0", 65), ("mobilenet_v2", 66), ("resnet50", 75)]
    {
        for gpu in ["h100", "m2"] {
            let [folded, fused] = counts(network, gpu);
            println!("{network} on {gpu}: {folded} folded, {fused} fused");
            assert!(fused <= most, "{network} on {gpu}: {fused}");
        }
    }
}
