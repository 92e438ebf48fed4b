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

    /// The place of output pixel `pixel`, counted over all images.
    pub const fn place(&self, pixel: usize) -> Place {
        let s = self.output.shape;
        let (n, within) = (pixel / s.area(), pixel % s.area());
        Place { n, y: within / s.w, x: within % s.w }
    }

    /// Writes the pointers of the `strip` output pixels from `place` on, which moves past them, to
    /// `table`: segment by segment, one a pixel.
    ///
    /// # Safety
    /// `input` is laid out as the site said; `table` takes a pointer for each segment and pixel;
    /// `scratch` takes the floats that [`Self::scratch`] says.
    #[inline(always)]
    pub unsafe fn point<L: Lanes>(
        &self,
        input: *const f32,
        place: &mut Place,
        strip: usize,
        table: *mut *const f32,
        scratch: *mut f32,
    ) {
        for m in 0..strip {
            // SAFETY: m < strip, and the caller vouches for the rest.
            unsafe {
                let table = table.add(m);
                match self.segment {
                    Segment::Tap => self.point_at_taps(input, *place, table, strip),
                    Segment::KernelRow => {
                        let copies = scratch.add(m * self.scratch(1));
                        self.point_at_kernel_rows::<L>(input, *place, table, strip, copies);
                    }
                }
            }
            place.step(self.output.shape);
        }
    }

    /// Points `table[tap · step]` at each tap of the pixel at `place`.
    ///
    /// # Safety
    /// As [`Self::point`].
    unsafe fn point_at_taps(
        &self,
        input: *const f32,
        place: Place,
        table: *mut *const f32,
        step: usize,
    ) {
        let (conv, shape) = (&self.conv, self.input.shape);
        // Above and left of the map these wrap to places far beyond it.
        let top = (place.y * conv.stride.0).wrapping_sub(conv.padding.0);
        let left = (place.x * conv.stride.1).wrapping_sub(conv.padding.1);
        let last = |kernel, dilation| (kernel - 1) * dilation;
        let inside = top < shape.h
            && left < shape.w
            && top + last(conv.kernel.0, conv.dilation.0) < shape.h
            && left + last(conv.kernel.1, conv.dilation.1) < shape.w;
        let mut entry = table;
        for ky in 0..conv.kernel.0 {
            let y = top.wrapping_add(ky * conv.dilation.0);
            for kx in 0..conv.kernel.1 {
                let x = left.wrapping_add(kx * conv.dilation.1);
                // SAFETY: the pixel is inside the map, and the table has an entry for the tap.
                unsafe {
                    *entry = if inside || (y < shape.h && x < shape.w) {
                        input.add(self.input.offset(place.n, y, x))
                    } else {
                        self.zeros.as_ptr()
                    };
                    entry = entry.add(step);
                }
            }
        }
    }

    /// Points `table[ky · step]` at each kernel row of the pixel at `place`, `copies` having room for all.
    ///
    /// # Safety
    /// As [`Self::point`].
    #[inline(always)]
    unsafe fn point_at_kernel_rows<L: Lanes>(
        &self,
        input: *const f32,
        place: Place,
        table: *mut *const f32,
        step: usize,
        copies: *mut f32,
    ) {
        let (conv, shape) = (&self.conv, self.input.shape);
        let (top, left) = (place.y * conv.stride.0, place.x * conv.stride.1);
        let first = left.saturating_sub(conv.padding.1);
        let end = (left + conv.kernel.1).saturating_sub(conv.padding.1).min(shape.w).max(first);
        let whole = end - first == conv.kernel.1;
        for ky in 0..conv.kernel.0 {
            let y = (top + ky).wrapping_sub(conv.padding.0);
            // SAFETY: rows and columns are clipped to the map; copies have room for a kernel row
            // each, and the table an entry.
            unsafe {
                let source = |y| input.add(self.input.offset(place.n, y, first));
                *table.add(ky * step) = if y >= shape.h || first == end {
                    self.zeros.as_ptr()
                } else if whole {
                    source(y)
                } else {
                    let room = copies.add(ky * self.len());
                    let before = conv.padding.1.saturating_sub(left) * shape.c;
                    clear::<L>(room, self.len());
                    copy::<L>(source(y), room.add(before), (end - first) * shape.c);
                    room
                };
            }
        }
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
unsafe fn copy<L: Lanes>(from: *const f32, to: *mut f32, len: usize) {
    for i in (0..len).step_by(L::N) {
        let n = (len - i).min(L::N);
        // SAFETY: no more than the elements left are read and written.
        unsafe { L::load_up_to(from.add(i), n).store_up_to(to.add(i), n) };
    }
}
