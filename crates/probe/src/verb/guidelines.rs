//! `probe guidelines`: measures what networks lose to each guideline, against themselves rewritten.

use crate::{
    args::{GuidelinesArgs, TextFormat},
    build_info,
    comparison::ComparisonPlan,
    device::{self, Target},
    experiment::{Bench, Subject},
    interrupt, jobs,
    lab::Lab,
    machine::machine,
    models, output,
    progress::Progress,
    record,
    run_folder::RunFolder,
};
use anyhow::Context;
use ops::Graph;
use profile::{Machine, Profile};
use report::{Findings, screen, terminal};
use std::process::ExitCode;

/// Share of a network's seconds that the whole network gets; its operators share the rest.
const NETWORK_SHARE: f64 = 0.6;

/// Runs the verb.
///
/// # Errors
/// Where a network or a device is not there, or nothing can be written. What goes wrong with one
/// network on one device is told at once, the others are measured, and the exit code says so.
pub fn run(args: &GuidelinesArgs) -> anyhow::Result<ExitCode> {
    build_info::demand_optimised()?;
    let machine = machine()?;
    let graphs = models::graphs(&args.models())?;
    let subjects =
        graphs.iter().flat_map(|graph| ComparisonPlan::of(graph).at(args.level).subjects());
    subjects.into_iter().try_for_each(|s| record::demand(&s.graph, &s.purpose))?;
    let mut targets = device::open(&args.devices, &machine, &graphs)?;
    let folder = RunFolder::open(args.out.clone(), "guidelines")?;
    device::calibrate_all(&mut targets, &args.devices, &machine)?;
    let mut lab = Lab::new(folder, Progress::over(&graphs, targets.len()));
    let run = Run { args, machine: &machine };
    for graph in &graphs {
        for target in &targets {
            let target = target.as_ref();
            if args.resume && lab.skip_if_held(|p| run.is_it(p, graph, target)) {
                continue;
            }
            let name = jobs::name(graph, target);
            if let Some(found) = lab.run(&name, |progress| run.compare(graph, target, progress)) {
                lab.keep("", found)?;
            }
        }
    }
    lab.finish(|findings| summary(args, findings))
}

/// How all networks are compared.
struct Run<'a> {
    args: &'a GuidelinesArgs,
    machine: &'a Machine,
}

impl Run<'_> {
    /// Whether `profile` is what comparing `graph` on `target` would find last.
    fn is_it(&self, profile: &Profile, graph: &Graph, target: &dyn Target) -> bool {
        profile.comparison.as_ref().is_some_and(|side| side.is_network())
            && record::is_finished_of(profile, graph, self.args.level, target, self.machine)
    }

    /// Everything about one network on one device, the network itself last, so that a file in which
    /// it stands has all. Fails where the user interrupts it before it came to the network itself: a price
    /// takes all sides.
    fn compare(
        &self,
        graph: &Graph,
        target: &dyn Target,
        progress: &mut Progress,
    ) -> anyhow::Result<Vec<Profile>> {
        let plan = ComparisonPlan::of(graph).at(self.args.level);
        let mut bench = |subjects: &[Subject], max_secs| {
            let (machine, seed) = (self.machine, self.args.devices.seed);
            let bench = Bench { target, machine, seed, max_secs };
            bench.measure(subjects, &mut |what| progress.say(|| what))
        };
        let mut profiles = Vec::new();
        let each = self.args.max_secs * (1.0 - NETWORK_SHARE) / plan.operators.len().max(1) as f64;
        for sides in &plan.operators {
            profiles.extend(bench(sides, each)?);
            interrupt::check().context("what was measured is dropped, a price takes all sides")?;
        }
        let mut network = bench(&plan.network, self.args.max_secs * NETWORK_SHARE)?;
        network.rotate_left(1);
        profiles.extend(network);
        Ok(profiles)
    }
}

/// What is shown of all that was found.
fn summary(args: &GuidelinesArgs, findings: &Findings<'_>) -> anyhow::Result<String> {
    Ok(match args.format {
        TextFormat::Json => screen::json(&findings.architectures)?,
        TextFormat::Table => terminal::architectures(findings, output::width()),
    })
}
