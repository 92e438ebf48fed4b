//! A small network through both levels, one and two workers, against the reference.

use ops::{
    BatchNorm, Binary, ChannelShuffle, ChannelSplit, Concat, Conv2d, Flatten, Graph, GraphBuilder,
    GraphError, Keep, Linear, Pool2d, Session, Unary, UnaryFn, Value,
    cpu::{CpuOptions, CpuSession},
    input_tensor,
    verify::verify,
};
use profile::{Level, Shape};

/// A ShuffleNetV2 unit between a stem and a head: every class of operator.
fn unit(input: Shape) -> Result<Graph, GraphError> {
    let mut b = GraphBuilder::new("unit", input);
    let relu = Unary(UnaryFn::Relu);
    let stem = b.push("stem", Conv2d::new(12, 3).stride(2).padding(1), &[Value::INPUT])?;
    let stem = b.push("stem.bn", BatchNorm::default(), &[stem])?;
    let stem = b.push("stem.relu", relu, &[stem])?;
    let left = b.push("left", ChannelSplit { start: 0, len: 6 }, &[stem])?;
    let right = b.push("right", ChannelSplit { start: 6, len: 6 }, &[stem])?;
    let x = b.push("dw", Conv2d::depthwise(6, 3), &[right])?;
    let x = b.push("dw.bn", BatchNorm::default(), &[x])?;
    let x = b.push("pw", Conv2d::new(6, 1).groups(2).bias(), &[x])?;
    let x = b.push("pw.bn", BatchNorm::default(), &[x])?;
    let x = b.push("shortcut", Binary::ADD, &[x, right])?;
    let x = b.push("concat", Concat, &[left, x])?;
    let x = b.push("shuffle", ChannelShuffle { groups: 2 }, &[x])?;
    let x = b.push("pool", Pool2d::max(3, 2).padding(1), &[x])?;
    let x = b.push("flatten", Flatten, &[x])?;
    let x = b.push("fc", Linear::new(10), &[x])?;
    Ok(b.finish(x))
}

#[test]
fn every_node_is_right_at_every_level_with_one_and_two_workers() {
    let raw = unit(Shape::new(2, 3, 17, 13)).unwrap();
    let input = input_tensor(3, raw.input);
    for level in Level::ALL {
        let graph = raw.at(level);
        for threads in [1, 2] {
            let options =
                CpuOptions { threads, keep: Keep::Everything, seed: 3, ..CpuOptions::default() };
            let mut session = CpuSession::prepare(&graph, options);
            let verified = verify(&mut session, &input, 3).unwrap();
            assert!(verified.passed(), "{level}, {threads} threads: {verified:?}");
        }
    }
}

#[test]
fn folding_keeps_the_output_and_the_parameters() {
    let raw = unit(Shape::new(1, 3, 16, 16)).unwrap();
    let folded = raw.at(Level::Folded);
    assert!(folded.nodes.len() < raw.nodes.len());
    assert_eq!(raw.cost().params, folded.cost().params);
    assert_eq!(raw.cost().mul_adds, folded.cost().mul_adds);
    let input = input_tensor(0, raw.input);
    let mut outputs = [&raw, &folded].map(|graph| {
        let mut session = CpuSession::prepare(graph, CpuOptions::default());
        session.set_input(&input).unwrap();
        session.run().unwrap();
        session.fetch(graph.output.node().unwrap()).unwrap()
    });
    let scale = outputs[0].max_abs();
    let [a, b] = &mut outputs;
    for (x, y) in a.data().iter().zip(b.data()) {
        assert!((x - y).abs() <= 1e-5 * scale, "{x} and {y}, scale {scale}");
    }
}

#[test]
fn a_wrong_shape_is_an_error_that_names_the_node_and_the_shapes() {
    let error = unit(Shape::new(1, 3, 0, 16)).unwrap_err().to_string();
    assert!(error.contains("stem") && error.contains("1×3×0×16"), "{error}");
}

#[test]
fn the_null_device_has_the_same_steps_and_does_nothing() {
    let graph = unit(Shape::new(1, 3, 16, 16)).unwrap();
    for threads in [1, 2] {
        let mut session = CpuSession::null(&graph, CpuOptions { threads, ..CpuOptions::default() });
        session.set_input(&input_tensor(0, graph.input)).unwrap();
        let mut times = vec![u64::MAX; graph.nodes.len()];
        let whole = session.run_timed(&mut times).unwrap();
        assert!(times.iter().sum::<u64>() <= whole, "{times:?} in {whole} ns");
        assert_eq!(session.kernels(), vec!["null"; graph.nodes.len()]);
        assert_eq!(session.fetch(graph.output.node().unwrap()).unwrap().max_abs(), 0.0);
    }
}
