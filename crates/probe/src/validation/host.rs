//! This machine's own core: every operator of the zoo's networks as it runs here, and as the core's description says.
//!
//! Networks run on one thread, with the instruction set that the description names, and with kernels chosen by rule, as
//! the model chooses them. Scalars are fitted to stacks of pointwise convolutions alone: they are products of matrices.

mod board;

use super::{
    comparison::Comparison,
    part::{Part, parts},
    traced::{Job, Traces},
};
use crate::{
    args::{Choice, DeviceArgs},
    build_info,
    cores::Cores,
    device::{self, Target},
    experiment::{Bench, Subject},
    machine::machine,
    measure, output,
    own_thread::on_own_thread,
    progress::Progress,
    record::Purpose,
};
use anyhow::{Context, bail};
use board::Board;
use cores::overlapped;
use ops::cpu::pin_to;
use profile::{Level, Machine, Profile};
use report::{
    screen,
    validation::{Aim, Case, Row},
};
use std::fs;
use tempfile::TempDir;
use zoo::micro::{Block, Stack};

/// Every operator stands alone: the kinds are most then.
const LEVEL: Level = Level::Folded;

/// The networks: those of `benches/PEERS.md`.
const NETWORKS: [&str; 17] = [
    "lenet5",
    "alexnet",
    "zfnet",
    "vgg16",
    "googlenet",
    "inception_v3",
    "inception_resnet_v2",
    "highway19_cifar10",
    "resnet18",
    "resnet50",
    "densenet121",
    "pyramidnet110_a48_cifar10",
    "xception",
    "mobilenet_v1",
    "mobilenet_v2",
    "shufflenet_v1",
    "shufflenet_v2_x1_0",
];

/// Pointwise convolutions that are fitted to: channels in and out, and back; the edge of their maps. Large ones tell what
/// the core takes, those of few pixels what memory takes, and small ones what an operator takes whatever it does.
const PRODUCTS: [[usize; 3]; 28] = [
    [16, 64, 56],
    [24, 24, 56],
    [32, 128, 56],
    [64, 64, 56],
    [48, 96, 28],
    [64, 256, 28],
    [128, 128, 28],
    [58, 58, 28],
    [96, 576, 14],
    [116, 116, 14],
    [128, 512, 14],
    [256, 256, 14],
    [232, 464, 7],
    [256, 1024, 7],
    [512, 512, 7],
    [512, 2048, 7],
    [256, 1024, 1],
    [1024, 1024, 1],
    [1024, 2048, 2],
    [2048, 4096, 1],
    [8, 8, 7],
    [16, 16, 7],
    [32, 32, 7],
    [64, 64, 7],
    [24, 24, 14],
    [16, 64, 14],
    [8, 32, 28],
    [16, 32, 28],
];

/// Seconds of a network, once it ran as often as it must.
const MAX_SECS: f64 = 1.0;

/// What is said of operators and of networks.
const OPERATORS: &str = "operators of seventeen networks, the lab's kernels";
const RUNS: &str = "seventeen networks, the lab's kernels";

/// The most that the model may be off of operators at the median, and of networks.
const MOST: [f64; 2] = [0.25, 0.15];

/// The comparison.
pub struct Host {
    /// What was measured.
    on: String,
    source: String,
    overlap: f64,
    products: Vec<Measured>,
    networks: Vec<Measured>,
    /// Where the board's file stands.
    _folder: TempDir,
}

/// A network that ran here.
struct Measured {
    job: Job,
    /// Each operator's median, nanoseconds.
    ns: Vec<f64>,
}

/// A way to tell an operator's time.
struct Model {
    name: &'static str,
    /// Nanoseconds.
    ns: fn(&Part, &[f64; 3]) -> f64,
    /// Where the fit of its scalars begins; the first `free` of them change.
    start: [f64; 3],
    free: usize,
}

impl Model {
    /// The scalars of the least mean error of `products`.
    fn fit(&self, products: &[(Part, f64)]) -> [f64; 3] {
        let loss = |scalars: &[f64; 3]| self.errors(products, scalars).map(f64::abs).sum::<f64>();
        stats::descend(self.start, self.free, loss)
    }

    /// Relative errors of operators.
    fn errors<'o>(
        &self,
        operators: impl IntoIterator<Item = &'o (Part, f64)>,
        scalars: &[f64; 3],
    ) -> impl Iterator<Item = f64> {
        operators.into_iter().map(move |(part, ns)| (self.ns)(part, scalars) / ns - 1.0)
    }
}

/// A factor of the core's time, how much of the shorter time hides, and nanoseconds an operator.
fn described(part: &Part, &[factor, overlap, alone]: &[f64; 3]) -> f64 {
    overlapped(factor * part.core_ns, part.memory_ns, overlap) + alone
}

/// Nanoseconds a mult-add, a byte and an operator.
fn naive(part: &Part, &[a_mul_add, a_byte, alone]: &[f64; 3]) -> f64 {
    a_mul_add * part.mul_adds + a_byte * part.bytes + alone
}

impl Host {
    /// Measures this machine, whose core the file `core` describes, or the built-in one that it is known by.
    ///
    /// # Errors
    /// Where nothing describes it, or it lacks the instruction set; where nothing can be measured.
    pub fn measure(core: Option<&str>) -> anyhow::Result<Self> {
        build_info::demand_optimised()?;
        let machine = machine()?;
        let core = core.map_or_else(|| own(&machine), |core| Ok(core.to_owned()))?;
        let (id, described) = cores::core(&core)?;
        let args = DeviceArgs {
            device: vec![Choice::Cpu],
            adapter: None,
            threads: vec![1],
            cpus: None,
            isa: Some(described.vectors.to_string()),
            seed: 0,
            no_tune: true,
            no_calibration: false,
        };
        let mut targets = device::open(&args, &machine, &[])?;
        device::calibrate_all(&mut targets, &args, &machine)?;
        let target = targets.remove(0);
        let board = on_own_thread(|| board(target.as_ref()))?;
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("host.toml");
        fs::write(&path, board.file(&id))?;
        let device = format!("{core}@{}", path.display());
        let on_machine = OnMachine { target: target.as_ref(), machine: &machine, device: &device };
        let [products, networks] = on_own_thread(|| {
            on_machine.measured(&[products(), NETWORKS.map(str::to_owned).into()])
        })?;
        Ok(Self {
            on: format!("{} of {}", described.name, machine.processors()),
            source: format!("measured there, {}", output::now()),
            overlap: described.overlap.get(),
            products,
            networks,
            _folder: folder,
        })
    }
}

/// The core that this machine's processor is known by.
fn own(machine: &Machine) -> anyhow::Result<String> {
    for name in [&machine.model, &machine.cpu] {
        if let Some(core) = cores::core_called(name)? {
            return Ok(core.to_owned());
        }
    }
    bail!(
        "no file of experiments/cores describes this processor ({}): write one as docs/FORMAT.md says, and ask for \
         `probe validate host --core PATH`",
        machine.processors()
    )
}

/// The board under `target`'s core, which the calling thread moves to.
fn board(target: &dyn Target) -> anyhow::Result<Board> {
    let calibration = target.ceilings().context("nothing can be measured on this machine")?;
    let fastest = Cores::own().chosen(None)?;
    // Where the system refuses, the thread stays on a core of the same kind or is slower.
    let _ = fastest.first().map(|core| pin_to(core.cpu));
    Board::measured("this machine", measure::mhz() / 1e3, calibration)
}

/// Where networks are measured.
struct OnMachine<'a> {
    target: &'a dyn Target,
    machine: &'a Machine,
    device: &'a str,
}

impl OnMachine<'_> {
    /// Runs the networks of two lists.
    fn measured(&self, lists: &[Vec<String>; 2]) -> anyhow::Result<[Vec<Measured>; 2]> {
        let job = |model: &String| {
            let (model, device) = (model.clone(), self.device.to_owned());
            Job { model, edge: None, level: LEVEL, device }
        };
        let jobs = lists.each_ref().map(|list| list.iter().map(job).collect::<Vec<_>>());
        let graphs = jobs.iter().flatten().map(Job::graph).collect::<anyhow::Result<Vec<_>>>()?;
        let mut progress = Progress::over(&graphs, 1);
        let (mut measured, mut noise) = (Vec::new(), Vec::new());
        let count = jobs[0].len();
        for (job, graph) in jobs.into_iter().flatten().zip(graphs) {
            progress.begin(format!("measuring {}", job.model));
            let profile =
                self.profile(Subject { graph, purpose: Purpose::Itself }, &mut progress)?;
            let median = |samples: &Vec<u64>| stats::median_of(&mut floats(samples)).unwrap_or(0.0);
            let ns = profile.ops.iter().map(|op| median(&op.samples_ns)).collect();
            noise.extend(profile.noise.reasons.first().map(|why| format!("{}: {why}", job.model)));
            measured.push(Measured { job, ns });
            progress.end();
        }
        progress.finish();
        if let Some(first) = noise.first() {
            let (some, all) = (noise.len(), measured.len());
            screen::tell(format_args!("warning: {some} of {all} networks were disturbed; {first}"));
        }
        let networks = measured.split_off(count);
        Ok([measured, networks])
    }

    /// Verifies and times a network.
    fn profile(&self, subject: Subject, progress: &mut Progress) -> anyhow::Result<Profile> {
        let Self { target, machine, .. } = *self;
        let bench = Bench { target, machine, seed: 0, max_secs: MAX_SECS };
        let profiles = bench.measure(&[subject], &mut |state| progress.say(|| state))?;
        profiles.into_iter().next().context("a network was measured")
    }
}

fn floats(samples: &[u64]) -> Vec<f64> {
    samples.iter().map(|ns| *ns as f64).collect()
}

/// The stacks that are fitted to.
fn products() -> Vec<String> {
    let stack = |[c1, c2, edge]: [usize; 3]| {
        let block = Block::Pair { c1, c2 };
        Stack { block, blocks: 1, size: (edge, edge), batch: 1 }.to_string()
    };
    PRODUCTS.map(stack).into()
}

/// A network's operators with what each took here; those that do nothing are left out.
fn taken(measured: &Measured, traces: &Traces) -> Vec<(Part, f64)> {
    let parts = parts(&traces[&measured.job]).into_iter();
    let all = parts.zip(measured.ns.iter().copied());
    all.filter(|(part, ns)| part.core_ns + part.memory_ns > 0.0 && *ns > 0.0).collect()
}

impl Comparison for Host {
    fn jobs(&self) -> anyhow::Result<Vec<Job>> {
        Ok(self.products.iter().chain(&self.networks).map(|network| network.job.clone()).collect())
    }

    fn rows(&self, traces: &Traces) -> anyhow::Result<Vec<Row>> {
        let products: Vec<_> = self.products.iter().flat_map(|m| taken(m, traces)).collect();
        let networks: Vec<_> = self.networks.iter().map(|m| (m, taken(m, traces))).collect();
        let models = [
            Model { name: "figures", ns: described, start: [1.0, self.overlap, 0.0], free: 0 },
            Model { name: "fitted", ns: described, start: [1.0, 0.5, 100.0], free: 3 },
            Model { name: "naive", ns: naive, start: [0.01, 0.01, 100.0], free: 3 },
        ];
        let mut rows = Vec::new();
        for model in &models {
            let scalars = model.fit(&products);
            let row = |row: Row| row.fitted(&scalars[..model.free]).published_in(&self.source);
            let operators = networks.iter().flat_map(|(_, operators)| operators);
            let errors: Vec<f64> = model.errors(operators, &scalars).collect();
            rows.push(row(Row::of_errors(OPERATORS, &self.on, model.name, &errors)));
            let case = |(measured, operators): &(&Measured, Vec<(Part, f64)>)| {
                let sum = |of: &dyn Fn(&Part, f64) -> f64| {
                    operators.iter().map(|(part, ns)| of(part, *ns)).sum::<f64>() / 1e6
                };
                Case {
                    name: measured.job.model.clone(),
                    published: sum(&|_, ns| ns),
                    modelled: sum(&|part, _| (model.ns)(part, &scalars)),
                    mul_adds_m: Some(sum(&|part, _| part.mul_adds)),
                }
            };
            let cases = networks.iter().map(case).collect();
            rows.push(row(Row::of_cases(RUNS, &self.on, model.name, cases)));
        }
        rows.sort_by_key(|row| row.what.clone());
        Ok(aimed(rows))
    }
}

/// What the fitted model is to reach: of operators at most half of what the naive one misses, too.
fn aimed(rows: Vec<Row>) -> Vec<Row> {
    let naive =
        rows.iter().find(|row| (row.what.as_str(), row.model.as_str()) == (OPERATORS, "naive"));
    let half = naive.map_or(f64::INFINITY, |row| row.median / 2.0);
    let aimed = |row: Row| match (row.what.as_str(), row.model.as_str()) {
        (OPERATORS, "fitted") => row.aiming(Aim::Errors { median: MOST[0].min(half), p90: None }),
        (RUNS, "fitted") => row.aiming(Aim::Errors { median: MOST[1], p90: None }),
        _ => row,
    };
    rows.into_iter().map(aimed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_stacks_are_the_zoo_s() {
        for model in NETWORKS.into_iter().map(str::to_owned).chain(products()) {
            zoo::build(&model, zoo::Options::default()).unwrap();
        }
    }

    #[test]
    fn a_processor_is_known_or_the_way_to_describe_it_told() {
        let machine = |model: &str, cpu: &str| Machine {
            model: model.to_owned(),
            cpu: cpu.to_owned(),
            ..Machine::default()
        };
        assert_eq!(own(&machine("family 25, model 17", "AMD EPYC")).unwrap(), "zen4");
        assert_eq!(own(&machine("", "Cortex-A76")).unwrap(), "cortex-a76");
        let unknown = own(&machine("family 6, model 85", "Xeon")).unwrap_err().to_string();
        assert!(unknown.contains("Xeon") && unknown.contains("--core PATH"), "{unknown}");
    }

    #[test]
    fn operators_are_to_miss_at_most_half_of_what_they_miss_naively() {
        let row = |model, errors: &[f64]| Row::of_errors(OPERATORS, "core", model, errors);
        let reached = |naive: f64| {
            let rows = aimed(vec![row("fitted", &[0.2]), row("naive", &[naive])]);
            rows[0].reached()
        };
        assert_eq!((reached(0.41), reached(0.39)), (Some(true), Some(false)));
    }
}
