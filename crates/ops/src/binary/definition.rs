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

/// An element-wise operator with two inputs. Channels, rows and columns of either may be one, which is then taken
/// for each of the other's.
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
    /// The shape that both of these operands are broadcast to; `None` where they don't fit each other.
    pub(super) fn whole(a: Shape, b: Shape) -> Option<Shape> {
        let axis = |a: usize, b: usize| (a == b || a == 1 || b == 1).then_some(a.max(b));
        (a.n == b.n).then_some(())?;
        Some(Shape { n: a.n, c: axis(a.c, b.c)?, h: axis(a.h, b.h)?, w: axis(a.w, b.w)? })
    }

    /// How the second of these operands is broadcast over the first, where a kernel knows that way.
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
