//! `probe`: verifies and times networks on devices, and writes down what it finds.

use crate::{
    args::{Format, ProfileArgs},
    build_info, chain, device,
    device::{Target, on_own_thread},
    interrupt,
    machine::machine,
    measure::{self, Plan, Samples, Watch},
    memory, models, output,
    progress::Progress,
    record::{self, Measured, Purpose},
    run_folder::RunFolder,
    verification,
};
use ops::{Graph, Keep, Tensor, level::PASSES};
use profile::{Machine, Profile, Settings};
use report::{Findings, Measurements, screen, terminal};
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
    let mut targets = device::open(&args.devices, &machine, &graphs)?;
    let name = match graphs.as_slice() {
        [graph] => graph.name.clone(),
        graphs => format!("{}-networks", graphs.len()),
    };
    let folder = RunFolder::open(args.out.clone(), &name)?;
    device::calibrate_all(&mut targets, &args.devices, &machine)?;
    let progress = Progress::over(&graphs, targets.len());
    let mut lab = Lab { args, machine, folder, progress, failed: false };
    for graph in &graphs {
        lab.measure_on_all(graph, &targets)?;
    }
    lab.finish()
}

/// One run of the verb.
struct Lab<'a> {
    args: &'a ProfileArgs,
    machine: Machine,
    folder: RunFolder,
    progress: Progress,
    failed: bool,
}

impl Lab<'_> {
    /// Measures one network on every device.
    fn measure_on_all(&mut self, graph: &Graph, targets: &[Box<dyn Target>]) -> anyhow::Result<()> {
        let mut cpu = None;
        for target in targets {
            if interrupt::requested() {
                return Ok(());
            }
            let target = target.as_ref();
            if self.done_before(graph, target) {
                self.progress.skip();
                continue;
            }
            let job = format!("{} on {}", graph.name, target.device().label());
            self.progress.begin(job.clone());
            match on_own_thread(|| self.measure(graph, target, cpu.as_ref())) {
                Ok((profile, output)) => {
                    cpu.get_or_insert(output);
                    self.keep(profile)?;
                }
                Err(e) if interrupt::requested() => {
                    self.progress.above(|| screen::tell(format_args!("{job}: {}", chain(&e))));
                    return Ok(());
                }
                Err(e) => {
                    self.progress
                        .above(|| screen::tell(format_args!("error: {job}: {}", chain(&e))));
                    self.failed = true;
                }
            }
            self.progress.end();
        }
        Ok(())
    }

    /// Whether the folder already holds this measurement and the user wants it to count.
    fn done_before(&self, graph: &Graph, target: &dyn Target) -> bool {
        self.args.resume
            && self.folder.profiles().iter().any(|p| {
                p.is_network()
                    && !p.noise.interrupted
                    && p.model == graph.name
                    && p.input == graph.input
                    && p.level == graph.level
                    && p.settings.without == self.without()
                    && p.device == *target.device()
                    && p.machine == self.machine
                    && p.threads == target.threads()
            })
    }

    /// Verifies and times one network on one device. Fails where the user interrupts it before there is
    /// enough to keep.
    fn measure(
        &mut self,
        graph: &Graph,
        target: &dyn Target,
        cpu: Option<&Tensor>,
    ) -> anyhow::Result<(Profile, Tensor)> {
        let seed = self.args.devices.seed;
        let nodes = graph.nodes.len();
        let verified = verification::verify_on(target, graph, seed, cpu, &mut |node| {
            self.progress.say(|| format!("verifying operator {} of {nodes}", node + 1));
        })?;
        verified.demand()?;
        let mut prepared = target.prepare(graph, Keep::Output)?;
        let session = prepared.session();
        verification::demand_same(session, target.device().kind, seed, &verified.output)?;

        let plan = self.plan();
        let mut watch = Watch::start(target.device());
        let (start, mut runs) = (Instant::now(), 0);
        let samples = measure::sample(session, &plan, &|| start.elapsed(), &mut || {
            watch.look();
            runs += 1;
            self.progress.say(|| format!("{runs} runs"));
            if interrupt::requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        let cut_off = samples.cut_off()?;
        let noise = watch.finish().noise(measure::spread(&samples.whole), plan.precision, cut_off);
        let settings = self.settings(&plan, &samples, prepared.pinned());
        let verification = verified.verification;
        let purpose = Purpose::Itself;
        let measured = Measured { verification, settings, noise, purpose, samples };
        let profile = record::profile(graph, target, prepared, &self.machine, measured)?;
        Ok((profile, verified.output))
    }

    /// Names of the passes that are left out, each once and in the order in which they run: what is
    /// measured does not depend on how the command line has them.
    fn without(&self) -> Vec<String> {
        let asked = &self.args.models.without;
        let left_out = PASSES.iter().filter(|pass| asked.iter().any(|a| a.name == pass.name));
        left_out.map(|pass| pass.name.to_owned()).collect()
    }

    fn plan(&self) -> Plan {
        Plan {
            warmup: self.args.warmup,
            iters: self.args.iters,
            max_secs: self.args.max_secs,
            precision: PRECISION,
        }
    }

    fn settings(&self, plan: &Plan, samples: &Samples, pinned: bool) -> Settings {
        Settings {
            seed: self.args.devices.seed,
            warmup: samples.warmup,
            iters: plan.iters.unwrap_or(0),
            max_secs: plan.max_secs,
            precision: plan.precision,
            pinned,
            without: self.without(),
        }
    }

    /// Shows a finished profile and writes it down.
    fn keep(&mut self, profile: Profile) -> anyhow::Result<()> {
        let shown = match self.args.format {
            Format::Json => screen::json(&profile)?,
            Format::Table if !self.args.models.all => {
                terminal::measurement(&profile, output::width()) + "\n"
            }
            Format::Table | Format::Csv => String::new(),
        };
        let shown = self.progress.above(|| screen::print(&shown));
        self.progress.above(|| self.folder.append(vec![profile]))?;
        Ok(shown?)
    }

    /// What can be shown only when all is measured.
    fn summary(&self, findings: &Findings<'_>) -> anyhow::Result<String> {
        Ok(match self.args.format {
            Format::Json => String::new(),
            Format::Csv => {
                let mut table = Vec::new();
                report::csv(findings, &mut table)?;
                String::from_utf8(table)?
            }
            Format::Table if self.args.models.all => {
                terminal::measurements(findings, output::width())
            }
            Format::Table => terminal::comparison(findings, output::width()),
        })
    }

    /// Shows what all that the folder holds says together, and draws the report of it.
    fn finish(mut self) -> anyhow::Result<ExitCode> {
        self.progress.finish();
        self.folder.reread()?;
        if !self.folder.profiles().is_empty() {
            let measured = Measurements::of(self.folder.profiles());
            let findings = Findings::of(&measured);
            let shown = screen::print(&self.summary(&findings)?);
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
