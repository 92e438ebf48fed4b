//! What latency tables are asked for.

use super::common::{DeviceArgs, Format, ModelArgs, TextFormat, at_least_one, seconds};
use crate::{latency::Axes, network_name::NetworkName};
use clap::Args;
use profile::Level;
use std::path::PathBuf;

/// Which operators to measure, where.
#[derive(Clone, Debug, Args)]
#[command(allow_negative_numbers = true)]
pub struct TableArgs {
    #[command(flatten)]
    pub axes: Axes,
    /// The operators of these networks, each once, besides or instead of a grid.
    #[arg(
        long,
        num_args = 1..,
        value_name = "MODEL",
        value_parser = NetworkName,
        hide_possible_values = true
    )]
    pub model: Vec<String>,
    /// Grids of a TOML file, besides or instead of the options'.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// How far the networks of `--model` are lowered.
    #[arg(long, default_value_t, requires = "model")]
    pub level: Level,
    /// Images a run.
    #[arg(long, value_name = "N", default_value = "1", value_parser = at_least_one)]
    pub batch: usize,
    #[command(flatten)]
    pub devices: DeviceArgs,
    /// Seconds at most for an operator on a device, beyond verifying and the fewest samples.
    #[arg(long, value_name = "S", default_value = "1", value_parser = seconds)]
    pub max_secs: f64,
    /// Folder to write to; without it, `reports/table-<time>`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Skips the operators that `--out` already has.
    #[arg(long, requires = "out")]
    pub resume: bool,
    /// What to print.
    #[arg(long, default_value = "table")]
    pub format: Format,
}

/// Which networks to predict, from which table.
#[derive(Clone, Debug, Args)]
pub struct PredictArgs {
    /// The table: `ops.csv` or `profiles.jsonl` of `probe table`.
    #[arg(long, value_name = "FILE")]
    pub table: PathBuf,
    #[command(flatten)]
    pub models: ModelArgs,
    #[command(flatten)]
    pub devices: DeviceArgs,
    /// Adds up the table alone: runs nothing.
    #[arg(long)]
    pub no_run: bool,
    /// Seconds at most for a network on a device.
    #[arg(long, value_name = "S", default_value = "10", value_parser = seconds)]
    pub max_secs: f64,
    /// What to print.
    #[arg(long, default_value = "table")]
    pub format: TextFormat,
}
