//! Depthwise convolution on a GPU: 4 × `ROWS` neighbouring outputs of a quad an invocation.

use super::super::Conv2d;
use crate::{
    Tensor,
    gpu::{
        Binding, Dispatch, GpuKernel, KernelPlan, MOST_ITERATIONS, Site, Suits, constants, quads,
    },
};

/// Neighbouring outputs in a row, as in the shader.
const ACROSS: usize = 4;

/// The row of the table.
pub(super) const fn kernel<const ROWS: usize>(name: &'static str) -> GpuKernel<Conv2d> {
    GpuKernel { name, suits: suits::<ROWS>, plan: plan::<ROWS>, pack: pack::<ROWS> }
}

fn suits<const ROWS: usize>(conv: &Conv2d, site: &Site<'_>) -> Suits {
    let fits = conv.is_depthwise(site.inputs[0]) && conv.dilation == (1, 1);
    let (kernel, stride) = (conv.kernel.1, conv.stride.1);
    if !fits || rows::<ROWS>(conv) * (1 + kernel + stride.min(kernel)) > MOST_ITERATIONS {
        return Suits::No;
    }
    // Rows further apart than the kernel is high share nothing.
    Suits::well_if(ROWS == 1 || conv.stride.0 < conv.kernel.0)
}

/// Zero rows of weights before and after the kernel's own: where the lower outputs of an
/// invocation have not begun, or the upper ones have ended.
const fn margin<const ROWS: usize>(conv: &Conv2d) -> usize {
    (ROWS - 1) * conv.stride.0
}

/// Input rows that an invocation walks.
const fn rows<const ROWS: usize>(conv: &Conv2d) -> usize {
    conv.kernel.0 + margin::<ROWS>(conv)
}

fn plan<const ROWS: usize>(conv: &Conv2d, site: &Site<'_>) -> KernelPlan {
    let (x, y) = (site.inputs[0], site.output);
    let quads = quads(x.c);
    let (across, down) = (y.w.div_ceil(ACROSS), y.h.div_ceil(ROWS));
    let constants = constants! {
        QUADS: quads,
        BLOCKS_W: across,
        BLOCKS_H: down,
        INPUT_H: x.h,
        INPUT_W: x.w,
        OUTPUT_H: y.h,
        OUTPUT_W: y.w,
        KERNEL_W: conv.kernel.1,
        STRIDE_H: conv.stride.0,
        STRIDE_W: conv.stride.1,
        PADDING_H: conv.padding.first().0,
        PADDING_W: conv.padding.first().1,
        ROWS: ROWS,
        INPUT_ROWS: rows::<ROWS>(conv),
    };
    let bindings = [Binding::Input(0), Binding::Output, Binding::Weight(0), Binding::Weight(1)];
    let parts = [include_str!("depthwise.wgsl")];
    let items = x.n * down * across * quads;
    let weights = (rows::<ROWS>(conv) + margin::<ROWS>(conv)) * conv.kernel.1 * quads;
    KernelPlan {
        weights: vec![weights, quads],
        dispatches: vec![Dispatch::of_items(site, &parts, constants, &bindings, items)],
    }
}

/// Weights by tap, then channel, with the margin above and below; then the bias.
fn pack<const ROWS: usize>(conv: &Conv2d, site: &Site<'_>, weights: &[Tensor]) -> Vec<Vec<f32>> {
    let padded = quads(site.output.c) * 4;
    let margin = margin::<ROWS>(conv) * conv.kernel.1;
    let mut packed = vec![0.0; (2 * margin + conv.taps()) * padded];
    for (c, kernel) in weights[0].data().chunks_exact(conv.taps()).enumerate() {
        for (tap, w) in kernel.iter().enumerate() {
            packed[(margin + tap) * padded + c] = *w;
        }
    }
    vec![packed, super::tile::bias(weights, padded / 4)]
}
