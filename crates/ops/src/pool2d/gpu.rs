//! Pooling on a GPU: small windows an invocation each, large ones a workgroup each.

use super::{Pool2d, PoolFn};
use crate::{
    Sides,
    gpu::{
        Binding, Constants, Dispatch, GpuKernel, KernelPlan, Site, Suits, constants, nothing,
        quads, vectors,
    },
};

pub(super) const KERNELS: &[GpuKernel<Pool2d>] = &[
    GpuKernel {
        name: "window",
        // Software rasterisers end an invocation after 65,535 loop iterations.
        suits: |op, site| match window(op, site) {
            0..256 => Suits::Well,
            256..32_000 => Suits::Poorly,
            _ => Suits::No,
        },
        plan: windows,
        pack: nothing,
    },
    GpuKernel {
        name: "window_by_group",
        suits: |op, site| match window(op, site) {
            0..32 => Suits::Poorly,
            32..4_000_000 => Suits::Well,
            _ => Suits::No,
        },
        plan: windows_by_group,
        pack: nothing,
    },
];

const BINDINGS: [Binding; 2] = [Binding::Input(0), Binding::Output];

/// Pixels under a window.
fn window(op: &Pool2d, site: &Site<'_>) -> usize {
    let (h, w) = op.window(site.inputs[0]);
    h * w
}

fn shape_constants(op: &Pool2d, site: &Site<'_>) -> Constants {
    let (x, y) = (site.inputs[0], site.output);
    let (kernel_h, kernel_w) = op.window(x);
    // Parts cover the map and nothing else.
    let padding = if op.kernel.is_some() { op.padding } else { Sides::NONE };
    constants! {
        QUADS: quads(x.c),
        INPUT_H: x.h,
        INPUT_W: x.w,
        OUTPUT_H: y.h,
        OUTPUT_W: y.w,
        KERNEL_H: kernel_h,
        KERNEL_W: kernel_w,
        STRIDE_H: op.stride.0,
        STRIDE_W: op.stride.1,
        PADDING_H: padding.vertical.0,
        PADDING_W: padding.horizontal.0,
        PADDED_H: x.h + padding.vertical.0 + padding.vertical.1,
        PADDED_W: x.w + padding.horizontal.0 + padding.horizontal.1,
        DILATION_H: op.dilation.0,
        DILATION_W: op.dilation.1,
        PARTS: op.kernel.is_none(),
        LARGEST: op.function == PoolFn::Max,
        COUNT_PADDING: op.function == PoolFn::Average { count_padding: true },
    }
}

fn windows(op: &Pool2d, site: &Site<'_>) -> KernelPlan {
    let parts = [include_str!("cover.wgsl"), include_str!("window.wgsl")];
    let constants = shape_constants(op, site);
    KernelPlan::one(Dispatch::of_items(site, &parts, constants, &BINDINGS, vectors(site.output)))
}

fn windows_by_group(op: &Pool2d, site: &Site<'_>) -> KernelPlan {
    let parts = [include_str!("cover.wgsl"), include_str!("window_by_group.wgsl")];
    let count = vectors(site.output);
    let mut constants = shape_constants(op, site);
    constants.extend(constants! { COUNT: count });
    KernelPlan::one(Dispatch::of_reducing_groups(site, &parts, constants, &BINDINGS, count))
}
