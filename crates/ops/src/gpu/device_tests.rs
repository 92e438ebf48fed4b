//! What needs a GPU to be tested, or a rasteriser: every kernel against the reference, sessions, and
//! what happens when the device goes away. Without an adapter these tests say so and pass, unless
//! `LAB_REQUIRE_GPU=1` is set. `LAB_ADAPTER` names one, as `--adapter` does.

use super::{
    Adapter, AdapterLimits, Candidate, Chains, Dispatch, GpuOptions, GpuSession, Hardware,
    KernelPlan, Layout, Site, Suits,
    cases::{self, Case},
    context::{Context, Patience},
    held::hold,
    laid::{Laid, holding},
    memory::Memory,
    quads::gathered,
    room::kernels,
    step::{Pipelines, Step, upload},
    stopwatch::TRIES,
    tune::{Subject, Tuner, tried},
};
use crate::{
    Along, BatchNorm, Binary, ChannelPad, ChannelShuffle, ChannelSplit, Concat, Conv2d, Flatten,
    Graph, GraphBuilder, Keep, Linear, MapRef, Operands, Pool2d, Session, SessionError, Softmax,
    Stop, Tensor, Tune, Unary, UnaryFn, Value,
    cpu::{CpuOptions, CpuSession},
    dice::{Dice, random},
    draw::{input_tensor, weight_tensor},
    verify::{error_share, verify},
};
use profile::{Level, Pattern, Shape, Timing};
use std::{sync::Arc, time::Duration};
use wgpu::Features;

/// The adapter to test on.
pub(super) fn adapter() -> Option<Adapter> {
    let wanted = std::env::var("LAB_ADAPTER").ok();
    match Adapter::choose(wanted.as_deref()) {
        Ok(adapter) => Some(adapter),
        Err(e) if std::env::var_os("LAB_REQUIRE_GPU").is_some_and(|v| v == "1") => {
            panic!("LAB_REQUIRE_GPU=1, but {e}")
        }
        Err(e) => {
            println!("skipped: {e}");
            None
        }
    }
}

/// The label of what tests make.
const TEST: &str = "test";

/// Runs one kernel on a case of its own, whose maps lie so.
fn run(
    context: &Context,
    pipelines: &mut Pipelines,
    candidate: &Candidate<'_>,
    laid: &Laid,
    inputs: &[Tensor],
    weights: &[Tensor],
    output: Shape,
) -> Tensor {
    let Laid { layouts, beside } = laid;
    // Padding that is not zero must not reach a channel.
    let held =
        |x: &Tensor, layout| Memory::holding(context, TEST, &holding(x, layout, 7.5)).unwrap();
    let own = inputs.iter().zip(&layouts.inputs).map(|(x, layout)| held(x, *layout));
    let other = beside.iter().zip(layouts.beside).map(|(x, layout)| held(x, layout));
    let memory: Vec<Memory> = own.chain(other).collect();
    let Layout { pitch, .. } = layouts.output;
    let (before, quads) = (-3.25, output.pixels() * pitch);
    let written = Memory::holding(context, TEST, &vec![before; quads * 4]).unwrap();
    let read: Vec<&Memory> = memory.iter().collect();
    let held = upload(context, TEST, candidate, weights).unwrap();
    let step_of_plan =
        Step::prepare(context, pipelines, TEST, &candidate.plan, &held, &read, &written).unwrap();
    let mut encoder = context.encoder(TEST);
    step_of_plan.record(&mut encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default()));
    context.submit([encoder.finish()]).unwrap();
    let data = written.read(context, quads).unwrap();
    assert!(data.iter().all(|x| x.is_finite()), "{}: padding is not finite", candidate.name);
    assert!(laid.is_kept(&data, before), "{} wrote elsewhere: {layouts:?}", candidate.name);
    gathered(output, pitch, |c| layouts.output.at(c), &data)
}

/// The largest error of `got` as a share of its tolerance, over at most `samples` elements.
fn worst(case: &Case, inputs: &[Tensor], weights: &[Tensor], got: &Tensor, samples: usize) -> f64 {
    let inputs: Vec<MapRef<'_>> = inputs.iter().map(Tensor::as_map).collect();
    let operands = Operands { inputs: &inputs, weights };
    let s = got.shape();
    let step = s.elements().div_ceil(samples) | 1;
    let share = |flat: usize| {
        let (pixel, c) = (flat / s.c, flat % s.c);
        let at = [pixel / s.area(), c, pixel % s.area() / s.w, pixel % s.w];
        let added = || inputs[inputs.len() - 1].at(at);
        error_share(got.at(at), case.epilogue.exact(case.op.reference(&operands, at), added))
    };
    (0..s.elements()).step_by(step).map(share).fold(0.0, f64::max)
}

/// Checks every kernel that can take each case, with the shaders' own checks on, in buffers and in
/// textures. In the latter, lanes reduce in memory; in the former by subgroups, where there are any.
fn check_all(dice: &mut Dice, cases: Vec<Case>, samples: usize, textures: bool) {
    let Some(adapter) = adapter() else { return };
    let subgroups = !textures && adapter.inner.features().contains(Features::SUBGROUP);
    println!("{adapter}, subgroups: {subgroups}");
    let traits = AdapterLimits { textures, subgroups, ..adapter.traits() };
    let context = Context::open(&adapter, traits, &Patience::default()).unwrap();
    check_in(&context, dice, cases, samples);
}

fn check_in(context: &Context, dice: &mut Dice, cases: Vec<Case>, samples: usize) {
    let mut pipelines = Pipelines::new(true);
    let mut failures = Vec::new();
    for case in cases {
        let output = case.output();
        let inputs: Vec<Tensor> =
            case.inputs.iter().zip(1..).map(|(s, seed)| input_tensor(seed, *s)).collect();
        let weights: Vec<Tensor> =
            case.op.weights(&case.inputs).iter().map(|w| weight_tensor(5, "node", w)).collect();
        // Weights lie where maps do, then elsewhere.
        let laid = [
            (Laid::apart(&case.inputs, output), false),
            (Laid::draw(dice, &case.inputs, output, context.traits.textures), true),
        ];
        for (laid, elsewhere) in laid {
            let site = Site::new(&case.inputs, output, context.traits).lying(&laid.layouts);
            let candidates = case.candidates(&site);
            assert!(!candidates.is_empty(), "no kernel takes {:?} over {:?}", case.op, case.inputs);
            for candidate in candidates {
                let candidate = elsewhere
                    .then(|| candidate.elsewhere(&context.traits))
                    .flatten()
                    .unwrap_or(candidate);
                let got =
                    run(context, &mut pipelines, &candidate, &laid, &inputs, &weights, output);
                let worst = worst(&case, &inputs, &weights, &got, samples);
                let worst = worst / candidate.plan.tolerance();
                if worst.is_nan() || worst > 1.0 {
                    let name = candidate.called(&context.traits);
                    let (op, end) = (&case.op, case.epilogue.names());
                    let (shapes, layouts) = (&case.inputs, &laid.layouts);
                    failures.push(format!(
                        "{name}: {worst:.2} of {op:?} {end:?} over {shapes:?} in {layouts:?}"
                    ));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} kernels are wrong:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_kernel_of_every_operator_is_right_on_random_shapes() {
    random(1, |dice| check_all(&mut dice.clone(), cases::random(dice), 2000, false));
}

/// Beside the one above, for a rasteriser that compiles on one processor.
#[test]
fn every_kernel_is_right_on_random_shapes_where_operands_are_textures() {
    random(1, |dice| check_all(&mut dice.clone(), cases::random(dice), 2000, true));
}

/// Its compiler is not told where loops end.
#[test]
fn every_kernel_is_right_as_it_is_planned_for_an_adreno() {
    let Some(adapter) = adapter() else { return };
    let hardware = Hardware::described("adreno-630");
    let traits = AdapterLimits { software: false, hardware, textures: false, ..adapter.traits() };
    let context = Context::open(&adapter, traits, &Patience::default()).unwrap();
    random(1, |dice| check_in(&context, &mut dice.clone(), cases::random(dice), 2000));
}

#[test]
fn loops_past_what_a_rasteriser_allows_are_right() {
    for textures in [false, true] {
        random(1, |dice| check_all(dice, cases::long(), 12, textures));
    }
}

/// A ShuffleNetV2 unit between a stem and a head.
fn unit(input: Shape) -> Graph {
    let mut b = GraphBuilder::new("unit", input);
    let mut push = |name: &str, op: crate::Op, x: &[Value]| b.push(name, op, x).unwrap();
    let relu = Unary(UnaryFn::Relu);
    let x = push("stem", Conv2d::new(12, 3).stride(2).padding(1).into(), &[Value::INPUT]);
    let x = push("stem.bn", BatchNorm::default().into(), &[x]);
    let stem = push("stem.relu", relu.into(), &[x]);
    let left = push("left", ChannelSplit { start: 0, len: 6 }.into(), &[stem]);
    let right = push("right", ChannelSplit { start: 6, len: 6 }.into(), &[stem]);
    let x = push("dw", Conv2d::depthwise(6, 3).into(), &[right]);
    let x = push("dw.bn", BatchNorm::default().into(), &[x]);
    let x = push("pw", Conv2d::new(6, 1).groups(2).bias().into(), &[x]);
    let x = push("shortcut", Binary::ADD.into(), &[x, right]);
    let x = push("concat", Concat.into(), &[left, x]);
    let x = push("shuffle", ChannelShuffle { groups: 2 }.into(), &[x]);
    let x = push("pool", Pool2d::max(3, 2).padding(1).into(), &[x]);
    let x = push("global", Pool2d::global_average().into(), &[x]);
    let x = push("flatten", Flatten.into(), &[x]);
    let x = push("fc", Linear::new(10).into(), &[x]);
    let x = push("softmax", Softmax(Along::Channels).into(), &[x]);
    b.finish(x)
}

/// Two maps and a row of features that meet.
fn of_three_inputs(input: Shape) -> Graph {
    let mut b = GraphBuilder::new("three inputs", input);
    let map = b.input(input.with_channels(5));
    let row = b.input(Shape::features(input.n, 5));
    let mut push = |name: &str, op: crate::Op, x: &[Value]| b.push(name, op, x).unwrap();
    let x = push("conv", Conv2d::new(5, 3).padding(1).into(), &[Value::INPUT]);
    let x = push("bn", BatchNorm::default().into(), &[x]);
    let x = push("add", Binary::ADD.into(), &[x, map]);
    let x = push("scale", Binary::MUL.into(), &[x, row]);
    let x = push("concat", Concat.into(), &[map, x]);
    let x = push("end", Conv2d::new(7, 1).bias().into(), &[x]);
    b.finish(x)
}

/// Additions and functions behind convolutions of all kinds and a map that is widened, shuffles before and behind a
/// depthwise one, and a concatenation that what makes its second map writes.
fn of_ends(input: Shape) -> Graph {
    let mut b = GraphBuilder::new("ends", input);
    let mut push = |name: &str, op: crate::Op, x: &[Value]| b.push(name, op, x).unwrap();
    let [relu, silu] = [UnaryFn::Relu, UnaryFn::Silu].map(Unary);
    let dense: crate::Op = Conv2d::new(12, 3).padding(1).bias().into();
    let depthwise: crate::Op = Conv2d::depthwise(12, 3).bias().into();
    let grouped: crate::Op = Conv2d::new(12, 1).groups(3).bias().into();
    let stem = push("stem", dense.clone(), &[Value::INPUT]);
    let x = push("dense", dense, &[stem]);
    let x = push("residual", Binary::ADD.into(), &[x, stem]);
    let first = push("residual.silu", silu.into(), &[x]);
    let x = push("depthwise", depthwise.clone(), &[first]);
    let x = push("shortcut", Binary::ADD.into(), &[first, x]);
    let x = push("grouped", grouped.clone(), &[x]);
    let x = push("grouped.relu", relu.into(), &[x]);
    let x = push("shuffle", ChannelShuffle { groups: 3 }.into(), &[x]);
    let x = push("shuffled", depthwise.clone(), &[x]);
    let x = push("back", ChannelShuffle { groups: 4 }.into(), &[x]);
    let last = push("last", grouped, &[x]);
    let x = push("second", depthwise, &[last]);
    let x = push("second.silu", silu.into(), &[x]);
    let x = push("concat", Concat.into(), &[last, x]);
    let x = push("sort", ChannelShuffle { groups: 2 }.into(), &[x]);
    let padded = push("pad", ChannelPad { out: 24 }.into(), &[first]);
    let x = push("padded", Binary::ADD.into(), &[x, padded]);
    let x = push("global", Pool2d::global_average().into(), &[x]);
    b.finish(x)
}

fn options() -> GpuOptions {
    GpuOptions { keep: Keep::Everything, seed: 3, checks: true, ..GpuOptions::default() }
}

#[test]
fn a_network_is_right_at_every_level_and_agrees_with_the_cpu() {
    let Some(adapter) = adapter() else { return };
    let raw = [unit, of_three_inputs, of_ends].map(|network| network(Shape::new(2, 3, 17, 13)));
    for (raw, level) in raw.iter().flat_map(|raw| Level::ALL.map(|level| (raw, level))) {
        let inputs = raw.drawn_inputs(3);
        let graph = raw.at(level);
        let mut gpu = GpuSession::prepare(&adapter, &graph, &options()).unwrap();
        let verified = verify(&mut gpu, &inputs, 3).unwrap();
        assert!(verified.passed(), "{level}: {verified:?}");
        let output = graph.output_nodes().next().unwrap();
        let all = gpu.fetch(output).unwrap();
        // Buffers that are shared, and shaders without checks, change nothing.
        let quick = GpuOptions { keep: Keep::Output, checks: false, ..options() };
        let mut quick = GpuSession::prepare(&adapter, &graph, &quick).unwrap();
        let memory = quick.memory().unwrap();
        let bytes = memory.weights + memory.activations + memory.scratch;
        assert_eq!(bytes, super::bytes(&graph, Keep::Output, adapter.traits()), "{level}");
        let mut cpu =
            CpuSession::prepare(&graph, CpuOptions { seed: 3, ..CpuOptions::default() }).unwrap();
        for session in [&mut quick as &mut dyn Session, &mut cpu] {
            session.set_inputs(&inputs).unwrap();
            for _ in 0..2 {
                session.run().unwrap();
                let other = session.fetch(output).unwrap();
                let difference = all
                    .data()
                    .iter()
                    .zip(other.data())
                    .fold(0.0, |m: f32, (a, b)| m.max((a - b).abs()));
                assert!(difference < 1e-5 * all.max_abs(), "{level}: {difference}");
            }
        }
    }
}

#[test]
fn a_timed_run_times_every_operator_by_stamps_and_by_the_clock() {
    let Some(adapter) = adapter() else { return };
    let graph = unit(Shape::new(1, 3, 64, 64)).at(Level::Folded);
    let mut session = GpuSession::prepare(&adapter, &graph, &options()).unwrap();
    let prepared = session.preparation().clone();
    assert!(prepared.compile_ns > 0 && prepared.total_ns >= prepared.compile_ns, "{prepared:?}");
    let [empty, dependent] = session.dispatch_ns().unwrap();
    println!("{:?}, dispatches: empty {empty} ns, dependent {dependent} ns", session.timing());
    assert!([empty, dependent].iter().all(|ns| ns.is_finite()), "{empty} {dependent}");
    let mut times = vec![0; graph.nodes.len()];
    let whole = session.run_timed(&mut times).unwrap();
    assert!(times.iter().sum::<u64>() <= whole && times.iter().any(|t| *t > 0), "{times:?}");
    session.fall_back("for this test");
    times.fill(0);
    let whole = session.run_timed(&mut times).unwrap();
    assert!(times.iter().sum::<u64>() <= whole && times.iter().all(|t| *t > 0), "{times:?}");
    assert!(session.timing().note.starts_with("for this test;"));
}

/// A session on a device of these features alone.
fn with_features(adapter: &Adapter, features: Features, graph: &Graph) -> GpuSession {
    let patience = Patience::default();
    let context = Context::with_features(features, adapter, adapter.traits(), &patience).unwrap();
    let mut tuner = Tuner::new(&Tune::OFF, String::new(), &Stop::default());
    let pipelines = &mut Pipelines::new(true);
    GpuSession::prepare_choosing(context, graph, &options(), pipelines, &mut tuner, None).unwrap()
}

/// With stamps inside the pass, with those at its ends alone, and with none.
const STAMPS: [Features; 3] = [
    Features::TIMESTAMP_QUERY.union(Features::TIMESTAMP_QUERY_INSIDE_PASSES),
    Features::TIMESTAMP_QUERY,
    Features::empty(),
];

#[test]
fn operators_are_timed_in_one_pass_or_in_a_pass_each_or_by_submission() {
    let Some(adapter) = adapter() else { return };
    let graph = unit(Shape::new(1, 3, 64, 64)).at(Level::Folded);
    let sources = [Timing::ONE_PASS, Timing::PASSES, Timing::SUBMISSIONS];
    for (features, source) in STAMPS.into_iter().zip(sources) {
        if !adapter.inner.features().contains(features) {
            println!("skipped: {source}");
            continue;
        }
        let mut session = with_features(&adapter, features, &graph);
        assert_eq!(session.clock(), source, "{:?}", session.timing());
        let mut times = vec![0; graph.nodes.len()];
        let run = session.run_timed(&mut times).unwrap();
        assert!(times.iter().sum::<u64>() <= run && times.iter().any(|t| *t > 0), "{times:?}");
        let (whole, parts) = session.run_in_parts().unwrap();
        let parts = parts.unwrap();
        println!("{source}: {run} ns, a whole run {whole} ns: {parts:?}");
        assert_eq!(parts.gpu_ns.is_some(), source != Timing::SUBMISSIONS);
        let known = parts.gpu_ns.unwrap_or(0) + parts.encode_ns + parts.submit_ns;
        assert!(parts.encode_ns > 0 && parts.submit_ns > 0 && parts.encode_ns < whole);
        // Some devices begin while they are still being told what to do.
        assert!(known <= whole + parts.submit_ns, "{parts:?}");
        assert!(session.run_repeated(0, 3).unwrap().is_some_and(|ns| ns > 0));
    }
}

/// The stamps that are injected run backwards in one pass, and overlap where each operator has its own.
#[test]
fn a_bad_stamp_drops_a_run_and_several_drop_the_clock() {
    let Some(adapter) = adapter() else { return };
    let graph = unit(Shape::new(1, 3, 64, 64)).at(Level::Folded);
    for (features, why) in STAMPS.into_iter().zip(["backwards", "overlap"]) {
        if !adapter.inner.features().contains(features) {
            println!("skipped: {why}");
            continue;
        }
        let mut session = with_features(&adapter, features, &graph);
        let good = session.clock().to_owned();
        let mut times = vec![0; graph.nodes.len()];
        (0..30).for_each(|_| _ = session.run_timed(&mut times).unwrap());
        session.clock.as_ref().unwrap().spoiled.set(TRIES - 1);
        session.run_timed(&mut times).unwrap();
        assert_eq!((session.clock(), session.timing().note.as_str()), (good.as_str(), ""));
        session.clock.as_ref().unwrap().spoiled.set(TRIES);
        session.run_timed(&mut times).unwrap();
        assert_eq!(session.clock(), Timing::SUBMISSIONS);
        assert!(session.timing().note.contains(why), "{}", session.timing().note);
        assert_eq!(session.run_in_parts().unwrap().1.unwrap().gpu_ns, None);
    }
}

/// Of two kernels the faster one computes nothing.
#[test]
fn a_kernel_that_is_wrong_wins_no_trial() {
    let Some(adapter) = adapter() else { return };
    let context = Context::open(&adapter, adapter.traits(), &Patience::default()).unwrap();
    let graph = unit(Shape::new(1, 3, 17, 13)).at(Level::Folded);
    let node = &graph.nodes[0];
    let inputs = graph.input_shapes(node);
    let site = Site::new(&inputs, node.output, context.traits);
    let weights = graph.weights(node, 3);
    let subject = Subject { graph: &graph, node, site: &site, weights: &weights, seed: 3 };
    let mut candidates = kernels(&graph, 0, &site).unwrap();
    candidates.truncate(2);
    let right = candidates[1].name;
    candidates.iter_mut().for_each(|candidate| candidate.suits = Suits::Well);
    candidates[0].plan.dispatches = vec![Dispatch::empty()];
    let mut tuner = Tuner::new(&Tune::on(None), String::new(), &Stop::default());
    let mut pipelines = Pipelines::new(true);
    let wrong = candidates[0].name;
    let choice = tuner.choose(&context, &mut pipelines, &subject, candidates).unwrap();
    assert_eq!(choice.name, right);
    let told = tuner.note();
    assert!(told.contains(&format!("{wrong} of {}", node.name)), "{told}");
}

/// Each kernel that suits is tried twice, and is right both times.
#[test]
fn weights_are_tried_in_buffers_and_in_textures() {
    let Some(adapter) = adapter() else { return };
    let graph = unit(Shape::new(1, 3, 17, 13)).at(Level::Folded);
    for (i, node) in graph.nodes.iter().enumerate() {
        let inputs = graph.input_shapes(node);
        let site = Site::new(&inputs, node.output, adapter.traits());
        let known = kernels(&graph, i, &site).unwrap();
        let good = known.iter().filter(|c| c.suits == Suits::Well && !c.plan.weights.is_empty());
        let trials = tried(&adapter, &graph, i, 3, &Patience::default()).unwrap();
        assert!(trials.iter().all(|trial| trial.right), "{trials:?}");
        let names: Vec<&str> = trials.iter().map(|trial| trial.kernel.as_str()).collect();
        for kernel in good {
            let elsewhere = format!("{}, weights in ", kernel.name);
            let of_kernel =
                names.iter().filter(|n| **n == kernel.name || n.starts_with(&elsewhere));
            assert_eq!(of_kernel.count(), 2, "{} in {names:?}", kernel.name);
        }
    }
}

/// The time of one pass is no step of the clock.
#[test]
fn a_network_of_one_operator_is_timed_as_others_are() {
    let Some(adapter) = adapter() else { return };
    let source = |operators: usize| {
        let mut b = GraphBuilder::new("relus", Shape::new(1, 64, 112, 112));
        let relu = |x, i| b.push(format!("relu{i}"), Unary(UnaryFn::Relu), &[x]).unwrap();
        let output = (0..operators).fold(Value::INPUT, relu);
        let mut session = GpuSession::prepare(&adapter, &b.finish(output), &options()).unwrap();
        session.set_inputs(&session.graph().drawn_inputs(0)).unwrap();
        let mut times = vec![0; operators];
        (0..5).for_each(|_| _ = session.run_timed(&mut times).unwrap());
        session.timing().source.clone()
    };
    assert_eq!(source(1), source(4));
}

#[test]
fn tuning_is_remembered() {
    let Some(adapter) = adapter() else { return };
    let folder = std::env::temp_dir().join(format!("gpu-tune-{}", std::process::id()));
    let cache = folder.join("kernels.json");
    let graph = unit(Shape::new(1, 3, 32, 32));
    let tuned = || GpuOptions { tune: Tune::on(Some(&cache)), ..options() };
    let first = GpuSession::prepare(&adapter, &graph, &tuned()).unwrap();
    assert!(first.preparation().tune_ns > 0, "{:?}", first.preparation());
    assert!(cache.exists() && first.preparation().note.is_empty());
    let again = GpuSession::prepare(&adapter, &graph, &tuned()).unwrap();
    assert_eq!((again.kernels(), again.preparation().tune_ns), (first.kernels(), 0));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_lost_device_is_an_error_now_and_at_every_later_call() {
    let Some(adapter) = adapter() else { return };
    let graph = unit(Shape::new(1, 3, 17, 13));
    let mut session = GpuSession::prepare(&adapter, &graph, &options()).unwrap();
    session.context.device.destroy();
    let mut times = vec![0; graph.nodes.len()];
    for _ in 0..2 {
        let errors = [
            session.run().map(drop),
            session.run_timed(&mut times).map(drop),
            session.set_inputs(&graph.drawn_inputs(0)),
            session.fetch(0).map(drop),
            session.dispatch_ns().map(drop),
            session.run_in_parts().map(drop),
            session.run_repeated(0, 2).map(drop),
        ];
        for error in errors {
            let message = error.unwrap_err().to_string();
            assert!(message.contains("lost"), "{message}");
        }
    }
}

#[test]
fn what_a_device_cannot_hold_is_refused() {
    let Some(adapter) = adapter() else { return };
    // 256 GB of activations.
    let shape = Shape::new(1, 4, 1 << 17, 1 << 17);
    let mut b = GraphBuilder::new("huge", shape);
    let x = b.push("relu", Unary(UnaryFn::Relu), &[Value::INPUT]).unwrap();
    let graph = b.finish(x);
    assert_eq!(super::bytes(&graph, Keep::Output, adapter.traits()), 2 << 38);
    let error = GpuSession::prepare(&adapter, &graph, &options()).err().unwrap().to_string();
    assert!(error.contains("274877906944 bytes"), "{error}");
    let error = adapter.demand(&[graph]).unwrap_err().to_string();
    assert!(error.contains("the input takes 274877906944 bytes"), "{error}");
    // A kernel of more taps than a rasteriser loops: refused, never half summed.
    let mut b = GraphBuilder::new("long", Shape::new(1, 2, 300, 300));
    let x = b.push("conv", Conv2d::new(1, 300), &[Value::INPUT]).unwrap();
    let graph = b.finish(x);
    let error = GpuSession::prepare(&adapter, &graph, &options()).err().unwrap().to_string();
    assert!(error.contains("`conv`") && error.contains("on the CPU"), "{error}");
}

/// A rasteriser's driver gives no texture of 3 GiB, whatever the limits that it is opened with.
#[test]
fn what_a_driver_refuses_is_told_in_one_line_with_its_size() {
    let Some(adapter) = adapter().filter(Adapter::is_software) else { return };
    let endless = AdapterLimits { max_buffer: u64::MAX, max_binding: u64::MAX, ..adapter.traits() };
    let context = Context::open(&adapter, endless, &Patience::default()).unwrap();
    let one = |height| {
        let mut b = GraphBuilder::new("one", Shape::new(1, 4, height, 1 << 14));
        let x = b.push("relu", Unary(UnaryFn::Relu), &[Value::INPUT]).unwrap();
        hold(&context, &b.finish(x))
    };
    assert_eq!(one(1 << 8), Ok(()));
    let error = one(12 << 10).unwrap_err();
    assert!(error.contains("it needs 6442450944 bytes"), "{error}");
    assert!(error.contains("a piece of 3221225472:"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    context.check().unwrap();
}

#[test]
fn an_adapter_that_computes_is_no_stub() {
    let Some(adapter) = adapter() else { return };
    adapter.demand_computing(&Stop::default()).unwrap();
}

/// Work that takes half a second is waited for in steps, and left where the patience ends.
#[test]
fn a_device_is_waited_for_as_long_as_the_patience_lasts() {
    let Some(adapter) = adapter() else { return };
    let plan =
        || KernelPlan { weights: vec![], dispatches: vec![Dispatch::chains(Chains::FORMS[0], 64)] };
    let busy = |patience: &Patience, times: u64| {
        let context = Context::open(&adapter, adapter.traits(), patience).unwrap();
        let [a, b, c] = [(); 3].map(|()| Memory::new(&context, TEST, 1 << 16).unwrap());
        let mut pipelines = Pipelines::new(false);
        let step = Step::prepare(&context, &mut pipelines, TEST, &plan(), &[], &[&a, &b], &c)?;
        let record = |pass: &mut wgpu::ComputePass<'_>| (0..times).for_each(|_| step.record(pass));
        Ok(context.timed_pass(None, record)?.ns)
    };
    let mut times = 1;
    while busy(&Patience::default(), times).unwrap() < 500_000_000 {
        times *= 2;
    }
    let stop = Stop::once(Arc::new(true.into()));
    let stopped = busy(&Patience { stop, at_most: None }, times);
    assert!(matches!(stopped, Err(SessionError::Interrupted)), "{stopped:?}");
    let hung = Patience { at_most: Some(Duration::ZERO), ..Patience::default() };
    let hung = busy(&hung, times).unwrap_err().to_string();
    assert!(hung.ends_with("it did not answer within 0 s"), "{hung}");
}

#[test]
fn a_shader_that_does_not_compile_is_an_error_that_names_the_node() {
    let Some(adapter) = adapter() else { return };
    let context = Context::open(&adapter, adapter.traits(), &Patience::default()).unwrap();
    let mut pipelines = Pipelines::new(true);
    let mut dispatch = Dispatch::empty();
    dispatch.parts.push("fn broken( {".into());
    let plan = KernelPlan { weights: vec![], dispatches: vec![dispatch] };
    let memory = Memory::new(&context, TEST, 1).unwrap();
    let prepare = || Step::prepare(&context, &mut pipelines, TEST, &plan, &[], &[], &memory);
    let error = context.scoped("the node", prepare).err().unwrap().to_string();
    assert!(error.contains("the node") && error.lines().count() == 1, "{error}");
    context.check().unwrap();
}

#[test]
fn an_unknown_adapter_is_an_error_that_lists_those_there_are() {
    let Some(adapter) = adapter() else { return };
    let error = Adapter::choose(Some("no such adapter")).unwrap_err().to_string();
    assert!(error.contains(&adapter.device().name), "{error}");
    let name = adapter.device().name.to_uppercase();
    for wanted in [name.as_str(), "0"] {
        assert_eq!(Adapter::choose(Some(wanted)).unwrap().device(), adapter.device());
    }
}

/// A session in which every node that can takes this kernel.
fn with_kernel(adapter: &Adapter, graph: &Graph, kernel: &str) -> GpuSession {
    let context = Context::open(adapter, adapter.traits(), &Patience::default()).unwrap();
    let mut tuner = Tuner::new(&Tune::OFF, String::new(), &Stop::default());
    let (options, pipelines) = (options(), &mut Pipelines::new(true));
    let kernel = Some(kernel);
    GpuSession::prepare_choosing(context, graph, &options, pipelines, &mut tuner, kernel).unwrap()
}

/// By hand: 4 tiles of 4×4 outputs. In each 36 points multiply 16×16 matrices, 12 transforms of 30 operations
/// reach the points for each of 16 input channels, 10 of 26 the outputs; then a relu.
#[test]
fn a_kernel_of_another_algorithm_says_what_it_executes_and_how_it_rounds() {
    let Some(adapter) = adapter() else { return };
    let mut b = GraphBuilder::new("net", Shape::new(1, 16, 8, 8));
    let y = b.push("conv", Conv2d::new(16, 3).padding(1), &[Value::INPUT]).unwrap();
    let y = b.push("relu", Unary(UnaryFn::Relu), &[y]).unwrap();
    let y = b.push("point", Conv2d::new(16, 1), &[y]).unwrap();
    let graph = b.finish(y).at(Level::Fused);
    let mut session = with_kernel(&adapter, &graph, "winograd4");
    let winograd = 4 * (36 * 2 * 16 * 16 + 12 * 30 * 16 + 10 * 26 * 16) + 8 * 8 * 16;
    assert_eq!(session.executed_flops(), [Some(winograd), None]);
    assert_eq!(session.tolerances(), [7.2, 1.0]);
    let verified = verify(&mut session, &graph.drawn_inputs(3), 3).unwrap();
    assert!(verified.passed(), "{verified:?}");
}

/// The nodes of a network run one after the other: the largest has room enough for all.
#[test]
fn nodes_share_the_scratch_memory_of_their_kernels() {
    let Some(adapter) = adapter() else { return };
    let scratch = |convolutions: usize| {
        let mut b = GraphBuilder::new("net", Shape::new(1, 16, 12, 12));
        let conv = |x, i| b.push(format!("conv{i}"), Conv2d::new(16, 3), &[x]).unwrap();
        let output = (0..convolutions).fold(Value::INPUT, conv);
        with_kernel(&adapter, &b.finish(output), "winograd4").memory().unwrap().scratch
    };
    assert!(scratch(1) > 0);
    assert_eq!(scratch(3), scratch(1));
}

/// Every node of a network through every kernel that can take it.
#[test]
fn every_tile_gives_the_same_network() {
    let Some(adapter) = adapter() else { return };
    let graph = unit(Shape::new(1, 3, 17, 13));
    let inputs = graph.drawn_inputs(3);
    for kernel in ["tile_4x1", "tile_8x2", "gemm_32x32_by_4", "dot_by_group"] {
        let mut session = with_kernel(&adapter, &graph, kernel);
        assert!(session.kernels().iter().any(|k| k == kernel), "{:?}", session.kernels());
        let verified = verify(&mut session, &inputs, 3).unwrap();
        assert!(verified.passed(), "{kernel}: {verified:?}");
    }
}

/// With checks on: indices stay inside arrays that are no longer than what is touched.
#[test]
fn ceilings_compute_what_they_say() {
    let Some(adapter) = adapter() else { return };
    let context = Context::open(&adapter, adapter.traits(), &Patience::default()).unwrap();
    let mut pipelines = Pipelines::new(true);
    let groups = 2;
    let floats = groups as usize * Dispatch::stream_bytes() as usize / 4;
    let values = |from: f32| -> Vec<f32> { (0..floats).map(|i| from + i as f32).collect() };
    let (a, b) = (values(1.0), values(0.5));
    let inputs = [&a, &b].map(|x| Memory::holding(&context, TEST, x).unwrap());
    let mut run = |dispatch: Dispatch| {
        let output = Memory::holding(&context, TEST, &vec![-1.0; floats]).unwrap();
        let plan = KernelPlan { weights: vec![], dispatches: vec![dispatch] };
        let read = [&inputs[0], &inputs[1]];
        let step =
            Step::prepare(&context, &mut pipelines, TEST, &plan, &[], &read, &output).unwrap();
        context.timed_pass(None, |pass| step.record(pass)).unwrap();
        output.read(&context, floats / 4).unwrap()
    };
    assert_eq!(run(Dispatch::stream(Pattern::Read, groups)), vec![-1.0; floats]);
    assert_eq!(run(Dispatch::stream(Pattern::Copy, groups)), a);
    let triad: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a + 0.5 * b).collect();
    assert_eq!(run(Dispatch::stream(Pattern::Triad, groups)), triad);
    // One quad an invocation. a is 1 2 3 4, b is 5 6 7 8; chain i begins with a + i · b and takes 512
    // steps. The first lane counts up by 5, or by 1; the others grow beyond all floats.
    let written = groups as usize * 64 * 4;
    for form in Chains::FORMS {
        let chains = run(Dispatch::chains(form, groups));
        let step = if form.three_operands { 5.0 } else { 1.0 };
        let sum: f32 = (0..form.vectors).map(|i| 1.0 + 5.0 * i as f32 + 512.0 * step).sum();
        for quad in chains[..written].chunks_exact(4) {
            assert_eq!(quad[0], sum, "{form:?}");
            assert!(quad[1..].iter().all(|x| x.is_infinite()), "{form:?} {quad:?}");
        }
        assert!(chains[written..].iter().all(|x| *x == -1.0));
    }
}
