//! What the compilers of other GPUs make of the shaders: a table, and no kernel spills that a GPU's file chooses.
//! `benches/gpu/compilers.sh` builds those of Intel's and Qualcomm's GPUs and runs this.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic, and prints its table"
)]

mod shaders;

use ops::gpu::{AdapterLimits, Hardware};
use ops_radv::{Driver, spirv};
use shaders::{each_candidate, key};
use std::{
    collections::{BTreeMap, HashSet},
    env,
};

/// The file of `experiments/devices/` that chooses kernels.
const DEVICE: &str = "LAB_GPU_FILE";

/// Statistics that tell of spilling: Intel's, then Qualcomm's.
const SPILLS: [&str; 4] = ["Spill Count", "Fill Count", "STP Count", "LDP Count"];

/// The worst of what a compiler says of a kernel's shaders.
#[derive(Default)]
struct Kernel {
    shaders: usize,
    chosen: usize,
    chosen_spills: u64,
    worst: BTreeMap<String, u64>,
}

#[test]
#[ignore = "it wants another driver: benches/gpu/compilers.sh runs it"]
fn no_chosen_kernel_spills() {
    let driver = Driver::open(&[]).unwrap();
    let hardware = Hardware::described(&env::var(DEVICE).unwrap());
    assert!(hardware.is_some(), "{DEVICE} names no file");
    let traits = AdapterLimits { hardware, ..AdapterLimits::WEBGPU };
    let mut kernels: BTreeMap<String, Kernel> = BTreeMap::new();
    let mut seen = HashSet::new();
    each_candidate(traits, |op, candidate, chosen| {
        for dispatch in &candidate.plan.dispatches {
            if !seen.insert((key(dispatch), chosen)) {
                continue;
            }
            let compiled =
                driver.compile(&spirv(dispatch).unwrap(), dispatch.bindings.len() as u32).unwrap();
            let kernel = kernels.entry(format!("{} {}", op.kind(), candidate.name)).or_default();
            let spills =
                SPILLS.iter().filter_map(|name| compiled.statistics.get(*name)).sum::<u64>();
            kernel.shaders += 1;
            kernel.chosen += usize::from(chosen);
            kernel.chosen_spills += if chosen { spills } else { 0 };
            for (name, value) in compiled.statistics {
                let worst = kernel.worst.entry(name).or_default();
                *worst = value.max(*worst);
            }
        }
    });
    let titles: Vec<&String> = kernels.values().next().unwrap().worst.keys().collect();
    println!(
        "kernel,shaders,chosen,{}",
        titles.iter().map(|t| t.to_lowercase()).collect::<Vec<_>>().join(",")
    );
    for (name, Kernel { shaders, chosen, worst, .. }) in &kernels {
        let worst: Vec<String> = titles.iter().map(|title| worst[*title].to_string()).collect();
        println!("{name},{shaders},{chosen},{}", worst.join(","));
    }
    let spilling: Vec<&String> =
        kernels.iter().filter(|(_, k)| k.chosen_spills > 0).map(|(name, _)| name).collect();
    assert!(spilling.is_empty(), "chosen, and spilling: {spilling:?}");
}
