//! Pairs in one dispatch on an adapter: against sums of sums in f64, and against one kernel after the other. The model
//! joins nothing on a rasteriser, so kernels are forced, or the adapter is taken for a real GPU.

use super::{
    AdapterLimits, GpuOptions, GpuSession, Hardware,
    cases::separable,
    context::{Context, Patience},
    device_tests::adapter,
    joined::joined as ends_joined,
    step::Pipelines,
    tune::Tuner,
};
use crate::{
    Binary, ChannelSplit, Concat, Conv2d, Exact, Graph, GraphBuilder, Keep, MapRef, Op, Operands,
    Session, Stop, Tensor, Tune, Unary, UnaryFn, Value,
    dice::random,
    verify::{error_share, verify},
};
use profile::{Level, Shape};

/// What all networks here are prepared with.
const SEED: u64 = 3;

/// A session on an adapter taken for one of such traits; `kernel` forces the choice.
fn session(traits: AdapterLimits, graph: &Graph, keep: Keep, kernel: Option<&str>) -> GpuSession {
    let patience = Patience::default();
    let context = Context::open(&adapter().unwrap(), traits, &patience).unwrap();
    let options = GpuOptions { keep, seed: SEED, checks: true, ..GpuOptions::default() };
    let mut tuner = Tuner::new(&Tune::OFF, String::new(), &Stop::default());
    let pipelines = &mut Pipelines::new(true);
    GpuSession::prepare_choosing(context, graph, &options, pipelines, &mut tuner, kernel).unwrap()
}

/// Where the pointwise convolution of a pair stands.
fn second(graph: &Graph) -> usize {
    graph.nodes.iter().position(|node| node.in_bands).unwrap()
}

/// The second convolution's output element, out of the very map that the first one reads.
fn exact(graph: &Graph, read: &[Tensor], at: [usize; 4]) -> Exact {
    let [first, last] = [second(graph) - 1, second(graph)].map(|i| &graph.nodes[i]);
    let inputs: Vec<MapRef<'_>> = read.iter().map(Tensor::as_map).collect();
    let weights = [first, last].map(|node| graph.weights(node, SEED));
    let operands = Operands { inputs: &inputs[..1], weights: &weights[0] };
    let [n, o, y, x] = at;
    let bias = weights[1].get(1).map_or(0.0, |bias| f64::from(bias.data()[o]));
    let mut sum = Exact { value: bias, magnitude: bias.abs(), terms: 1 };
    for c in 0..first.output.c {
        let of = first.reference(&operands, [n, c, y, x]);
        let w = f64::from(weights[1][0].data()[o * first.output.c + c]);
        sum.value += w * of.value;
        sum.magnitude += w.abs() * of.magnitude;
        sum.terms += of.terms;
    }
    last.epilogue.exact(sum, || inputs[inputs.len() - 1].at(at))
}

#[test]
fn pairs_in_one_dispatch_are_right_on_random_shapes() {
    let Some(adapter) = adapter() else { return };
    let mut traits = adapter.traits();
    random(10, |dice| {
        let raw = separable(dice);
        traits.textures = dice.within(0..=1) == 1;
        let graph = raw.at(Level::Fused);
        let inputs = raw.drawn_inputs(SEED);
        let mut apart = session(traits, &graph, Keep::Everything, None);
        assert!(verify(&mut apart, &inputs, SEED).unwrap().passed());
        let run = ends_joined(&graph, Keep::Output);
        let (at, mut fetch) = (second(&graph), |value: Value| match value {
            Value::Input(i) => inputs[i].clone(),
            Value::Node(i) => apart.fetch(i).unwrap(),
        });
        let others = run.nodes[at].inputs[1..].iter();
        let read: Vec<Tensor> =
            run.nodes[at - 1].inputs.iter().chain(others).map(|v| fetch(*v)).collect();
        let kernel = match &graph.nodes[at - 1].op {
            // Of more taps, a rasteriser compiles several pixels a lane for minutes.
            Op::Conv2d(conv) if conv.taps() > 9 => "gemm_32x32_by_4",
            _ => dice.pick(&["gemm_128x64", "gemm_64x64", "gemm_32x32", "gemm_32x32_by_2"]),
        };
        let mut joined = session(traits, &graph, Keep::Output, Some(kernel));
        assert!(joined.kernels()[at].contains("with the one before"), "{:?}", joined.kernels());
        joined.set_inputs(&inputs).unwrap();
        joined.run().unwrap();
        let got = joined.fetch(at).unwrap();
        let s = got.shape();
        let places = (0..s.elements()).step_by(s.elements().div_ceil(400) | 1);
        let worst = places
            .map(|flat| {
                let (pixel, c) = (flat / s.c, flat % s.c);
                let at = [pixel / s.area(), c, pixel % s.area() / s.w, pixel % s.w];
                error_share(got.at(at), exact(&run, &read, at))
            })
            .fold(0.0, f64::max);
        assert!(worst <= 1.0, "{kernel}: {worst} of {graph:?}");
    });
}

/// Inverted residuals, the second half of whose channels is made in a unit of two branches.
fn network() -> Graph {
    let mut b = GraphBuilder::new("net", Shape::new(1, 3, 33, 31));
    let mut push = |name: &str, op: Op, x: &[Value]| b.push(name, op, x).unwrap();
    let relu = Unary(UnaryFn::Relu6);
    let mut x = push("stem", Conv2d::new(24, 3).stride(2).padding(1).into(), &[Value::INPUT]);
    for (i, stride) in [1, 2, 1].into_iter().enumerate() {
        let name = |part: &str| format!("{part}{i}");
        let y = push(&name("expand"), Conv2d::new(72, 1).bias().into(), &[x]);
        let y = push(&name("relu"), relu.into(), &[y]);
        let y = push(
            &name("depthwise"),
            Conv2d::depthwise(72, 3).stride(stride).padding(1).bias().into(),
            &[y],
        );
        let y = push(&name("clamp"), relu.into(), &[y]);
        let y = push(&name("project"), Conv2d::new(24, 1).bias().into(), &[y]);
        x = if stride == 1 { push(&name("add"), Binary::ADD.into(), &[y, x]) } else { y };
    }
    let [left, right] = [0, 12]
        .map(|start| push(&format!("part{start}"), ChannelSplit { start, len: 12 }.into(), &[x]));
    let y = push("branch", Conv2d::depthwise(12, 3).padding(1).into(), &[right]);
    let y = push("point", Conv2d::new(12, 1).into(), &[y]);
    let x = push("concat", Concat.into(), &[left, y]);
    b.finish(x)
}

/// The model chooses as for an H100, and what it joins gives the network's output; operators keep times of their own.
#[test]
fn a_network_with_pairs_in_one_dispatch_is_the_same_network() {
    let Some(adapter) = adapter() else { return };
    let hardware = Hardware::described("h100");
    let traits = AdapterLimits { software: false, hardware, ..adapter.traits() };
    let raw = network();
    let inputs = raw.drawn_inputs(SEED);
    let [apart, joined] = [Level::Folded, Level::Fused].map(|level| {
        let graph = raw.at(level);
        let mut session = session(traits, &graph, Keep::Output, None);
        session.set_inputs(&inputs).unwrap();
        session.run().unwrap();
        let output = graph.output_nodes().next().unwrap();
        let whole = session.fetch(output).unwrap();
        let mut times = vec![0; graph.nodes.len()];
        session.run_timed(&mut times).unwrap();
        let timed = session.fetch(output).unwrap();
        (session, whole, timed, times)
    });
    let (session, whole, timed, times) = &joined;
    let pairs = super::paired(session.graph(), traits);
    assert!(pairs.len() >= 3, "{:?}", session.kernels());
    for i in pairs.keys() {
        assert!(times[i - 1] > 0 && times[*i] > 0, "{times:?}");
        assert!(session.whole[i - 1].is_nothing() && !session.steps[i - 1].is_nothing());
    }
    let profile::Memory { weights, activations, scratch } = session.memory().unwrap();
    let planned = super::bytes(session.graph(), Keep::Output, traits);
    assert_eq!(weights + activations + scratch, planned);
    for other in [whole, timed] {
        let pairs = apart.1.data().iter().zip(other.data());
        let difference = pairs.fold(0.0, |m: f32, (a, b)| m.max((a - b).abs()));
        assert!(difference < 1e-5 * apart.1.max_abs(), "{difference}");
    }
}
