//! Where the inputs under an output pixel are: a table of pointers, so that no matrix of patches
//! is ever built.
//!
//! The products of an output pixel are summed over segments, runs of input elements that lie
//! together. Mostly a segment is one tap's input channels. Where an input has few channels and no
//! gaps, a whole kernel row (KW·C elements) is one. A tap that falls outside the map points at a
//! row of zeros; a kernel row that does so in part is copied with its zeros to scratch memory.

use crate::{
    Conv2d,
    cpu::{Layout, Lines, Site},
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
    zeros: Lines,
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

impl Place {
    /// Moves to the next pixel of maps of `shape`.
    const fn step(&mut self, shape: Shape) {
        self.x += 1;
        if self.x == shape.w {
            self.x = 0;
            self.y += 1;
            if self.y == shape.h {
                self.y = 0;
                self.n += 1;
            }
        }
    }
}

impl Rows {
    /// Rows for `conv` at `site`, in segments of the kind given.
    pub fn new(conv: &Conv2d, site: &Site<'_>, segment: Segment) -> Self {
        let input = site.inputs[0];
        let zeros = match segment {
            Segment::Tap => input.shape.c,
            Segment::KernelRow => conv.kernel.1 * input.shape.c,
        };
        Self { conv: *conv, input, output: site.output, segment, zeros: Lines::zeros(zeros) }
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
        let (n, within) = (pixels.start / s.area(), pixels.start % s.area());
        let mut place = Place { n, y: within / s.w, x: within % s.w };
        for m in 0..pitch {
            // SAFETY: m < pitch, and the caller vouches for the rest.
            unsafe {
                let column = Column { table: table.add(m), pitch };
                match self.segment {
                    Segment::Tap => self.point_at_taps(input, place, column),
                    Segment::KernelRow => {
                        let copies = copies.add(m * self.scratch(1));
                        self.point_at_kernel_rows::<L>(input, place, column, copies);
                    }
                }
            }
            place.step(s);
        }
    }

    /// Whether the whole window at `top` and `left`, which wrap, lies inside the map.
    const fn inside(&self, top: usize, left: usize) -> bool {
        let (kernel, dilation, map) = (self.conv.kernel, self.conv.dilation, self.input.shape);
        top < map.h
            && left < map.w
            && top + (kernel.0 - 1) * dilation.0 < map.h
            && left + (kernel.1 - 1) * dilation.1 < map.w
    }

    /// Points at each tap of the pixel at `place`.
    ///
    /// # Safety
    /// As [`Self::point`].
    #[inline(always)]
    unsafe fn point_at_taps(&self, input: *const f32, place: Place, mut column: Column) {
        let (conv, map) = (&self.conv, self.input.shape);
        // Above and left of the map these wrap to places far beyond it.
        let top = (place.y * conv.stride.0).wrapping_sub(conv.padding.0);
        let left = (place.x * conv.stride.1).wrapping_sub(conv.padding.1);
        let row = conv.dilation.0 * map.w * self.input.pixel;
        let tap = conv.dilation.1 * self.input.pixel;
        let first = input.wrapping_add(
            (place.n * map.h)
                .wrapping_add(top)
                .wrapping_mul(map.w)
                .wrapping_add(left)
                .wrapping_mul(self.input.pixel),
        );
        let taps =
            |ky| (0..conv.kernel.1).map(move |kx| (kx, first.wrapping_add(ky * row + kx * tap)));
        // SAFETY: the table has an entry for each tap.
        unsafe {
            if self.inside(top, left) {
                (0..conv.kernel.0).flat_map(taps).for_each(|(_, at)| column.push(at));
                return;
            }
            for ky in 0..conv.kernel.0 {
                let y = top.wrapping_add(ky * conv.dilation.0);
                for (kx, at) in taps(ky) {
                    let x = left.wrapping_add(kx * conv.dilation.1);
                    let inside = y < map.h && x < map.w;
                    column.push(if inside { at } else { self.zeros.as_ptr() });
                }
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
        // Above and left of the map these wrap to places far beyond it.
        let top = (place.y * conv.stride.0).wrapping_sub(conv.padding.0);
        let left = (place.x * conv.stride.1).wrapping_sub(conv.padding.1);
        let row = conv.dilation.0 * map.w * map.c;
        let corner = (place.n * map.h).wrapping_add(top).wrapping_mul(map.w).wrapping_add(left);
        let first = input.wrapping_add(corner.wrapping_mul(map.c));
        if self.inside(top, left) {
            for ky in 0..conv.kernel.0 {
                // SAFETY: the table has an entry for the kernel row.
                unsafe { column.push(first.wrapping_add(ky * row)) };
            }
            return;
        }
        // The kernel's columns inside the map.
        let before = conv.padding.1.saturating_sub(place.x * conv.stride.1).min(conv.kernel.1);
        let end = map.w.wrapping_sub(left).min(conv.kernel.1).max(before);
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
