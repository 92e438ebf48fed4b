//! From what was measured to the profile that is written down.

use crate::{
    build_info,
    device::{Prepared, Target},
    measure::Samples,
    output,
};
use ops::{Graph, Node, Session};
use profile::{
    Comparison, Experiment, Level, Machine, Noise, OpRecord, Profile, SCHEMA, Settings,
    Verification,
};

/// What was found out about a network on a device.
#[derive(Debug)]
pub struct Measured {
    /// What was checked before the clock started.
    pub verification: Verification,
    /// How it was asked to measure.
    pub settings: Settings,
    /// What disturbed the run.
    pub noise: Noise,
    /// What it was measured for.
    pub purpose: Purpose,
    /// The times.
    pub samples: Samples,
}

/// What a network is measured for.
#[derive(Clone, Debug, Default)]
pub enum Purpose {
    /// Itself.
    #[default]
    Itself,
    /// A point of a guideline's experiment.
    Experiment(Experiment),
    /// A side of a comparison.
    Comparison(Comparison),
}

/// The profile of `graph` as `prepared` on `target`.
///
/// # Errors
/// Where the device is lost.
pub fn profile(
    graph: &Graph,
    target: &dyn Target,
    mut prepared: Box<dyn Prepared>,
    machine: &Machine,
    measured: Measured,
) -> anyhow::Result<Profile> {
    let cost = graph.cost();
    let Measured { verification, settings, mut noise, purpose, samples } = measured;
    noise.reasons.extend(target.watchers());
    let (experiment, comparison) = match purpose {
        Purpose::Itself => (None, None),
        Purpose::Experiment(point) => (Some(point), None),
        Purpose::Comparison(side) => (None, Some(side)),
    };
    let (timing, memory) = (prepared.timing(), prepared.session().memory());
    let ops = op_records(graph, prepared.session(), samples.ops, samples.warm);
    Ok(Profile {
        schema: SCHEMA,
        model: graph.name.clone(),
        input: graph.input,
        batch: graph.input.n,
        level: graph.level,
        threads: target.threads(),
        device: target.device().clone(),
        machine: machine.clone(),
        build: build_info::build(),
        taken_at: output::now(),
        settings,
        params: cost.params,
        mul_adds: cost.mul_adds,
        verification,
        timing,
        overhead: prepared.overhead()?,
        memory,
        calibration: target.ceilings().cloned(),
        noise,
        experiment,
        comparison,
        whole_ns: samples.whole,
        instrumented_ns: samples.instrumented,
        ops,
    })
}

/// Whether `profile` is of `graph`, lowered to `level`, on `target` in this machine, and was measured to its end.
pub fn is_finished_of(
    profile: &Profile,
    graph: &Graph,
    level: Level,
    target: &dyn Target,
    machine: &Machine,
) -> bool {
    !profile.noise.interrupted
        && profile.model == graph.name
        && profile.input == graph.input
        && profile.level == level
        && profile.device == *target.device()
        && profile.machine == *machine
        && profile.threads == target.threads()
}

/// A node, its kernel with what that executes and whether in place, and how long it took, in its place and
/// with its maps warm, nanoseconds.
type Ran<'a> = ((&'a Node, ((String, Option<u64>), bool)), (Vec<u64>, Vec<u64>));

/// What each operator is, and how long it took.
fn op_records(
    graph: &Graph,
    session: &dyn Session,
    samples: Vec<Vec<u64>>,
    warm: Vec<Vec<u64>>,
) -> Vec<OpRecord> {
    let ran = session.kernels().into_iter().zip(session.executed_flops()).zip(session.in_place());
    let record =
        |((node, ((kernel, executed_flops), in_place)), (samples_ns, warm_ns)): Ran<'_>| {
            let cost = graph.node_cost(node);
            OpRecord {
                name: node.name.clone(),
                kind: node.op.kind().to_owned(),
                class: node.op.class(),
                inputs: graph.input_shapes(node),
                sources: node.inputs.iter().map(|value| value.index()).collect(),
                output: node.output,
                attrs: node.attrs(),
                params: cost.params,
                mul_adds: cost.mul_adds,
                flops: cost.flops,
                access: cost.access,
                kernel,
                executed_flops,
                in_place,
                samples_ns,
                warm_ns,
            }
        };
    graph.nodes.iter().zip(ran).zip(samples.into_iter().zip(warm)).map(record).collect()
}
