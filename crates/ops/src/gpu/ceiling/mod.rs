//! The ceilings of a GPU: chains of fused multiply-adds, and streams through memory, as shaders.
//! They use memory as operators do, buffers or textures.

#[cfg(feature = "gpu")]
mod device;

#[cfg(feature = "gpu")]
pub use device::GpuCeilings;
#[cfg(feature = "gpu")]
pub(super) use device::empty_dispatch_ns;

use super::{Binding, Constants, Dispatch, kernel::GRID};
use profile::Pattern;

/// Invocations to a workgroup.
const GROUP: usize = 64;

/// Steps of each chain; `chains.wgsl` does [`FLOPS_A_STEP`] in each.
const STEPS: usize = 128;

/// Four rounds of three vectors of four lanes, 2 a multiply-add.
const FLOPS_A_STEP: usize = 4 * 3 * 4 * 2;

/// Quads of each array that an invocation of `stream.wgsl` touches.
const EACH: usize = 16;

impl Dispatch {
    /// `groups` workgroups that compute.
    pub fn chains(groups: u32) -> Self {
        let constants = vec![("GROUP", GROUP as f64), ("STEPS", STEPS as f64)];
        let bindings = [Binding::Input(0), Binding::Output];
        Self::ceiling(include_str!("chains.wgsl"), constants, &bindings, groups)
    }

    /// FLOPs of [`Self::chains`].
    pub fn chains_flops(groups: u32) -> u64 {
        u64::from(groups) * (GROUP * STEPS * FLOPS_A_STEP) as u64
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
        let (parts, bindings) = (vec![GRID, shader], bindings.to_vec());
        let written = Self::AS_IT_IS.to_owned();
        let (sizes, workgroups) = (Vec::new(), [groups, 1, 1]);
        Self { sizes, parts, constants, bindings, written, workgroups, load: None }
    }
}
