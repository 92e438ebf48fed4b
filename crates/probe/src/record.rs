//! From what was measured to the profile that is written down.

use crate::{
    build_info,
    device::{Prepared, Target},
    measure::Samples,
    output,
};
use anyhow::bail;
use ops::{Graph, Node, Session};
use profile::{
    Comparison, Experiment, Level, Machine, Noise, OpRecord, Profile, SCHEMA, Settings, Side,
    Verification, flaw_of_part, shortened,
};
use serde_json::json;

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
    /// A side of two that are compared.
    Side(Side),
}

/// What stands in a profile under `experiment`, `comparison` and `side`.
type Keys<'a> = (Option<&'a Experiment>, Option<&'a Comparison>, Option<&'a Side>);

impl Purpose {
    const fn keys(&self) -> Keys<'_> {
        match self {
            Self::Itself => (None, None, None),
            Self::Experiment(point) => (Some(point), None, None),
            Self::Comparison(side) => (None, Some(side), None),
            Self::Side(side) => (None, None, Some(side)),
        }
    }
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
    let (experiment, comparison, side) = purpose.keys();
    let (timing, memory) = (prepared.timing(), prepared.session().memory());
    let mut ops = op_records(graph, prepared.session(), samples.ops, samples.warm);
    for (op, repeated_ns) in ops.iter_mut().zip(samples.repeated) {
        op.repeated_ns = repeated_ns;
    }
    for (op, modelled) in ops.iter_mut().zip(prepared.modelled()) {
        op.modelled = Some(modelled);
    }
    Ok(Profile {
        schema: SCHEMA,
        model: graph.name.clone(),
        year: zoo::year(&graph.name),
        input: graph.inputs[0],
        more_inputs: graph.inputs[1..].to_vec(),
        batch: graph.inputs[0].n,
        level: graph.level,
        threads: target.threads(),
        device: target.device().clone(),
        machine: machine.clone(),
        workers: prepared.workers(),
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
        experiment: experiment.cloned(),
        comparison: comparison.cloned(),
        side: side.cloned(),
        whole_ns: samples.whole,
        gpu_ns: samples.gpu,
        encode_ns: samples.encode,
        submit_ns: samples.submit,
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
        && (profile.input, &profile.more_inputs[..]) == (graph.inputs[0], &graph.inputs[1..])
        && profile.level == level
        && profile.device == *target.device()
        && profile.machine == *machine
        && profile.threads == target.threads()
}

/// Refuses to measure `graph` for `purpose` where no reader would take what that leaves behind: a file's
/// names and attributes can be whatever its author liked.
///
/// # Errors
/// In that case, with the field and what is expected there.
pub fn demand(graph: &Graph, purpose: &Purpose) -> anyhow::Result<()> {
    let (experiment, comparison, side) = purpose.keys();
    let ops: Vec<OpRecord> = graph.nodes.iter().map(|node| op_record(graph, node)).collect();
    let part = json!({
        "model": graph.name,
        "input": graph.inputs[0],
        "more_inputs": graph.inputs[1..],
        "experiment": experiment,
        "comparison": comparison,
        "side": side,
        "ops": ops,
    });
    let Some(flaw) = flaw_of_part(&part) else { return Ok(()) };
    bail!(shortened(&format!("{}: no reader would take its profile: {flaw}", graph.name)))
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
        |((node, ((kernel, executed_flops), in_place)), (samples_ns, warm_ns)): Ran<'_>| OpRecord {
            kernel,
            executed_flops,
            in_place,
            samples_ns,
            warm_ns,
            ..op_record(graph, node)
        };
    graph.nodes.iter().zip(ran).zip(samples.into_iter().zip(warm)).map(record).collect()
}

/// What an operator is, whoever runs it.
fn op_record(graph: &Graph, node: &Node) -> OpRecord {
    let cost = graph.node_cost(node);
    OpRecord {
        name: node.name.clone(),
        kind: node.op.kind().to_owned(),
        class: node.op.class(),
        inputs: graph.input_shapes(node),
        sources: node.inputs.iter().map(|value| value.node().map_or(0, |i| i + 1)).collect(),
        output: node.output,
        attrs: node.attrs(),
        params: cost.params,
        mul_adds: cost.mul_adds,
        flops: cost.flops,
        access: cost.access,
        kernel: String::new(),
        executed_flops: None,
        in_place: false,
        samples_ns: Vec::new(),
        warm_ns: Vec::new(),
        repeated_ns: Vec::new(),
        modelled: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ops::Op;
    use zoo::Options;

    #[test]
    fn what_no_reader_would_take_is_refused_before_it_is_measured() {
        let good = zoo::build("lenet5", Options::default()).unwrap();
        assert!(demand(&good, &Purpose::Itself).is_ok());
        let refusal = |change: fn(&mut Graph)| {
            let mut graph = good.clone();
            change(&mut graph);
            demand(&graph, &Purpose::Itself).unwrap_err().to_string()
        };
        let long = refusal(|graph| graph.nodes[1].name = "n".repeat(20_000));
        assert!(long.contains("field `ops[1].name`: a text of 20000 bytes"), "{long}");
        let named = refusal(|graph| graph.name = "n".repeat(20_000));
        assert!(named.contains("field `model`") && named.len() < 1000, "{named}");
        let wide = refusal(|graph| {
            let Op::Conv2d(conv) = &mut graph.nodes[0].op else { panic!("no convolution") };
            conv.kernel = (1, 70_000);
        });
        assert!(wide.contains("field `ops[0].attrs.kernel[1]`: 70000"), "{wide}");
    }
}
