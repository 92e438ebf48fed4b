//! Depthwise convolution on rasterisers that run few invocations in lockstep, as SwiftShader does: four outputs of a
//! row an invocation, in loops. Their compilers leave arrays in memory, and take minutes over what `depthwise` writes.

use super::{super::Conv2d, tile::bias};
use crate::{
    Tensor,
    gpu::{
        Binding, Dispatch, GpuKernel, KernelPlan, MOST_ITERATIONS, Site, Suits, constants, quads,
    },
};

/// The row of the table.
pub(super) const KERNEL: GpuKernel<Conv2d> =
    GpuKernel { name: "depthwise_rolling", suits, plan, pack };

/// Neighbouring outputs in a row, as in the shader.
const ACROSS: usize = 4;

/// Whether a rasteriser runs few invocations in lockstep.
pub(super) const fn is_narrow(site: &Site<'_>) -> bool {
    site.traits.software && site.traits.subgroup <= 4
}

fn suits(conv: &Conv2d, site: &Site<'_>) -> Suits {
    let fits = conv.is_depthwise(site.inputs[0]) && conv.dilation == (1, 1);
    let (kernel, stride) = (conv.kernel, conv.stride.1);
    if !fits || kernel.0 * (1 + kernel.1 + stride.min(kernel.1)) > MOST_ITERATIONS {
        return Suits::No;
    }
    Suits::well_if(is_narrow(site))
}

fn plan(conv: &Conv2d, site: &Site<'_>) -> KernelPlan {
    let (x, y) = (site.inputs[0], site.output);
    let (quads, across) = (quads(x.c), y.w.div_ceil(ACROSS));
    let constants = constants! {
        QUADS: quads,
        BLOCKS_W: across,
        INPUT_H: x.h,
        INPUT_W: x.w,
        OUTPUT_H: y.h,
        OUTPUT_W: y.w,
        KERNEL_H: conv.kernel.0,
        KERNEL_W: conv.kernel.1,
        STRIDE_H: conv.stride.0,
        STRIDE_W: conv.stride.1,
        PADDING_H: conv.padding.first().0,
        PADDING_W: conv.padding.first().1,
    };
    let bindings = [Binding::Input(0), Binding::Output, Binding::Weight(0), Binding::Weight(1)];
    let parts = [include_str!("rolling.wgsl")];
    let items = x.n * y.h * across * quads;
    KernelPlan {
        weights: vec![conv.taps() * quads, quads],
        dispatches: vec![Dispatch::of_items(site, &parts, constants, &bindings, items)],
    }
}

/// Weights by tap, then channel; then the bias.
fn pack(conv: &Conv2d, site: &Site<'_>, weights: &[Tensor]) -> Vec<Vec<f32>> {
    let padded = quads(site.output.c) * 4;
    let mut packed = vec![0.0; conv.taps() * padded];
    for (c, kernel) in weights[0].data().chunks_exact(conv.taps()).enumerate() {
        for (tap, w) in kernel.iter().enumerate() {
            packed[tap * padded + c] = *w;
        }
    }
    vec![packed, bias(weights, padded / 4)]
}
