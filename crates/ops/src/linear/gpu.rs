//! Fully connected on a GPU: a pointwise convolution whose pixels are the images of the batch, or,
//! for few images, a workgroup an output quad. Weights larger than a binding are cut into several
//! buffers, one dispatch each.

use super::Linear;
use crate::{
    Conv2d, Tensor,
    conv2d::{
        gpu::Gemm,
        tile::{ConvGeometry, Tile, bias},
    },
    gpu::{
        Binding, Dispatch, GpuKernel, KernelPlan, MOST_ITERATIONS, Site, Suits, constants, quads,
    },
};

pub(super) const KERNELS: &[GpuKernel<Linear>] = &[
    GpuKernel { name: "dot_by_group", suits: dot_suits, plan: dot_plan, pack: dot_pack },
    product::<2>(),
    product::<3>(),
    product::<4>(),
    tiled::<1, 1>("tile_1x1"),
    tiled::<4, 1>("tile_4x1"),
    tiled::<8, 4>("tile_8x4"),
    tiled::<8, 2>("tile_8x2"),
];

/// The pointwise convolution that computes the same.
fn pointwise(op: &Linear) -> Conv2d {
    Conv2d { bias: op.bias, ..Conv2d::new(op.out, 1) }
}

/// Variant `V` of the implicit products of matrices.
const fn product<const V: usize>() -> GpuKernel<Linear> {
    GpuKernel {
        name: Gemm::<V>::KERNEL.name,
        suits: |op, site| (Gemm::<V>::KERNEL.suits)(&pointwise(op), site),
        plan: |op, site| (Gemm::<V>::KERNEL.plan)(&pointwise(op), site),
        pack: |op, site, weights| (Gemm::<V>::KERNEL.pack)(&pointwise(op), site, weights),
    }
}

/// A tile of `ROWS` images × `COLUMNS` output quads an invocation.
const fn tiled<const ROWS: usize, const COLUMNS: usize>(name: &'static str) -> GpuKernel<Linear> {
    GpuKernel {
        name,
        suits: |op, site| match Tile::<ROWS, COLUMNS>::suits(&pointwise(op), site) {
            Suits::No => Suits::No,
            well_if_wide if ROWS >= 4 => well_if_wide,
            _ => Suits::well_if(site.traits.software && site.output.n < 4),
        },
        plan: |op, site| Tile::<ROWS, COLUMNS>::plan(&pointwise(op), site),
        pack: |op, site, w| Tile::<ROWS, COLUMNS>::pack(&pointwise(op), site, w),
    }
}

fn dot_suits(_: &Linear, site: &Site<'_>) -> Suits {
    if site.inputs[0].c > 4 * 64 * MOST_ITERATIONS {
        return Suits::No;
    }
    Suits::well_if(!site.traits.software && site.output.n <= 4)
}

fn dot_plan(op: &Linear, site: &Site<'_>) -> KernelPlan {
    let walk = ConvGeometry::new(&pointwise(op), site, 1);
    let pieces: Vec<_> = walk.pieces(site).collect();
    let mut plan = KernelPlan { weights: vec![], dispatches: vec![] };
    for (i, piece) in pieces.iter().enumerate() {
        let constants = constants! {
            DEPTH: walk.depth(),
            OUTPUT_QUADS: quads(op.out),
            FIRST: piece.start,
            COUNT: piece.len(),
            IMAGES: site.output.n,
        };
        let parts = [include_str!("../gpu/matrix.wgsl"), include_str!("dot_by_group.wgsl")];
        let bindings =
            [Binding::Input(0), Binding::Output, Binding::Weight(i), Binding::Weight(pieces.len())];
        let groups = piece.len() * site.output.n;
        plan.weights.push(piece.len() * walk.depth() * 4);
        plan.dispatches
            .push(Dispatch::of_reducing_groups(site, &parts, constants, &bindings, groups));
    }
    plan.weights.push(quads(op.out));
    plan
}

fn dot_pack(op: &Linear, site: &Site<'_>, weights: &[Tensor]) -> Vec<Vec<f32>> {
    let conv = pointwise(op);
    let walk = ConvGeometry::new(&conv, site, 1);
    let pieces = walk.pieces(site).map(|piece| walk.pack(&conv, &weights[0], piece));
    pieces.chain([bias(weights, quads(op.out))]).collect()
}
