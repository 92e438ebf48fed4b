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

/// By the model, half of ResNet-50's convolutions are faster on an H100 where their walks are cut in parts, which
/// a dispatch more adds up.
const CUT_IN_PARTS: (&str, &str) = ("resnet50", "h100");

#[test]
fn fused_networks_take_few_dispatches() {
    for (network, most) in
        [("shufflenet_v2", 65), ("shufflenet_v2_x1_0", 65), ("mobilenet_v2", 66), ("resnet50", 75)]
    {
        for gpu in ["h100", "m2"] {
            let fused = counts(network, Level::Fused, gpu);
            let run = fused.iter().filter(|dispatches| **dispatches > 0).count();
            let all: usize = fused.iter().sum();
            let folded: usize = counts(network, Level::Folded, gpu).iter().sum();
            println!("{network} on {gpu}: {all} of {run} operators, {folded} folded");
            assert!(run <= most, "{network} on {gpu}: {run} operators");
            assert!(all <= most || (network, gpu) == CUT_IN_PARTS, "{network} on {gpu}: {all}");
        }
    }
}
