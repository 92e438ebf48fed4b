//! Every network of the zoo runs, and every one of its operators computes what its definition says:
//! on the CPU all networks, on the GPU the smallest of each family, the others where asked for
//! (`cargo test -p probe --test networks -- --ignored`, an hour on a software rasteriser).
//!
//! Inputs are small here; `probe verify --all` does the same at the networks' own.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use ops::{
    Graph, Keep, Session,
    cpu::{CpuOptions, CpuSession},
    verify::verify_within,
};
use profile::{Level, Shape};
use std::thread;
use zoo::{Model, Options};

/// Heights and widths to try, smallest first.
const SIZES: [usize; 6] = [64, 96, 112, 128, 160, 224];

/// Operations of reference work for one node.
const BUDGET: u64 = 1_000_000;

/// The network at the smallest input that it takes, of those that are not larger than its own.
fn small(model: &Model, level: Level) -> Graph {
    let own = model.default_input();
    let build = |input| model.build(Options { input, batch: 1 });
    let sizes = SIZES.iter().filter(|&&size| size < own[1].min(own[2]));
    let network = sizes.map(|&size| build(Some((size, size)))).find_map(Result::ok);
    let network = network.unwrap_or_else(|| build(None).expect("it takes its own input"));
    network.at(level)
}

/// What is wrong with a network on a device.
fn faults(session: &mut dyn Session) -> Vec<String> {
    let graph = session.graph().clone();
    let verified = verify_within(BUDGET, session, &graph.drawn_inputs(0), 0).expect(&graph.name);
    let mut faults = Vec::new();
    if !verified.passed() {
        faults.push(format!("{} at {}: {verified:?}", graph.name, Shape::list(&graph.inputs)));
    }
    for (i, node) in graph.nodes.iter().enumerate() {
        let largest = session.fetch(i).expect(&graph.name).max_abs();
        // Where all zero is excused (a few neurons that are off together), verification knows.
        if largest != 0.0 && !(1e-4..1e6).contains(&largest) {
            faults.push(format!("{}: {largest:e} is the largest of `{}`", graph.name, node.name));
        }
    }
    faults
}

#[test]
fn every_network_runs_on_the_cpu() {
    let options = CpuOptions { keep: Keep::Everything, ..CpuOptions::default() };
    let wrong = |model: &Model| {
        faults(&mut CpuSession::prepare(&small(model, Level::Folded), options.clone()).unwrap())
    };
    let models = zoo::models();
    // Two at a time: the largest hold half a gigabyte of weights.
    let some = |first| models.iter().skip(first).step_by(2).flat_map(wrong).collect();
    let wrong: [Vec<String>; 2] = thread::scope(|scope| {
        [0, 1].map(|first| scope.spawn(move || some(first))).map(|half| half.join().unwrap())
    });
    let wrong = wrong.concat();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[cfg(feature = "gpu")]
mod gpu {
    use super::*;
    use ops::{
        Tensor,
        gpu::{Adapter, GpuOptions, GpuSession},
    };

    /// Runs networks on the adapter, if there is one, at some levels, each verified and compared with the CPU's output at
    /// level `folded`.
    #[allow(clippy::print_stderr, reason = "a test says why it did not run")]
    fn demand(models: impl IntoIterator<Item = Model>, levels: &[Level]) {
        let adapter = match Adapter::choose(None) {
            Ok(adapter) => adapter,
            Err(e) if std::env::var_os("LAB_REQUIRE_GPU").is_some_and(|v| v == "1") => {
                panic!("LAB_REQUIRE_GPU=1, but {e}")
            }
            Err(e) => return eprintln!("skipped: {e}"),
        };
        let mut wrong = Vec::new();
        for model in models {
            let folded = small(&model, Level::Folded);
            let mut cpu = CpuSession::prepare(&folded, CpuOptions::default()).unwrap();
            cpu.set_inputs(&folded.drawn_inputs(0)).expect(&folded.name);
            cpu.run().expect(&folded.name);
            for level in levels {
                let graph = &small(&model, *level);
                // What is timed keeps its output alone: nodes are joined.
                for keep in [Keep::Everything, Keep::Output] {
                    let options = GpuOptions { keep, ..GpuOptions::default() };
                    let mut gpu =
                        GpuSession::prepare(&adapter, graph, &options).expect(&graph.name);
                    if keep == Keep::Everything {
                        wrong.extend(faults(&mut gpu));
                    } else {
                        gpu.set_inputs(&graph.drawn_inputs(0)).expect(&graph.name);
                        gpu.run().expect(&graph.name);
                    }
                    let apart = apart(&output(&mut gpu), &output(&mut cpu));
                    if apart > 1e-3 {
                        let name = &graph.name;
                        wrong.push(format!(
                            "{name} {level} {keep:?}: {apart:e} from the CPU's output"
                        ));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    fn output(session: &mut dyn Session) -> Tensor {
        let last = session.graph().output_nodes().next().expect("a network has operators");
        session.fetch(last).expect("it ran")
    }

    /// Largest difference, relative to the largest value of `b`.
    fn apart(a: &Tensor, b: &Tensor) -> f32 {
        let largest =
            a.data().iter().zip(b.data()).map(|(x, y)| (x - y).abs()).max_by(f32::total_cmp);
        largest.expect("outputs are not empty") / b.max_abs()
    }

    /// Fused, where views are addresses and kernels end as operators do; kernels alone have tests in `ops`.
    #[test]
    fn the_smallest_network_of_each_family_runs_on_the_gpu() {
        let smallest = |models: Vec<Model>| {
            models.into_iter().min_by_key(|model| small(model, Level::Folded).cost().mul_adds)
        };
        let models = zoo::FAMILIES.iter().filter_map(|family| smallest(family.models()));
        demand(models, &[Level::Fused]);
    }

    #[test]
    #[ignore = "an hour on a software rasteriser"]
    fn every_network_runs_on_the_gpu() {
        demand(zoo::models(), &[Level::Folded, Level::Fused]);
    }
}
