//! The networks of the ShuffleNetV2 paper's guideline experiments (section 2): one building block,
//! stacked, at one map size.
//!
//! What the paper leaves open is decided as follows: convolutions have no bias (a folded batch norm
//! would add one), and only the bottlenecks of G4 have activations.
//!
//! ```
//! use zoo::micro::{Block, Stack};
//! let block = Block::Pair { c1: 128, c2: 128 };
//! let graph = Stack { block, blocks: 10, size: (56, 56), batch: 1 }.build()?;
//! assert_eq!(graph.cost().mul_adds, 20 * 51_380_224);
//! # Ok::<(), ops::GraphError>(())
//! ```

mod name;

pub use crate::model::LARGEST;
pub use name::{GUIDES, Guide};

use crate::{
    Paper,
    net::{BuildError, Net, Result},
};
use ops::{Conv2d, Graph, GraphError, MOST_NODES, Value};
use profile::Shape;
use serde::Deserialize;

/// Where the guidelines and the experiments were published.
pub const PAPER: Paper = Paper {
    authors: "Ma et al.",
    title: "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design",
    year: 2018,
    arxiv: "1807.11164",
};

/// A building block; its input and output have the same shape, so that it can be stacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Block {
    /// G1, table 1: 1×1 convolutions `c1` → `c2` → `c1`.
    Pair {
        /// Channels between blocks.
        c1: usize,
        /// Channels within the block.
        c2: usize,
    },
    /// G2, table 2: one 1×1 convolution in groups.
    Grouped {
        /// Channels in and out.
        channels: usize,
        /// Groups, which must divide them.
        groups: usize,
    },
    /// G3, table 3: several 1×1 convolutions, each as wide as the block.
    Fragments {
        /// Channels in and out of every convolution.
        channels: usize,
        /// Number of convolutions.
        fragments: usize,
        /// How they are connected.
        arrangement: Arrangement,
    },
    /// G4, table 4: ResNet's bottleneck, 1×1, 3×3, 1×1.
    Bottleneck {
        /// Channels in and out.
        outer: usize,
        /// Channels of the 3×3 convolution.
        inner: usize,
        /// Whether a ReLU follows each convolution (the last one after the shortcut).
        relu: bool,
        /// Whether the input is added to the output.
        shortcut: bool,
        /// Whether the 3×3 convolution is depthwise.
        depthwise: bool,
    },
}

/// How the fragments of a block are connected (paper's appendix, figure 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrangement {
    /// One after the other.
    Series,
    /// All read the block's input; their outputs are added.
    Parallel,
}

/// Copies of a block, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stack {
    /// The block.
    pub block: Block,
    /// How many.
    pub blocks: usize,
    /// Height and width of every map.
    pub size: (usize, usize),
    /// Images a run.
    pub batch: usize,
}

impl Stack {
    /// How many nodes the network has.
    pub const fn nodes(&self) -> usize {
        self.blocks.saturating_mul(self.block.nodes())
    }

    /// The network, named after what it is made of.
    ///
    /// # Errors
    /// Where groups do not divide, or there are no channels: the error names the node. Where it would have
    /// too many nodes or costs that no number holds.
    pub fn build(&self) -> std::result::Result<Graph, GraphError> {
        if self.nodes() > MOST_NODES {
            return Err(GraphError::Nodes { model: self.to_string() });
        }
        let input = Shape::new(self.batch, self.block.channels(), self.size.0, self.size.1);
        let mut net = Net::new(&self.to_string(), input);
        let mut x = Value::INPUT;
        for i in 0..self.blocks {
            match net.scope(format!("block{i}"), |net| self.block.draw(net, x)) {
                Ok(output) => x = output,
                Err(BuildError::Graph(error)) => return Err(error),
                Err(BuildError::Parameter { .. }) => unreachable!("blocks take no parameters"),
            }
        }
        Ok(net.finish(x))
    }
}

impl Block {
    /// The block with `factor` times the channels.
    #[must_use]
    pub const fn times(self, factor: usize) -> Self {
        match self {
            Self::Pair { c1, c2 } => Self::Pair { c1: c1 * factor, c2: c2 * factor },
            Self::Grouped { channels, groups } => {
                Self::Grouped { channels: channels * factor, groups }
            }
            Self::Fragments { channels, fragments, arrangement } => {
                Self::Fragments { channels: channels * factor, fragments, arrangement }
            }
            Self::Bottleneck { outer, inner, relu, shortcut, depthwise } => {
                let (outer, inner) = (outer * factor, inner * factor);
                Self::Bottleneck { outer, inner, relu, shortcut, depthwise }
            }
        }
    }

    /// A count that no network could have, if there is one: what it is, and what was expected.
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

    /// Channels between blocks.
    pub const fn channels(&self) -> usize {
        match *self {
            Self::Pair { c1, .. } => c1,
            Self::Grouped { channels, .. } | Self::Fragments { channels, .. } => channels,
            Self::Bottleneck { outer, .. } => outer,
        }
    }

    /// How many nodes it has.
    const fn nodes(&self) -> usize {
        match *self {
            Self::Pair { .. } => 2,
            Self::Grouped { .. } => 1,
            Self::Fragments { fragments, arrangement: Arrangement::Series, .. } => fragments,
            Self::Fragments { fragments, arrangement: Arrangement::Parallel, .. } => {
                fragments.saturating_mul(2).saturating_sub(1)
            }
            Self::Bottleneck { relu, shortcut, .. } => 3 + 3 * relu as usize + shortcut as usize,
        }
    }

    fn draw(&self, net: &mut Net, x: Value) -> Result {
        match *self {
            Self::Pair { c1, c2 } => {
                let y = net.conv("conv1", x, Conv2d::new(c2, 1))?;
                net.conv("conv2", y, Conv2d::new(c1, 1))
            }
            Self::Grouped { channels, groups } => {
                net.conv("conv", x, Conv2d::new(channels, 1).groups(groups))
            }
            Self::Fragments { channels, fragments, arrangement } => {
                draw_fragments(net, x, Conv2d::new(channels, 1), fragments, arrangement)
            }
            Self::Bottleneck { outer, inner, relu, shortcut, depthwise } => {
                let groups = if depthwise { inner } else { 1 };
                let middle = Conv2d::new(inner, 3).padding(1).groups(groups);
                let act = |net: &mut Net, name: &str, x| match relu {
                    true => net.relu(name, x),
                    false => Ok(x),
                };
                let y = net.conv("conv1", x, Conv2d::new(inner, 1))?;
                let y = act(net, "relu1", y)?;
                let y = net.conv("conv2", y, middle)?;
                let y = act(net, "relu2", y)?;
                let y = net.conv("conv3", y, Conv2d::new(outer, 1))?;
                let y = if shortcut { net.add("add", y, x)? } else { y };
                act(net, "relu3", y)
            }
        }
    }
}

fn draw_fragments(
    net: &mut Net,
    x: Value,
    conv: Conv2d,
    fragments: usize,
    arrangement: Arrangement,
) -> Result {
    let mut result = None;
    for i in 1..=fragments {
        let name = format!("fragment{i}");
        result = Some(match (arrangement, result) {
            (_, None) => net.conv(&name, x, conv)?,
            (Arrangement::Series, Some(before)) => net.conv(&name, before, conv)?,
            (Arrangement::Parallel, Some(before)) => {
                let branch = net.conv(&name, x, conv)?;
                net.add(&format!("add{i}"), before, branch)?
            }
        });
    }
    Ok(result.unwrap_or(x))
}
