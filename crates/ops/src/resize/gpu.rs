//! Resizing on a GPU: taps and shares looked up in a table.

use super::definition::Resize;
use crate::{
    Tensor,
    gpu::{Binding, Dispatch, GpuKernel, KernelPlan, Site, Suits, constants, quads},
    pick,
};

pub(super) const KERNELS: &[GpuKernel<Resize>] = &[
    GpuKernel {
        name: "copy",
        suits: |op, site| if op.taps(site.inputs[0]) == 1 { Suits::Well } else { Suits::No },
        plan: |op, site| pick::plan(&op.pick(site.inputs[0]), site),
        pack: |op, site, _| vec![pick::table(&op.pick(site.inputs[0]))],
    },
    GpuKernel {
        name: "mix",
        suits: |op, site| if op.taps(site.inputs[0]) == 1 { Suits::No } else { Suits::Well },
        plan: mix,
        pack: taps,
    },
];

fn mix(op: &Resize, site: &Site<'_>) -> KernelPlan {
    let (x, y) = (site.inputs[0], site.output);
    let constants = constants! {
        QUADS: quads(x.c),
        INPUT_H: x.h,
        INPUT_W: x.w,
        OUTPUT_H: y.h,
        OUTPUT_W: y.w,
        TAPS: op.taps(x),
    };
    let bindings = [Binding::Input(0), Binding::Output, Binding::Weight(0)];
    let parts = [include_str!("mix.wgsl")];
    let dispatch = Dispatch::element_wise(site, &parts, constants, &bindings);
    KernelPlan { weights: vec![2 * (y.h + y.w)], dispatches: vec![dispatch] }
}

/// For each output row, then for each column: a quad of places and one of shares.
fn taps(op: &Resize, site: &Site<'_>, _: &[Tensor]) -> Vec<Vec<f32>> {
    let quads = op.axes(site.inputs[0]).into_iter().flat_map(|axis| {
        (0..axis.out).flat_map(move |i| {
            let taps = axis.taps(i);
            [taps.map(|tap| tap.at as f32), taps.map(|tap| tap.share)]
        })
    });
    vec![quads.flatten().collect()]
}
