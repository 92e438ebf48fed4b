//! Every shader that multiplies or reduces through RADV's compiler: nothing spills.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic, and says what it saw"
)]

mod shaders;

use ops::gpu::{AdapterLimits, Hardware, KernelPlan, Load, paired};
use ops_radv::{Compiled, Driver, Refused, spirv};
use profile::Level;
use shaders::{NETWORKS, each_candidate, key};
use std::{
    collections::{BTreeMap, HashSet},
    env,
    process::Command,
};

/// Which hardware the driver compiles for; it reads this as it is opened, so each has a process.
const FAMILY: &str = "RADV_FORCE_FAMILY";

/// GCN, and RDNA's first, second and third generation.
const FAMILIES: [&str; 4] = ["vega20", "navi10", "navi21", "gfx1100"];

/// Those whose multiply-adds are one instruction each: the compiler unrolls what a lane does of a slice, and
/// so loads stay before it. It moves them behind loops.
const UNROLLING: [&str; 2] = ["navi21", "gfx1100"];

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
    let driver = match Driver::open(&["RADV", "AMD"]) {
        Ok(driver) => driver,
        Err(why @ (Refused::Loader(_) | Refused::Driver)) => return println!("skipped: {why}"),
        Err(why) => panic!("{why}"),
    };
    let mut kernels: BTreeMap<String, Vec<(Compiled, Option<Load>)>> = BTreeMap::new();
    let mut seen = HashSet::new();
    let traits = AdapterLimits { subgroups: true, ..AdapterLimits::WEBGPU };
    let mut compile = |name: &str, plan: &KernelPlan| {
        for (i, dispatch) in plan.dispatches.iter().enumerate() {
            let of_kernel = kernels.entry(format!("{name} {i}")).or_default();
            if of_kernel.len() < SHAPES && seen.insert(key(dispatch)) {
                let words = spirv(dispatch).unwrap();
                let compiled = driver.compile(&words, dispatch.bindings.len() as u32).unwrap();
                of_kernel.push((compiled, dispatch.load));
            }
        }
    };
    each_candidate(traits, |op, candidate, _| {
        compile(&format!("{} {}", op.kind(), candidate.name), &candidate.plan);
    });
    each_pair(&mut compile);
    kernels.retain(|_, compiled| !compiled.is_empty());
    println!(
        "kernel                       registers spilled waves  loads in flight, beside arithmetic"
    );
    kernels.iter().for_each(|(name, compiled)| report(name, compiled));
    for (name, compiled) in &kernels {
        compiled.iter().for_each(|(compiled, load)| check(name, compiled, *load));
    }
}

/// Calls `f` with a name and the plan of each pair of operators that one dispatch does on any described GPU.
fn each_pair(f: &mut impl FnMut(&str, &KernelPlan)) {
    for file in Hardware::files() {
        let traits = AdapterLimits { hardware: Hardware::described(file), ..AdapterLimits::WEBGPU };
        for network in NETWORKS {
            let graph = zoo::build(network, zoo::Options::default()).unwrap().at(Level::Fused);
            paired(&graph, traits).values().for_each(|plan| f(&format!("pair on {file}"), plan));
        }
    }
}

/// A row of the table: the worst of each column.
fn report(name: &str, compiled: &[(Compiled, Option<Load>)]) {
    let all = |what: &str| -> Vec<u64> {
        compiled.iter().map(|(c, _)| c.statistic(what).unwrap()).collect()
    };
    let most = |what: &str| all(what).into_iter().max().unwrap();
    let waves = all("Subgroups per SIMD").into_iter().min().unwrap();
    let spills = most("Spilled VGPRs") + most("Spilled SGPRs") + most("Scratch size");
    let flights = compiled.iter().map(|(c, _)| c.loads_in_flight());
    let (all, computing) =
        flights.fold((usize::MAX, usize::MAX), |a, b| (a.0.min(b.0), a.1.min(b.1)));
    println!("{name:<28} {:>9} {spills:>7} {waves:>5} {all:>6} {computing:>6}", most("VGPRs"));
}

/// Registers that hold addresses and the like, beside the operands and sums that a kernel tells of.
const OTHER_REGISTERS: u64 = 32;

fn check(name: &str, compiled: &Compiled, load: Option<Load>) {
    for what in ["Spilled VGPRs", "Spilled SGPRs", "Scratch size"] {
        assert_eq!(compiled.statistic(what).unwrap(), 0, "{name}: {what}");
    }
    let Some(load) = load.filter(|load| load.shared_bytes > 0 && name.contains("gemm")) else {
        return;
    };
    let (held, told) = (compiled.statistic("Pre-Sched VGPRs").unwrap(), load.registers as u64);
    assert!((told..=told + OTHER_REGISTERS).contains(&held), "{name}: {held} of {told}");
    let (_, computing) = compiled.loads_in_flight();
    let unrolls = UNROLLING.iter().any(|family| env::var_os(FAMILY).is_some_and(|f| f == *family));
    assert!(!unrolls || computing >= load.loads, "{name}: {computing} of {} loads", load.loads);
}
