//! Lanes: the few vector operations that every CPU kernel is written over.
//!
//! A kernel is one algorithm, generic over [`Lanes`], wrapped in a [`Vectorised`] value.
//! [`Isa::run`] enters it once per instruction set through a shell that switches the instruction
//! set on for the compiler; everything below the shell is inlined into it. An [`Isa`] can only be
//! had for a processor that has it, which is what makes the shell sound.
//!
//! Every memory access of a kernel goes through `Lanes`, so a kernel can be run on lanes that count
//! and trace instead of computing fast: [`Isa::traced`] does, and tells an [`Observer`].

mod isa;
mod lanes;
pub(crate) mod math;
mod reduce;
mod scalar;
mod traced;

#[cfg(target_arch = "x86_64")]
#[cfg_attr(fuzzing, allow(dead_code, reason = "see `Isa::run`"))]
mod avx2;
#[cfg(target_arch = "x86_64")]
#[cfg_attr(fuzzing, allow(dead_code, reason = "see `Isa::run`"))]
mod avx512;
#[cfg(test)]
pub(crate) mod guard;
#[cfg(target_arch = "aarch64")]
mod neon;

pub use isa::{Isa, UnknownIsa};
#[cfg(target_arch = "x86_64")]
use lanes::first_of_each;
pub use lanes::{Lanes, Vectorised};
pub(crate) use lanes::{deinterleave, interleave, interleave_all};
pub(crate) use reduce::{largest, squares, total};
pub(crate) use traced::part_ended;
pub use traced::{Observed, Observer, observing};

#[cfg(test)]
mod tests;
