//! What a device can do at most, measured: the fastest arithmetic, the fastest memory, the least
//! that starting work costs. Operators are judged by these ceilings, so they are measured by code
//! of the same kind as the kernels: over [`Lanes`](crate::simd::Lanes) on the CPU, in WGSL on a GPU.
//!
//! A [`Ceilings`] measures one burst at a time; who asks decides how often and which counts.

use crate::SessionError;
use profile::Pattern;

/// Something done, and how long it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    /// FLOPs, bytes or dispatches.
    pub amount: u64,
    /// Nanoseconds.
    pub ns: u64,
}

impl Burst {
    /// GFLOP/s or GB/s.
    pub fn rate(self) -> f64 {
        self.amount as f64 / self.ns.max(1) as f64
    }
}

/// A device whose ceilings can be measured.
pub trait Ceilings {
    /// Independent chains of fused multiply-adds; the amount is FLOPs.
    ///
    /// # Errors
    /// Where the device is lost.
    fn compute(&mut self) -> Result<Burst, SessionError>;

    /// `pattern` over arrays of `bytes` bytes in all, as often as it takes to be timed well; the
    /// amount is the bytes read and written.
    ///
    /// # Errors
    /// Where the device is lost or has no room.
    fn stream(&mut self, pattern: Pattern, bytes: u64) -> Result<Burst, SessionError>;

    /// Nanoseconds of an empty parallel region or dispatch.
    ///
    /// # Errors
    /// Where the device is lost.
    fn empty_ns(&mut self) -> Result<f64, SessionError>;

    /// Nanoseconds of a dispatch that reads what the one before wrote; `None` where there are no dispatches.
    ///
    /// # Errors
    /// Where the device is lost.
    fn dependent_ns(&mut self) -> Result<Option<f64>, SessionError> {
        Ok(None)
    }

    /// Dispatches of so many workgroups, each of which keeps a unit of the device busy; the amount is dispatches. `None`
    /// where there are none.
    ///
    /// # Errors
    /// Where the device is lost.
    fn side_by_side(&mut self, _workgroups: u32) -> Result<Option<Burst>, SessionError> {
        Ok(None)
    }

    /// What [`Ceilings::stream`] can do: the patterns that kernels of this device follow.
    fn patterns(&self) -> &'static [Pattern] {
        &Pattern::ALL
    }

    /// The smallest and the largest working set that [`Ceilings::stream`] takes, bytes.
    fn working_sets(&self) -> (u64, u64);
}
