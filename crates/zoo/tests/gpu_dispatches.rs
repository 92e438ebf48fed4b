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

/// By the model, many convolutions of these are faster on an H100 where their walks are cut in parts, which a dispatch
/// more adds up, or by Winograd's algorithm, which takes three.
const IN_SEVERAL: [&str; 5] =
    ["resnet18", "resnet34", "resnet50", "mobilenet_v3_large", "efficientnet_b0"];

#[test]
fn fused_networks_take_few_dispatches() {
    for (network, most) in [
        ("shufflenet_v1", 55),
        ("shufflenet_v2", 63),
        ("shufflenet_v2_x1_0", 60),
        ("mobilenet_v2", 64),
        ("mobilenet_v3_large", 84),
        ("efficientnet_b0", 118),
        ("resnet18", 23),
        ("resnet34", 39),
        ("resnet50", 56),
    ] {
        for gpu in ["h100", "m2"] {
            let fused = counts(network, Level::Fused, gpu);
            let run = fused.iter().filter(|dispatches| **dispatches > 0).count();
            let all: usize = fused.iter().sum();
            let folded: usize = counts(network, Level::Folded, gpu).iter().sum();
            println!("{network} on {gpu}: {all} of {run} operators, {folded} folded");
            assert!(run <= most, "{network} on {gpu}: {run} operators");
            let several = gpu == "h100" && IN_SEVERAL.contains(&network);
            assert!(all <= most || several, "{network} on {gpu}: {all}");
        }
    }
}
