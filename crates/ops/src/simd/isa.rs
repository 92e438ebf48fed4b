//! Instruction sets, and how a kernel is entered in one.

#[cfg(all(target_arch = "aarch64", not(fuzzing)))]
use super::neon;
#[cfg(not(fuzzing))]
use super::traced::Traced;
use super::{Lanes, Vectorised};
#[cfg(all(target_arch = "x86_64", not(fuzzing)))]
use super::{avx2, avx512};
use profile::Vectors;
use std::{fmt, str::FromStr};

/// An instruction set that this processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Isa(Set);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Set {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "aarch64")]
    Neon,
    /// Arrays of as many lanes as another set's vectors have.
    Traced(Vectors),
}

impl Isa {
    /// Plain scalar code, there on every processor.
    pub const SCALAR: Self = Self(Set::Scalar);

    /// Every instruction set that this processor has, best first; ends with scalar.
    pub fn available() -> Vec<Self> {
        let mut sets = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            if avx2 && is_x86_feature_detected!("avx512f") {
                sets.push(Self(Set::Avx512));
            }
            if avx2 {
                sets.push(Self(Set::Avx2));
            }
        }
        #[cfg(target_arch = "aarch64")]
        sets.push(Self(Set::Neon));
        sets.push(Self::SCALAR);
        sets
    }

    /// Arrays that compute as `vectors` would, and tell an [`Observer`](super::Observer) what they do. Slow, there on
    /// every processor, and never among those [available](Self::available).
    pub const fn traced(vectors: Vectors) -> Self {
        Self(Set::Traced(vectors))
    }

    /// All of those, and traced lanes of widths that none of them has: what is right with them is right with any
    /// number. With `OPS_TEST_ISA` set to the name of one, that alone.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Vec<Self> {
        let only = std::env::var("OPS_TEST_ISA").ok();
        let wanted = |isa: &Self| only.as_ref().is_none_or(|name| name == isa.name());
        let available = Self::available();
        let new = |isa: &Self| available.iter().all(|has| has.lanes() != isa.lanes());
        let traced = [Vectors::Neon, Vectors::Avx2, Vectors::Avx512].map(Self::traced);
        let all = available.clone().into_iter().chain(traced.into_iter().filter(new));
        let wanted: Vec<Self> = all.filter(wanted).collect();
        assert!(!wanted.is_empty(), "there is no instruction set {only:?}");
        wanted
    }

    /// The best instruction set of this processor.
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// The instruction sets that kernels are tried with where this one is asked for: itself, and
    /// narrower vectors where they may pay. Sixteen lanes leave more of the last vector of a pixel's
    /// channels empty than eight, split a cache line wherever they are not aligned, and on some
    /// processors (Zen 4) are no faster.
    pub(crate) fn contenders(self) -> Vec<Self> {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => vec![self, Self(Set::Avx2)],
            _ => vec![self],
        }
    }

    /// Its name on the command line and in files.
    pub const fn name(self) -> &'static str {
        match self.0 {
            Set::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => "avx512",
            #[cfg(target_arch = "aarch64")]
            Set::Neon => "neon",
            Set::Traced(_) => "traced",
        }
    }

    /// Lanes in one of its vectors.
    pub fn lanes(self) -> usize {
        self.run(Width)
    }

    /// Runs `v` as scalar code: fuzzers run no kernel, and one set alone is compiled several times faster.
    #[cfg(fuzzing)]
    pub fn run<V: Vectorised>(self, v: V) -> V::Output {
        v.run::<f32>()
    }

    /// Runs `v` compiled for this instruction set. It and the shells are `#[inline]`, so that each kernel is
    /// compiled with its operator, where it is called, and again only when that changes.
    #[cfg(not(fuzzing))]
    #[inline]
    pub fn run<V: Vectorised>(self, v: V) -> V::Output {
        match self.0 {
            Set::Scalar => v.run::<f32>(),
            // SAFETY: `available` made this value after it had seen avx2 and fma.
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => unsafe { avx2::run(v) },
            // SAFETY: `available` made this value after it had seen avx512f, avx2 and fma.
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => unsafe { avx512::run(v) },
            // SAFETY: every aarch64 processor that runs std has NEON.
            #[cfg(target_arch = "aarch64")]
            Set::Neon => unsafe { neon::run(v) },
            Set::Traced(Vectors::Neon) => v.run::<Traced<4>>(),
            Set::Traced(Vectors::Avx2) => v.run::<Traced<8>>(),
            Set::Traced(Vectors::Avx512) => v.run::<Traced<16>>(),
        }
    }
}

struct Width;

impl Vectorised for Width {
    type Output = usize;
    #[inline(always)]
    fn run<L: Lanes>(self) -> usize {
        L::N
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// An instruction set that is unknown or not on this processor.
#[derive(Debug, thiserror::Error)]
#[error("no instruction set {asked:?} on this processor: it has {available}")]
pub struct UnknownIsa {
    asked: String,
    available: String,
}

impl FromStr for Isa {
    type Err = UnknownIsa;
    fn from_str(s: &str) -> Result<Self, UnknownIsa> {
        let all = Self::available();
        all.iter().copied().find(|isa| isa.name() == s).ok_or_else(|| UnknownIsa {
            asked: s.to_owned(),
            available: all.iter().map(|i| i.name()).collect::<Vec<_>>().join(", "),
        })
    }
}
