//! Functions of two numbers, and the operator that applies one.

use profile::Shape;

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

/// An element-wise operator with two inputs: of one shape, or the second broadcast over the map
/// (N×C×1×1), over its columns (N×C×H×1), its rows (N×C×1×W) or the channels (N×1×H×W).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binary(pub BinaryFn);

/// What the second operand has an element for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Second {
    /// Each of the first.
    Element,
    /// Each channel of so many pixels in turn: those of an image, or of a row.
    Run(usize),
    /// Each channel of a column.
    Column,
    /// Each pixel.
    Pixel,
}

impl Binary {
    /// How the second of these operands is broadcast; `None` where it is not.
    pub(super) fn second(a: Shape, b: Shape) -> Option<Second> {
        Some(match b {
            _ if b == a => Second::Element,
            _ if b == a.with_size(1, 1) => Second::Run(a.area()),
            _ if b == a.with_size(a.h, 1) => Second::Run(a.w),
            _ if b == a.with_size(1, a.w) => Second::Column,
            _ if b == a.with_channels(1) => Second::Pixel,
            _ => return None,
        })
    }

    /// a + b.
    pub const ADD: Self = Self(BinaryFn::Add);
    /// a · b.
    pub const MUL: Self = Self(BinaryFn::Mul);
}
