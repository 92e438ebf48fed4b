//! What a network must do by formula, against which shares of its time are held.

use crate::analysis::{Analysis, ClassSum, Operator};
use profile::Class;

/// An amount that an operator has on whatever device it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    /// Multiply-adds.
    MulAdds,
    /// Memory access cost, bytes.
    Access,
}

impl Formula {
    /// Both.
    pub const ALL: [Self; 2] = [Self::MulAdds, Self::Access];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MulAdds => "mult-adds (formula)",
            Self::Access => "memory access cost (formula)",
        }
    }

    /// That of an operator.
    pub fn of(self, op: &Operator) -> u64 {
        match self {
            Self::MulAdds => op.record.mul_adds,
            Self::Access => op.record.access.bytes(),
        }
    }

    /// That of a network.
    pub fn total(self, a: &Analysis) -> u64 {
        a.ops.iter().map(|op| self.of(op)).sum()
    }

    /// The share of each class that has operators, 0 to 1.
    pub fn shares(self, a: &Analysis) -> Vec<(Class, f64)> {
        let of = |sum: &ClassSum| match self {
            Self::MulAdds => sum.mul_adds,
            Self::Access => sum.access_bytes,
        };
        let total = self.total(a).max(1) as f64;
        a.classes().iter().map(|sum| (sum.class, of(sum) as f64 / total)).collect()
    }
}
