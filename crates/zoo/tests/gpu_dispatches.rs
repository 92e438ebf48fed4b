//! How many dispatches a run takes on a GPU, counted from the plan: views have none.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use ops::gpu::{AdapterLimits, Hardware, dispatches};
use profile::Level;

/// Dispatches of each operator of a network on a described GPU.
fn counts(network: &str, level: Level, gpu: &str) -> Vec<usize> {
    let graph = zoo::build(network, zoo::Options::default()).unwrap().at(level);
    let hardware = Hardware::described(gpu);
    assert!(hardware.is_some(), "{gpu}");
    dispatches(&graph, AdapterLimits { hardware, ..AdapterLimits::WEBGPU }).unwrap()
}

/// Networks, the most of their operators that take dispatches, and the most dispatches of these on an H100. By the model,
/// many convolutions are faster there where their walks are cut in parts, which a dispatch more adds up, or by Winograd's
/// algorithm, which takes three. Those that are depthwise are done along with the pointwise ones behind them.
const NETWORKS: [(&str, usize, usize); 9] = [
    ("shufflenet_v1", 55, 55),
    ("shufflenet_v2", 63, 49),
    ("shufflenet_v2_x1_0", 60, 46),
    ("mobilenet_v2", 64, 48),
    ("mobilenet_v3_large", 84, 86),
    ("efficientnet_b0", 118, 125),
    ("resnet18", 23, 39),
    ("resnet34", 39, 71),
    ("resnet50", 56, 87),
];

#[test]
fn fused_networks_take_few_dispatches() {
    for (network, most, most_on_h100) in NETWORKS {
        for (gpu, most_dispatches) in [("h100", most_on_h100), ("m2", most)] {
            let fused = counts(network, Level::Fused, gpu);
            let run = fused.iter().filter(|dispatches| **dispatches > 0).count();
            let all: usize = fused.iter().sum();
            let folded: usize = counts(network, Level::Folded, gpu).iter().sum();
            println!("{network} on {gpu}: {all} of {run} operators, {folded} folded");
            assert!(run <= most, "{network} on {gpu}: {run} operators");
            assert!(all <= most_dispatches, "{network} on {gpu}: {all}");
        }
    }
}
