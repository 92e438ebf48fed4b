//! How long one pass takes on the device, by stamps at both of its ends.

use super::{
    clock::Clock,
    context::{Context, Waited},
};
use crate::{Parts, SessionError};

/// Passes whose stamps may be wrong, one after the other, before nobody believes them any more.
pub(super) const TRIES: usize = 3;

/// Times passes, one at a time. The default reads the wall clock alone.
#[derive(Default)]
pub(super) struct Stopwatch {
    clock: Option<Clock>,
}

/// How long a pass took.
pub(super) struct Timed {
    /// By the wall clock.
    pub waited: Waited,
    /// On the device, nanoseconds; else why that is not known.
    pub gpu: Result<u64, String>,
}

impl Timed {
    /// Nanoseconds on the device; where that is not known, of the wall clock.
    pub fn ns(&self) -> u64 {
        *self.gpu.as_ref().unwrap_or(&self.waited.ns)
    }

    /// What the time of the wall clock consists of.
    pub fn parts(&self) -> Parts {
        let Waited { encode_ns, submit_ns, .. } = self.waited;
        Parts { gpu_ns: self.gpu.as_ref().ok().copied(), encode_ns, submit_ns }
    }
}

impl Stopwatch {
    /// A stopwatch; of a device without time stamps it reads the wall clock alone.
    pub fn new(context: &Context) -> Self {
        Self { clock: Clock::of_passes(context, 1) }
    }

    /// Runs a pass that `record` fills; again where its stamps cannot be believed, but not for ever.
    pub fn time(
        &self,
        context: &Context,
        record: &dyn Fn(&mut wgpu::ComputePass<'_>),
    ) -> Result<Timed, SessionError> {
        let mut timed = self.once(context, record)?;
        for _ in 1..TRIES {
            if self.clock.is_none() || timed.gpu.is_ok() {
                break;
            }
            timed = self.once(context, record)?;
        }
        Ok(timed)
    }

    fn once(
        &self,
        context: &Context,
        record: &dyn Fn(&mut wgpu::ComputePass<'_>),
    ) -> Result<Timed, SessionError> {
        let ends = self.clock.as_ref().map(|clock| clock.ends(0));
        let waited = context.timed_pass(ends, record)?;
        let gpu = match &self.clock {
            Some(clock) => clock.read(context)?.whole(),
            None => Err("the device has no time stamps".to_owned()),
        };
        Ok(Timed { waited, gpu })
    }
}
