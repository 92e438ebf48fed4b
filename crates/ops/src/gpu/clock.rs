//! GPU time stamps, and whether they can be believed.

use super::context::Context;
use crate::SessionError;

/// Passes to a query set: two stamps each, and a set holds at most 4096.
const PASSES: usize = 2048;

/// Stamps coarser than this tell nothing of operators that take tens of microseconds.
const COARSEST_NS: f64 = 10_000.0;

/// The label of what holds stamps.
const STAMPS: &str = "time stamps";

/// Two stamps for each of a number of passes.
pub(super) struct Clock {
    sets: Vec<wgpu::QuerySet>,
    passes: usize,
    resolved: wgpu::Buffer,
    readable: wgpu::Buffer,
    period: f64,
    /// How many of the next runs have stamps that run backwards.
    #[cfg(test)]
    pub spoiled: std::cell::Cell<usize>,
}

impl Clock {
    /// A clock for `passes` passes; `None` where the device has no time stamps.
    pub fn new(context: &Context, passes: usize) -> Option<Self> {
        if !context.device.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            return None;
        }
        let bytes = (passes * 16) as u64;
        let set = |first: usize| {
            context.device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some(STAMPS),
                ty: wgpu::QueryType::Timestamp,
                count: 2 * (passes - first).min(PASSES) as u32,
            })
        };
        Some(Self {
            sets: (0..passes).step_by(PASSES).map(set).collect(),
            passes,
            resolved: context.buffer(
                STAMPS,
                bytes,
                wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
            ),
            readable: context.buffer(
                STAMPS,
                bytes,
                wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            ),
            period: f64::from(context.queue.get_timestamp_period()),
            #[cfg(test)]
            spoiled: Default::default(),
        })
    }

    /// Where pass `i` writes its stamps.
    pub fn stamps(&self, i: usize) -> wgpu::ComputePassTimestampWrites<'_> {
        let begin = 2 * (i % PASSES) as u32;
        wgpu::ComputePassTimestampWrites {
            query_set: &self.sets[i / PASSES],
            beginning_of_pass_write_index: Some(begin),
            end_of_pass_write_index: Some(begin + 1),
        }
    }

    /// Records that all stamps be copied to where they can be read.
    pub fn resolve(&self, encoder: &mut wgpu::CommandEncoder) {
        for (i, set) in self.sets.iter().enumerate() {
            let stamps = 2 * (self.passes - i * PASSES).min(PASSES) as u32;
            encoder.resolve_query_set(set, 0..stamps, &self.resolved, (i * PASSES * 16) as u64);
        }
        let bytes = self.resolved.size();
        encoder.copy_buffer_to_buffer(&self.resolved, 0, &self.readable, 0, bytes);
    }

    /// The stamps of the last run.
    pub fn read(&self, context: &Context) -> Result<Stamps, SessionError> {
        let bytes = context.map(&self.readable)?;
        let ticks: Vec<u64> = bytemuck::pod_collect_to_vec(&bytes);
        let passes = ticks.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect();
        #[cfg(test)]
        if let Some(left) = self.spoiled.get().checked_sub(1) {
            self.spoiled.set(left);
            return Ok(Stamps { passes: vec![[10, 20], [9, 5]], period: self.period });
        }
        Ok(Stamps { passes, period: self.period })
    }
}

/// The beginning and end of each pass of a run, in ticks.
pub(super) struct Stamps {
    passes: Vec<[u64; 2]>,
    /// Nanoseconds to a tick.
    period: f64,
}

impl Stamps {
    /// The smallest step in which stamps were seen to move, nanoseconds; infinite where they do
    /// not move.
    pub fn resolution_ns(&self) -> f64 {
        let first = self.passes.first().map_or(0, |pass| pass[0]);
        let step = self.passes.iter().flatten().fold(0, |g, t| gcd(g, t.abs_diff(first)));
        if step == 0 { f64::INFINITY } else { step as f64 * self.period }
    }

    /// Nanoseconds of each pass.
    ///
    /// # Errors
    /// Why these stamps cannot be believed.
    pub fn durations(&self) -> Result<Vec<u64>, String> {
        if self.passes.iter().flatten().all(|t| *t == 0) {
            return Err("the time stamps are all zero".to_owned());
        }
        if let Some(i) = self.passes.iter().position(|[begin, end]| end < begin) {
            return Err(format!("the time stamps of operator {i} run backwards"));
        }
        if let Some(i) = self.passes.windows(2).position(|pair| pair[1][0] < pair[0][1]) {
            return Err(format!("the time stamps of operators {i} and {} overlap", i + 1));
        }
        let resolution = self.resolution_ns();
        if resolution > COARSEST_NS {
            return Err(format!("the time stamps move in steps of {resolution} ns"));
        }
        let nanos = |[begin, end]: &[u64; 2]| ((end - begin) as f64 * self.period).round() as u64;
        Ok(self.passes.iter().map(nanos).collect())
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::Stamps;

    fn stamps(passes: &[[u64; 2]], period: f64) -> Stamps {
        Stamps { passes: passes.to_vec(), period }
    }

    #[test]
    fn good_stamps_become_nanoseconds() {
        let good = stamps(&[[100, 130], [131, 150], [150, 171]], 10.0);
        assert_eq!(good.durations(), Ok(vec![300, 190, 210]));
        assert_eq!(good.resolution_ns(), 10.0);
    }

    #[test]
    fn bad_stamps_are_refused_with_the_reason() {
        for (passes, period, reason) in [
            (vec![[0, 0], [0, 0]], 1.0, "zero"),
            (vec![[10, 20], [30, 25]], 1.0, "backwards"),
            (vec![[10, 20], [19, 25]], 1.0, "overlap"),
            (vec![[0, 100_000], [100_000, 300_000]], 1.0, "steps"),
            (vec![[7, 7], [7, 7]], 1.0, "steps"),
        ] {
            let error = stamps(&passes, period).durations().unwrap_err();
            assert!(error.contains(reason), "{passes:?}: {error}");
        }
    }
}
