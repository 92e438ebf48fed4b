//! The convolution as a kernel: packed, cut into tasks, run tile by tile.

use super::{
    product::{Product, ProductRows},
    rows::{Rows, Segment},
    split::{Split, Work},
    tile::{Added, TileShape},
};
use crate::{
    Conv2d, Epilogue,
    cpu::{Bounds, ByRows, Cut, Io, Kernel, Layout, Site},
    simd::{Isa, Lanes, Vectorised},
    unary::DeferredActivation,
};
use profile::Shape;
use std::ops::Range;

/// A convolution ready to run by tiles.
pub(crate) struct Gemm {
    isa: Isa,
    rows: Rows,
    /// A matrix a group.
    product: Product,
    /// Panels of all groups.
    panels: usize,
    split: Split,
    /// Elements from one output pixel to the next.
    output_pixel: usize,
    /// Input and output channels of a group.
    group: (usize, usize),
    /// The map that is added to the sums, the last input.
    added: Option<Layout>,
    /// Limits of the sums; `None` where nothing is done to them in registers.
    bounds: Option<Bounds>,
    ending: Option<DeferredActivation>,
}

impl Gemm {
    /// With a segment a tap: takes every convolution.
    pub fn by_tap(conv: &Conv2d, site: &Site<'_>) -> Box<dyn Kernel> {
        Box::new(Self::new(conv, site, Segment::Tap))
    }

    /// With a segment a kernel row: see [`Gemm::has_kernel_rows`].
    pub fn by_kernel_row(conv: &Conv2d, site: &Site<'_>) -> Box<dyn Kernel> {
        Box::new(Self::new(conv, site, Segment::KernelRow))
    }

    /// Whether a kernel row's inputs lie together.
    pub fn has_kernel_rows(conv: &Conv2d, site: &Site<'_>) -> bool {
        let input = site.inputs[0];
        conv.groups == 1 && conv.dilation.1 == 1 && input.pixel == input.shape.c
    }

    fn new(conv: &Conv2d, site: &Site<'_>, segment: Segment) -> Self {
        let tile = TileShape::of_isa(site.isa);
        let rows = Rows::new(conv, site, segment);
        let product = Product::new(site.weights, conv.groups, rows.segments(), site.isa);
        let stride = conv.stride.0.min(conv.kernel.0) * conv.stride.1.min(conv.kernel.1);
        let work = Work {
            pixels: site.output.shape.pixels(),
            panels: conv.groups * product.panels(),
            k: rows.segments() * rows.len(),
            segments: rows.segments(),
            pixel_bytes: site.inputs[0].shape.c * stride * size_of::<f32>(),
            output_bytes: conv.out * size_of::<f32>(),
            threads: site.threads,
        };
        Self {
            isa: site.isa,
            split: Split::new(&work, tile),
            panels: work.panels,
            rows,
            product,
            output_pixel: site.output.pixel,
            group: (site.inputs[0].shape.c / conv.groups, conv.out / conv.groups),
            added: site.added(),
            bounds: (site.epilogue != Epilogue::NONE).then(|| Bounds::of(site.epilogue)),
            ending: DeferredActivation::new(site),
        }
    }

    /// The first output channel of a panel, counted over all groups; past the last, their number.
    const fn first_channel(&self, panel: usize) -> usize {
        let (group, panel) = (panel / self.product.panels(), panel % self.product.panels());
        group * self.group.1 + self.product.channels(&(panel..panel)).start
    }

    /// Floats that the largest table of pointers takes.
    const fn table_len(&self) -> usize {
        let pointers = self.split.chunk_pixels() * self.rows.segments();
        pointers * (size_of::<*const f32>() / size_of::<f32>())
    }
}

impl Kernel for Gemm {
    fn tasks(&self) -> usize {
        self.split.tasks()
    }

    fn scratch(&self) -> usize {
        // One more, to start the pointers where a pointer may.
        1 + self.table_len() + self.rows.scratch(self.split.chunk_pixels())
    }

    fn bytes(&self) -> usize {
        self.product.bytes()
    }

    unsafe fn run(&self, io: &Io, task: usize, scratch: &mut [f32]) {
        let (pixels, panels) = self.split.task(task);
        // SAFETY: passed on from the caller.
        unsafe { self.run_part(io, pixels, panels, scratch) };
    }

    fn by_rows(&self) -> Option<&dyn ByRows> {
        Some(self)
    }
}

impl ByRows for Gemm {
    unsafe fn run_rows(&self, io: &Io, image: usize, rows: Range<usize>, scratch: &mut [f32]) {
        let Shape { h, w, .. } = self.rows.output();
        let first = (image * h + rows.start) * w;
        let (count, most) = (rows.len() * w, self.split.chunk_pixels());
        for part in Cut::new(count, count.div_ceil(most)).all() {
            let pixels = first + part.start..first + part.end;
            // SAFETY: passed on from the caller; a chunk is no longer than the longest of a task.
            unsafe { self.run_part(io, pixels, 0..self.panels, scratch) };
        }
    }
}

impl Gemm {
    /// Does `panels` of output `pixels`, counted over all images, no more than the longest chunk has.
    ///
    /// # Safety
    /// As [`Kernel::run`].
    unsafe fn run_part(
        &self,
        io: &Io,
        pixels: Range<usize>,
        panels: Range<usize>,
        scratch: &mut [f32],
    ) {
        let skip = scratch.as_ptr().align_offset(align_of::<*const f32>());
        let (pointers, copies) = scratch[skip..].split_at_mut(self.table_len());
        let table: *mut *const f32 = pointers.as_mut_ptr().cast();
        if pixels.is_empty() {
            return;
        }
        let (rows, copies) = (&self.rows, copies.as_mut_ptr());
        self.isa.run(Point { rows, input: io.inputs[0], pixels: pixels.clone(), table, copies });
        let rows = ProductRows {
            count: pixels.len(),
            pointers: table,
            matrix_inputs: self.group.0,
            output: io.output.wrapping_add(pixels.start * self.output_pixel),
            matrix_outputs: self.group.1,
            stride: self.output_pixel,
            added: self.added.map(|layout| Added {
                map: io.inputs[io.inputs.len() - 1].wrapping_add(pixels.start * layout.pixel),
                stride: layout.pixel,
            }),
            bounds: self.bounds,
        };
        let channels = self.first_channel(panels.start)..self.first_channel(panels.end);
        // SAFETY: the table was filled for these pixels; the output and what is added have them, each
        // with all channels.
        unsafe {
            self.product.run(panels, rows);
            if let Some(ending) = &self.ending {
                ending.run(io, pixels, channels);
            }
        }
    }
}

/// Fills the table of pointers of a task of [`Kernel::run`], whose contract its maker keeps.
struct Point<'a> {
    rows: &'a Rows,
    input: *const f32,
    pixels: Range<usize>,
    table: *mut *const f32,
    copies: *mut f32,
}

impl Vectorised for Point<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        // SAFETY: `Kernel::run` vouches for the input; scratch memory is as long as was asked for.
        unsafe { self.rows.point::<L>(self.input, self.pixels, self.table, self.copies) };
    }
}
