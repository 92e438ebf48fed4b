//! Element-wise functions of two inputs; the second may be one value a channel.

/// A function of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryFn {
    /// a + b: the shortcut of a residual block.
    Add,
    /// a · b: a gate, or the excitation of a squeeze-and-excitation block.
    Mul,
}

/// An element-wise operator with two inputs: of one shape, or the second N×C×1×1 and broadcast
/// over the map, or the second N×1×H×W and broadcast over the channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binary(pub BinaryFn);

impl Binary {
    /// a + b.
    pub const ADD: Self = Self(BinaryFn::Add);
    /// a · b.
    pub const MUL: Self = Self(BinaryFn::Mul);
}
