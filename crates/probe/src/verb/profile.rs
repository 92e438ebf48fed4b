//! `probe`: verifies and times networks on devices, and writes down what it finds.

use crate::{
    args::{Format, ProfileArgs},
    build_info,
    device::{self, Target},
    interrupt, jobs,
    lab::Lab,
    machine::machine,
    measure::{self, Samples, SamplingPlan, Watch},
    memory, models, output,
    progress::Progress,
    record::{self, Measured, Purpose},
    run_folder::RunFolder,
    verification,
};
use ops::{Graph, Keep, Session, Tensor};
use profile::{Machine, Noise, Profile, Settings};
use report::{Findings, screen, terminal};
use std::{ops::ControlFlow, process::ExitCode, time::Instant};

/// Half-width of the median's 95 % interval, relative to the median, at which sampling stops.
const PRECISION: f64 = 0.02;

/// Runs the verb.
///
/// # Errors
/// Where nothing can be measured at all. What goes wrong with one network on one device is told at
/// once, the others are measured, and the exit code says so.
pub fn run(args: &ProfileArgs) -> anyhow::Result<ExitCode> {
    build_info::demand_optimised()?;
    let machine = machine()?;
    let graphs = models::graphs(&args.models)?;
    graphs.iter().try_for_each(|graph| memory::demand(graph, &machine))?;
    graphs.iter().try_for_each(|graph| record::demand(graph, &Purpose::Itself))?;
    let mut targets = device::open(&args.devices, &machine, &graphs)?;
    let name = match graphs.as_slice() {
        [graph] => graph.name.clone(),
        graphs => format!("{}-networks", graphs.len()),
    };
    let folder = RunFolder::open(args.out.clone(), &name)?;
    device::calibrate_all(&mut targets, &args.devices, &machine)?;
    let mut lab = Lab::new(folder, Progress::over(&graphs, targets.len()));
    let run = Run { args, machine: &machine, without: models::without(&args.models) };
    for graph in &graphs {
        run.measure_on_all(graph, &targets, &mut lab)?;
    }
    lab.finish(|findings| summary(args, findings))
}

/// How all networks are measured.
struct Run<'a> {
    args: &'a ProfileArgs,
    machine: &'a Machine,
    /// Names of the passes that are left out.
    without: Vec<String>,
}

impl Run<'_> {
    /// Measures one network on every device.
    fn measure_on_all(
        &self,
        graph: &Graph,
        targets: &[Box<dyn Target>],
        lab: &mut Lab,
    ) -> anyhow::Result<()> {
        let mut cpu: Option<Vec<Tensor>> = None;
        for target in targets {
            let target = target.as_ref();
            if self.args.resume && lab.skip_if_held(|p| self.is_it(p, graph, target)) {
                continue;
            }
            let known = cpu.as_deref();
            let measured = lab.run(&jobs::name(graph, target), |progress| {
                self.measure(graph, target, known, progress)
            });
            if let Some((profile, outputs)) = measured {
                cpu.get_or_insert(outputs);
                lab.keep(&self.text(&profile)?, vec![profile])?;
            }
        }
        Ok(())
    }

    /// Whether `profile` is what measuring `graph` on `target` would find.
    fn is_it(&self, profile: &Profile, graph: &Graph, target: &dyn Target) -> bool {
        profile.is_network()
            && profile.side.is_none()
            && profile.settings.without == self.without
            && record::is_finished_of(profile, graph, graph.level, target, self.machine)
    }

    /// Verifies and times one network on one device. Fails where the user interrupts it before there is
    /// enough to keep.
    fn measure(
        &self,
        graph: &Graph,
        target: &dyn Target,
        cpu: Option<&[Tensor]>,
        progress: &mut Progress,
    ) -> anyhow::Result<(Profile, Vec<Tensor>)> {
        let seed = self.args.devices.seed;
        let nodes = graph.nodes.len();
        let verified = verification::verify_on(target, graph, seed, cpu, &mut |node| {
            progress.say(|| format!("verifying operator {} of {nodes}", node + 1));
        })?;
        verified.demand()?;
        let mut prepared = target.prepare(graph, Keep::Output)?;
        let session = prepared.session();
        verification::demand_same(session, target.device().kind, seed, &verified.outputs)?;

        let plan = self.plan();
        let (mut samples, noise) = match target.is_modelled() {
            true => (Samples::of_one_run(session)?, measure::undisturbed()),
            false => sampled(session, &plan, target, progress)?,
        };
        if !target.is_modelled() {
            progress.say(|| "cross-checking the clock".to_owned());
            samples.take_repeated(session, &interrupt::check)?;
        }
        let settings = self.settings(&plan, &samples, prepared.pinned());
        let verification = verified.verification;
        let purpose = Purpose::Itself;
        let measured = Measured { verification, settings, noise, purpose, samples };
        let profile = record::profile(graph, target, prepared, self.machine, measured)?;
        Ok((profile, verified.outputs))
    }

    const fn plan(&self) -> SamplingPlan {
        SamplingPlan {
            warmup: self.args.warmup,
            iters: self.args.iters,
            max_secs: self.args.max_secs,
            precision: PRECISION,
        }
    }

    fn settings(&self, plan: &SamplingPlan, samples: &Samples, pinned: bool) -> Settings {
        Settings {
            seed: self.args.devices.seed,
            warmup: samples.warmup,
            iters: plan.iters.unwrap_or(0),
            max_secs: plan.max_secs,
            precision: plan.precision,
            pinned,
            without: self.without.clone(),
        }
    }

    /// What is shown of a finished profile.
    fn text(&self, profile: &Profile) -> anyhow::Result<String> {
        Ok(match self.args.format {
            Format::Json => screen::json(profile)?,
            Format::Table if !self.args.models.all => {
                terminal::measurement(profile, self.args.extent(), output::width()) + "\n"
            }
            Format::Table | Format::Csv => String::new(),
        })
    }
}

/// Times of `session` on `target`, and what disturbed them.
fn sampled(
    session: &mut dyn Session,
    plan: &SamplingPlan,
    target: &dyn Target,
    progress: &mut Progress,
) -> anyhow::Result<(Samples, Noise)> {
    let mut watch = Watch::start(target.device());
    let (start, mut runs) = (Instant::now(), 0);
    let samples = measure::sample(session, plan, &|| start.elapsed(), &mut || {
        watch.inspect();
        runs += 1;
        progress.say(|| format!("{runs} runs"));
        if interrupt::requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let cut_off = samples.cut_off()?;
    let spread = measure::spread(&samples.whole);
    let noise = watch.finish_measurement().noise(spread, plan.precision, cut_off);
    Ok((samples, noise))
}

/// What can be shown only when all is measured.
fn summary(args: &ProfileArgs, findings: &Findings<'_>) -> anyhow::Result<String> {
    Ok(match args.format {
        Format::Json => String::new(),
        Format::Csv => {
            let mut table = Vec::new();
            report::csv(findings, &mut table)?;
            String::from_utf8(table)?
        }
        Format::Table if args.models.all => terminal::measurements(findings, output::width()),
        Format::Table => {
            let shown =
                [terminal::comparison, terminal::sweeps].map(|of| of(findings, output::width()));
            shown.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
        }
    })
}
