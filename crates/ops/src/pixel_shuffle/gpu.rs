//! Pixel shuffles on a GPU: quads where they stay whole, else element by element.

use super::definition::{Direction, PixelShuffle};
use crate::gpu::{
    Binding, Dispatch, GpuKernel, KernelPlan, Site, Suits, constants, nothing, quads,
};

pub(super) const KERNELS: &[GpuKernel<PixelShuffle>] =
    &[GpuKernel { name: "gather", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(op: &PixelShuffle, site: &Site<'_>) -> KernelPlan {
    let (x, y) = (site.inputs[0], site.output);
    let (wide, _) = op.wide_and_deep(x, y);
    let steps = op.steps(wide.c);
    let constants = constants! {
        INPUT_QUADS: quads(x.c),
        QUADS: quads(y.c),
        CHANNELS: y.c,
        INPUT_H: x.h,
        INPUT_W: x.w,
        OUTPUT_H: y.h,
        OUTPUT_W: y.w,
        BLOCK: op.block,
        WIDE_CHANNELS: wide.c,
        CHANNEL_STEP: steps.channel,
        ROW_STEP: steps.row,
        COLUMN_STEP: steps.column,
        TO_SPACE: op.direction == Direction::ToSpace,
        WHOLE: steps.channel == 1 && wide.c.is_multiple_of(4),
    };
    let parts = [include_str!("../gpu/channel.wgsl"), include_str!("gather.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output];
    KernelPlan::one(Dispatch::element_wise(site, &parts, constants, &bindings))
}
