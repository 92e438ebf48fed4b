//! Running the ceilings' shaders. Times are the device's own where it has time stamps, else of the wall clock, over as
//! many dispatches as it takes to make submitting them negligible.

use super::{
    super::{
        Adapter, Dispatch, KernelPlan, Patience,
        context::Context,
        floor::Floor,
        memory::Memory,
        step::{Pipelines, Step},
        stopwatch::Stopwatch,
    },
    Chains,
};
use crate::{
    SessionError,
    ceiling::{Burst, Ceilings},
};
use profile::Pattern;

/// The label of what measures.
const CEILINGS: &str = "ceilings";

/// Nanoseconds that a burst takes at least, unless that is [`MANY`] dispatches.
const LONG: u64 = 5_000_000;
/// Most dispatches of a burst.
const MANY: u64 = 1000;

/// Nanoseconds of computing after which a GPU has raised its clock.
const WARM: u64 = 200_000_000;

/// Workgroups that compute: enough to fill a large GPU, or a few cores that play one.
const GROUPS: u32 = 8192;
const FEW_GROUPS: u32 = 512;

/// Bytes of the largest working set.
const LARGEST: u64 = 512 << 20;
const LARGEST_IN_SOFTWARE: u64 = 128 << 20;
/// Bytes of the smallest: less keeps no GPU busy.
const SMALLEST: u64 = 256 << 10;

/// A graphics adapter.
pub struct GpuCeilings {
    context: Context,
    watch: Stopwatch,
    pipelines: Pipelines,
    floor: Floor,
    arrays: [Memory; 3],
    largest: u64,
    groups: u32,
    /// Nanoseconds that it has computed.
    computed: u64,
}

impl GpuCeilings {
    /// Opens `adapter` and fills memory; waits with `patience`, now and later.
    ///
    /// # Errors
    /// Where the device is lost or has no room, or the patience ends.
    pub fn open(adapter: &Adapter, patience: &Patience) -> Result<Self, SessionError> {
        let traits = adapter.traits();
        let context = Context::open(adapter, traits, patience)?;
        let (groups, largest) = match traits.software {
            true => (FEW_GROUPS, LARGEST_IN_SOFTWARE),
            false => (GROUPS, LARGEST),
        };
        let largest = largest.min(traits.most_quads() as u64 * 16);
        // Reading needs the first alone, copying the first and the last, the triad all three.
        let ones =
            |bytes: u64| Memory::holding(&context, CEILINGS, &vec![1.0; (bytes / 16) as usize * 4]);
        let arrays = context
            .scoped(CEILINGS, || Ok([ones(largest)?, ones(largest / 3)?, ones(largest / 2)?]))?;
        let (watch, mut pipelines) = (Stopwatch::new(&context), Pipelines::new(false));
        let floor = Floor::new(&context, &mut pipelines)?;
        Ok(Self { context, watch, pipelines, floor, arrays, largest, groups, computed: 0 })
    }

    /// Repeats `dispatch`, which does `amount`, until it is timed well.
    fn burst(&mut self, dispatch: Dispatch, amount: u64) -> Result<Burst, SessionError> {
        let plan = KernelPlan { weights: Vec::new(), dispatches: vec![dispatch] };
        let Self { context, watch, pipelines, arrays: [a, b, c], .. } = self;
        let step = context.scoped(CEILINGS, || {
            Step::prepare(context, pipelines, CEILINGS, &plan, &[], &[&*a, &*b], c)
        })?;
        let run = |times: u64| -> Result<u64, SessionError> {
            let repeat = |pass: &mut wgpu::ComputePass<'_>| {
                (0..times).for_each(|_| step.record(pass));
            };
            Ok(watch.time(context, &repeat)?.ns())
        };
        // The first run compiles on some drivers.
        run(1)?;
        let times = (LONG / run(1)?.max(1)).clamp(1, MANY);
        Ok(Burst { amount: amount * times, ns: run(times)? })
    }
}

impl GpuCeilings {
    fn chains(&mut self, form: Chains) -> Result<Burst, SessionError> {
        self.burst(Dispatch::chains(form, self.groups), form.flops(self.groups))
    }
}

impl Ceilings for GpuCeilings {
    /// The best of all forms of chains, once the clock is up.
    fn compute(&mut self) -> Result<Burst, SessionError> {
        while self.computed < WARM {
            self.computed += self.chains(Chains::FORMS[0])?.ns.max(1);
        }
        let mut best = self.chains(Chains::FORMS[0])?;
        for form in &Chains::FORMS[1..] {
            let other = self.chains(*form)?;
            if other.rate() > best.rate() {
                best = other;
            }
        }
        Ok(best)
    }

    fn stream(&mut self, pattern: Pattern, bytes: u64) -> Result<Burst, SessionError> {
        let group = pattern.arrays() * Dispatch::stream_bytes();
        let groups = (bytes.min(self.largest) / group).max(1);
        self.burst(Dispatch::stream(pattern, groups as u32), groups * group)
    }

    /// No shader works in place: what it reads and what it writes are different textures.
    fn patterns(&self) -> &'static [Pattern] {
        &Dispatch::STREAMS
    }

    fn empty_ns(&mut self) -> Result<f64, SessionError> {
        self.floor.empty_ns(&self.context, &self.watch)
    }

    fn dependent_ns(&mut self) -> Result<Option<f64>, SessionError> {
        self.floor.dependent_ns(&self.context, &self.watch).map(Some)
    }

    fn side_by_side(&mut self, workgroups: u32) -> Result<Option<Burst>, SessionError> {
        self.burst(Dispatch::saturating(workgroups), 1).map(Some)
    }

    fn working_sets(&self) -> (u64, u64) {
        (SMALLEST, self.largest)
    }
}
