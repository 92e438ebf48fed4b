//! What is read of files, and what work takes, by hand.

use super::*;
use crate::{BOARDS, CORES, built_in::core_called, figure::Described};
use std::{collections::BTreeSet, fs};

fn jetson() -> CoreOnBoard {
    "cortex-a57@jetson-nano".parse().unwrap()
}

/// The names of a folder's TOML files.
fn files(folder: &str) -> BTreeSet<String> {
    let folder = format!("{}/../../experiments/{folder}", env!("CARGO_MANIFEST_DIR"));
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    names.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn every_file_is_built_in_and_describes_something() {
    for (folder, built_in) in [("cores", CORES), ("boards", BOARDS)] {
        let built_in = built_in.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(files(folder), built_in);
    }
    let mut placed = BTreeSet::new();
    for (board, text) in BOARDS {
        let described = Board::parse(board, text).unwrap();
        for core in described.cores.keys() {
            let device: CoreOnBoard = format!("{core}@{board}").parse().unwrap();
            placed.insert(core.clone());
            // What a copy takes is about what its reading and writing take.
            let Placed { copy_gb_s, .. } = &described.cores[core];
            let apart = device.placed.read_ns(64.0) + device.placed.write_ns(64.0);
            let ratio = apart / (64.0 / copy_gb_s.get());
            assert!((0.65..1.35).contains(&ratio), "{core}@{board}: {ratio}");
        }
    }
    let elsewhere = BTreeSet::from(["zen4".to_owned()]);
    assert_eq!(
        &placed | &elsewhere,
        files("cores"),
        "every core is on a board, or a machine's own"
    );
}

#[test]
fn what_is_not_known_is_named_with_what_is_like_it() {
    let error = |spec: &str| spec.parse::<CoreOnBoard>().unwrap_err().to_string();
    assert!(error("cortex-a57").contains("CORE@BOARD"));
    assert!(error("cortex-a56@jetson-nano").contains("did you mean cortex-a5"));
    assert!(error("cortex-a57@jetson").contains("jetson-nano"));
    assert!(error("pentium@jetson-nano").contains("there are apple-m1-firestorm, cortex-a53"));
    let other = error("cortex-a53@jetson-nano");
    assert!(other.contains("no core \"cortex-a53\": it has cortex-a57"), "{other}");
    assert!(error("missing.toml@jetson-nano").starts_with("missing.toml: "));
}

/// `text` of a core with `from` replaced.
fn core_with(from: &str, to: &str) -> String {
    let (_, text) = CORES.iter().find(|(name, _)| *name == "cortex-a57").unwrap();
    assert!(text.contains(from));
    let changed = text.replacen(from, to, 1);
    Core::parse("my.toml", &changed).unwrap_err().to_string()
}

#[test]
fn a_bad_figure_is_told_with_file_line_and_field() {
    let dispatch = "dispatch = { value = 3, source = \"llvm\" }\n";
    let missing = core_with(dispatch, "");
    assert!(missing.starts_with("my.toml:") && missing.contains("dispatch"), "{missing}");
    let impossible = core_with("vector = { value = 1,", "vector = { value = -1,");
    let line = 20;
    assert_eq!(impossible, format!("my.toml:{line}: cycle.vector is -1: expected 0.001 to 1000"));
    let unknown = core_with("[slots]", "[slots]\nshuffle = { value = 1, source = \"llvm\" }");
    assert!(unknown.contains("shuffle") && unknown.contains("permute"), "{unknown}");
    let unsourced =
        core_with("load = { value = 1, source = \"llvm\"", "load = { value = 1, source = \"me\"");
    assert!(unsourced.ends_with("cycle.load: [sources] has no \"me\""), "{unsourced}");
    let ways = core_with("ways = { value = 2,", "ways = { value = 0,");
    assert!(ways.ends_with("cache[0].ways is 0: expected 1 to 64"), "{ways}");
    let latency = core_with("fma = { value = 10, source = \"llvm\" }\n", "");
    assert!(latency.ends_with("missing field `latency.fma`"), "{latency}");
}

/// So many instructions of each kind.
fn work(instructions: &[(Instruction, u64)]) -> Work {
    Work { instructions: instructions.iter().copied().collect(), ..simulated(|_| ()) }
}

fn simulated(run: impl FnOnce(&mut Simulation)) -> Work {
    let mut simulation = jetson().simulation();
    run(&mut simulation);
    simulation.take()
}

#[test]
fn out_of_order_the_largest_resource_binds() {
    use Instruction::{Broadcast, Fma, Load, Store};
    let jetson = jetson();
    let cycles = |counts: &[(Instruction, u64)]| {
        let Time { ns, bound_by, .. } = jetson.time(&work(counts));
        ((ns * 1.476).round(), bound_by.unwrap())
    };
    assert_eq!(cycles(&[(Fma, 100), (Load, 40)]), (100.0, Resource::Vector));
    // A broadcast takes half a vector slot beside its load.
    assert_eq!(cycles(&[(Fma, 100), (Broadcast, 40)]), (120.0, Resource::Vector));
    assert_eq!(cycles(&[(Fma, 10), (Load, 40)]), (40.0, Resource::Load));
    assert_eq!(cycles(&[(Fma, 10), (Store, 40)]), (80.0, Resource::Store));
    assert_eq!(cycles(&[(Fma, 100), (Load, 90), (Store, 40)]), (100.0, Resource::Vector));
}

/// A Zen 4 on a board whose caches beyond the first were measured.
fn zen4() -> CoreOnBoard {
    let core = Core::parse("zen4", CORES.iter().find(|(name, _)| *name == "zen4").unwrap().1);
    let board = r#"
        name = "a machine"
        sources.here = "a test"
        [core.zen4]
        clock_ghz = { value = 2, source = "here" }
        cache_kib = [{ value = 32, source = "here" }, { value = 1024, source = "here" }]
        latency_ns = [{ value = 4, source = "here" }, { value = 100, source = "here" }]
        copy_gb_s = { value = 10, source = "here" }
        fill_gb_s = { value = 20, source = "here" }
        read_gb_s = { value = 20, source = "here" }
        refill_gb_s = [{ value = 32, source = "here" }]
    "#;
    let mut board = Board::parse("a board", board).unwrap();
    let placed = board.cores.remove("zen4").unwrap();
    CoreOnBoard { name: "Zen 4 on a machine".to_owned(), core: core.unwrap(), placed }
}

#[test]
fn what_x86_loads_is_dispatched_with_what_uses_it() {
    use Instruction::{Broadcast, Fma, Load, Store};
    let dispatched = |counts: &[(Instruction, u64)]| {
        let instructions = counts.iter().copied().collect();
        let cycles = zen4().core.cycles(&instructions, 0, 1.0)[&Resource::Dispatch];
        6.0 * cycles
    };
    assert_eq!(dispatched(&[(Fma, 100), (Load, 30), (Broadcast, 10)]), 100.0);
    // Loads that nothing computes with, and stores, stand alone.
    assert_eq!(dispatched(&[(Fma, 10), (Load, 30), (Store, 20)]), 50.0);
}

/// Reads 256 KiB twice: the second level holds it.
#[test]
fn a_cache_that_was_measured_gives_what_it_gave() {
    let device = zen4();
    let mut simulation = device.simulation();
    let mut stream = || {
        (0..256 << 10).step_by(64).for_each(|at| simulation.touch(at, 64, false));
        simulation.take()
    };
    let (_, again) = (stream(), stream());
    let lines = (256 << 10) / 64;
    assert_eq!((again.traffic.served[1], again.traffic.streamed[1]), (lines, lines - 1));
    let gb_s = f64::from(256 << 10) / device.time(&again).resources[&Resource::Memory];
    assert!((gb_s / 32.0 - 1.0).abs() < 1e-9, "{gb_s}");
}

#[test]
fn a_processor_s_own_name_tells_its_core() {
    let called = |name| core_called(name).unwrap();
    assert_eq!(called("family 25, model 17"), Some("zen4"));
    assert_eq!((called("Cortex-A53"), called("Cortex-A99")), (Some("cortex-a53"), None));
}

#[test]
fn in_order_instructions_add_up() {
    let a53: CoreOnBoard = "cortex-a53@rockpro64".parse().unwrap();
    let work = work(&[(Instruction::Fma, 100), (Instruction::Load, 40)]);
    assert!((a53.time(&work).ns * 1.4 - 180.0).abs() < 1e-9);
}

#[test]
fn so_much_of_the_shorter_time_hides_behind_the_longer() {
    for (overlap, ns) in [(0.0, 14.0), (0.5, 12.0), (1.0, 10.0), (2.0, 10.0)] {
        assert_eq!(overlapped(10.0, 4.0, overlap), ns);
        assert_eq!(overlapped(4.0, 10.0, overlap), ns);
    }
}

/// Reads 4 MiB twice, sixteen bytes at a time: twice what the second level holds.
#[test]
fn a_stream_larger_than_the_caches_takes_its_bandwidth() {
    let mut simulation = jetson().simulation();
    let mut stream = || {
        (0..4 << 20).step_by(16).for_each(|at| simulation.touch(at, 16, false));
        simulation.take()
    };
    let first = stream();
    let lines = (4 << 20) / 64;
    assert_eq!(first.issued_bytes, 4 << 20);
    assert_eq!(first.traffic.served, [0, 0, lines]);
    assert_eq!(first.traffic.streamed[2], lines - 1);
    let time = jetson().time(&first);
    assert_eq!(time.bound_by, Some(Resource::Memory));
    let gb_s = f64::from(4 << 20) / time.ns;
    assert!((gb_s / 4.749 - 1.0).abs() < 1e-3, "{gb_s}");
    let (_, modelled) = jetson().modelled(&first);
    let traffic = [("l2", 4 << 20), ("memory", 4 << 20)];
    assert!(modelled.traffic_bytes.iter().map(|(k, v)| (k.as_str(), *v)).eq(traffic));
}

#[test]
fn an_access_across_two_lines_touches_both() {
    let across = simulated(|core| core.touch(56, 16, false));
    assert_eq!((across.issued_bytes, across.traffic.served[2]), (16, 2));
    let within = simulated(|core| core.touch(48, 16, true));
    assert_eq!((within.issued_bytes, within.traffic.served[2]), (16, 1));
}

#[test]
fn sums_in_a_chain_wait_for_each_other() {
    let chain = simulated(|core| {
        (0..100).fold(0, |sum, _| core.issue(Instruction::Fma, 0, sum));
    });
    assert_eq!(chain.chain_cycles, 10 + 99 * 4);
    let time = jetson().time(&chain);
    assert_eq!(time.bound_by, Some(Resource::Chains));
}

#[test]
fn work_of_two_parts_adds_up_to_that_of_the_whole() {
    let run = |core: &mut Simulation, from: usize| {
        let sum = (from..from + 100).fold(0, |sum, at| {
            core.touch(32 * at, 16, at % 3 == 0);
            core.issue(Instruction::Fma, 0, sum)
        });
        core.issue(Instruction::Store, sum, 0);
    };
    let mut simulation = jetson().simulation();
    run(&mut simulation, 0);
    let mut sum = simulation.take();
    run(&mut simulation, 100);
    sum += simulation.take();
    let whole = simulated(|core| {
        run(core, 0);
        run(core, 100);
    });
    assert_eq!(sum, whole);
}
