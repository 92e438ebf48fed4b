//! The definition, one output element at a time, in f64.

use super::Conv2d;
use crate::{Exact, Operands};

/// Output element (n, o, y, x).
pub(super) fn element(conv: &Conv2d, x: &Operands<'_>, [n, o, y, col]: [usize; 4]) -> Exact {
    let (input, weight) = (x.inputs[0], &x.weights[0]);
    let (in_per_group, out_per_group) = (weight.shape().c, conv.out / conv.groups);
    let first_channel = o / out_per_group * in_per_group;
    let (above, left) = conv.padding.first();
    let taps = (0..conv.kernel.0).flat_map(|ky| (0..conv.kernel.1).map(move |kx| (ky, kx)));
    let products = taps.flat_map(|(ky, kx)| {
        let row = inside(y * conv.stride.0 + ky * conv.dilation.0, above, input.shape().h);
        let column = inside(col * conv.stride.1 + kx * conv.dilation.1, left, input.shape().w);
        let channels = if row.is_some() && column.is_some() { in_per_group } else { 0 };
        let (row, column) = (row.unwrap_or(0), column.unwrap_or(0));
        (0..channels)
            .map(move |i| weight.at([o, i, ky, kx]) * input.at([n, first_channel + i, row, column]))
    });
    Exact::sum(products.chain(x.weights.get(1).map(|bias| bias.at([0, o, 0, 0]))))
}

/// The pixel at `padded` in the padded map, if it lies inside the map.
fn inside(padded: usize, padding: usize, len: usize) -> Option<usize> {
    padded.checked_sub(padding).filter(|&i| i < len)
}
