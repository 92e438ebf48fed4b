//! `probe table`: the time of every operator of a grid, alone, with cost, access and bound.
//!
//! Operators are measured in sets, those of a set in turn. Neighbours in the grid are in different sets, so that drift
//! of the machine hits all parts of the grid alike. One operator is in every set: its times say how large the drift was.

use crate::{
    args::{Format, ModelArgs, TableArgs, Weights},
    build_info,
    device::{self, Target},
    experiment::{Bench, Subject},
    lab::Lab,
    latency,
    machine::machine,
    models, output,
    progress::Progress,
    record::{self, Purpose},
    run_folder::RunFolder,
};
use anyhow::ensure;
use ops::Graph;
use profile::{Machine, Profile};
use report::{
    Findings,
    format::{counted, significant},
    latency::{self as table, Drift},
    screen,
};
use stats::Estimate;
use std::{collections::HashSet, process::ExitCode};

/// Operators that are measured in turn.
const SET: usize = 16;

/// Runs the verb.
///
/// # Errors
/// Where the grid makes no operator, a device is not there, or nothing can be written. What goes wrong with one set of
/// operators is told at once, the others are measured, and the exit code says so.
pub fn run(args: &TableArgs) -> anyhow::Result<ExitCode> {
    build_info::demand_optimised()?;
    let machine = machine()?;
    let operators = operators(args)?;
    operators.iter().try_for_each(|graph| record::demand(graph, &Purpose::Itself))?;
    let mut targets = device::open(&args.devices, &machine, &operators)?;
    let folder = RunFolder::open(args.out.clone(), "table")?;
    device::calibrate_all(&mut targets, &args.devices, &machine)?;
    let sets = operators.len().div_ceil(SET) * targets.len();
    let minutes = operators.len() as f64 * targets.len() as f64 * args.max_secs / 60.0;
    screen::tell(format_args!(
        "{} on {}: about {} min",
        counted(operators.len(), "operator"),
        counted(targets.len(), "device"),
        significant(minutes)
    ));
    let mut lab = Lab::new(folder, Progress::new(vec![1; sets]));
    let mut drifts = Vec::new();
    for target in &targets {
        let on = OnTarget { args, machine: &machine, target: target.as_ref() };
        drifts.extend(on.measure_all(&operators, &mut lab)?);
    }
    lab.finish_rows(&drifts, |findings| summary(args, findings, &drifts))
}

/// The operators asked for, each once, neighbours apart from each other.
fn operators(args: &TableArgs) -> anyhow::Result<Vec<Graph>> {
    let (mut all, mut left_out) = (Vec::new(), Vec::new());
    let mut add = |(made, reasons): (Vec<Graph>, Vec<String>)| {
        all.extend(made);
        left_out.extend(reasons);
    };
    if args.axes != latency::Axes::default() {
        add(args.axes.operators(args.batch)?);
    }
    if let Some(path) = &args.file {
        add(latency::from_file(path, args.batch)?);
    }
    if !args.model.is_empty() {
        let models = ModelArgs {
            model: args.model.clone(),
            all: false,
            level: args.level,
            without: Vec::new(),
            batch: vec![args.batch],
            input: Vec::new(),
            weights: Weights::Drawn,
        };
        add((latency::distinct(&models::graphs(&models)?), Vec::new()));
    }
    ensure!(
        !all.is_empty(),
        "no operators: name a kind with its values (probe table conv2d --in 16 --kernel 3 --size 56), \
         networks (--model) or a file (--file)"
    );
    if let Some(first) = left_out.first() {
        screen::tell(format_args!(
            "left out: {} that make no operator, such as: {first}",
            counted(left_out.len(), "combination")
        ));
    }
    let mut seen = HashSet::new();
    all.retain(|graph| seen.insert((graph.name.clone(), graph.inputs.clone())));
    Ok(spread(all))
}

/// `all` in an order in which neighbours stand far apart: in steps of the golden ratio.
fn spread<T>(all: Vec<T>) -> Vec<T> {
    let place = |i: usize| (i as f64 * 0.618_033_988_749_895).fract();
    let mut placed: Vec<(f64, T)> =
        all.into_iter().enumerate().map(|(i, t)| (place(i), t)).collect();
    placed.sort_by(|a, b| a.0.total_cmp(&b.0));
    placed.into_iter().map(|(_, t)| t).collect()
}

/// A device, and how to measure on it.
struct OnTarget<'a> {
    args: &'a TableArgs,
    machine: &'a Machine,
    target: &'a dyn Target,
}

impl OnTarget<'_> {
    /// Measures and keeps all that is not held yet; says how far the machine drifted.
    fn measure_all(&self, operators: &[Graph], lab: &mut Lab) -> anyhow::Result<Option<Drift>> {
        let (resume, place) = (self.args.resume, self.target.device().place(self.target.threads()));
        let is_held = |graph: &&Graph| {
            resume
                && lab.holds(|p| {
                    record::is_finished_of(p, graph, graph.level, self.target, self.machine)
                })
        };
        let held: Vec<bool> = operators.iter().map(|graph| is_held(&graph)).collect();
        let left: Vec<&Graph> = operators
            .iter()
            .zip(&held)
            .filter(|(_, held)| !**held)
            .map(|(graph, _)| graph)
            .collect();
        let anchor = &operators[0];
        let mut anchors = Vec::new();
        for (i, set) in left.chunks(SET).enumerate() {
            let in_turn: Vec<&Graph> = std::iter::once(anchor)
                .chain(set.iter().copied().filter(|graph| !std::ptr::eq(*graph, anchor)))
                .collect();
            let name = format!("set {} of {} on {place}", i + 1, left.len().div_ceil(SET));
            let found = lab.run(&name, |progress| self.measure(&in_turn, progress));
            let Some(mut profiles) = found else { continue };
            anchors.extend(Estimate::of(&profiles[0].ops[0].samples_ns).map(|e| e.median));
            if !std::ptr::eq(set[0], anchor) {
                profiles.remove(0);
            }
            let text = match self.args.format {
                Format::Json => profiles.iter().map(screen::json).collect::<Result<String, _>>()?,
                Format::Table | Format::Csv => String::new(),
            };
            lab.keep(&text, profiles)?;
        }
        let sets = |operators: usize| operators.div_ceil(SET);
        (sets(left.len())..sets(operators.len())).for_each(|_| lab.skip());
        Ok(Drift::of(&anchors, &anchor.name, &place))
    }

    /// Measures a set in turn.
    fn measure(&self, set: &[&Graph], progress: &mut Progress) -> anyhow::Result<Vec<Profile>> {
        let subject =
            |graph: &&Graph| Subject { graph: (*graph).clone(), purpose: Purpose::Itself };
        let subjects: Vec<Subject> = set.iter().map(subject).collect();
        let bench = Bench {
            target: self.target,
            machine: self.machine,
            seed: self.args.devices.seed,
            max_secs: self.args.max_secs * set.len() as f64,
        };
        bench.measure(&subjects, &mut |what| progress.say(|| what))
    }
}

/// What is shown when all is measured.
fn summary(args: &TableArgs, findings: &Findings<'_>, drifts: &[Drift]) -> anyhow::Result<String> {
    Ok(match args.format {
        Format::Json => String::new(),
        Format::Csv => {
            let mut rows = Vec::new();
            report::csv(findings, &mut rows)?;
            String::from_utf8(rows)?
        }
        Format::Table => {
            let told: String = drifts.iter().map(|drift| drift.sentence() + "\n").collect();
            format!("{}\n\n{told}", table::text(findings, output::width()))
        }
    })
}
