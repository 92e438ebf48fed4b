//! What a modelled core did for an operator: the kernel's own instructions and accesses, counted, and what
//! they take on the core's resources.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::{Display, EnumCount, EnumIter, IntoEnumIterator};

/// The vectors that a modelled core computes with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Display)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Vectors {
    /// ARM's, of 128 bits.
    #[default]
    Neon,
    /// x86's of 256 bits.
    Avx2,
    /// x86's of 512 bits.
    Avx512,
}

impl Vectors {
    /// 32-bit floats in one.
    pub const fn lanes(self) -> usize {
        match self {
            Self::Neon => 4,
            Self::Avx2 => 8,
            Self::Avx512 => 16,
        }
    }

    /// Whether what is loaded can be an operand: the load is then dispatched with what uses it.
    pub const fn in_memory(self) -> bool {
        !matches!(self, Self::Neon)
    }
}

/// An instruction that a kernel's lanes issue, on [vectors](Vectors) of the core.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Deserialize,
    Display,
    EnumCount,
    EnumIter,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Instruction {
    /// A fused multiply-add.
    Fma,
    /// An addition or a subtraction, of integers too.
    Add,
    /// A multiplication, and the steps of an estimate.
    Mul,
    /// A division.
    Div,
    /// A square root.
    Sqrt,
    /// The larger or the smaller.
    Compare,
    /// Rounding, and conversion to integers.
    Round,
    /// Lanes moved within a vector, or between two.
    Permute,
    /// All lanes into one number.
    Reduce,
    /// A number from memory into all lanes.
    Broadcast,
    /// A vector from memory.
    Load,
    /// Part of a vector from memory: a single number on NEON.
    LoadPart,
    /// A vector to memory.
    Store,
    /// Part of a vector to memory: a single number on NEON.
    StorePart,
}

impl Instruction {
    /// How many kinds there are.
    pub const KINDS: usize = Self::COUNT;

    /// All of them; each is as far from the first as its number says.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }
}

/// The share by which a modelled time may be off either way: which instruction stands where, counts cannot see.
pub const BAND: f64 = 0.2;

/// What a modelled core did for an operator.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Modelled {
    /// Instructions, by the name of their kind; none that were not issued.
    pub instructions: BTreeMap<String, u64>,
    /// Issued access: bytes that loads and stores asked for.
    pub issued_bytes: u64,
    /// Bytes that crossed into and out of the first-level cache (`l2`: from and to the second level), and
    /// so on outwards to `memory`.
    pub traffic_bytes: BTreeMap<String, u64>,
    /// What each resource takes alone, nanoseconds.
    pub resource_ns: BTreeMap<String, u64>,
    /// The one that takes longest; `None` for what does nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound_by: Option<String>,
}
