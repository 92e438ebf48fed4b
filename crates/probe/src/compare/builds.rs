//! Two builds of this program: each sitting runs both, A B, B A, …, and takes the profile that each prints.
//!
//! A build that knows nothing of comparisons will do. Each run verifies its network, chooses kernels and lays
//! its buffers anew.

use super::plan::{FEWEST_KEPT, fewest, order};
use crate::{
    args::{Choice, DeviceArgs, ModelArgs},
    interrupt,
};
use anyhow::{Context, bail, ensure};
use clap::ValueEnum;
use profile::{Profile, Side};
use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Rounds of a sitting at most.
const ROUNDS: usize = 15;

/// Seconds in which a run takes its samples, at least.
const LEAST_SECS: f64 = 0.5;

/// A build, and what it runs.
pub struct Build {
    /// The program and its first arguments.
    command: Vec<String>,
    /// What it runs, and where, as options.
    options: Vec<String>,
    side: Side,
}

impl Build {
    /// The build that `side` names, this one where it names none.
    ///
    /// # Errors
    /// Where it names no command, or this program's file is not known.
    pub fn new(models: &ModelArgs, devices: &DeviceArgs, side: Side) -> anyhow::Result<Self> {
        let command = match &side.command {
            Some(command) => shlex::split(command).unwrap_or_default(),
            None => vec![env::current_exe()?.to_string_lossy().into_owned()],
        };
        ensure!(
            !command.is_empty(),
            "--against: expected a command, such as old/target/release/probe"
        );
        Ok(Self { command, options: options(models, devices), side })
    }

    /// One run of it, with samples for so many seconds at most.
    fn run(&self, max_secs: f64) -> anyhow::Result<Profile> {
        let folder = tempfile::tempdir().context("no folder for what another build writes")?;
        let line = folder.path().join("line.jsonl");
        let [program, first @ ..] = self.command.as_slice() else { bail!("no command") };
        let mut command = Command::new(program);
        command.args(first).args(&self.options).arg("--out").arg(folder.path().join("run"));
        command.arg("--max-secs").arg(max_secs.to_string()).stdin(Stdio::null());
        let output = command.output().with_context(|| format!("cannot run {program}"))?;
        interrupt::check()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().last().unwrap_or("it says nothing");
        ensure!(output.status.success(), "{program} failed: {last}");
        fs::write(&line, output.stdout)?;
        only(&line).with_context(|| format!("what {program} prints is no profile: {last}"))
    }
}

/// The one profile in a file.
fn only(file: &Path) -> anyhow::Result<Profile> {
    let mut profiles = profile::read(file, &mut |_| ())?;
    ensure!(profiles.len() == 1, "{} profiles, expected 1", profiles.len());
    Ok(profiles.remove(0))
}

/// The options of `probe` that ask for this.
fn options(models: &ModelArgs, devices: &DeviceArgs) -> Vec<String> {
    let name = |value: &dyn ToString| value.to_string();
    let weights = models.weights.to_possible_value();
    let mut options = vec!["--model".to_owned(), models.model[0].clone()];
    let mut option = |key: &str, value: String| options.extend([key.to_owned(), value]);
    option("--level", name(&models.level));
    option("--batch", name(&models.batch[0]));
    option("--weights", weights.map_or_else(String::new, |value| value.get_name().to_owned()));
    option("--device", devices.device.iter().map(Choice::to_string).collect());
    option("--seed", name(&devices.seed));
    option("--format", "json".to_owned());
    option("--iters", name(&ROUNDS));
    if devices.wants(&Choice::Cpu) {
        option("--threads", name(&devices.threads[0]));
    }
    for (key, value) in [
        ("--input", models.input.first().map(|size| format!("{}x{}", size.h, size.w))),
        ("--adapter", devices.adapter.clone()),
        ("--isa", devices.isa.clone()),
        ("--cpus", devices.cpus.as_ref().map(ToString::to_string)),
    ] {
        value.into_iter().for_each(|value| option(key, value));
    }
    options.extend(models.without.iter().flat_map(|pass| ["--without".to_owned(), name(pass)]));
    options.extend(devices.no_tune.then(|| "--no-tune".to_owned()));
    options.push("--no-calibration".to_owned());
    options
}

/// Runs `builds` in turn, for `max_secs` once the fewest sittings were held: a profile each. `tell` hears what is
/// being done. Where the user interrupts it, whole sittings are kept.
///
/// # Errors
/// Where one of them fails or prints no profile; where the user interrupts it before there are sittings enough
/// to keep.
pub fn measure(
    builds: &[Build; 2],
    max_secs: f64,
    tell: &mut dyn FnMut(String),
) -> anyhow::Result<Vec<Profile>> {
    let (start, most) = (Instant::now(), Duration::from_secs_f64(max_secs));
    let each = (max_secs / fewest(1) as f64 / 2.0).max(LEAST_SECS);
    let mut runs: [Vec<Profile>; 2] = Default::default();
    let mut needed = fewest(1);
    while runs[0].len() < needed || start.elapsed() < most {
        let held = runs[0].len();
        for i in order(held % 2 == 1) {
            match builds[i].run(each) {
                Err(_) if interrupt::requested() => return kept(builds, runs),
                run => runs[i].push(run?),
            }
        }
        let operators = runs.iter().flatten().map(|run| run.ops.len()).max();
        needed = fewest(operators.unwrap_or(0));
        tell(format!("{} sittings", held + 1));
    }
    kept(builds, runs)
}

/// What is kept of whole sittings.
fn kept(builds: &[Build; 2], mut runs: [Vec<Profile>; 2]) -> anyhow::Result<Vec<Profile>> {
    let held = runs.iter().map(Vec::len).min().unwrap_or(0);
    ensure!(
        held >= FEWEST_KEPT,
        "interrupted after {held} sittings, too few to keep: an interval takes {FEWEST_KEPT}"
    );
    runs.iter_mut().for_each(|runs| runs.truncate(held));
    let lengths =
        runs.iter().flatten().flat_map(|run| [run.whole_ns.len(), run.instrumented_ns.len()]);
    let rounds = lengths.min().unwrap_or(0);
    let joined = builds.iter().zip(runs).map(|(build, runs)| {
        let side = Side { rounds, ..build.side.clone() };
        let mut joined = joined(runs, rounds)?;
        joined.side = Some(side);
        if interrupt::requested() {
            joined.noise.interrupted = true;
            joined.noise.reasons.push(format!("interrupted by the user after {held} sittings"));
        }
        Ok(joined)
    });
    joined.collect()
}

/// The last of `runs` with the first samples of all, so many of each.
fn joined(runs: Vec<Profile>, rounds: usize) -> anyhow::Result<Profile> {
    let mut last = runs.last().context("no sitting was held")?.clone();
    let noisy: Vec<&String> = runs.iter().filter_map(|run| disturbed(run)).collect();
    last.noise.reasons = match noisy.as_slice() {
        [] => Vec::new(),
        [first, ..] => {
            vec![format!("{} of {} runs were disturbed: {first}", noisy.len(), runs.len())]
        }
    };
    let first = |samples: &Vec<u64>| samples.iter().copied().take(rounds).collect::<Vec<_>>();
    last.whole_ns = runs.iter().flat_map(|run| first(&run.whole_ns)).collect();
    last.instrumented_ns = runs.iter().flat_map(|run| first(&run.instrumented_ns)).collect();
    for (i, op) in last.ops.iter_mut().enumerate() {
        let all = runs.iter().filter_map(|run| run.ops.get(i));
        op.samples_ns = all.flat_map(|op| first(&op.samples_ns)).collect();
        op.warm_ns.clear();
    }
    Ok(last)
}

/// Why a run was disturbed; `None` where it was not. That its median is not well known is no disturbance: it is
/// one of many.
fn disturbed(run: &Profile) -> Option<&String> {
    let of_few = ["the median is known to", "too few runs"];
    run.noise.reasons.iter().find(|why| !of_few.iter().any(|start| why.starts_with(start)))
}
