//! What an operator must do, by formula: arithmetic and memory access. Nothing here was measured.

use serde::{Deserialize, Serialize};
use std::{
    iter::Sum,
    ops::{Add, AddAssign},
};
use strum::{Display, IntoStaticStr};

/// The FLOP convention, printed under every table.
pub const FLOPS_CONVENTION: &str = "FLOPs: 2 × mult-adds for convolution and linear operators, 1 per \
     element-wise operation; mult-adds count convolution and linear operators only (the paper's \
     \"FLOPs\")";

/// The memory-access convention, printed under every table.
pub const ACCESS_CONVENTION: &str = "MAC: memory access cost as in the ShuffleNetV2 paper, elements \
     read + written + weights, each once, biases left out; shown in bytes of 32-bit floats";

/// The largest count of anything in a graph: programs that hold the numbers of a JSON file as doubles read
/// it exactly. [`Cost`]s are summed to the largest number there is and no further, which lies far above: so
/// what is at most this is exact.
pub const LARGEST_COUNT: u64 = 1 << 53;

/// The buckets of the ShuffleNetV2 paper's figure 2.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Class {
    /// Convolution, depthwise included.
    Conv,
    /// Activation, add, multiply, batch norm that stands alone.
    ElementWise,
    /// Split, concat, pad, flatten: moves data, computes nothing.
    Data,
    /// Channel shuffle.
    Shuffle,
    /// Pooling, linear, normalisation over a window, softmax.
    Other,
}

impl Class {
    /// Every class in the order in which tables and charts show them.
    pub const ALL: [Self; 5] =
        [Self::Conv, Self::ElementWise, Self::Data, Self::Shuffle, Self::Other];

    /// The class's name as files and tables print it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Memory access cost in elements, each counted once ([`ACCESS_CONVENTION`]).
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Access {
    /// Activation elements read.
    pub read: u64,
    /// Activation elements written.
    pub written: u64,
    /// Weight elements read; biases are not counted.
    pub weights: u64,
}

impl Access {
    /// All elements: read + written + weights.
    pub const fn elements(self) -> u64 {
        self.read.saturating_add(self.written).saturating_add(self.weights)
    }

    /// All bytes, at 4 bytes an element.
    pub const fn bytes(self) -> u64 {
        self.elements().saturating_mul(4)
    }
}

/// What one operator, or a whole graph, must compute and touch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Trainable parameters that the operator stands for. A convolution that took a batch norm in
    /// keeps counting the batch norm's γ and β: folding moves parameters, it does not remove them.
    pub params: u64,
    /// Multiply-adds of convolution and linear operators; 0 elsewhere.
    pub mul_adds: u64,
    /// Floating-point operations ([`FLOPS_CONVENTION`]).
    pub flops: u64,
    /// Memory access cost.
    pub access: Access,
}

impl Cost {
    /// The first of its counts that is more than [`LARGEST_COUNT`], by name; `None` where it is exact.
    pub fn beyond(self) -> Option<(&'static str, u64)> {
        let counts = [
            ("parameters", self.params),
            ("mult-adds", self.mul_adds),
            ("FLOPs", self.flops),
            ("bytes of memory access cost", self.access.bytes()),
        ];
        counts.into_iter().find(|(_, count)| *count > LARGEST_COUNT)
    }
}

impl Add for Access {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Self {
            read: self.read.saturating_add(o.read),
            written: self.written.saturating_add(o.written),
            weights: self.weights.saturating_add(o.weights),
        }
    }
}

impl Add for Cost {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Self {
            params: self.params.saturating_add(o.params),
            mul_adds: self.mul_adds.saturating_add(o.mul_adds),
            flops: self.flops.saturating_add(o.flops),
            access: self.access + o.access,
        }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, o: Self) {
        *self = *self + o;
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_counting_is_named_and_never_wraps() {
        let of = |mul_adds: u64| Cost { mul_adds, flops: 2 * mul_adds, ..Cost::default() };
        assert_eq!(of(LARGEST_COUNT / 2).beyond(), None);
        assert_eq!(of(LARGEST_COUNT).beyond(), Some(("FLOPs", 2 * LARGEST_COUNT)));
        let access = Access { read: u64::MAX, written: 1, weights: 0 };
        let sum: Cost =
            [of(u64::MAX / 2), of(u64::MAX / 2), Cost { access, ..of(1) }].into_iter().sum();
        assert_eq!((sum.mul_adds, sum.access.bytes()), (u64::MAX, u64::MAX));
        assert_eq!(sum.beyond(), Some(("mult-adds", u64::MAX)));
    }
}
