//! `probe compare`: runs two sides in turn and says operator by operator which is faster.

use crate::{
    args::{CompareArgs, DeviceArgs, ModelArgs, TableFormat},
    build_info,
    compare::{Build, Contender, Sittings, builds},
    device::{self, Target},
    interrupt,
    lab::Lab,
    machine::machine,
    models, output,
    progress::Progress,
    record::{self, Purpose},
    run_folder::RunFolder,
};
use anyhow::Context;
use ops::Graph;
use profile::{Letter, Machine, Side, file};
use report::{Pair, markdown, screen, terminal};
use std::process::ExitCode;

/// Exit code where B passes a limit of `--fail-on`.
const PASSED: u8 = 3;

/// Runs the verb.
///
/// # Errors
/// Where a network or a device is not there, or nothing can be written.
pub fn run(args: &CompareArgs) -> anyhow::Result<ExitCode> {
    args.demand_two()?;
    build_info::demand_optimised()?;
    let machine = machine()?;
    let session = output::moment();
    let a = Ready::of(args, Letter::A, &session)?;
    let b = Ready::of(args, Letter::B, &session)?;
    let mut targets = targets([&a, &b], &machine)?;
    let folder = RunFolder::open(args.out.clone(), "compare")?;
    let mut lab = Lab::new(folder, Progress::over(std::slice::from_ref(&a.graph), 1));
    let name = format!("{} against {}", b.graph.name, a.graph.name);
    let measured = if args.against.is_some() {
        let builds = [a.build()?, b.build()?];
        lab.run(&name, |progress| {
            builds::measure(&builds, args.max_secs, &mut |what| progress.say(|| what))
        })
    } else {
        device::calibrate_all(&mut targets, &a.devices, &machine)?;
        let [of_a, of_b] = [&targets[0], &targets[targets.len() - 1]];
        let contenders = [a.contender(of_a.as_ref()), b.contender(of_b.as_ref())];
        let sittings = Sittings { machine: &machine, seed: args.seed, max_secs: args.max_secs };
        lab.run(&name, |progress| sittings.measure(&contenders, &mut |what| progress.say(|| what)))
    };
    if let Some(profiles) = measured {
        lab.keep("", profiles)?;
    }
    let mut passed = Vec::new();
    let ended = lab.finish(|findings| {
        let Some(pair) = findings.pairs.iter().find(|pair| pair.session() == session) else {
            return Ok(String::new());
        };
        passed = args.fail_on.iter().filter_map(|limit| limit.passed_by(pair)).collect();
        summary(args, pair, &passed)
    })?;
    passed.iter().for_each(|what| screen::tell(format_args!("failed: {what}")));
    Ok(if passed.is_empty() || interrupt::requested() { ended } else { ExitCode::from(PASSED) })
}

/// A side before it is measured.
struct Ready {
    models: ModelArgs,
    devices: DeviceArgs,
    graph: Graph,
    side: Side,
}

/// A's device and B's; one alone where both run on the same, which then chooses kernels for both.
fn targets(sides: [&Ready; 2], machine: &Machine) -> anyhow::Result<Vec<Box<dyn Target>>> {
    let [a, b] = sides;
    if a.devices == b.devices {
        return device::open(&a.devices, machine, &sides.map(|side| side.graph.clone()));
    }
    let mut targets = Vec::new();
    for side in sides {
        targets.extend(device::open(&side.devices, machine, std::slice::from_ref(&side.graph))?);
    }
    Ok(targets)
}

impl Ready {
    fn of(args: &CompareArgs, letter: Letter, session: &str) -> anyhow::Result<Self> {
        let (models, devices) = args.side(letter);
        device::demand_measured(&devices, "a comparison")?;
        let graph = models::graphs(&models)?.remove(0);
        let command = args.against.clone().filter(|_| letter == Letter::A);
        let side = Side { session: session.to_owned(), letter, rounds: 1, command };
        record::demand(&graph, &Purpose::Side(side.clone()))?;
        Ok(Self { models, devices, graph, side })
    }

    fn contender<'a>(&'a self, target: &'a dyn Target) -> Contender<'a> {
        let without = models::without(&self.models);
        Contender { graph: &self.graph, target, without, side: self.side.clone() }
    }

    fn build(&self) -> anyhow::Result<Build> {
        Build::new(&self.models, &self.devices, self.side.clone())
    }
}

/// What is shown of what was found, which passed some limits; it is written to `--summary` as well.
fn summary(args: &CompareArgs, pair: &Pair<'_>, passed: &[String]) -> anyhow::Result<String> {
    if let Some(path) = &args.summary {
        let text = markdown::pair(pair, passed);
        file::write(path, text.as_bytes()).with_context(|| path.display().to_string())?;
    }
    Ok(match args.format {
        TableFormat::Json => screen::json(&pair.record())?,
        TableFormat::Csv => pair.rows().csv()?,
        TableFormat::Markdown => markdown::pair(pair, passed),
        TableFormat::Table => terminal::pair(pair, output::width()),
    })
}
