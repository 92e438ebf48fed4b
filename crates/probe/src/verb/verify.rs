//! `probe verify`: checks every operator of networks on devices; times nothing.

use crate::{
    args::{TextFormat, VerifyArgs},
    device::{self, Target},
    jobs::{self, Jobs},
    machine::machine,
    memory, models,
    progress::Progress,
    verification::{self, Verified},
};
use ops::{Graph, Tensor};
use profile::{Device, Level, Shape, Verification};
use report::{
    format::{count, percent},
    screen, visible,
};
use serde::Serialize;
use std::process::ExitCode;

/// One outcome, a line each.
#[derive(Serialize)]
struct Outcome<'a> {
    model: &'a str,
    input: Shape,
    /// Shapes of the inputs after the first.
    #[serde(skip_serializing_if = "<[Shape]>::is_empty")]
    more_inputs: &'a [Shape],
    level: Level,
    device: &'a Device,
    threads: usize,
    verification: &'a Verification,
}

/// Runs the verb. A network that fails is told at once; the others are still checked.
///
/// # Errors
/// Where a network cannot be built, does not fit, or a device is not there.
pub fn run(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let machine = machine()?;
    let graphs = models::graphs(&args.models)?;
    graphs.iter().try_for_each(|graph| memory::demand(graph, &machine))?;
    let targets = device::open(&args.devices, &machine, &graphs)?;
    let mut jobs = Jobs::new(Progress::over(&graphs, targets.len()));
    for graph in &graphs {
        let mut cpu: Option<Vec<Tensor>> = None;
        for target in &targets {
            let (target, known) = (target.as_ref(), cpu.as_deref());
            let job = |progress: &mut Progress| verify(args, graph, target, known, progress);
            let Some(checked) = jobs.run(&jobs::name(graph, target), job) else { continue };
            if !checked.verification.passed {
                jobs.fail();
            }
            let shown = shown(args, graph, target, &checked)?;
            jobs.above(|| screen::print(&shown))?;
            cpu.get_or_insert(checked.outputs);
        }
    }
    jobs.finish();
    Ok(jobs.exit_code())
}

fn verify(
    args: &VerifyArgs,
    graph: &Graph,
    target: &dyn Target,
    cpu: Option<&[Tensor]>,
    progress: &mut Progress,
) -> anyhow::Result<Verified> {
    let nodes = graph.nodes.len();
    verification::verify_on(target, graph, args.devices.seed, cpu, &mut |node| {
        progress.say(|| format!("operator {} of {nodes}", node + 1));
    })
}

/// What is shown of one outcome.
fn shown(
    args: &VerifyArgs,
    graph: &Graph,
    target: &dyn Target,
    checked: &Verified,
) -> anyhow::Result<String> {
    let outcome = Outcome {
        model: &graph.name,
        input: graph.inputs[0],
        more_inputs: &graph.inputs[1..],
        level: graph.level,
        device: target.device(),
        threads: target.threads(),
        verification: &checked.verification,
    };
    Ok(match args.format {
        TextFormat::Json => screen::json(&outcome)?,
        TextFormat::Table => line(&outcome),
    })
}

/// So many of what `noun` names.
fn counted(number: u64, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {noun}{s}", count(number))
}

/// An outcome for people.
fn line(outcome: &Outcome<'_>) -> String {
    let v = outcome.verification;
    let against =
        v.against_cpu.map_or(String::new(), |d| format!(", {d:.1e} from the first output"));
    let note = if v.note.is_empty() { String::new() } else { format!("; {}", v.note) };
    let line = format!(
        "{} {} {} on {}: {}, {}, worst {} of its tolerance ({}){against}{note}",
        if v.passed { "verified" } else { "FAILED  " },
        outcome.model,
        Shape::list([&outcome.input].into_iter().chain(outcome.more_inputs)),
        outcome.device.place(outcome.threads),
        counted(v.ops as u64, "operator"),
        counted(v.elements, "element"),
        percent(v.worst_share),
        v.worst_op,
    );
    visible::line(&line).into_owned() + "\n"
}
