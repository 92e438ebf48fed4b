//! A building block as an experiment's file writes it.

use super::LARGEST;
use serde::Deserialize;
use zoo::micro;

/// A block of [`micro::Block`], at multiplier 1; channels count at the block's ends and inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "fields are those of `micro::Block`")]
pub enum Block {
    /// Two 1×1 convolutions, c1 → c2 → c1.
    Pair { c1: usize, c2: usize },
    /// One 1×1 convolution in groups.
    Grouped { channels: usize, groups: usize },
    /// Several 1×1 convolutions.
    Fragments { channels: usize, fragments: usize, arrangement: Arrangement },
    /// 1×1, 3×3, 1×1.
    Bottleneck { outer: usize, inner: usize, relu: bool, shortcut: bool, depthwise: bool },
}

/// How fragments are connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrangement {
    /// One after the other.
    Series,
    /// All read the block's input; their outputs are added.
    Parallel,
}

impl Block {
    /// The block with `factor` times the channels.
    pub const fn times(self, factor: usize) -> micro::Block {
        match self {
            Self::Pair { c1, c2 } => micro::Block::Pair { c1: c1 * factor, c2: c2 * factor },
            Self::Grouped { channels, groups } => {
                micro::Block::Grouped { channels: channels * factor, groups }
            }
            Self::Fragments { channels, fragments, arrangement } => micro::Block::Fragments {
                channels: channels * factor,
                fragments,
                arrangement: match arrangement {
                    Arrangement::Series => micro::Arrangement::Series,
                    Arrangement::Parallel => micro::Arrangement::Parallel,
                },
            },
            Self::Bottleneck { outer, inner, relu, shortcut, depthwise } => {
                let (outer, inner) = (outer * factor, inner * factor);
                micro::Block::Bottleneck { outer, inner, relu, shortcut, depthwise }
            }
        }
    }

    /// What no network could have, if anything.
    pub fn impossible(&self) -> Option<String> {
        let counts = match *self {
            Self::Pair { c1, c2 } => [("c1", c1), ("c2", c2)],
            Self::Grouped { channels, groups } => [("channels", channels), ("groups", groups)],
            Self::Fragments { channels, fragments, .. } => {
                [("channels", channels), ("fragments", fragments)]
            }
            Self::Bottleneck { outer, inner, .. } => [("outer", outer), ("inner", inner)],
        };
        let bad = counts.into_iter().find(|(_, n)| !(1..=LARGEST).contains(n));
        bad.map(|(name, n)| format!("{name} is {n}: expected 1 to {LARGEST}"))
    }
}
