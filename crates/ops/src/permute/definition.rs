//! Axes of a tensor exchanged, and from where each element of the result comes.

use profile::Shape;

/// The elements of each image, channel by channel and row by row, seen as a tensor of `axes` whose axes are put in
/// another order, as a map again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permute {
    /// Lengths of the axes as which an image is seen: 2 to 6.
    pub axes: Vec<usize>,
    /// Which of them each axis of the result is.
    pub order: Vec<usize>,
    /// Channels, height and width of the result.
    pub to: (usize, usize, usize),
}

/// An axis of the result. Places count channel by channel and row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    /// Its length.
    pub len: usize,
    /// Places in the result from one of its elements to the next.
    pub to: usize,
    /// The same in the input.
    pub from: usize,
}

/// Where the element at `place` of the result is.
pub(super) fn source(axes: &[Axis], place: usize) -> usize {
    axes.iter().map(|axis| place / axis.to % axis.len * axis.from).sum()
}

impl Permute {
    /// Most axes as which an image is seen.
    pub const MOST: usize = 6;

    /// The axes of the result, outermost first.
    pub(super) fn result(&self) -> Vec<Axis> {
        let turned: Vec<usize> = self.order.iter().map(|&a| self.axes[a]).collect();
        let axis = |(i, &a): (usize, &usize)| Axis {
            len: self.axes[a],
            to: turned[i + 1..].iter().product(),
            from: self.axes[a + 1..].iter().product(),
        };
        self.order.iter().enumerate().map(axis).collect()
    }

    /// The axes of the result, each of which lies within the channels, the rows or the columns of either map; `None`
    /// where an axis has no such parts.
    pub(super) fn apart(&self, x: Shape, y: Shape) -> Option<Vec<Axis>> {
        let mut axes = self.result();
        for end in [y.w, y.area()] {
            axes = cut(&axes, end, |axis| axis.to)?;
        }
        for end in [x.w, x.area()] {
            axes = cut(&axes, end, |axis| axis.from)?;
        }
        Some(axes)
    }
}

/// The axes, that which goes beyond `end` places cut in two there.
fn cut(axes: &[Axis], end: usize, step: fn(&Axis) -> usize) -> Option<Vec<Axis>> {
    let mut parts = Vec::with_capacity(axes.len() + 1);
    for &axis in axes {
        let step = step(&axis);
        if step >= end || step * axis.len <= end {
            parts.push(axis);
            continue;
        }
        let inner = end / step;
        (end.is_multiple_of(step) && axis.len.is_multiple_of(inner)).then_some(())?;
        let outer = Axis { len: axis.len / inner, to: axis.to * inner, from: axis.from * inner };
        parts.extend([outer, Axis { len: inner, ..axis }]);
    }
    Some(parts)
}
