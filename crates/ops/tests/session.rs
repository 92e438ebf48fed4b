//! A small network through both levels, one and two workers, against the reference.

mod common;

use common::unit;
use ops::{
    Binary, Conv2d, Graph, GraphBuilder, Keep, MapRef, Session, SessionError, Stop, Tensor, Tune,
    Unary, UnaryFn, Value,
    cpu::{CpuOptions, CpuSession},
    simd::Isa,
    verify::verify,
};
use profile::{Level, Shape};
use std::{
    collections::BTreeMap,
    fs, panic,
    sync::{Arc, atomic::AtomicBool},
};

#[test]
fn every_node_is_right_at_every_level_with_one_and_two_workers() {
    let raw = unit(Shape::new(2, 3, 17, 13)).unwrap();
    let inputs = raw.drawn_inputs(3);
    for level in Level::ALL {
        let graph = raw.at(level);
        for (threads, tune) in
            [1, 2].into_iter().flat_map(|t| [(t, Tune::OFF), (t, Tune::on(None))])
        {
            for keep in [Keep::Each, Keep::Everything] {
                let tune = tune.clone();
                let options = CpuOptions { threads, keep, seed: 3, tune, ..CpuOptions::default() };
                let mut session = CpuSession::prepare(&graph, options).unwrap();
                let verified = verify(&mut session, &inputs, 3).unwrap();
                assert!(verified.passed(), "{level}, {threads} threads, {keep:?}: {verified:?}");
            }
        }
    }
}

#[test]
fn the_winner_of_a_trial_is_remembered_and_taken() {
    let mut builder = GraphBuilder::new("net", Shape::new(1, 32, 24, 24));
    let y = builder.push("conv", Conv2d::new(32, 3).padding(1), &[Value::INPUT]).unwrap();
    let graph = builder.finish(y);
    let folder = std::env::temp_dir().join(format!("cpu-choices-{}", std::process::id()));
    let file = folder.join("kernels.json");
    let prepare = |isa| {
        let tune = Tune::on(Some(&file));
        let options = CpuOptions { isa, tune, ..CpuOptions::default() };
        let session = CpuSession::prepare(&graph, options).unwrap();
        assert_eq!(session.note(), "");
        session.kernels().remove(0)
    };
    let read = || -> BTreeMap<String, String> {
        serde_json::from_slice(&fs::read(&file).unwrap()).unwrap()
    };
    let best = Isa::best();
    let winner = prepare(best);
    let mut choices = read();
    assert_eq!(choices.values().collect::<Vec<_>>(), [&winner]);
    for name in ["winograd2", "indirect", "winograd4"] {
        choices.values_mut().for_each(|kernel| name.clone_into(kernel));
        fs::write(&file, serde_json::to_vec(&choices).unwrap()).unwrap();
        assert_eq!(prepare(best), name);
    }
    // A kernel that there no longer is counts as none; another instruction set has its own winner.
    choices.values_mut().for_each(|kernel| "gone".clone_into(kernel));
    fs::write(&file, serde_json::to_vec(&choices).unwrap()).unwrap();
    assert_ne!(prepare(best), "gone");
    prepare(Isa::SCALAR);
    assert_eq!(read().len(), if best == Isa::SCALAR { 1 } else { 2 });
    fs::remove_dir_all(folder).unwrap();
}

/// By hand: 4 tiles of 4×4 outputs. In each 36 points multiply 16×16 matrices, 12 transforms of 20
/// operations reach the points for each of 16 input channels, 10 of 16 the outputs; 9 of 12 make the
/// values of each of 16×16 kernels at the points; then a relu.
#[test]
fn a_kernel_that_executes_other_flops_says_how_many() {
    let mut b = GraphBuilder::new("net", Shape::new(1, 16, 8, 8));
    let y = b.push("conv", Conv2d::new(16, 3).padding(1), &[Value::INPUT]).unwrap();
    let y = b.push("relu", Unary(UnaryFn::Relu), &[y]).unwrap();
    let y = b.push("point", Conv2d::new(16, 1), &[y]).unwrap();
    let graph = b.finish(y).at(Level::Fused);
    let session = CpuSession::prepare(&graph, CpuOptions::default()).unwrap();
    assert_eq!(session.kernels(), ["winograd4", "pointwise"]);
    let winograd =
        4 * (36 * 2 * 16 * 16 + 12 * 20 * 16 + 10 * 16 * 16) + 9 * 12 * 16 * 16 + 8 * 8 * 16;
    assert_eq!(session.executed_flops(), [Some(winograd), None]);
}

/// A network of a convolution, a sigmoid, which computes other values where it is done twice, and the
/// network's input added.
#[test]
fn what_is_done_in_place_says_so_and_changes_no_value() {
    let shape = Shape::new(1, 19, 9, 7);
    let mut b = GraphBuilder::new("net", shape);
    let y = b.push("conv", Conv2d::new(19, 1).bias(), &[Value::INPUT]).unwrap();
    let y = b.push("sigmoid", Unary(UnaryFn::Sigmoid), &[y]).unwrap();
    let y = b.push("add", Binary::ADD, &[Value::INPUT, y]).unwrap();
    let graph = b.finish(y);
    let outcome = |keep| {
        let options = CpuOptions { keep, threads: 2, ..CpuOptions::default() };
        let mut session = CpuSession::prepare(&graph, options).unwrap();
        session.set_inputs(&graph.drawn_inputs(3)).unwrap();
        let outputs = [(); 2].map(|()| {
            session.run().unwrap();
            session.fetch(2).unwrap()
        });
        (session.in_place(), outputs)
    };
    let (over, [first, second]) = outcome(Keep::Output);
    let (apart, [expected, _]) = outcome(Keep::Everything);
    assert_eq!((over, apart), (vec![false, true, true], vec![false; 3]));
    assert_eq!((&first, &second), (&expected, &expected));
}

/// Channels that fill their panels are packed without a gap.
#[test]
fn memory_is_that_of_packed_weights_and_of_maps_that_live_at_once() {
    let mut b = GraphBuilder::new("net", Shape::new(1, 32, 8, 8));
    let y = b.push("a", Conv2d::new(48, 1).bias(), &[Value::INPUT]).unwrap();
    let y = b.push("b", Conv2d::new(48, 3).padding(1).stride(2).bias(), &[y]).unwrap();
    let graph = b.finish(y);
    let memory = |keep| {
        let options = CpuOptions { keep, isa: Isa::SCALAR, ..CpuOptions::default() };
        CpuSession::prepare(&graph, options).unwrap().memory().unwrap()
    };
    let (own, all) = (memory(Keep::Output), memory(Keep::Everything));
    assert_eq!(own.weights, graph.cost().params * 4);
    let maps = [32 * 64, 48 * 64, 48 * 16];
    assert_eq!(all.activations, maps.iter().sum::<u64>() * 4);
    assert!(own.activations <= all.activations && own.scratch > 0);
}

#[test]
fn a_wrong_shape_is_an_error_that_names_the_node_and_the_shapes() {
    let error = unit(Shape::new(1, 3, 0, 16)).unwrap_err().to_string();
    assert!(error.contains("stem") && error.contains("1×3×0×16"), "{error}");
}

/// Any two maps of a network may be its outputs, at every level: nothing is written over them, and what fused
/// operators leave out is no output.
#[test]
fn several_outputs_are_whole_after_a_run() {
    let alone = unit(Shape::new(1, 3, 17, 13)).unwrap();
    let inputs = alone.drawn_inputs(3);
    let outputs = |graph: &Graph, keep| -> Vec<Tensor> {
        let options = CpuOptions { threads: 2, keep, seed: 3, ..CpuOptions::default() };
        let mut session = CpuSession::prepare(graph, options).unwrap();
        session.set_inputs(&inputs).unwrap();
        session.run().unwrap();
        session.run().unwrap();
        graph.output_nodes().map(|node| session.fetch(node).unwrap()).collect()
    };
    for first in 0..alone.nodes.len() {
        let end = alone.outputs[0];
        let raw = Graph { outputs: vec![Value::of_node(first), end], ..alone.clone() };
        let expected = outputs(&raw, Keep::Everything);
        for level in Level::ALL {
            let found = outputs(&raw.at(level), Keep::Output);
            assert_eq!(found.len(), 2, "{level}, node {first}");
            for (found, expected) in found.iter().zip(&expected) {
                let apart = found.data().iter().zip(expected.data()).map(|(a, b)| (a - b).abs());
                let apart = apart.fold(0.0, f32::max);
                assert!(apart <= 1e-4 * expected.max_abs(), "{level}, node {first}: {apart}");
            }
        }
    }
}

#[test]
fn the_null_device_has_the_same_steps_and_does_nothing() {
    let graph = unit(Shape::new(1, 3, 16, 16)).unwrap();
    for threads in [1, 2] {
        let mut session =
            CpuSession::null(&graph, CpuOptions { threads, ..CpuOptions::default() }).unwrap();
        session.set_inputs(&graph.drawn_inputs(0)).unwrap();
        let mut times = vec![u64::MAX; graph.nodes.len()];
        let whole = session.run_timed(&mut times).unwrap();
        assert!(times.iter().sum::<u64>() <= whole, "{times:?} in {whole} ns");
        assert_eq!(session.kernels(), vec!["null"; graph.nodes.len()]);
        assert_eq!(session.fetch(graph.output_nodes().next().unwrap()).unwrap().max_abs(), 0.0);
    }
}

#[test]
fn warm_maps_change_no_value_and_every_operator_has_a_time() {
    let graph = unit(Shape::new(1, 3, 33, 31)).unwrap();
    for threads in 1..=3 {
        let options = CpuOptions { threads, ..CpuOptions::default() };
        let mut session = CpuSession::prepare(&graph, options).unwrap();
        session.set_inputs(&graph.drawn_inputs(2)).unwrap();
        let output = |session: &mut CpuSession| -> Tensor {
            session.fetch(graph.output_nodes().next().unwrap()).unwrap()
        };
        session.run().unwrap();
        let expected = output(&mut session);
        let mut times = vec![u64::MAX; graph.nodes.len()];
        let start = std::time::Instant::now();
        assert!(session.run_warm(&mut times).unwrap(), "a processor can");
        let whole = u64::try_from(start.elapsed().as_nanos()).unwrap();
        assert!(times.iter().sum::<u64>() <= whole, "{times:?} in {whole} ns");
        assert_eq!(output(&mut session), expected, "{threads} workers");
    }
}

/// A panic of whoever looks at maps leaves a session that still runs, and ends.
#[test]
fn a_panic_between_steps_waits_for_the_workers() {
    let graph = unit(Shape::new(1, 3, 17, 13)).unwrap();
    for threads in 1..=3 {
        let options = CpuOptions { threads, ..CpuOptions::default() };
        let mut session = CpuSession::prepare(&graph, options).unwrap();
        let inputs = graph.drawn_inputs(2);
        let looking = panic::AssertUnwindSafe(|| {
            session.run_each(&inputs, &mut |node, _, _| match node {
                3 => panic::resume_unwind(Box::new("seen enough")),
                _ => Ok(()),
            })
        });
        let panicked = panic::catch_unwind(looking).unwrap_err();
        assert_eq!(panicked.downcast_ref(), Some(&"seen enough"));
        let mut seen = 0;
        let mut count = |_, _: &[MapRef<'_>], _: MapRef<'_>| {
            seen += 1;
            Ok(())
        };
        session.run_each(&inputs, &mut count).unwrap();
        assert_eq!(seen, graph.nodes.len(), "{threads} workers");
    }
}

#[test]
fn any_number_of_workers_makes_the_same_bits_time_after_time() {
    let graph = unit(Shape::new(1, 3, 65, 63)).unwrap();
    let inputs = graph.drawn_inputs(1);
    let output = |session: &mut CpuSession| -> Tensor {
        session.run().unwrap();
        session.fetch(graph.output_nodes().next().unwrap()).unwrap()
    };
    let prepare = |threads| {
        let mut session =
            CpuSession::prepare(&graph, CpuOptions { threads, ..CpuOptions::default() }).unwrap();
        session.set_inputs(&inputs).unwrap();
        session
    };
    let expected = output(&mut prepare(1));
    for threads in 1..=3 {
        let mut session = prepare(threads);
        for run in 0..40 {
            assert_eq!(output(&mut session), expected, "run {run} of {threads} workers");
        }
    }
}

#[test]
fn what_is_to_stop_is_not_prepared() {
    let graph = unit(Shape::new(1, 3, 17, 13)).unwrap();
    for tune in [Tune::OFF, Tune::on(None)] {
        let stop = Stop::once(Arc::new(AtomicBool::new(true)));
        let options = CpuOptions { tune, stop, ..CpuOptions::default() };
        let prepared = CpuSession::prepare(&graph, options).map(|session| session.kernels());
        assert!(matches!(prepared, Err(SessionError::Interrupted)), "{prepared:?}");
    }
}

/// Nothing runs behind the node at which looking ended.
#[test]
fn a_run_that_is_looked_at_ends_with_the_first_error() {
    let graph = unit(Shape::new(1, 3, 17, 13)).unwrap();
    for threads in 1..=3 {
        let options = CpuOptions { threads, keep: Keep::Everything, ..CpuOptions::default() };
        let mut session = CpuSession::prepare(&graph, options).unwrap();
        let inputs = graph.drawn_inputs(2);
        let ended = session.run_each(&inputs, &mut |node, _, _| match node {
            1 => Err(SessionError::Interrupted),
            _ => Ok(()),
        });
        assert!(matches!(ended, Err(SessionError::Interrupted)), "{ended:?}");
        let mut largest = |node| session.fetch(node).unwrap().max_abs();
        assert!(largest(1) > 0.0 && largest(2) == 0.0, "{threads} threads");
        session.run_each(&inputs, &mut |_, _, _| Ok(())).unwrap();
        assert!(session.fetch(2).unwrap().max_abs() > 0.0, "{threads} threads");
    }
}
