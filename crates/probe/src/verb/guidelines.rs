//! `probe guidelines`: measures what networks lose to each guideline, against themselves rewritten.

use crate::{
    args::{GuidelinesArgs, TextFormat},
    build_info, chain,
    comparison::Plan,
    device::{self, Target, on_own_thread},
    experiment::{Bench, Subject},
    interrupt,
    machine::machine,
    models, output,
    progress::Progress,
    run_folder::RunFolder,
};
use anyhow::Context;
use ops::Graph;
use profile::{Machine, Profile};
use report::{Findings, Measurements, screen, terminal};
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
    let mut targets = device::open(&args.devices, &machine, &graphs)?;
    let folder = RunFolder::open(args.out.clone(), "guidelines")?;
    device::calibrate_all(&mut targets, &args.devices, &machine)?;
    let progress = Progress::over(&graphs, targets.len());
    let mut lab = Lab { args, machine, folder, progress, failed: false };
    for graph in &graphs {
        for target in &targets {
            lab.measure(graph, target.as_ref())?;
        }
    }
    lab.finish()
}

/// One run of the verb.
struct Lab<'a> {
    args: &'a GuidelinesArgs,
    machine: Machine,
    folder: RunFolder,
    progress: Progress,
    failed: bool,
}

impl Lab<'_> {
    /// Compares one network on one device with what it could be, and writes that down.
    fn measure(&mut self, graph: &Graph, target: &dyn Target) -> anyhow::Result<()> {
        if interrupt::requested() {
            return Ok(());
        }
        if self.done_before(graph, target) {
            self.progress.skip();
            return Ok(());
        }
        let job = format!("{} on {}", graph.name, target.device().label());
        self.progress.begin(job.clone());
        match on_own_thread(|| self.compare(graph, target)) {
            Ok(profiles) => self.progress.above(|| self.folder.append(profiles))?,
            Err(e) if interrupt::requested() => {
                self.progress.above(|| screen::tell(format_args!("{job}: {}", chain(&e))));
                return Ok(());
            }
            Err(e) => {
                self.progress.above(|| screen::tell(format_args!("error: {job}: {}", chain(&e))));
                self.failed = true;
            }
        }
        self.progress.end();
        Ok(())
    }

    /// Whether the folder already holds this network's comparison and the user wants it to count.
    fn done_before(&self, graph: &Graph, target: &dyn Target) -> bool {
        let is_it = |p: &Profile| {
            p.comparison.as_ref().is_some_and(|c| c.is_network())
                && !p.noise.interrupted
                && p.model == graph.name
                && p.input == graph.input
                && p.level == self.args.level
                && p.device == *target.device()
                && p.machine == self.machine
                && p.threads == target.threads()
        };
        self.args.resume && self.folder.profiles().iter().any(is_it)
    }

    /// Everything about one network on one device, the network itself last, so that a file in which
    /// it stands has all. Fails where the user interrupts it before it came to the network itself: a price
    /// takes all sides.
    fn compare(&mut self, graph: &Graph, target: &dyn Target) -> anyhow::Result<Vec<Profile>> {
        let plan = Plan::of(graph).at(self.args.level);
        let mut profiles = Vec::new();
        let each = self.args.max_secs * (1.0 - NETWORK_SHARE) / plan.operators.len().max(1) as f64;
        for sides in &plan.operators {
            profiles.extend(self.bench(sides, target, each)?);
            interrupt::check().context("what was measured is dropped, a price takes all sides")?;
        }
        let seconds = self.args.max_secs * NETWORK_SHARE;
        let mut network = self.bench(&plan.network, target, seconds)?;
        network.rotate_left(1);
        profiles.extend(network);
        Ok(profiles)
    }

    fn bench(
        &mut self,
        subjects: &[Subject],
        target: &dyn Target,
        max_secs: f64,
    ) -> anyhow::Result<Vec<Profile>> {
        let bench =
            Bench { target, machine: &self.machine, seed: self.args.devices.seed, max_secs };
        let progress = &mut self.progress;
        bench.measure(subjects, &mut |what| progress.say(|| what))
    }

    /// Shows what all that the folder holds says of the networks, and draws the report of it.
    fn finish(mut self) -> anyhow::Result<ExitCode> {
        self.progress.finish();
        self.folder.reread()?;
        if !self.folder.profiles().is_empty() {
            let measured = Measurements::of(self.folder.profiles());
            let findings = Findings::of(&measured);
            let shown = screen::print(&match self.args.format {
                TextFormat::Json => screen::json(&findings.architectures)?,
                TextFormat::Table => terminal::architectures(&findings, output::width()),
            });
            self.folder.draw(&findings)?;
            shown?;
        }
        Ok(match (interrupt::requested(), self.failed) {
            (true, _) => interrupt::exit_code(),
            (false, true) => ExitCode::FAILURE,
            (false, false) => ExitCode::SUCCESS,
        })
    }
}
