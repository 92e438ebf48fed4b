//! Winograd's algorithm on a GPU, F(m×m, 3×3), the CPU's with its transforms (`conv2d/winograd/`).
//!
//! ```text
//! to points:    points[tile][p][c] ← transform of the inputs under each tile, p in 0..(m + 2)²
//! product:      products[tile][p][o] ← points[tile][p] × weights[p]
//! from points:  m×m outputs ← bias + transform of products[tile], and the epilogue
//! ```
//!
//! The product is a pointwise convolution over a map of a pixel a tile, (m + 2)² groups for each of the
//! convolution's. So it needs no kernel of its own: it takes the one that such a convolution is given. What is
//! between the dispatches lies in scratch memory.

use super::{
    super::{
        Conv2d,
        winograd::{F2x3, F4x3, Transform as Algorithm3x3, applies, is_worth, matrix},
    },
    tile::{bias, most_registers},
    transform::Transform,
};
use crate::{
    Operator, Tensor,
    gpu::{
        Algorithm, Binding, Candidate, Constants, Dispatch, GpuKernel, KernelPlan, Load, Scratch,
        Site, Suits, constants, quads, vectors,
    },
};
use profile::Shape;
use std::marker::PhantomData;

/// Channels on both sides, and tiles, from which a rasteriser gains (`benches/record/winograd.csv`).
const RASTERISER: (usize, usize) = (32, 8);

/// F(2×2, 3×3).
pub(super) const TWO: GpuKernel<Conv2d> = Winograd::<F2x3, 4, 2>::kernel("winograd2");
/// F(4×4, 3×3).
pub(super) const FOUR: GpuKernel<Conv2d> = Winograd::<F4x3, 6, 4>::kernel("winograd4");

/// A node by tiles of `OUT`×`OUT` outputs.
struct Winograd<'a, T, const IN: usize, const OUT: usize> {
    conv: &'a Conv2d,
    site: &'a Site<'a>,
    /// Tiles of an image.
    tiles: (usize, usize),
    /// The product, a convolution; the map of the points, and that of the products.
    product: Conv2d,
    points: [Shape; 1],
    products: Shape,
    transform: PhantomData<T>,
}

impl<'a, T: Algorithm3x3<IN, OUT>, const IN: usize, const OUT: usize> Winograd<'a, T, IN, OUT> {
    const POINTS: usize = IN * IN;

    /// The row of the table.
    const fn kernel(name: &'static str) -> GpuKernel<Conv2d> {
        GpuKernel {
            name,
            suits: |conv, site| Winograd::<T, IN, OUT>::new(conv, site).suits(),
            plan: |conv, site| Winograd::<T, IN, OUT>::new(conv, site).plan(),
            pack: |conv, site, weights| Winograd::<T, IN, OUT>::new(conv, site).pack(weights),
        }
    }

    fn new(conv: &'a Conv2d, site: &'a Site<'a>) -> Self {
        let (x, y) = (site.inputs[0], site.output);
        let tiles = (y.h.div_ceil(OUT), y.w.div_ceil(OUT));
        // Channels are padded to whole quads.
        let map = |c: usize| Shape::new(1, Self::POINTS * 4 * quads(c), y.n * tiles.0 * tiles.1, 1);
        let (points, products) = (map(x.c), map(y.c));
        let product = Conv2d::new(products.c, 1).groups(Self::POINTS * conv.groups);
        Self { conv, site, tiles, product, points: [points], products, transform: PhantomData }
    }

    fn suits(&self) -> Suits {
        let (x, conv) = (self.site.inputs[0], self.conv);
        let whole = |channels: usize| (channels / conv.groups).is_multiple_of(4);
        let aligned = conv.groups == 1 || (whole(x.c) && whole(conv.out));
        if !applies(conv) || !aligned || self.of_product(&self.product_site()).is_none() {
            return Suits::No;
        }
        let worth = is_worth(conv, x.c, self.site.output.pixels());
        let channels = conv.out.min(x.c) / conv.groups;
        let gains = channels >= RASTERISER.0 && self.products.h >= RASTERISER.1;
        Suits::well_if(worth && (gains || !self.site.traits.software))
    }

    fn product_site(&self) -> Site<'_> {
        Site::new(&self.points, self.products, self.site.traits)
    }

    /// The kernel of the product.
    fn of_product<'s>(&'s self, site: &'s Site<'s>) -> Option<Candidate<'s>> {
        self.product.gpu(site).into_iter().find(|kernel| kernel.plan.fits(&site.traits))
    }

    fn plan(&self) -> KernelPlan {
        let site = self.product_site();
        let KernelPlan { mut weights, dispatches } =
            self.of_product(&site).map_or_else(KernelPlan::default, |kernel| kernel.plan);
        let scratch = |id, shape: Shape| Scratch { id, quads: vectors(shape) };
        let (points, products) = (scratch(0, self.points[0]), scratch(1, self.products));
        let mut all = vec![self.transform_inputs(points)];
        all.extend(dispatches.into_iter().map(|d| between(d, points, products)));
        all.push(self.transform_outputs(products, Binding::Weight(weights.len())));
        weights.push(quads(self.site.output.c));
        KernelPlan { weights, dispatches: all }
    }

    fn transform_inputs(&self, points: Scratch) -> Dispatch {
        let x = self.site.inputs[0];
        let constants = constants! {
            INPUT_H: x.h,
            INPUT_W: x.w,
            PADDING_H: self.conv.padding.first().0,
            PADDING_W: self.conv.padding.first().1,
        };
        let bindings = [Binding::Input(0), Binding::ScratchOut(points)];
        let fetched = self.site.input_layout(0).step * vectors(x);
        self.transforming(
            &Transform::new(matrix(T::inputs::<f32>)),
            include_str!("to_points.wgsl"),
            (quads(x.c), fetched + points.quads),
            constants,
            &bindings,
        )
    }

    fn transform_outputs(&self, products: Scratch, bias: Binding) -> Dispatch {
        let y = self.site.output;
        let constants = constants! { OUTPUT_H: y.h, OUTPUT_W: y.w };
        let bindings = [Binding::ScratchIn(products), Binding::Output, bias];
        let dispatch = self.transforming(
            &Transform::new(matrix(T::outputs::<f32>)),
            include_str!("from_points.wgsl"),
            (quads(y.c), products.quads + vectors(y)),
            constants,
            &bindings,
        );
        let algorithm = Algorithm { tolerance: T::TOLERANCE, flops: self.flops() };
        Dispatch { algorithm: Some(algorithm), ..dispatch }
    }

    /// The dispatch of a transform of so many quads a pixel, which moves so many.
    fn transforming(
        &self,
        transform: &Transform,
        shader: &'static str,
        (own, moved): (usize, usize),
        mut constants: Constants,
        bindings: &[Binding],
    ) -> Dispatch {
        let of = transform.outputs();
        // Before the last columns are transformed, the rows of the others are held beside them.
        let registers = |rows: usize, ahead: usize| 4 * ((IN - ahead) * rows + ahead * IN);
        let (most, aheads) = match self.site.traits.hardware {
            Some(gpu) => (most_registers(&gpu), 1..=2),
            None => (usize::MAX, 1..=1),
        };
        let rows = (1..=of).rev().filter(|rows| of.is_multiple_of(*rows));
        let mut sizes = aheads.rev().flat_map(|ahead| rows.clone().map(move |rows| (rows, ahead)));
        let (rows, ahead) =
            sizes.find(|(rows, ahead)| registers(*rows, *ahead) <= most).unwrap_or((1, 1));
        let items = self.products.h * own * (of / rows);
        let load = Load {
            workgroups: items.div_ceil(64),
            lanes: 64,
            registers: registers(rows, ahead),
            shared_bytes: 0,
            rounds: 1,
            loads: IN * IN,
            shared_loads: 0,
            mul_adds: 4 * transform.instructions() * rows * (IN + of) / of,
            bytes: 16 * moved,
        };
        constants.extend(constants! { TILES_H: self.tiles.0, TILES_W: self.tiles.1, QUADS: own });
        let parts = [include_str!("winograd.wgsl"), shader];
        let sizes = [("IN", IN), ("OUT", OUT), ("OF", of), ("ROWS", rows), ("AHEAD", ahead)];
        let mut dispatch =
            Dispatch::of_items(self.site, &parts, constants, bindings, items).sized(&sizes);
        dispatch.parts.push(transform.text(rows, ahead).into());
        Dispatch { load: Some(load), ..dispatch }
    }

    /// Floating-point operations: the products at all points, and the transforms, along columns and then
    /// along rows.
    fn flops(&self) -> u64 {
        let (x, y) = (self.site.inputs[0].c, self.site.output.c);
        let of = |transform: Transform| transform.flops() * (IN + transform.outputs());
        let to_points = x * of(Transform::new(matrix(T::inputs::<f32>)));
        let to_outputs = y * of(Transform::new(matrix(T::outputs::<f32>)));
        let products = 2 * Self::POINTS * x / self.conv.groups * y;
        (self.products.h * (products + to_points + to_outputs)) as u64
    }

    /// The product's weights: the kernels at the points, computed in f64 and rounded once. Then the bias.
    fn pack(&self, weights: &[Tensor]) -> Vec<Vec<f32>> {
        let site = self.product_site();
        let at_points = self.at_points(&weights[0]);
        let product = self.of_product(&site).map(|kernel| kernel.pack(&[at_points]));
        product.into_iter().flatten().chain([bias(weights, quads(self.site.output.c))]).collect()
    }

    /// Kernels at the points: for each point, output channel and input channel of its group, one after the other.
    fn at_points(&self, kernels: &Tensor) -> Tensor {
        let s = kernels.shape();
        let factors = T::weight_matrix();
        let shape = self.product.weights(&self.points)[0].shape;
        let mut at = Tensor::zeros(shape);
        let outputs = shape.n / Self::POINTS;
        for (o, i) in (0..s.n).flat_map(|o| (0..s.c).map(move |i| (o, i))) {
            let tap = |y, x| f64::from(kernels.data()[kernels.offset([o, i, y, x])]);
            let dot = |row: [f64; 3], of: [f64; 3]| (0..3).map(|k| row[k] * of[k]).sum::<f64>();
            for (y, of_row) in factors.into_iter().enumerate() {
                let row = [0, 1, 2].map(|x| dot(of_row, [0, 1, 2].map(|y| tap(y, x))));
                for (x, of_column) in factors.into_iter().enumerate() {
                    let place = ((y * IN + x) * outputs + o) * shape.c + i;
                    at.data_mut()[place] = dot(of_column, row) as f32;
                }
            }
        }
        at
    }
}

/// A dispatch of the product, which reads and writes scratch memory where it would maps; its own comes after that.
fn between(dispatch: Dispatch, points: Scratch, products: Scratch) -> Dispatch {
    let later = |of: Scratch| Scratch { id: of.id + 2, ..of };
    let moved = |binding| match binding {
        Binding::Input(_) => Binding::ScratchIn(points),
        Binding::Output => Binding::ScratchOut(products),
        Binding::ScratchIn(of) => Binding::ScratchIn(later(of)),
        Binding::ScratchOut(of) => Binding::ScratchOut(later(of)),
        Binding::Weight(_) => binding,
    };
    Dispatch { bindings: dispatch.bindings.into_iter().map(moved).collect(), ..dispatch }
}
