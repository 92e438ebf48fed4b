//! Every shader of convolutions and linear operators through RADV's compiler: nothing spills.

use ops::{
    Op,
    gpu::{AdapterLimits, Candidate, Dispatch, Site, Suits},
};
use ops_radv::{Compiled, Driver, Refused, spirv};
use profile::Level;
use std::{
    collections::{BTreeMap, HashSet},
    env,
    process::Command,
};

/// Which hardware the driver compiles for; it reads this as it is opened, so each has a process.
const FAMILY: &str = "RADV_FORCE_FAMILY";

/// GCN, and RDNA's first, second and third generation.
const FAMILIES: [&str; 4] = ["vega20", "navi10", "navi21", "gfx1100"];

const NETWORKS: [&str; 3] = ["resnet50", "mobilenet_v2", "shufflenet_v2_x1_0"];

/// Shapes that each kernel is compiled for.
const SHAPES: usize = 6;

#[test]
fn no_shader_spills_on_a_real_gpu() {
    for family in FAMILIES {
        let child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "on_one_family", "--ignored", "--nocapture"])
            .env(FAMILY, family)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        println!("{family}: {said}");
        assert!(child.status.success(), "{family}: {}", String::from_utf8_lossy(&child.stderr));
    }
}

#[test]
#[ignore = "`no_shader_spills_on_a_real_gpu` runs it, in a process a family"]
fn on_one_family() {
    let driver = match Driver::open() {
        Ok(driver) => driver,
        Err(why @ (Refused::Loader(_) | Refused::Driver)) => return println!("skipped: {why}"),
        Err(why) => panic!("{why}"),
    };
    let mut kernels: BTreeMap<String, Vec<Compiled>> = BTreeMap::new();
    let mut seen = HashSet::new();
    each_candidate(|op, candidate| {
        for dispatch in &candidate.plan.dispatches {
            let name = format!("{} {}", op.kind(), candidate.name);
            let of_kernel = kernels.entry(name).or_default();
            if of_kernel.len() < SHAPES && seen.insert(key(dispatch)) {
                let words = spirv(dispatch).unwrap();
                of_kernel.push(driver.compile(&words, dispatch.bindings.len() as u32).unwrap());
            }
        }
    });
    println!("{:<28} {:>9} {:>7} {:>6}", "kernel", "registers", "spilled", "waves");
    let mut spilled = Vec::new();
    for (name, compiled) in kernels {
        let most = |what: &str| compiled.iter().map(|c| c.statistic(what).unwrap()).max().unwrap();
        let least = |what: &str| compiled.iter().map(|c| c.statistic(what).unwrap()).min().unwrap();
        let spills = most("Spilled VGPRs") + most("Spilled SGPRs") + most("Scratch size");
        println!("{name:<28} {:>9} {spills:>7} {:>6}", most("VGPRs"), least("Subgroups per SIMD"));
        spilled.extend((spills > 0).then_some(name));
    }
    assert_eq!(spilled, [""; 0]);
}

/// What makes a pipeline another one.
fn key(dispatch: &Dispatch) -> String {
    format!("{}{:?}", dispatch.source(false), dispatch.constants)
}

/// Calls `f` with every kernel for every convolution and linear operator of [`NETWORKS`].
fn each_candidate(mut f: impl FnMut(&Op, &Candidate<'_>)) {
    for name in NETWORKS {
        let graph = zoo::build(name, zoo::Options::default()).unwrap().at(Level::Folded);
        for node in &graph.nodes {
            if !matches!(node.op, Op::Conv2d(_) | Op::Linear(_)) {
                continue;
            }
            let inputs = graph.input_shapes(node);
            let traits = AdapterLimits::WEBGPU;
            let site = Site { inputs: &inputs, output: node.output, traits };
            let candidates = node.op.gpu(&site);
            candidates.iter().filter(|c| c.suits == Suits::Well).for_each(|c| f(&node.op, c));
        }
    }
}
