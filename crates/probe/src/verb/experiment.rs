//! `probe experiment`: measures the guideline experiments and judges the guidelines.

use crate::{
    args::{ExperimentArgs, PaperGrid, TextFormat},
    build_info, chain,
    device::{self, Target, on_own_thread},
    experiment::{Bench, Experiment, Grid, Setup, Subject},
    interrupt,
    machine::machine,
    output::{self, RunFolder},
    progress::Progress,
};
use profile::{DeviceKind, Machine, Profile, Rendering};
use report::{
    guidelines::{self, records::records},
    screen, visible,
};
use std::process::ExitCode;

/// Seconds that a set of points takes besides its samples, for the estimate: verifying every network
/// against its reference, and on slow devices the rounds that are measured in any case.
const AROUND_SECS: f64 = 15.0;

/// Runs the verb.
///
/// # Errors
/// Where an experiment is none, a device is not there, or nothing can be written. What goes wrong
/// on one device is told at once, the others are measured, and the exit code says so.
pub fn run(args: &ExperimentArgs) -> anyhow::Result<ExitCode> {
    build_info::demand_optimised()?;
    let machine = machine()?;
    let experiments = experiments(args)?;
    let mut targets = device::open(&args.devices, &machine)?;
    let folder = RunFolder::open(args.out.clone(), &format!("experiment-{}", args.experiment))?;
    device::calibrate_all(&mut targets, &args.devices, &machine)?;
    interrupt::listen()?;
    let mut jobs = Vec::new();
    for target in &targets {
        for experiment in &experiments {
            let grids = experiment.grids.iter().filter(|g| chosen(g, args.grid, target.as_ref()));
            jobs.extend(grids.map(|grid| (target.as_ref(), experiment, grid)));
        }
    }
    screen::tell(estimate(jobs.len(), args.max_secs));
    let progress = Progress::new(vec![1; jobs.len()]);
    let mut lab = Lab { args, machine, folder, progress, failed: false };
    for (target, experiment, grid) in jobs {
        if interrupt::requested() {
            break;
        }
        lab.measure(target, experiment, grid)?;
    }
    lab.finish()
}

/// How long `sets` of points will take, in words.
fn estimate(sets: usize, max_secs: f64) -> String {
    let minutes = (sets as f64 * (max_secs + AROUND_SECS) / 60.0).ceil();
    let plural = |n: f64| if n == 1.0 { "" } else { "s" };
    let s = plural(sets as f64);
    format!("{sets} set{s} of points to measure: about {minutes} minute{}", plural(minutes))
}

/// The experiments asked for; with `--ratios`, over those points.
fn experiments(args: &ExperimentArgs) -> anyhow::Result<Vec<Experiment>> {
    let experiments = Experiment::named(&args.experiment)?;
    if args.ratios.is_empty() {
        return Ok(experiments);
    }
    let over = |e: Experiment| e.over(&args.ratios, args.channels, args.spatial);
    experiments.into_iter().map(over).collect()
}

/// Whether `grid` is measured on `target`: of the paper's two only the one that was asked for, or
/// that was made for such a device (a GPU that a processor renders is as slow as one); any other
/// always.
fn chosen(grid: &Grid, asked: Option<PaperGrid>, target: &dyn Target) -> bool {
    let device = target.device();
    let wanted = asked.unwrap_or(match (device.kind, device.rendering) {
        (DeviceKind::Gpu, Rendering::Real) => PaperGrid::Gpu,
        _ => PaperGrid::Arm,
    });
    match grid.name.get_ref().as_str() {
        "gpu" => wanted == PaperGrid::Gpu,
        "arm" => wanted == PaperGrid::Arm,
        _ => true,
    }
}

/// One run of the verb.
struct Lab<'a> {
    args: &'a ExperimentArgs,
    machine: Machine,
    folder: RunFolder,
    progress: Progress,
    failed: bool,
}

impl Lab<'_> {
    /// Measures one set of points on one device, writes it down and shows it.
    fn measure(
        &mut self,
        target: &dyn Target,
        experiment: &Experiment,
        grid: &Grid,
    ) -> anyhow::Result<()> {
        let job = format!(
            "{} ({}) on {}",
            experiment.guideline,
            grid.name.get_ref(),
            target.device().place(target.threads())
        );
        self.progress.begin(job.clone());
        let setups = experiment.setups(grid);
        match on_own_thread(|| self.bench(target, &setups)) {
            Ok(Some(profiles)) => self.keep(experiment, profiles)?,
            Ok(None) => {}
            Err(_) if interrupt::requested() => {}
            Err(e) => {
                self.progress.above(|| screen::tell(format_args!("error: {job}: {}", chain(&e))));
                self.failed = true;
            }
        }
        self.progress.end();
        Ok(())
    }

    fn bench(
        &mut self,
        target: &dyn Target,
        setups: &[Setup],
    ) -> anyhow::Result<Option<Vec<Profile>>> {
        let bench = Bench {
            target,
            machine: &self.machine,
            seed: self.args.devices.seed,
            max_secs: self.args.max_secs,
        };
        let subjects: Vec<Subject> =
            setups.iter().map(Setup::subject).collect::<anyhow::Result<_>>()?;
        let progress = &mut self.progress;
        bench.measure(&subjects, &mut |what| progress.say(|| what))
    }

    fn keep(&mut self, experiment: &Experiment, profiles: Vec<Profile>) -> anyhow::Result<()> {
        let shown = match self.args.format {
            TextFormat::Json => screen::json(&records(&profiles))?,
            TextFormat::Table => format!(
                "{}: {}. Held fixed: {}.\n{}{}\n\n",
                experiment.guideline,
                visible::line(&experiment.title),
                visible::line(&experiment.held_fixed),
                guidelines::text(&profiles, output::width()),
                experiment.analysis.trim(),
            ),
        };
        for profile in profiles {
            self.folder.append(profile)?;
        }
        Ok(self.progress.above(|| screen::print(&shown))?)
    }

    /// Draws the report of all that the folder holds, and shows what it says all together.
    fn finish(self) -> anyhow::Result<ExitCode> {
        self.progress.finish();
        let profiles = self.folder.profiles();
        if !profiles.is_empty() {
            self.folder.draw()?;
            if self.args.format == TextFormat::Table {
                screen::print(&guidelines::summary(profiles, output::width()))?;
            }
        }
        Ok(match (interrupt::requested(), self.failed) {
            (true, _) => ExitCode::from(interrupt::EXIT_CODE),
            (false, true) => ExitCode::FAILURE,
            (false, false) => ExitCode::SUCCESS,
        })
    }
}
