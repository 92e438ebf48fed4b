//! Functions of two numbers, and the operator that applies one.

/// A function of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryFn {
    /// a + b: the shortcut of a residual block.
    Add,
    /// a · b: a gate, or the excitation of a squeeze-and-excitation block.
    Mul,
    /// a − b.
    Sub,
    /// b − a: for a b that is broadcast.
    ReverseSub,
    /// a / b.
    Div,
    /// b / a.
    ReverseDiv,
    /// max(a, b).
    Max,
    /// min(a, b).
    Min,
}

impl BinaryFn {
    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Mul => "mul",
            Self::Sub => "sub",
            Self::ReverseSub => "reverse_sub",
            Self::Div => "div",
            Self::ReverseDiv => "reverse_div",
            Self::Max => "max",
            Self::Min => "min",
        }
    }
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
