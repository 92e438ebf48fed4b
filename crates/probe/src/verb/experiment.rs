//! `probe experiment`: measures the guideline experiments and judges the guidelines; on modelled devices it compares.

use crate::{
    args::{ExperimentArgs, PaperGrid, TextFormat},
    build_info,
    device::{self, Target},
    experiment::{Bench, Experiment, Grid, Setup, Subject},
    lab::Lab,
    machine::machine,
    output,
    progress::Progress,
    run_folder::RunFolder,
};
use anyhow::ensure;
use profile::{DeviceKind, Machine, Profile, Rendering};
use report::{Findings, Measurements, screen, terminal, visible};
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
    let mut targets = device::open(&args.devices, &machine, &[])?;
    demand_points(&experiments, &targets, args)?;
    for target in &targets {
        demand(target.as_ref(), &experiments, args.grid)?;
    }
    let folder = RunFolder::open(args.out.clone(), &format!("experiment-{}", args.experiment))?;
    device::calibrate_all(&mut targets, &args.devices, &machine)?;
    let mut jobs = Vec::new();
    for target in &targets {
        for experiment in &experiments {
            let grids = experiment.grids.iter().filter(|g| chosen(g, args.grid, target.as_ref()));
            jobs.extend(grids.map(|grid| (target.as_ref(), experiment, grid)));
        }
    }
    screen::tell(estimate(jobs.len(), args.max_secs));
    let mut lab = Lab::new(folder, Progress::new(vec![1; jobs.len()]));
    let session = Session { args, machine: &machine, began: output::moment() };
    for (target, experiment, grid) in jobs {
        let (guideline, name) = (experiment.guideline, grid.name.get_ref());
        let job = format!("{guideline} ({name}) on {}", target.device().place(target.threads()));
        let setups = experiment.setups(grid);
        let found = lab.run(&job, |progress| session.measure(target, &setups, progress));
        if let Some(profiles) = found {
            lab.keep(&text(args, experiment, &profiles)?, profiles)?;
        }
    }
    lab.finish(|findings| {
        Ok(match args.format {
            TextFormat::Json => String::new(),
            TextFormat::Table => terminal::verdicts(findings, output::width()),
        })
    })
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

/// Refuses experiments none of whose grids is for any of these devices; says which experiment has none for
/// which device.
fn demand_points(
    experiments: &[Experiment],
    targets: &[Box<dyn Target>],
    args: &ExperimentArgs,
) -> anyhow::Result<()> {
    let mut any = false;
    let mut without = Vec::new();
    for target in targets {
        let target = target.as_ref();
        for experiment in experiments {
            let grids = &experiment.grids;
            if grids.iter().any(|grid| chosen(grid, args.grid, target)) {
                any = true;
                continue;
            }
            let names: Vec<&str> = grids.iter().map(|g| g.name.get_ref().as_str()).collect();
            let (place, names) = (target.device().place(target.threads()), names.join(", "));
            let wanted = wanted(args.grid, target).name();
            without.push(format!(
                "{} has no points for {place}: that takes the grid {wanted} or one of another name, it has \
                 {names} alone",
                experiment.guideline
            ));
        }
    }
    ensure!(any, "{}; choose another --device or --grid", without.join("; "));
    without.iter().for_each(|why| screen::tell(format_args!("left out: {why}")));
    Ok(())
}

/// Refuses points that `target` has no room for.
fn demand(
    target: &dyn Target,
    experiments: &[Experiment],
    asked: Option<PaperGrid>,
) -> anyhow::Result<()> {
    for experiment in experiments {
        for grid in experiment.grids.iter().filter(|grid| chosen(grid, asked, target)) {
            let graphs = experiment.setups(grid).into_iter().map(|setup| setup.graph());
            target.demand(&graphs.collect::<anyhow::Result<Vec<_>>>()?)?;
        }
    }
    Ok(())
}

/// Whether `grid` is measured on `target`: of the paper's two only the one that was asked for, or
/// that was made for such a device (a GPU that a processor renders is as slow as one); any other
/// always.
fn chosen(grid: &Grid, asked: Option<PaperGrid>, target: &dyn Target) -> bool {
    let name = grid.name.get_ref();
    let papers = [PaperGrid::Gpu, PaperGrid::Arm].map(PaperGrid::name);
    !papers.contains(&name.as_str()) || name == wanted(asked, target).name()
}

/// The paper's grid for `target`.
fn wanted(asked: Option<PaperGrid>, target: &dyn Target) -> PaperGrid {
    let device = target.device();
    asked.unwrap_or(match (device.kind, device.rendering) {
        (DeviceKind::Gpu, Rendering::Real) => PaperGrid::Gpu,
        _ => PaperGrid::Arm,
    })
}

/// One run of the lab: its points are compared with each other alone.
struct Session<'a> {
    args: &'a ExperimentArgs,
    machine: &'a Machine,
    /// When it began, which is what profiles know it by.
    began: String,
}

impl Session<'_> {
    /// Measures one set of points on one device.
    fn measure(
        &self,
        target: &dyn Target,
        setups: &[Setup],
        progress: &mut Progress,
    ) -> anyhow::Result<Vec<Profile>> {
        let Self { args, machine, began } = self;
        let bench = Bench { target, machine, seed: args.devices.seed, max_secs: args.max_secs };
        let subjects = setups.iter().map(|setup| setup.subject(began));
        let subjects: Vec<Subject> = subjects.collect::<anyhow::Result<_>>()?;
        bench.measure(&subjects, &mut |what| progress.say(|| what))
    }
}

/// What is shown of a measured set of points.
fn text(
    args: &ExperimentArgs,
    experiment: &Experiment,
    profiles: &[Profile],
) -> anyhow::Result<String> {
    let measured = Measurements::of(profiles);
    let findings = Findings::of(&measured);
    findings.unused().iter().for_each(screen::tell);
    Ok(match args.format {
        TextFormat::Json => screen::json(&findings.verdicts())?,
        TextFormat::Table => format!(
            "{}: {}. Held fixed: {}.\n{}{}\n\n",
            experiment.guideline,
            visible::line(&experiment.title),
            visible::line(&experiment.held_fixed),
            terminal::studies(&findings, output::width()),
            experiment.analysis.trim(),
        ),
    })
}
