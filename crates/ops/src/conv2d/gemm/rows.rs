//! Where the inputs under an output pixel are: a table of pointers, so that no matrix of patches
//! is ever built.
//!
//! The products of an output pixel are summed over segments, runs of input elements that lie
//! together. Mostly a segment is one tap's input channels. Where an input has few channels and no
//! gaps, a whole kernel row (KW·C elements) is one. A tap that falls outside the map points at a
//! row of zeros; a kernel row that does so in part is copied with its zeros to scratch memory.

use crate::{
    Conv2d,
    cpu::{AlignedBuffer, Layout, Site},
    simd::Lanes,
};
use profile::Shape;
use std::ops::Range;

/// How input rows are found.
pub(super) struct Rows {
    conv: Conv2d,
    input: Layout,
    output: Layout,
    segment: Segment,
    zeros: AlignedBuffer,
}

/// What lies together in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// One tap's input channels.
    Tap,
    /// One kernel row's taps.
    KernelRow,
}

/// An output pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    n: usize,
    y: usize,
    x: usize,
}

impl Rows {
    /// Rows for `conv` at `site`, in segments of the kind given.
    pub fn new(conv: &Conv2d, site: &Site<'_>, segment: Segment) -> Self {
        let input = site.inputs[0];
        let zeros = match segment {
            Segment::Tap => input.shape.c,
            Segment::KernelRow => conv.kernel.1 * input.shape.c,
        };
        Self {
            conv: *conv,
            input,
            output: site.output,
            segment,
            zeros: AlignedBuffer::zeros(zeros),
        }
    }

    /// The shape of the output.
    pub const fn output(&self) -> Shape {
        self.output.shape
    }

    /// Segments a pixel.
    pub const fn segments(&self) -> usize {
        match self.segment {
            Segment::Tap => self.conv.taps(),
            Segment::KernelRow => self.conv.kernel.0,
        }
    }

    /// Elements of a segment.
    pub const fn len(&self) -> usize {
        match self.segment {
            Segment::Tap => self.input.shape.c / self.conv.groups,
            Segment::KernelRow => self.conv.kernel.1 * self.input.shape.c,
        }
    }

    /// Floats of scratch memory that `pixels` output pixels may need for copies.
    pub const fn scratch(&self, pixels: usize) -> usize {
        match self.segment {
            Segment::Tap => 0,
            Segment::KernelRow => pixels * self.conv.kernel.0 * self.len(),
        }
    }

    /// Writes the pointers of output `pixels` (counted over all images) to `table`: segment by
    /// segment, one a pixel.
    ///
    /// # Safety
    /// `input` is laid out as the site said; `table` takes a pointer for each segment and pixel;
    /// `copies` takes the floats that [`Self::scratch`] says.
    #[inline(always)]
    pub unsafe fn point<L: Lanes>(
        &self,
        input: *const f32,
        pixels: Range<usize>,
        table: *mut *const f32,
        copies: *mut f32,
    ) {
        let (s, pitch) = (self.output.shape, pixels.len());
        let inner = self.inner();
        let mut m = 0;
        while m < pitch {
            let (row, x) = ((pixels.start + m) / s.w, (pixels.start + m) % s.w);
            let place = Place { n: row / s.h, y: row % s.h, x };
            // As far as this output row goes, in a run where all kernel columns are inside.
            let end = s.w.min(x + pitch - m);
            let run = if inner.contains(&x) { inner.end.min(end) - x } else { 1 };
            // SAFETY: m < pitch, and the caller vouches for the rest.
            unsafe {
                let column = Column { table: table.add(m), pitch };
                match self.segment {
                    _ if inner.contains(&x) => self.point_at_run(input, place, run, column),
                    Segment::Tap => self.point_at_taps(input, place, column),
                    Segment::KernelRow => {
                        let copies = copies.add(m * self.scratch(1));
                        self.point_at_kernel_rows::<L>(input, place, column, copies);
                    }
                }
            }
            m += run;
        }
    }

    /// The output columns whose kernel columns are all inside the map.
    fn inner(&self) -> Range<usize> {
        let (conv, map) = (&self.conv, self.input.shape);
        let (_, left) = conv.padding.first();
        let span = (conv.kernel.1 - 1) * conv.dilation.1 + 1;
        let end = (map.w + left + conv.stride.1).saturating_sub(span) / conv.stride.1;
        left.div_ceil(conv.stride.1)..end.min(self.output.shape.w)
    }

    /// The input pixel, wrapped far beyond the map where it is above or left of it, under the first
    /// tap of the pixel at `place`: row, column and address.
    const fn corner(&self, input: *const f32, place: Place) -> (usize, usize, *const f32) {
        let (conv, map) = (&self.conv, self.input.shape);
        let (above, beside) = conv.padding.first();
        let top = (place.y * conv.stride.0).wrapping_sub(above);
        let left = (place.x * conv.stride.1).wrapping_sub(beside);
        let pixel = (place.n * map.h).wrapping_add(top).wrapping_mul(map.w).wrapping_add(left);
        (top, left, input.wrapping_add(pixel.wrapping_mul(self.input.pixel)))
    }

    /// Points at each segment of `count` neighbours, from the one at `place` on, of which all kernel
    /// columns are inside the map.
    ///
    /// # Safety
    /// As [`Self::point`].
    #[inline(always)]
    unsafe fn point_at_run(
        &self,
        input: *const f32,
        place: Place,
        count: usize,
        mut column: Column,
    ) {
        let (conv, map) = (&self.conv, self.input.shape);
        let (top, _, first) = self.corner(input, place);
        for ky in 0..conv.kernel.0 {
            let row = first.wrapping_add(ky * conv.dilation.0 * map.w * self.input.pixel);
            let inside = top.wrapping_add(ky * conv.dilation.0) < map.h;
            for kx in 0..self.segments() / conv.kernel.0 {
                let (at, step) = if inside {
                    let tap = kx * conv.dilation.1 * self.input.pixel;
                    (row.wrapping_add(tap), conv.stride.1 * self.input.pixel)
                } else {
                    (self.zeros.as_ptr(), 0)
                };
                // SAFETY: the table has an entry for each segment of each neighbour.
                unsafe { column.push_run(at, step, count) };
            }
        }
    }

    /// Points at each tap of the pixel at `place`.
    ///
    /// # Safety
    /// As [`Self::point`].
    #[inline(always)]
    unsafe fn point_at_taps(&self, input: *const f32, place: Place, mut column: Column) {
        let (conv, map) = (&self.conv, self.input.shape);
        let (top, left, first) = self.corner(input, place);
        for ky in 0..conv.kernel.0 {
            let y = top.wrapping_add(ky * conv.dilation.0);
            let row = first.wrapping_add(ky * conv.dilation.0 * map.w * self.input.pixel);
            for kx in 0..conv.kernel.1 {
                let x = left.wrapping_add(kx * conv.dilation.1);
                let tap = row.wrapping_add(kx * conv.dilation.1 * self.input.pixel);
                let inside = y < map.h && x < map.w;
                // SAFETY: the table has an entry for each tap.
                unsafe { column.push(if inside { tap } else { self.zeros.as_ptr() }) };
            }
        }
    }

    /// Points at each kernel row of the pixel at `place`, `copies` having room for all.
    ///
    /// # Safety
    /// As [`Self::point`].
    #[inline(always)]
    unsafe fn point_at_kernel_rows<L: Lanes>(
        &self,
        input: *const f32,
        place: Place,
        mut column: Column,
        copies: *mut f32,
    ) {
        let (conv, map) = (&self.conv, self.input.shape);
        let (top, _, first) = self.corner(input, place);
        let row = conv.dilation.0 * map.w * map.c;
        // The kernel's columns inside the map.
        let (_, padding) = conv.padding.first();
        let before = padding.saturating_sub(place.x * conv.stride.1).min(conv.kernel.1);
        let end = (map.w + padding).saturating_sub(place.x * conv.stride.1);
        let end = end.min(conv.kernel.1).max(before);
        for ky in 0..conv.kernel.0 {
            let y = top.wrapping_add(ky * conv.dilation.0);
            let at = if y >= map.h || before == end {
                self.zeros.as_ptr()
            } else {
                // SAFETY: columns are clipped to the map; copies have room for each kernel row.
                unsafe {
                    let copy = copies.add(ky * self.len());
                    let source = first.wrapping_add(ky * row + before * map.c);
                    clear::<L>(copy, self.len());
                    move_lanes::<L>(source, copy.add(before * map.c), (end - before) * map.c);
                    copy
                }
            };
            // SAFETY: the table has an entry for the kernel row.
            unsafe { column.push(at) };
        }
    }
}

/// One pixel's entries in a table of pointers.
#[derive(Clone, Copy)]
struct Column {
    /// The next one.
    table: *mut *const f32,
    /// Pointers from one to the next.
    pitch: usize,
}

impl Column {
    /// Writes the next entry of `count` neighbours, `step` elements from one to the next.
    ///
    /// # Safety
    /// There is one of each.
    #[inline(always)]
    unsafe fn push_run(&mut self, first: *const f32, step: usize, count: usize) {
        for m in 0..count {
            // SAFETY: the caller vouches for the entries.
            unsafe { *self.table.add(m) = first.wrapping_add(m * step) };
        }
        self.table = self.table.wrapping_add(self.pitch);
    }

    /// Writes the next entry.
    ///
    /// # Safety
    /// There is one.
    #[inline(always)]
    unsafe fn push(&mut self, pointer: *const f32) {
        // SAFETY: the caller vouches for the entry.
        unsafe { *self.table = pointer };
        self.table = self.table.wrapping_add(self.pitch);
    }
}

/// Writes `len` zeros to `to`.
///
/// # Safety
/// `to` is valid for writing `len` elements.
#[inline(always)]
unsafe fn clear<L: Lanes>(to: *mut f32, len: usize) {
    for i in (0..len).step_by(L::N) {
        // SAFETY: no more than the elements left are written.
        unsafe { L::splat(0.0).store_up_to(to.add(i), (len - i).min(L::N)) };
    }
}

/// Copies `len` elements.
///
/// # Safety
/// `from` is valid for reading, `to` for writing `len` elements, and they do not overlap.
#[inline(always)]
unsafe fn move_lanes<L: Lanes>(from: *const f32, to: *mut f32, len: usize) {
    for i in (0..len).step_by(L::N) {
        let n = (len - i).min(L::N);
        // SAFETY: no more than the elements left are read and written.
        unsafe { L::load_up_to(from.add(i), n).store_up_to(to.add(i), n) };
    }
}
