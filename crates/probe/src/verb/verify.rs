//! `probe verify`: checks every operator of networks on devices; times nothing.

use crate::{
    args::{TextFormat, VerifyArgs},
    chain, device,
    device::on_own_thread,
    interrupt,
    machine::machine,
    memory, models,
    progress::Progress,
    verification::{self, Verified},
};
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
    let mut progress = Progress::over(&graphs, targets.len());
    let mut failed = false;
    for graph in &graphs {
        let mut cpu = None;
        for target in &targets {
            let job = format!("{} on {}", graph.name, target.device().label());
            progress.begin(job.clone());
            let nodes = graph.nodes.len();
            let tell = &mut |node| progress.say(|| format!("operator {} of {nodes}", node + 1));
            let seed = args.devices.seed;
            let (target, known) = (target.as_ref(), cpu.as_ref());
            let checked =
                on_own_thread(|| verification::verify_on(target, graph, seed, known, tell));
            if interrupt::requested() {
                progress.finish();
                screen::tell(format_args!("{job}: interrupted"));
                return Ok(interrupt::exit_code());
            }
            match checked {
                Ok(Verified { verification, output }) => {
                    failed |= !verification.passed;
                    let outcome = Outcome {
                        model: &graph.name,
                        input: graph.input,
                        level: graph.level,
                        device: target.device(),
                        threads: target.threads(),
                        verification: &verification,
                    };
                    let shown = match args.format {
                        TextFormat::Json => screen::json(&outcome)?,
                        TextFormat::Table => line(&outcome),
                    };
                    progress.above(|| screen::print(&shown))?;
                    cpu.get_or_insert(output);
                }
                Err(e) => {
                    progress.above(|| screen::tell(format_args!("error: {job}: {}", chain(&e))));
                    failed = true;
                }
            }
            progress.end();
        }
    }
    progress.finish();
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// An outcome for people.
fn line(outcome: &Outcome<'_>) -> String {
    let v = outcome.verification;
    let against =
        v.against_cpu.map_or(String::new(), |d| format!(", {d:.1e} from the first output"));
    let note = if v.note.is_empty() { String::new() } else { format!("; {}", v.note) };
    let line = format!(
        "{} {} {} on {}: {} operators, {} elements, worst {} of its tolerance ({}){against}{note}",
        if v.passed { "verified" } else { "FAILED  " },
        outcome.model,
        outcome.input,
        outcome.device.place(outcome.threads),
        v.ops,
        count(v.elements),
        percent(v.worst_share),
        v.worst_op,
    );
    visible::line(&line).into_owned() + "\n"
}
