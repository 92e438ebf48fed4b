//! What all ways to compute convolutions here have in common: operands, packed weights, and how the
//! items of a task are gone through.

use super::{super::Conv2d, Item, Items, pack};
use crate::{
    cpu::{AlignedBuffer, Bounds, ByRows, Io, Kernel, Layout, Site},
    simd::{Isa, Lanes, Vectorised},
};
use std::ops::Range;

/// A way to compute an item.
pub(super) trait Microkernel: Send + Sync {
    /// Computes `item`. Implementations are `#[inline(always)]`.
    ///
    /// # Safety
    /// As [`Kernel::run`].
    unsafe fn item<L: Lanes>(&self, of: &Params, io: &Io, item: &Item);

    /// Computes some items, one after the other. (A method of the way's for the reason that
    /// `cpu::ParallelFor::run_on` has.)
    ///
    /// # Safety
    /// As [`Kernel::run`].
    unsafe fn items(&self, of: &Params, io: &Io, items: &mut dyn Iterator<Item = Item>)
    where
        Self: Sized,
    {
        for item in items {
            of.isa.run(Part { way: self, of, io, item });
        }
    }
}

/// What every way needs.
pub(super) struct Params {
    isa: Isa,
    /// Pixels added above and at the left.
    pub padding: (usize, usize),
    pub input: Layout,
    pub output: Layout,
    pub bounds: Bounds,
    /// As `pack` lays them out.
    pub weights: AlignedBuffer,
    items: Items,
}

/// A convolution ready to run in some way.
pub(super) struct DepthwiseKernel<W> {
    common: Params,
    way: W,
}

impl<W: Microkernel + 'static> DepthwiseKernel<W> {
    /// With packed weights, cut into bands of `band` output rows.
    pub fn prepare(conv: &Conv2d, site: &Site<'_>, band: usize, way: W) -> Box<dyn Kernel> {
        let common = Params {
            isa: site.isa,
            padding: conv.padding.first(),
            input: site.inputs[0],
            output: site.output,
            bounds: Bounds::of(site.epilogue),
            weights: pack(conv, site),
            items: Items::new(conv, site, band),
        };
        Box::new(Self { common, way })
    }
}

impl<W: Microkernel> Kernel for DepthwiseKernel<W> {
    fn tasks(&self) -> usize {
        self.common.items.tasks.parts()
    }

    fn bytes(&self) -> usize {
        self.common.weights.len() * size_of::<f32>()
    }

    unsafe fn run(&self, io: &Io, task: usize, _: &mut [f32]) {
        let mut items = self.common.items.of_task(task, self.common.output.shape.h);
        // SAFETY: passed on from the caller.
        unsafe { self.way.items(&self.common, io, &mut items) };
    }

    fn by_rows(&self) -> Option<&dyn ByRows> {
        Some(self)
    }
}

impl<W: Microkernel> ByRows for DepthwiseKernel<W> {
    unsafe fn run_rows(&self, io: &Io, image: usize, rows: Range<usize>, _: &mut [f32]) {
        // SAFETY: passed on from the caller.
        unsafe { self.way.items(&self.common, io, &mut self.common.items.rows(image, rows)) };
    }
}

/// A part of a call of [`Kernel::run`], whose contract its maker keeps.
struct Part<'a, W> {
    way: &'a W,
    of: &'a Params,
    io: &'a Io<'a>,
    item: Item,
}

impl<W: Microkernel> Vectorised for Part<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        // SAFETY: passed on from the maker.
        unsafe { self.way.item::<L>(self.of, self.io, &self.item) };
    }
}

/// Where channel 0 of the inputs is.
pub(super) trait Inputs: Copy {
    /// In row `row` under the output and column `column`, counted as the kernel does.
    fn at(self, row: usize, column: usize) -> *const f32;
}

/// All of them are inside the map.
#[derive(Clone, Copy)]
pub(super) struct Inside {
    first: *const f32,
    /// Elements from row to row and from pixel to pixel.
    row: usize,
    pixel: usize,
}

impl Inside {
    /// From row `y` and column `x` of image `n` on.
    pub fn new(common: &Params, io: &Io, [n, y, x]: [usize; 3]) -> Self {
        let Layout { shape, pixel, .. } = common.input;
        let first = io.inputs[0].wrapping_add(common.input.offset(n, y, x));
        Self { first, row: shape.w * pixel, pixel }
    }
}

impl Inputs for Inside {
    #[inline(always)]
    fn at(self, row: usize, column: usize) -> *const f32 {
        self.first.wrapping_add(row * self.row + column * self.pixel)
    }
}
