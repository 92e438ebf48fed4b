//! One measurement: a model on a device at a level, batch and thread count.

use crate::{
    Access, Calibration, Class, Comparison, Core, Device, Experiment, Level, Machine, Modelled,
    Shape, Side,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The schema's version. It grows when a key changes its meaning or goes away.
pub const SCHEMA: u32 = 2;

/// An operator's attribute: a number, a word, a flag or a list of numbers (`"kernel": [3, 3]`).
pub type Attr = serde_json::Value;

/// One line of `profiles.jsonl`.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// [`SCHEMA`] of the writer.
    pub schema: u32,
    /// The model as it was asked for, e.g. `shufflenet_v1(groups=3)`.
    pub model: String,
    /// The year in which the network was first published, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Shape of the first input, N, C, H, W.
    pub input: Shape,
    /// Shapes of the inputs after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more_inputs: Vec<Shape>,
    /// Images per run: the first input's N.
    pub batch: usize,
    /// How the graph was lowered.
    pub level: Level,
    /// Threads that ran the network (1 on a GPU: the submitting one).
    pub threads: usize,
    /// Where it ran.
    pub device: Device,
    /// The machine round the device.
    pub machine: Machine,
    /// The core of each thread that ran the network, in their order; none where they were not pinned, and in
    /// files that do not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workers: Vec<Core>,
    /// The program that measured.
    pub build: Build,
    /// When the measurement ended, RFC 3339, UTC.
    pub taken_at: String,
    /// How it was asked to measure.
    pub settings: Settings,
    /// Trainable parameters of the model.
    pub params: u64,
    /// Multiply-adds of its convolution and linear operators.
    pub mul_adds: u64,
    /// What was checked before the clock started.
    pub verification: Verification,
    /// How operators were timed.
    pub timing: Timing,
    /// What the harness itself costs.
    pub overhead: Overhead,
    /// What the prepared network keeps in memory, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Memory>,
    /// What the device can do at most, where that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// What disturbed the run.
    pub noise: Noise,
    /// The experiment that it belongs to, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<Experiment>,
    /// The comparison that it belongs to, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// The side that it is of two that were compared, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// Whole runs without instrumentation, nanoseconds, in the order taken.
    pub whole_ns: Vec<u64>,
    /// What each of [`Self::whole_ns`] was on the GPU by its own clock, nanoseconds; none where that is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gpu_ns: Vec<u64>,
    /// What each of them took to encode commands, nanoseconds; none on a CPU.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub encode_ns: Vec<u64>,
    /// What each of them took to submit commands, nanoseconds; none on a CPU.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub submit_ns: Vec<u64>,
    /// Whole runs with every operator timed, nanoseconds, in the order taken.
    pub instrumented_ns: Vec<u64>,
    /// The operators in the order in which they ran.
    pub ops: Vec<OpRecord>,
}

impl Profile {
    /// Whether it is of a network that somebody would run, not of a point of an experiment or of
    /// what a network is compared with.
    pub fn is_network(&self) -> bool {
        self.experiment.is_none() && self.comparison.as_ref().is_none_or(Comparison::is_network)
    }

    /// Shapes of all inputs as text.
    pub fn inputs(&self) -> String {
        Shape::list([&self.input].into_iter().chain(&self.more_inputs))
    }

    /// How the graph was lowered: the level, and the passes that were left out.
    pub fn lowering(&self) -> String {
        match self.settings.without.as_slice() {
            [] => self.level.to_string(),
            without => format!("{} without {}", self.level, without.join(", ")),
        }
    }
}

/// One operator of a profile.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OpRecord {
    /// The node's name in the network, e.g. `stage2.0.branch2.conv1`.
    pub name: String,
    /// The operator, e.g. `conv2d`.
    pub kind: String,
    /// Its bucket.
    pub class: Class,
    /// Shapes of its inputs, N, C, H, W.
    pub inputs: Vec<Shape>,
    /// Where its inputs come from: 0 is an input of the network, i + 1 the output of operator i. Empty
    /// in files that do not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<usize>,
    /// Shape of its output, N, C, H, W.
    pub output: Shape,
    /// Its attributes.
    pub attrs: BTreeMap<String, Attr>,
    /// Trainable parameters that it stands for.
    pub params: u64,
    /// Multiply-adds.
    pub mul_adds: u64,
    /// Floating-point operations.
    pub flops: u64,
    /// Memory access cost in elements.
    pub access: Access,
    /// The kernel that ran it.
    pub kernel: String,
    /// Floating-point operations that the kernel executed, where its algorithm needs others than
    /// the operator's definition has ([`Self::flops`], by which operators are judged).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executed_flops: Option<u64>,
    /// Whether the output took the place of an input, so that one map less was touched.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_place: bool,
    /// Times inside the running network, nanoseconds, in the order taken.
    pub samples_ns: Vec<u64>,
    /// Times inside the network where its maps were read just before, nanoseconds, in the order taken:
    /// beside [`Self::samples_ns`] they tell what its data's way took. Empty where the device cannot.
    /// Schema 1 calls it `at_hand_ns`.
    #[serde(default, alias = "at_hand_ns", skip_serializing_if = "Vec::is_empty")]
    pub warm_ns: Vec<u64>,
    /// Times of one run of many in a row, nanoseconds, in the order taken: the slope of N against 2 N of them, a
    /// cross-check of the clock. Only of the operators that take longest, on a GPU.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repeated_ns: Vec<u64>,
    /// What a modelled device did for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modelled: Option<Modelled>,
}

impl OpRecord {
    /// The kernel of an operator for which nothing has to run.
    pub const VIEW: &str = "view";

    /// Whether nothing had to run for it.
    pub fn is_view(&self) -> bool {
        self.kernel == Self::VIEW
    }
}

/// The program that measured.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Build {
    /// Version of the lab.
    pub version: String,
    /// Commit it was built from, `-dirty` appended where the tree had changes, empty if unknown.
    pub commit: String,
    /// Compiler.
    pub rustc: String,
    /// Target triple.
    pub target: String,
}

/// How a measurement was asked for.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Seed of weights and input.
    pub seed: u64,
    /// Runs before the first sample.
    pub warmup: usize,
    /// Samples at most; 0 where only precision and time decide.
    pub iters: usize,
    /// Seconds at most.
    pub max_secs: f64,
    /// Relative width of the median's 95 % interval at which sampling stops.
    pub precision: f64,
    /// Whether threads were pinned to processors.
    pub pinned: bool,
    /// Passes of level `fused` that were left out, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
}

/// The outcome of checking every operator's output against its f64 reference.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// Whether every output was within its tolerance.
    pub passed: bool,
    /// Operators checked.
    pub ops: usize,
    /// Output elements compared with the reference.
    pub elements: u64,
    /// The node that came closest to (or went past) its tolerance.
    pub worst_op: String,
    /// Its largest error as a share of the tolerance; 1 is the limit.
    pub worst_share: f64,
    /// What is wrong beyond a single element, empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Largest difference between this output and the first (the CPU's, where it ran), relative to the
    /// largest value; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against_cpu: Option<f64>,
}

/// How operators were timed.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// What timed all operators: [`Self::MONOTONIC`], [`Self::ONE_PASS`], [`Self::PASSES`] or
    /// [`Self::SUBMISSIONS`], or what a model is called. Files before 2026-12-01 call the third `GPU time stamps`.
    pub source: String,
    /// Smallest step of that source, nanoseconds.
    pub resolution_ns: f64,
    /// Why a fallback was taken, empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Preparing the session: packing weights, compiling shaders, nanoseconds.
    pub prepare_ns: u64,
}

impl Timing {
    /// The system's clock, read between operators on a CPU.
    pub const MONOTONIC: &'static str = "monotonic clock";
    /// Time stamps of a GPU between operators, all in one pass.
    pub const ONE_PASS: &'static str = "GPU time stamps in one pass";
    /// Time stamps at both ends of passes, one an operator.
    pub const PASSES: &'static str = "GPU time stamps, a pass an operator";
    /// The system's clock, read before and after a submission of each operator: where time stamps are missing or unfit.
    pub const SUBMISSIONS: &'static str = "wall clock per submission";

    /// Whether an operator's time has encoding, submitting and waiting in it.
    pub fn is_of_submissions(&self) -> bool {
        self.source == Self::SUBMISSIONS
    }
}

/// What the harness itself costs.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Overhead {
    /// Per operator on the null device: reading the clock and passing the barrier, nanoseconds.
    pub per_op_ns: f64,
    /// An empty dispatch (GPU) or an empty parallel region (CPU), nanoseconds.
    pub dispatch_ns: f64,
    /// A dispatch that reads what the one before wrote, nanoseconds; none on a CPU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dependent_ns: Option<f64>,
}

/// Bytes that a prepared network keeps. Preparing it takes more for a moment: the weights of a node
/// as they were drawn, beside the packed ones.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Weights as kernels want them: padded, and for Winograd's algorithm at all points.
    pub weights: u64,
    /// Activations; those that do not live at once share memory.
    pub activations: u64,
    /// What kernels use while they run.
    pub scratch: u64,
}

/// What disturbed the run.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Noise {
    /// Load average over one minute before and after.
    pub load: [f64; 2],
    /// Share of processor time stolen by the hypervisor, if known.
    pub steal: Option<f64>,
    /// Share of all processor time that other programs took, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<f64>,
    /// A fixed chain of arithmetic timed again and again: its slowest over its fastest time, a tenth
    /// of them left out at either end. A clock that drifts or throttles shows here; on a GPU it is
    /// still the processor's clock.
    pub drift: f64,
    /// Half the width of the whole run's 95 % interval over its median; 1 where fewer than six runs give none.
    pub spread: f64,
    /// Share of its time for which another program ran on the busiest of the processors that the threads are
    /// pinned to, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rival: Option<f64>,
    /// How often the system took a processor from a thread that would have run on, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preempted: Option<u64>,
    /// Periods in which the quota of a control group halted the program, and all periods of it meanwhile;
    /// absent where no quota is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttled: Option<[u64; 2]>,
    /// The lowest and the highest frequency that the system gave a processor of the threads meanwhile, MHz, if
    /// known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency_mhz: Option<[f64; 2]>,
    /// The temperature of the processor's hottest sensor before and after, degrees Celsius, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<[f64; 2]>,
    /// Whether the user ended the measurement before its time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
    /// Whether the run should be called noisy, and why; empty if it should not.
    pub reasons: Vec<String>,
}
