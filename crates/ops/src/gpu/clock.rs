//! GPU time stamps, and whether they can be believed.

use super::context::Context;
use crate::SessionError;
use wgpu::Features;

/// Stamps to a query set, at most.
const STAMPS_A_SET: usize = 4096;

/// Stamps coarser than this tell nothing of operators that take tens of microseconds.
const COARSEST_NS: f64 = 10_000.0;

/// The label of what holds stamps.
const STAMPS: &str = "time stamps";

/// What the spans between stamps are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spans {
    /// Operators of one pass: each begins where the one before ends.
    OnePass,
    /// Passes, with a stamp at both ends of each.
    Passes,
}

/// Stamps round a number of spans.
pub(super) struct Clock {
    /// What the spans are of.
    pub spans: Spans,
    sets: Vec<wgpu::QuerySet>,
    stamps: usize,
    resolved: wgpu::Buffer,
    readable: wgpu::Buffer,
    period: f64,
    /// How many of the next runs have stamps that run backwards.
    #[cfg(test)]
    pub spoiled: std::cell::Cell<usize>,
}

impl Clock {
    /// A clock for `operators`, in one pass where the device can; `None` where it has no time stamps.
    pub fn of_operators(context: &Context, operators: usize) -> Option<Self> {
        match context.device.features().contains(Features::TIMESTAMP_QUERY_INSIDE_PASSES) {
            true => Self::new(context, Spans::OnePass, operators + 1),
            false => Self::of_passes(context, operators),
        }
    }

    /// A clock for `passes`; `None` where the device has no time stamps.
    pub fn of_passes(context: &Context, passes: usize) -> Option<Self> {
        Self::new(context, Spans::Passes, 2 * passes)
    }

    fn new(context: &Context, spans: Spans, stamps: usize) -> Option<Self> {
        if !context.device.features().contains(Features::TIMESTAMP_QUERY) {
            return None;
        }
        let bytes = stamps as u64 * 8;
        let set = |first: usize| {
            context.device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some(STAMPS),
                ty: wgpu::QueryType::Timestamp,
                count: (stamps - first).min(STAMPS_A_SET) as u32,
            })
        };
        Some(Self {
            spans,
            sets: (0..stamps).step_by(STAMPS_A_SET).map(set).collect(),
            stamps,
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

    /// Where stamp `i` stands.
    fn at(&self, i: usize) -> (&wgpu::QuerySet, u32) {
        (&self.sets[i / STAMPS_A_SET], (i % STAMPS_A_SET) as u32)
    }

    /// Records stamp `i` of one pass.
    pub fn stamp(&self, pass: &mut wgpu::ComputePass<'_>, i: usize) {
        let (set, at) = self.at(i);
        pass.write_timestamp(set, at);
    }

    /// Where pass `i` of several writes its stamps.
    pub fn ends(&self, i: usize) -> wgpu::ComputePassTimestampWrites<'_> {
        let (query_set, begin) = self.at(2 * i);
        wgpu::ComputePassTimestampWrites {
            query_set,
            beginning_of_pass_write_index: Some(begin),
            end_of_pass_write_index: Some(begin + 1),
        }
    }

    /// The stamps of the last run. They are fetched by a submission of their own, which no run's time has in it.
    pub fn read(&self, context: &Context) -> Result<Stamps, SessionError> {
        let mut encoder = context.encoder(STAMPS);
        for (i, set) in self.sets.iter().enumerate() {
            let first = i * STAMPS_A_SET;
            let stamps = (self.stamps - first).min(STAMPS_A_SET) as u32;
            encoder.resolve_query_set(set, 0..stamps, &self.resolved, first as u64 * 8);
        }
        let bytes = self.resolved.size();
        encoder.copy_buffer_to_buffer(&self.resolved, 0, &self.readable, 0, bytes);
        context.queue.submit([encoder.finish()]);
        let ticks: Vec<u64> = bytemuck::pod_collect_to_vec(&context.map(&self.readable)?);
        #[cfg(test)]
        let ticks = match self.spoiled.get().checked_sub(1) {
            Some(left) => {
                self.spoiled.set(left);
                vec![10, 20, 5, 9]
            }
            None => ticks,
        };
        let spans = match self.spans {
            Spans::OnePass => ticks.windows(2).map(|pair| [pair[0], pair[1]]).collect(),
            Spans::Passes => ticks.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect(),
        };
        Ok(Stamps { spans, period: self.period })
    }
}

/// The beginning and end of each span of a run, in ticks.
pub(super) struct Stamps {
    spans: Vec<[u64; 2]>,
    /// Nanoseconds to a tick.
    period: f64,
}

impl Stamps {
    /// The smallest step in which stamps were seen to move, nanoseconds; infinite where they do
    /// not move.
    pub fn resolution_ns(&self) -> f64 {
        let first = self.spans.first().map_or(0, |span| span[0]);
        let step = self.spans.iter().flatten().fold(0, |g, t| gcd(g, t.abs_diff(first)));
        if step == 0 { f64::INFINITY } else { step as f64 * self.period }
    }

    /// Nanoseconds of each span.
    ///
    /// # Errors
    /// Why these stamps cannot be believed.
    pub fn durations(&self) -> Result<Vec<u64>, String> {
        self.demand_order()?;
        let resolution = self.resolution_ns();
        if resolution > COARSEST_NS {
            return Err(format!("the time stamps move in steps of {resolution} ns"));
        }
        Ok(self.spans.iter().map(|[begin, end]| self.nanos(end - begin)).collect())
    }

    /// Nanoseconds from the first stamp to the last.
    ///
    /// # Errors
    /// Why these stamps cannot be believed. How coarse they are, too few of them tell.
    pub fn whole(&self) -> Result<u64, String> {
        self.demand_order()?;
        let begin = self.spans.first().map_or(0, |span| span[0]);
        let end = self.spans.last().map_or(0, |span| span[1]);
        Ok(self.nanos(end - begin))
    }

    fn demand_order(&self) -> Result<(), String> {
        if self.spans.iter().flatten().all(|t| *t == 0) {
            return Err("the time stamps are all zero".to_owned());
        }
        if let Some(i) = self.spans.iter().position(|[begin, end]| end < begin) {
            return Err(format!("the time stamps of operator {i} run backwards"));
        }
        if let Some(i) = self.spans.windows(2).position(|pair| pair[1][0] < pair[0][1]) {
            return Err(format!("the time stamps of operators {i} and {} overlap", i + 1));
        }
        Ok(())
    }

    fn nanos(&self, ticks: u64) -> u64 {
        (ticks as f64 * self.period).round() as u64
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::Stamps;

    fn stamps(spans: &[[u64; 2]], period: f64) -> Stamps {
        Stamps { spans: spans.to_vec(), period }
    }

    #[test]
    fn good_stamps_become_nanoseconds() {
        let good = stamps(&[[100, 130], [131, 150], [150, 171]], 10.0);
        assert_eq!(good.durations(), Ok(vec![300, 190, 210]));
        assert_eq!((good.resolution_ns(), good.whole()), (10.0, Ok(710)));
    }

    #[test]
    fn bad_stamps_are_refused_with_the_reason() {
        for (spans, period, reason) in [
            (vec![[0, 0], [0, 0]], 1.0, "zero"),
            (vec![[10, 20], [30, 25]], 1.0, "backwards"),
            (vec![[10, 20], [5, 9]], 1.0, "overlap"),
            (vec![[10, 20], [20, 5]], 1.0, "backwards"),
            (vec![[0, 100_000], [100_000, 300_000]], 1.0, "steps"),
            (vec![[7, 7], [7, 7]], 1.0, "steps"),
        ] {
            let stamps = stamps(&spans, period);
            let error = stamps.durations().unwrap_err();
            assert!(error.contains(reason), "{spans:?}: {error}");
            assert_eq!(stamps.whole().is_ok(), reason == "steps", "{spans:?}");
        }
    }
}
