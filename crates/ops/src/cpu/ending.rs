//! A node's epilogue over what a task has just written, while it still lies in the cache.

use super::{Bounds, Io, Layout, Site};
use crate::{
    Epilogue, UnaryFn,
    simd::{Isa, Lanes, Vectorised},
    unary,
};
use std::ops::Range;

/// The epilogue of a node, ready to run.
pub(crate) struct Ending {
    isa: Isa,
    output: Layout,
    /// The map that is added, the last input.
    added: Option<Layout>,
    bounds: Bounds,
    /// A function that does more than clamp.
    function: Option<UnaryFn>,
}

impl Ending {
    /// That of a site; `None` where nothing is left to do.
    pub fn new(site: &Site<'_>) -> Option<Self> {
        (site.epilogue != Epilogue::NONE).then(|| Self {
            isa: site.isa,
            output: site.output,
            added: site.inputs.last().copied().filter(|_| site.epilogue.add),
            bounds: Bounds::of(site.epilogue),
            function: site.epilogue.function.filter(|f| f.bounds().is_none()),
        })
    }

    /// Does it to `channels` of `pixels`, counted over all images; once for each.
    ///
    /// # Safety
    /// As for [`Kernel::run`](super::Kernel::run); the pixels and channels are the output's.
    pub unsafe fn run(&self, io: &Io, pixels: Range<usize>, channels: Range<usize>) {
        self.isa.run(Part { of: self, io, pixels, channels });
    }
}

/// A call of [`Ending::run`], whose contract its maker keeps.
struct Part<'a> {
    of: &'a Ending,
    io: &'a Io,
    pixels: Range<usize>,
    channels: Range<usize>,
}

impl Vectorised for Part<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { of, io, pixels, channels } = self;
        let len = channels.len();
        for pixel in pixels {
            // SAFETY: the pixel and its channels are there, in both maps. No element is done twice.
            unsafe {
                let y = io.output.add(pixel * of.output.pixel + channels.start);
                for c in (0..len).step_by(L::N) {
                    let n = (len - c).min(L::N);
                    let mut sum = L::load_up_to(y.add(c), n);
                    if let Some(added) = of.added {
                        let map = io.inputs[io.inputs.len() - 1];
                        let at = map.add(pixel * added.pixel + channels.start + c);
                        sum = sum.add(L::load_up_to(at, n));
                    }
                    of.bounds.clamp(sum).store_up_to(y.add(c), n);
                }
                if let Some(function) = of.function {
                    unary::in_place::<L>(function, y, 1, of.output.pixel, len);
                }
            }
        }
    }
}
