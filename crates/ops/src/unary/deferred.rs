//! The end of an epilogue that does more than registers have room for: a function of what a task has
//! just written, while it still lies in the cache.

use super::{UnaryFn, kernels};
use crate::{
    cpu::{Io, Layout, Site},
    simd::{Isa, Lanes, Vectorised},
};
use std::ops::Range;

/// A function that does more than clamp, ready to run.
pub(crate) struct DeferredActivation {
    isa: Isa,
    output: Layout,
    function: UnaryFn,
}

impl DeferredActivation {
    /// That of a site; `None` where its epilogue adds and clamps at most.
    pub fn new(site: &Site<'_>) -> Option<Self> {
        let function = site.epilogue.function.filter(|f| f.bounds().is_none())?;
        Some(Self { isa: site.isa, output: site.output, function })
    }

    /// Does it to `channels` of `pixels`, counted over all images; once for each.
    ///
    /// # Safety
    /// As for [`Kernel::run`](crate::cpu::Kernel::run); the pixels and channels are the output's.
    pub unsafe fn run(&self, io: &Io, pixels: Range<usize>, channels: Range<usize>) {
        self.isa.run(Part { of: self, io, pixels, channels });
    }
}

/// A call of [`DeferredActivation::run`], whose contract its maker keeps.
struct Part<'a> {
    of: &'a DeferredActivation,
    io: &'a Io<'a>,
    pixels: Range<usize>,
    channels: Range<usize>,
}

impl Vectorised for Part<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { of, io, pixels, channels } = self;
        let pitch = of.output.pixel;
        // SAFETY: the pixels and channels are there, and no element is done twice.
        unsafe {
            let first = io.output.add(pixels.start * pitch + channels.start);
            kernels::in_place::<L>(of.function, first, pixels.len(), pitch, channels.len());
        }
    }
}
