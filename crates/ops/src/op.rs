//! The closed list of operators.

use crate::{
    BatchNorm, Binary, ChannelAffine, ChannelConv, ChannelPad, ChannelPool, ChannelShuffle,
    ChannelSlice, ChannelSplit, Concat, Concat2d, ConcatShuffle, Conv2d, ConvTranspose2d, Flatten,
    GlobalL2Pool, GroupNorm, LayerNorm, Linear, LocalResponseNorm, LogSoftmax, MapConstant,
    Operator, PRelu, Pad2d, Permute, PixelShuffle, Pool2d, Reshape, Resize, Softmax, Transpose2d,
    Unary,
};
use profile::{Access, Cost, Shape};
use std::ops::Deref;

/// Declares the closed enum of operators.
macro_rules! operators {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Any operator of the lab.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Op { $($(#[$doc])* $name($name),)* }

        impl Deref for Op {
            type Target = dyn Operator;
            fn deref(&self) -> &Self::Target {
                match self { $(Self::$name(op) => op,)* }
            }
        }

        $(impl From<$name> for Op {
            fn from(op: $name) -> Self {
                Self::$name(op)
            }
        })*
    };
}

operators! {
    /// Batch normalisation that stands alone.
    BatchNorm,
    /// Element-wise, two inputs.
    Binary,
    /// A value a channel multiplied and added.
    ChannelAffine,
    /// Convolution along channels.
    ChannelConv,
    /// Zero channels appended.
    ChannelPad,
    /// Each pixel's channels reduced to one.
    ChannelPool,
    /// Channel shuffle.
    ChannelShuffle,
    /// Channels a step apart.
    ChannelSlice,
    /// One part of the channels.
    ChannelSplit,
    /// Concatenation along channels.
    Concat,
    /// Concatenation along rows or columns.
    Concat2d,
    /// Concatenation of two maps and channel shuffle in one.
    ConcatShuffle,
    /// Two-dimensional convolution.
    Conv2d,
    /// Transposed two-dimensional convolution.
    ConvTranspose2d,
    /// Rows of features from maps.
    Flatten,
    /// The length of each channel of a map.
    GlobalL2Pool,
    /// Group and instance normalisation.
    GroupNorm,
    /// Layer normalisation.
    LayerNorm,
    /// Fully connected.
    Linear,
    /// Local response normalisation.
    LocalResponseNorm,
    /// The logarithm of a softmax.
    LogSoftmax,
    /// A map and a constant one, element by element.
    MapConstant,
    /// ReLU with learned slopes below 0.
    PRelu,
    /// Padding and cropping of rows and columns.
    Pad2d,
    /// Axes exchanged.
    Permute,
    /// Channels to pixels, or pixels to channels.
    PixelShuffle,
    /// Max and average pooling.
    Pool2d,
    /// Other axes.
    Reshape,
    /// Another height and width.
    Resize,
    /// Softmax.
    Softmax,
    /// Rows and columns exchanged.
    Transpose2d,
    /// Element-wise, one input.
    Unary,
}

impl Op {
    /// What the operator must compute and touch, by formula, in a node that reads `inputs`.
    pub fn cost(&self, inputs: &[Shape], output: Shape) -> Cost {
        Cost {
            params: self
                .weights(inputs)
                .iter()
                .filter(|w| w.trainable)
                .map(|w| w.shape.elements() as u64)
                .sum(),
            mul_adds: self.mul_adds(inputs, output),
            flops: self.flops(inputs, output),
            access: Access {
                read: self.read_access(inputs, output),
                written: output.elements() as u64,
                weights: self.weight_access(inputs),
            },
        }
    }
}
