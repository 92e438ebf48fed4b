//! Where a time was taken: the machine, and the device on it.

use serde::{Deserialize, Serialize};
use strum::{Display, IntoStaticStr};

/// The family of processor that did the work.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum DeviceKind {
    /// A graphics adapter (or a rasteriser that stands in for one: see [`Rendering`]).
    Gpu,
    /// An ARM core.
    Arm,
    /// An x86 core.
    X86,
    /// Any other processor.
    Other,
}

impl DeviceKind {
    /// The kind's name as files and tables print it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Whether a device is what its kind says, or something that plays it.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Rendering {
    /// The silicon itself.
    Real,
    /// A GPU interface drawn by the CPU (llvmpipe, SwiftShader).
    SoftwareRendered,
    /// An instruction set run by an emulator: its results are proof, its times are not.
    Emulated,
    /// Computed from a model, never run.
    Modelled,
}

impl Rendering {
    /// The name as files and tables print it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The device that a profile was taken on.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Device {
    /// Its name: the processor's brand or the adapter's name.
    pub name: String,
    /// Its family.
    pub kind: DeviceKind,
    /// Instruction set in use (`avx2`, `neon`) or GPU interface (`vulkan`).
    pub arch: String,
    /// Real, software-rendered, emulated or modelled.
    pub rendering: Rendering,
    /// Driver's name and version (GPU), empty on a CPU.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub driver: String,
    /// PCI bus id of a GPU (`0000:41:00.0`), which tells equal cards apart; empty where it has none or nobody tells.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bus: String,
}

impl Device {
    /// One line for tables and legends. It always says whether the device is real, so that no
    /// number stands without it.
    pub fn label(&self) -> String {
        format!("{} ({}, {}, {})", self.name, self.kind, self.arch, self.rendering)
    }

    /// The same with the threads that ran on it, where they matter.
    pub fn place(&self, threads: usize) -> String {
        match (self.kind, threads) {
            (DeviceKind::Gpu, _) => self.label(),
            (_, 1) => format!("{}, 1 thread", self.label()),
            (_, n) => format!("{}, {n} threads", self.label()),
        }
    }
}

/// The machine round the device. Two whose records are the same count as one: no name of a host is kept.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Machine {
    /// Operating system and version.
    pub os: String,
    /// Kernel version.
    pub kernel: String,
    /// Processor's brand.
    pub cpu: String,
    /// What tells processors of one brand apart (`family 26, model 2`): clouds sell several generations
    /// under one name. Empty where the processor does not tell, and in files that do not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model: String,
    /// Processors that this process may use.
    pub cores: usize,
    /// Physical memory in bytes.
    pub memory_bytes: u64,
}

impl Machine {
    /// Its processors in a few words. Other machines may have the same.
    pub fn processors(&self) -> String {
        let Self { cpu, model, cores, .. } = self;
        let model = if model.is_empty() { String::new() } else { format!(" ({model})") };
        format!("{cpu}{model}, {cores} processors")
    }
}
