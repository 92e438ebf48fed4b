//! The convolution as a kernel: packed, cut into tasks, run tile by tile.

use super::{
    pack::Packed,
    rows::{Rows, Segment},
    split::{Block, Split, Work, blocks},
    tile::{self, Panel, Pixels, TileShape},
};
use crate::{
    Conv2d,
    cpu::{Io, Kernel, Site},
    simd::{Isa, Lanes, Vectorised},
};
use std::ops::Range;

/// A convolution ready to run by tiles.
pub(crate) struct Gemm {
    isa: Isa,
    rows: Rows,
    packed: Packed,
    blocks: Vec<Block>,
    split: Split,
    /// Elements from one output pixel to the next.
    output_pixel: usize,
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
        let packed = Packed::new(&site.weights[0], site.weights.get(1), conv.groups, tile);
        let stride = conv.stride.0.min(conv.kernel.0) * conv.stride.1.min(conv.kernel.1);
        let work = Work {
            pixels: site.output.shape.pixels(),
            panels: packed.panels(),
            k: rows.segments() * rows.len(),
            segments: rows.segments(),
            pixel_bytes: site.inputs[0].shape.c * stride * size_of::<f32>(),
            output_bytes: conv.out * size_of::<f32>(),
            threads: site.threads,
        };
        Self {
            isa: site.isa,
            blocks: blocks(rows.segments(), rows.len(), tile),
            split: Split::new(&work, tile),
            rows,
            packed,
            output_pixel: site.output.pixel,
        }
    }

    /// Floats that the largest table of pointers takes.
    const fn table_len(&self) -> usize {
        let pointers = self.split.chunk_pixels() * self.rows.segments();
        pointers * (size_of::<*const f32>() / size_of::<f32>())
    }
}

/// A task's scratch memory.
struct Table {
    pointers: *mut *const f32,
    copies: *mut f32,
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
        self.packed.bytes()
    }

    unsafe fn run(&self, io: &Io, task: usize, scratch: &mut [f32]) {
        let (pixels, panels) = self.split.task(task);
        let skip = scratch.as_ptr().align_offset(align_of::<*const f32>());
        let (pointers, copies) = scratch[skip..].split_at_mut(self.table_len());
        let table = Table { pointers: pointers.as_mut_ptr().cast(), copies: copies.as_mut_ptr() };
        self.isa.run(Task { gemm: self, pixels, panels, table, io });
    }
}

/// A task of [`Kernel::run`], whose contract its maker keeps.
struct Task<'a> {
    gemm: &'a Gemm,
    pixels: Range<usize>,
    panels: Range<usize>,
    table: Table,
    io: &'a Io,
}

impl Vectorised for Task<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { gemm, pixels, panels, table, io } = self;
        if pixels.is_empty() {
            return;
        }
        // SAFETY: `Kernel::run` vouches for `io`; scratch memory is as long as was asked for.
        unsafe {
            gemm.rows.point::<L>(io.inputs[0], pixels.clone(), table.pointers, table.copies);
        };
        let pitch = pixels.len();
        for panel in panels {
            let panel = gemm.packed.panel(panel);
            let mut weights = panel.weights;
            for (i, block) in gemm.blocks.iter().enumerate() {
                let part = Panel {
                    vectors: panel.vectors,
                    channels: panel.channels,
                    weights,
                    bias: (i == 0).then_some(panel.bias),
                    segments: block.segments.len(),
                    skip: panel.first_input + block.elements.start,
                    len: block.elements.len(),
                };
                // SAFETY: the table was filled for these pixels; the output has them, each with this
                // panel's channels; the panel has the block's weights.
                unsafe {
                    let first = pixels.start * gemm.output_pixel + panel.first_output;
                    let pixels = Pixels {
                        count: pitch,
                        pointers: table.pointers.add(block.segments.start * pitch),
                        pitch,
                        output: io.output.add(first),
                        stride: gemm.output_pixel,
                    };
                    tile::compute::<L>(&part, &pixels);
                }
                let k = block.segments.len() * block.elements.len();
                weights = weights.wrapping_add(k * panel.vectors * L::N);
            }
        }
    }
}
