//! What several verbs ask for: networks, devices, forms of output.

use crate::{cores::CpuList, network_name::NetworkName};
use clap::{Args, ValueEnum};
use ops::level::Pass;
use profile::Level;
use std::{fmt, str::FromStr};

/// Which networks, and how they are lowered.
// Every verb that takes numbers has these or `DeviceArgs`; there, -1 is a value of the option before it.
#[derive(Clone, Debug, Args)]
#[command(allow_negative_numbers = true)]
pub struct ModelArgs {
    /// Networks: a name, with parameters where its family has them: `shufflenet_v1(groups=3)`; or an ONNX
    /// file: `path/net.onnx`.
    #[arg(
        long,
        num_args = 1..,
        value_name = "MODEL",
        default_value = "shufflenet_v2",
        value_parser = NetworkName,
        hide_possible_values = true
    )]
    pub model: Vec<String>,
    /// Every published network of the zoo.
    #[arg(long, conflicts_with = "model")]
    pub all: bool,
    /// How far graphs are lowered: `raw`, `folded` (batch norms folded into convolutions) or
    /// `fused` (activations, additions and moves of data absorbed as well).
    #[arg(long, default_value_t)]
    pub level: Level,
    /// Passes of level `fused` to leave out, so as to see what they are worth.
    #[arg(long, num_args = 1.., value_name = "PASS")]
    pub without: Vec<Pass>,
    /// Images a run; several numbers take each network once with each: `1,8,32`.
    #[arg(
        long,
        value_name = "N",
        default_value = "1",
        value_delimiter = ',',
        value_parser = at_least_one
    )]
    pub batch: Vec<usize>,
    /// Height and width of the input instead of the network's own, one or several: `224x192,160`.
    #[arg(long, value_name = "HxW", value_delimiter = ',')]
    pub input: Vec<InputSize>,
    /// Which weights a network out of a file has.
    #[arg(long, default_value = "file")]
    pub weights: Weights,
}

/// The weights of a network out of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Weights {
    /// The file's.
    File,
    /// Drawn, as those of the lab's own networks.
    Drawn,
}

/// Where networks run.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(allow_negative_numbers = true)]
pub struct DeviceArgs {
    /// Devices to run on, one or several: `cpu`, `gpu`, `all` (both), or a core that is described, on a board:
    /// `model:cortex-a57@jetson-nano`. Its times are computed, not taken.
    #[arg(long, default_value = "all", value_delimiter = ',', value_name = "DEVICE")]
    pub device: Vec<Choice>,
    /// The GPU adapter whose name, driver or PCI bus id contains this, or its number in the list, from 0.
    #[arg(long, value_name = "SUBSTRING")]
    pub adapter: Option<String>,
    /// Threads on the CPU; several numbers measure it once with each: `1,2`.
    #[arg(
        long,
        value_name = "N",
        default_value = "1",
        value_delimiter = ',',
        value_parser = at_least_one
    )]
    pub threads: Vec<usize>,
    /// The CPU's processors to run on, a thread each, in this order: `4-7,0`; without it, the fastest first and
    /// one thread a core before a second one.
    #[arg(long, value_name = "LIST")]
    pub cpus: Option<CpuList>,
    /// Instruction set on the CPU instead of its best.
    #[arg(long, value_name = "ISA")]
    pub isa: Option<String>,
    /// Seed of weights and input.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,
    /// Takes the kernels that are expected to be fastest, instead of those that win a short trial
    /// on this machine (the winners are remembered).
    #[arg(long)]
    pub no_tune: bool,
    /// Does not measure what devices can do at most: operators then have no bound.
    #[arg(long)]
    pub no_calibration: bool,
}

/// Which devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The processor.
    Cpu,
    /// The graphics adapter, or what renders in its place.
    Gpu,
    /// Every device there is.
    All,
    /// A described core on a described board: `CORE@BOARD`.
    Model(String),
}

impl FromStr for Choice {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (text, text.strip_prefix("model:")) {
            ("cpu", _) => Ok(Self::Cpu),
            ("gpu", _) => Ok(Self::Gpu),
            ("all", _) => Ok(Self::All),
            (_, Some(model)) => Ok(Self::Model(model.to_owned())),
            _ => Err("expected cpu, gpu, all or model:CORE@BOARD"),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Gpu => f.write_str("gpu"),
            Self::All => f.write_str("all"),
            Self::Model(model) => write!(f, "model:{model}"),
        }
    }
}

impl DeviceArgs {
    /// Whether the device is among those asked for, by its name or as one of all.
    pub fn wants(&self, device: &Choice) -> bool {
        self.device.contains(device) || self.device.contains(&Choice::All)
    }

    /// The modelled devices asked for.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        self.device.iter().filter_map(|device| match device {
            Choice::Model(model) => Some(model.as_str()),
            _ => None,
        })
    }
}

/// How a measurement is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// A profile a line.
    Json,
    /// An operator a line.
    Csv,
}

/// How facts are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TextFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// Height and width of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputSize {
    /// Height in pixels.
    pub h: usize,
    /// Width in pixels.
    pub w: usize,
}

impl FromStr for InputSize {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let axis = |text: &str| text.parse().ok().filter(|&n: &usize| n > 0);
        let (h, w) = text.split_once(['x', 'X', '×']).unwrap_or((text, text));
        axis(h).zip(axis(w)).map(|(h, w)| Self { h, w }).ok_or_else(|| {
            "expected height x width in pixels, like 224x224, or 224 for both".to_owned()
        })
    }
}

/// A whole number from 1.
pub fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&n| n > 0).ok_or_else(|| "expected a whole number from 1".to_owned())
}

/// Most seconds that anything may take: thirty years.
const MOST_SECONDS: f64 = 1e9;

/// A time that ends.
pub fn seconds(text: &str) -> Result<f64, String> {
    let fits = |s: &f64| *s > 0.0 && *s <= MOST_SECONDS;
    let expected = || format!("expected seconds, more than 0 and at most {MOST_SECONDS}");
    text.parse().ok().filter(fits).ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_some_and_end() {
        assert_eq!((seconds("0.5"), seconds("1e9")), (Ok(0.5), Ok(1e9)));
        for bad in ["0", "-1", "NaN", "inf", "1e10", "1e300", "s", ""] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_are_height_by_width() {
        assert_eq!("224x192".parse(), Ok(InputSize { h: 224, w: 192 }));
        assert_eq!("160".parse(), Ok(InputSize { h: 160, w: 160 }));
        for bad in ["", "x", "0x224", "224x", "-1x2", "2x2x2", "99999999999999999999x2"] {
            assert!(bad.parse::<InputSize>().is_err(), "{bad}");
        }
    }
}
