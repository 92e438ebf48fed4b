//! The command line.

mod common;
mod latency;

pub use common::{Choice, DeviceArgs, Format, InputSize, ModelArgs, TextFormat, Weights};
pub use latency::{PredictArgs, TableArgs};
pub use report::arguments::TableFormat;

use crate::{compare::Limit, cores::CpuList, network_name::NetworkName};
use anyhow::ensure;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use common::{at_least_one, seconds};
use ops::level::Pass;
use profile::{Letter, Level};
use report::{command::ReportArgs, terminal::Extent};
use std::path::PathBuf;

/// Profiles convolutional networks operator by operator: time, arithmetic and memory access cost.
///
/// Without a subcommand: verifies a network on every device of this machine, measures it there,
/// prints tables and writes profiles, charts and a page.
#[derive(Debug, Parser)]
#[command(name = "probe", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do instead.
    #[command(subcommand)]
    pub verb: Option<Verb>,
    /// How to profile.
    #[command(flatten)]
    pub profile: ProfileArgs,
}

/// What to do instead of profiling.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Shows the families of networks, or one family's parameters.
    List(ListArgs),
    /// Shows what each operator must compute and touch; runs nothing.
    Cost(CostArgs),
    /// Checks every operator against its reference; times nothing.
    Verify(VerifyArgs),
    /// Measures the guideline experiments and judges the guidelines on this machine's devices.
    Experiment(ExperimentArgs),
    /// Writes networks as ONNX files, with an input and the output that the CPU computes from it.
    Export(ExportArgs),
    /// Measures what each device can do at most: arithmetic, memory, the cost of starting work.
    Calibrate(CalibrateArgs),
    /// Holds modelled cores against what was published of real ones, beside a naive model: matrix products, networks, the
    /// ShuffleNetV2 paper's ARM core.
    Validate(ValidateArgs),
    /// Measures what networks lose to each guideline: against themselves, rewritten to obey it.
    Guidelines(GuidelinesArgs),
    /// Prints a script that lets a shell complete the command line, names of networks included.
    Completions(CompletionsArgs),
    /// Prints a manual page, as `man` reads it.
    Man(ManArgs),
    /// Runs two networks in turn, or one at two levels, thread counts, devices or in two builds, and says
    /// operator by operator which is faster.
    Compare(CompareArgs),
    /// Measures operators alone, each over a grid of sizes: a latency table for architecture search.
    Table(TableArgs),
    /// Adds up a latency table over networks, beside what they take.
    Predict(PredictArgs),
    /// Draws one report from profiles of any number of runs and machines, or holds two files against each other.
    Report(ReportArgs),
}

/// How to profile.
#[derive(Clone, Debug, Args)]
pub struct ProfileArgs {
    #[command(flatten)]
    pub models: ModelArgs,
    #[command(flatten)]
    pub devices: DeviceArgs,
    /// Runs before the first sample, within `--max-secs`; without it, as many as it takes to be
    /// steady.
    #[arg(long, value_name = "N")]
    pub warmup: Option<usize>,
    /// Samples at most.
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub iters: Option<usize>,
    /// Seconds at most for a network on a device.
    #[arg(long, value_name = "S", default_value = "10", value_parser = seconds)]
    pub max_secs: f64,
    /// Folder to write to; without it, `reports/<model>-<time>`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Skips what `--out` already has: same network, input, device, level, batch and threads.
    #[arg(long, requires = "out")]
    pub resume: bool,
    /// What to print.
    #[arg(long, default_value = "table")]
    pub format: Format,
    /// Prints every operator, not only those that take longest.
    #[arg(long)]
    pub ops: bool,
}

impl ProfileArgs {
    /// How much is printed of a measurement.
    pub const fn extent(&self) -> Extent {
        if self.ops { Extent::Full } else { Extent::Brief }
    }
}

/// What to list.
#[derive(Clone, Debug, Args)]
pub struct ListArgs {
    /// One family: its parameters and the names of its networks.
    #[arg(long, value_parser = NetworkName, hide_possible_values = true)]
    pub family: Option<String>,
    /// What to print.
    #[arg(long, default_value = "table")]
    pub format: TableFormat,
}

/// Whose costs to show.
#[derive(Clone, Debug, Args)]
pub struct CostArgs {
    #[command(flatten)]
    pub models: ModelArgs,
    /// Counts what the lab has operators for, where a file needs others; what is not counted is listed.
    #[arg(long, conflicts_with = "all")]
    pub partial: bool,
    /// What to print.
    #[arg(long, default_value = "table")]
    pub format: TableFormat,
}

/// What to verify.
#[derive(Clone, Debug, Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    pub models: ModelArgs,
    #[command(flatten)]
    pub devices: DeviceArgs,
    /// What to print.
    #[arg(long, default_value = "table")]
    pub format: TextFormat,
}

/// Which experiment, where.
#[derive(Clone, Debug, Args)]
pub struct ExperimentArgs {
    /// `g1`, `g2`, `g3`, `g4`, `all`, or an experiment's TOML file.
    pub experiment: String,
    #[command(flatten)]
    pub devices: DeviceArgs,
    /// The paper's channels for GPUs or for ARM cores; without it, the GPU's on a GPU, the ARM core's
    /// on a processor and on a GPU that a processor renders.
    #[arg(long)]
    pub grid: Option<PaperGrid>,
    /// Other points instead of the paper's: ratios of channels (g1), groups (g2) or fragments (g3).
    #[arg(long, value_delimiter = ',', value_parser = at_least_one)]
    pub ratios: Vec<usize>,
    /// Channels of the base of `--ratios`.
    #[arg(long, default_value = "64", value_parser = at_least_one, requires = "ratios")]
    pub channels: usize,
    /// Height and width of the maps of `--ratios`.
    #[arg(long, default_value = "56", value_parser = at_least_one, requires = "ratios")]
    pub spatial: usize,
    /// Seconds at most for a set of points on a device, once every point has its fewest samples.
    #[arg(long, value_name = "S", default_value = "20", value_parser = seconds)]
    pub max_secs: f64,
    /// Folder to write to; without it, `reports/<experiment>-<time>`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// What to print.
    #[arg(long, default_value = "table")]
    pub format: TextFormat,
}

/// Which devices to calibrate.
#[derive(Clone, Debug, Args)]
pub struct CalibrateArgs {
    #[command(flatten)]
    pub devices: DeviceArgs,
    /// Measures again what was measured on this machine before.
    #[arg(long, conflicts_with = "no_calibration")]
    pub again: bool,
    /// What to print.
    #[arg(long, default_value = "table")]
    pub format: TextFormat,
}

/// How to hold models against real cores.
#[derive(Clone, Debug, Args)]
pub struct ValidateArgs {
    /// What to compare.
    #[arg(value_name = "COMPARISON", default_values = ["products", "boards", "cores", "paper"])]
    pub compared: Vec<Compared>,
    /// With `host`: what describes this machine's core, a file of the lab's by its name or one of your own by its
    /// path; without it, the one that the processor is known by.
    #[arg(long, value_name = "CORE")]
    pub core: Option<String>,
    /// What to print.
    #[arg(long, default_value = "table")]
    pub format: TextFormat,
}

/// A comparison of models with real cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Compared {
    /// Measured matrix products.
    Products,
    /// Networks of ncnn on boards.
    Boards,
    /// Two cores of one chip, ncnn.
    Cores,
    /// The ShuffleNetV2 paper's ARM core: tables 1 to 3 and 8, figure 2.
    Paper,
    /// This machine's own core, which is measured first: every operator of seventeen networks.
    Host,
}

/// Which networks to write, and where.
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    pub models: ModelArgs,
    /// Seed of weights and input.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,
    /// Folder to write MODEL.onnx, MODEL.in.bin and MODEL.out.bin to.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Whose guidelines to price, where.
#[derive(Clone, Debug, Args)]
pub struct GuidelinesArgs {
    /// Networks: a name, with parameters where its family has them: `shufflenet_v1(groups=3)`; or an ONNX
    /// file: `path/net.onnx`.
    #[arg(
        value_name = "MODELS",
        default_value = "shufflenet_v2",
        value_parser = NetworkName,
        hide_possible_values = true
    )]
    pub networks: Vec<String>,
    /// The same, as other verbs take them.
    #[arg(
        long,
        num_args = 1..,
        value_name = "MODEL",
        conflicts_with = "networks",
        value_parser = NetworkName,
        hide_possible_values = true
    )]
    pub model: Vec<String>,
    /// Every published network of the zoo.
    #[arg(long, conflicts_with_all = ["networks", "model"])]
    pub all: bool,
    /// How far graphs are lowered, after they were rewritten: `raw`, `folded` (batch norms folded
    /// into convolutions) or `fused` (what a fusing runtime leaves of the guidelines).
    #[arg(long, default_value_t)]
    pub level: Level,
    /// Images a run.
    #[arg(long, value_name = "N", default_value = "1", value_parser = at_least_one)]
    pub batch: usize,
    /// Height and width of the input instead of the network's own.
    #[arg(long, value_name = "HxW")]
    pub input: Option<InputSize>,
    /// Which weights a network out of a file has.
    #[arg(long, default_value = "file")]
    pub weights: Weights,
    #[command(flatten)]
    pub devices: DeviceArgs,
    /// Seconds for a network on a device, beyond verifying and the fewest samples of each side.
    #[arg(long, value_name = "S", default_value = "20", value_parser = seconds)]
    pub max_secs: f64,
    /// Folder to write to; without it, `reports/guidelines-<time>`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Skips what `--out` already has: same network, input, device, level, batch and threads.
    #[arg(long, requires = "out")]
    pub resume: bool,
    /// What to print.
    #[arg(long, default_value = "table")]
    pub format: TextFormat,
}

/// Whose completions.
#[derive(Clone, Debug, Args)]
pub struct CompletionsArgs {
    /// The shell.
    pub shell: Shell,
}

/// Which manual page.
#[derive(Clone, Debug, Args)]
pub struct ManArgs {
    /// A verb; without it, the command itself.
    pub verb: Option<String>,
}

/// Which two sides to compare. An option with two values, `1,2`, gives one to A and the other to B.
#[derive(Clone, Debug, Args)]
#[command(allow_negative_numbers = true)]
pub struct CompareArgs {
    /// The network of both sides, or A's and B's: a name, with parameters where its family has them, or an ONNX
    /// file: `path/net.onnx`.
    #[arg(
        value_name = "NETWORK",
        num_args = 1..=2,
        required = true,
        value_parser = NetworkName,
        hide_possible_values = true
    )]
    pub networks: Vec<String>,
    /// How far graphs are lowered: `folded`, `fused` or `raw`; `folded,fused` compares two levels.
    #[arg(long, num_args = 1, value_delimiter = ',', default_value = "folded")]
    pub level: Vec<Level>,
    /// Passes of level `fused` that B leaves out, so as to see what they are worth.
    #[arg(long, num_args = 1.., value_name = "PASS")]
    pub without: Vec<Pass>,
    /// Images a run.
    #[arg(long, value_name = "N", default_value = "1", value_parser = at_least_one)]
    pub batch: usize,
    /// Height and width of the input instead of the network's own.
    #[arg(long, value_name = "HxW")]
    pub input: Option<InputSize>,
    /// Which weights a network out of a file has.
    #[arg(long, default_value = "file")]
    pub weights: Weights,
    /// The device, or A's and B's: `cpu`, `gpu`.
    #[arg(long, default_value = "cpu", value_delimiter = ',', value_name = "DEVICE")]
    pub device: Vec<Choice>,
    /// The GPU adapter whose name, driver or PCI bus id contains this, or its number in the list, from 0.
    #[arg(long, value_name = "SUBSTRING")]
    pub adapter: Option<String>,
    /// Threads on the CPU; `1,2` compares two numbers of them.
    #[arg(
        long,
        value_name = "N",
        default_value = "1",
        value_delimiter = ',',
        value_parser = at_least_one
    )]
    pub threads: Vec<usize>,
    /// The CPU's processors to run on, a thread each, in this order: `4-7,0`.
    #[arg(long, value_name = "LIST")]
    pub cpus: Option<CpuList>,
    /// Instruction set on the CPU instead of its best; `avx2,avx512` compares two.
    #[arg(long, value_name = "ISA", value_delimiter = ',')]
    pub isa: Vec<String>,
    /// Another build of this program, which is A: a command that takes `probe`'s options, such as
    /// `old/target/release/probe`. This build is B.
    #[arg(long, value_name = "COMMAND")]
    pub against: Option<String>,
    /// Seed of weights and input.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,
    /// Takes the kernels that are expected to be fastest, instead of those that win a short trial.
    #[arg(long)]
    pub no_tune: bool,
    /// Does not measure what devices can do at most: operators then have no bound.
    #[arg(long)]
    pub no_calibration: bool,
    /// Seconds for both sides together, beyond verifying and the fewest sittings.
    #[arg(long, value_name = "S", default_value = "20", value_parser = seconds)]
    pub max_secs: f64,
    /// Ends with code 3 where B passes a limit for certain: `slower:2%` (its whole run), `operator:5%` (any of its
    /// operators), `memory:1%` (what it keeps in memory).
    #[arg(long, num_args = 1.., value_name = "LIMIT")]
    pub fail_on: Vec<Limit>,
    /// Markdown file to write what was found to, for a pull request.
    #[arg(long, value_name = "FILE")]
    pub summary: Option<PathBuf>,
    /// Folder to write to; without it, `reports/compare-<time>`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// What to print.
    #[arg(long, default_value = "table")]
    pub format: TableFormat,
}

impl CompareArgs {
    /// What a side runs, and where.
    pub fn side(&self, letter: Letter) -> (ModelArgs, DeviceArgs) {
        let models = ModelArgs {
            model: vec![own(&self.networks, letter)],
            all: false,
            level: own(&self.level, letter),
            without: if letter == Letter::B { self.without.clone() } else { Vec::new() },
            batch: vec![self.batch],
            input: self.input.into_iter().collect(),
            weights: self.weights,
        };
        let devices = DeviceArgs {
            device: vec![own(&self.device, letter)],
            adapter: self.adapter.clone(),
            threads: vec![own(&self.threads, letter)],
            cpus: self.cpus.clone(),
            isa: (!self.isa.is_empty()).then(|| own(&self.isa, letter)),
            seed: self.seed,
            no_tune: self.no_tune,
            no_calibration: self.no_calibration,
        };
        (models, devices)
    }

    /// Refuses options with more values than there are sides.
    ///
    /// # Errors
    /// In that case.
    pub fn demand_two(&self) -> anyhow::Result<()> {
        let given = [
            ("--level", self.level.len()),
            ("--device", self.device.len()),
            ("--threads", self.threads.len()),
            ("--isa", self.isa.len()),
        ];
        for (option, values) in given {
            ensure!(
                values <= 2,
                "{option} has {values} values: expected one, or one for each of the two sides"
            );
        }
        ensure!(
            !self.device.contains(&Choice::All),
            "--device all: expected a device, or one for each of the two sides: cpu,gpu"
        );
        Ok(())
    }
}

/// What of one or two `values` is a side's.
fn own<T: Clone>(values: &[T], letter: Letter) -> T {
    values[(letter as usize).min(values.len() - 1)].clone()
}

impl GuidelinesArgs {
    /// The networks asked for, as they are rewritten: not fused, so that a rewriting meets the
    /// operators that it speaks of.
    pub fn models(&self) -> ModelArgs {
        ModelArgs {
            model: if self.model.is_empty() { &self.networks } else { &self.model }.clone(),
            all: self.all,
            level: self.level.min(Level::Folded),
            without: Vec::new(),
            batch: vec![self.batch],
            input: self.input.into_iter().collect(),
            weights: self.weights,
        }
    }
}

/// The platforms that the paper chose channels for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PaperGrid {
    /// A GPU.
    Gpu,
    /// An ARM core.
    Arm,
}

impl PaperGrid {
    /// Its name in experiments.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gpu => "gpu",
            Self::Arm => "arm",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
