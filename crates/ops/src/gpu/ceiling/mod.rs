//! The ceilings of a GPU: chains of fused multiply-adds, and streams through memory, as shaders.
//! They use memory as operators do, buffers or textures.

#[cfg(feature = "gpu")]
mod device;

#[cfg(feature = "gpu")]
pub use device::GpuCeilings;

use super::{Binding, Constants, Dispatch, access::End, constants, kernel::GRID};
use profile::Pattern;

/// Invocations to a workgroup.
const GROUP: usize = 64;

/// Invocations of a workgroup that leaves no lane of a unit idle: the most that every GPU takes.
const SATURATING: usize = 256;

/// Steps of each chain, and multiply-adds of a chain in each, which compilers unroll.
const STEPS: usize = 128;
const ROUNDS: usize = 4;

/// Chains of multiply-adds that a GPU may be fastest at.
#[derive(Clone, Copy, Debug)]
pub struct Chains {
    /// Vectors of an invocation, each a chain.
    pub vectors: usize,
    /// Whether a multiply-add reads three registers or two: some register files have too few ports.
    pub three_operands: bool,
}

impl Chains {
    /// All that are raced.
    pub const FORMS: [Self; 6] = [
        Self { vectors: 2, three_operands: true },
        Self { vectors: 3, three_operands: true },
        Self { vectors: 4, three_operands: true },
        Self { vectors: 8, three_operands: true },
        Self { vectors: 4, three_operands: false },
        Self { vectors: 8, three_operands: false },
    ];

    /// FLOPs of so many workgroups: 2 a multiply-add of each of four lanes.
    pub fn flops(self, groups: u32) -> u64 {
        u64::from(groups) * (GROUP * STEPS * ROUNDS * self.vectors * 4 * 2) as u64
    }
}

/// Quads of each array that an invocation of `stream.wgsl` touches.
const EACH: usize = 16;

impl Dispatch {
    /// `groups` workgroups that compute.
    pub fn chains(form: Chains, groups: u32) -> Self {
        Self::chains_of(form, GROUP, groups)
    }

    /// `groups` workgroups each of which keeps a unit of a GPU busy, and takes that GPU some ten microseconds.
    pub fn saturating(groups: u32) -> Self {
        Self::chains_of(Chains { vectors: 8, three_operands: true }, SATURATING, groups)
    }

    fn chains_of(form: Chains, invocations: usize, groups: u32) -> Self {
        let constants = constants! {
            GROUP: invocations,
            STEPS: STEPS,
            THREE_OPERANDS: form.three_operands,
        };
        let bindings = [Binding::Input(0), Binding::Output];
        Self::ceiling(include_str!("chains.wgsl"), constants, &bindings, groups)
            .sized(&[("CHAINS", form.vectors), ("ROUNDS", ROUNDS)])
    }

    /// What [`Self::stream`] can do.
    pub const STREAMS: [Pattern; 3] = [Pattern::Read, Pattern::Copy, Pattern::Triad];

    /// `groups` workgroups that run `pattern`, one of [`Self::STREAMS`], over the beginnings of three
    /// arrays.
    pub fn stream(pattern: Pattern, groups: u32) -> Self {
        let constants = vec![("GROUP", GROUP as f64), ("PATTERN", f64::from(pattern as u8))];
        let bindings = [Binding::Input(0), Binding::Input(1), Binding::Output];
        Self::ceiling(include_str!("stream.wgsl"), constants, &bindings, groups)
    }

    /// Bytes of each array that a workgroup of [`Self::stream`] touches.
    pub const fn stream_bytes() -> u64 {
        (GROUP * EACH * 16) as u64
    }

    fn ceiling(
        shader: &'static str,
        constants: Constants,
        bindings: &[Binding],
        groups: u32,
    ) -> Self {
        let (parts, bindings) = (vec![GRID.into(), shader.into()], bindings.to_vec());
        let end = End::default();
        let (sizes, workgroups) = (Vec::new(), [groups, 1, 1]);
        Self { sizes, parts, constants, bindings, end, workgroups, load: None }
    }
}
