//! Shaders through RADV's compiler: nothing spills, as many waves run as the model says, and loads stand before the
//! first wait for one.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic, and says what it saw"
)]

mod shaders;

use ops::gpu::{AdapterLimits, Hardware, KernelPlan, Load, paired};
use ops_radv::{Compiled, Driver, Refused, spirv};
use profile::Level;
use shaders::{COMPARED, each_candidate, key};
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

/// The one that is described, by the name of its file. Kernels are chosen for it.
const DESCRIBED: &str = "navi21";

/// SIMDs of a unit of that one, and lanes of a wave as the driver counts them.
const SIMDS: f64 = 2.0;
const LANES: f64 = 32.0;

/// Loads that stand before the first wait for one, or all where there are fewer.
const BEFORE_WAIT: usize = 8;

/// Shapes that each kernel is compiled for where it is chosen, and where it is not.
const SHAPES: usize = 6;

/// A compiled shader, what it asks of a GPU, and whether its kernel is chosen.
struct Shader {
    compiled: Compiled,
    load: Option<Load>,
    chosen: bool,
}

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
    let mut kernels: BTreeMap<String, Vec<Shader>> = BTreeMap::new();
    let mut seen = HashSet::new();
    let hardware = Hardware::described(DESCRIBED);
    let traits = AdapterLimits { subgroups: true, hardware, ..AdapterLimits::WEBGPU };
    let mut compile = |name: &str, plan: &KernelPlan, chosen: bool| {
        for (i, dispatch) in plan.dispatches.iter().enumerate() {
            let of_kernel = kernels.entry(format!("{name} {i}")).or_default();
            let alike = of_kernel.iter().filter(|shader| shader.chosen == chosen).count();
            if alike < SHAPES && seen.insert((key(dispatch), chosen)) {
                let words = spirv(dispatch).unwrap();
                let compiled = driver.compile(&words, dispatch.bindings.len() as u32).unwrap();
                of_kernel.push(Shader { compiled, load: dispatch.load, chosen });
            }
        }
    };
    each_candidate(traits, |op, candidate, chosen| {
        compile(&format!("{} {}", op.kind(), candidate.name), &candidate.plan, chosen);
    });
    each_pair(&mut compile);
    kernels.retain(|_, shaders| !shaders.is_empty());
    println!(
        "kernel                       registers spilled waves  loads in flight, beside arithmetic"
    );
    kernels.iter().for_each(|(name, shaders)| report(name, shaders));
    let family = env::var(FAMILY).unwrap();
    let faults: Vec<String> = kernels
        .iter()
        .flat_map(|(name, shaders)| shaders.iter().map(move |shader| (name, shader)))
        .flat_map(|(name, shader)| {
            faults(shader, &family).into_iter().map(move |fault| format!("{name}: {fault}"))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Calls `f` with a name and the plan of each pair of operators that one dispatch does on the described GPU. Its
/// `registers_held` leaves none: with 128 there are pairs, and they spill.
fn each_pair(f: &mut impl FnMut(&str, &KernelPlan, bool)) {
    let hardware = Hardware::described(DESCRIBED);
    let traits = AdapterLimits { hardware, ..AdapterLimits::WEBGPU };
    for network in COMPARED {
        let graph = zoo::build(network, zoo::Options::default()).unwrap().at(Level::Fused);
        paired(&graph, traits).values().for_each(|plan| f("pair", plan, true));
    }
}

/// A row of the table: the worst of each column.
fn report(name: &str, shaders: &[Shader]) {
    let all = |what: &str| -> Vec<u64> {
        shaders.iter().map(|s| s.compiled.statistic(what).unwrap()).collect()
    };
    let most = |what: &str| all(what).into_iter().max().unwrap();
    let waves = all("Subgroups per SIMD").into_iter().min().unwrap();
    let spills = most("Spilled VGPRs") + most("Spilled SGPRs") + most("Scratch size");
    let flights = shaders.iter().map(|s| s.compiled.loads_in_flight());
    let (all, computing) =
        flights.fold((usize::MAX, usize::MAX), |a, b| (a.0.min(b.0), a.1.min(b.1)));
    println!("{name:<28} {:>9} {spills:>7} {waves:>5} {all:>6} {computing:>6}", most("VGPRs"));
}

/// Registers that hold addresses and the like, beside the operands and sums that a kernel tells of.
const OTHER_REGISTERS: u64 = 32;

/// What is wrong with a shader.
fn faults(shader: &Shader, family: &str) -> Vec<String> {
    let Shader { compiled, load, chosen } = shader;
    let mut faults = Vec::new();
    let mut demand = |holds: bool, why: String| faults.extend((!holds).then_some(why));
    for what in ["Spilled VGPRs", "Spilled SGPRs", "Scratch size"] {
        demand(
            compiled.statistic(what).unwrap() == 0,
            format!("{what}, chosen {chosen}: {load:?}"),
        );
    }
    let Some(load) = load else { return faults };
    let in_loops = compiled.loads_of_loops();
    // A walk that the compiler unrolls holds more, or less, at once than the model knows of.
    let walks = load.rounds == 1 || !in_loops.is_empty();
    if family == DESCRIBED && walks {
        let (waves, modelled) = waves(compiled, load);
        let alike = (waves - modelled).abs() <= 1.0;
        demand(alike, format!("{waves} waves, {modelled} modelled: {load:?}"));
    }
    let unrolls = UNROLLING.contains(&family);
    if load.shared_bytes > 0 && walks {
        let (held, told) = (compiled.statistic("Pre-Sched VGPRs").unwrap(), load.registers as u64);
        // GCN and RDNA 1 hold one less in Winograd's products.
        let about = told.saturating_sub(1)..=told + OTHER_REGISTERS;
        demand(about.contains(&held), format!("{held} of {told}"));
        let (_, computing) = compiled.loads_in_flight();
        let all = !unrolls || computing >= load.loads;
        demand(all, format!("{computing} of {} loads while computing", load.loads));
    }
    let whole = || compiled.loads().into_iter().collect();
    let loads = if in_loops.is_empty() { whole() } else { in_loops };
    for of in loads.into_iter().filter(|_| *chosen && unrolls) {
        demand(of.before_wait >= of.all.min(BEFORE_WAIT), format!("{of:?}"));
    }
    faults
}

/// Waves of a SIMD, and as many as are modelled. The driver counts those that registers and workgroup memory leave room
/// for, whole workgroups or not; so the model is asked about workgroups of a wave.
fn waves(compiled: &Compiled, load: &Load) -> (f64, f64) {
    let gpu = Hardware::described(DESCRIBED).unwrap();
    let wave = gpu.wave as usize;
    let of_wave =
        Load { lanes: wave, shared_bytes: load.shared_bytes * wave / load.lanes, ..*load };
    let modelled = (of_wave.on(&gpu).unwrap().resident as f64 / SIMDS).floor();
    let told = compiled.statistic("Subgroups per SIMD").unwrap() as f64;
    (told * LANES / f64::from(gpu.wave), modelled)
}
