//! An open device: memory, submissions, and what went wrong on it.
//!
//! wgpu reports errors from where it likes: at the call, in an error scope, to a handler, through a
//! callback. All of them end up as [`SessionError`]s. What nobody waited for is remembered, and the
//! next call says so.

use super::{Adapter, AdapterLimits};
use crate::{SessionError, Stop};
use pollster::block_on;
use profile::nanos;
use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The first thing that went wrong and was not returned to a caller.
type Fault = Arc<Mutex<Option<String>>>;

/// The label of a run's commands.
pub(super) const RUN: &str = "run";

/// Time stamps at both ends of passes, and inside of them.
const STAMPS: wgpu::Features =
    wgpu::Features::TIMESTAMP_QUERY.union(wgpu::Features::TIMESTAMP_QUERY_INSIDE_PASSES);

/// How often whoever waits for a device looks at the wish to stop.
const LOOK: Duration = Duration::from_millis(50);

/// How long to wait for a device. The default waits as long as it takes.
#[derive(Clone, Debug, Default)]
pub struct Patience {
    /// Whether to stop waiting.
    pub stop: Stop,
    /// The longest that a submission may take; a device that takes longer counts as one that hangs.
    pub at_most: Option<Duration>,
}

/// What a submission took, nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waited {
    /// Encoding its commands.
    pub encode_ns: u64,
    /// Handing them over.
    pub submit_ns: u64,
    /// From the beginning of the encoding until it was done.
    pub ns: u64,
}

/// An open device.
pub(super) struct Context {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    pub traits: AdapterLimits,
    patience: Patience,
    name: String,
    fault: Fault,
}

impl Context {
    /// Opens the adapter with all of its own limits, and time stamps where it has them, to be used
    /// as `traits` say and waited for with `patience`.
    pub fn open(
        adapter: &Adapter,
        traits: AdapterLimits,
        patience: &Patience,
    ) -> Result<Self, SessionError> {
        Self::with_features(STAMPS, adapter, traits, patience)
    }

    /// As [`Self::open`], with those of `features` that the adapter has, and what the traits tell of.
    pub fn with_features(
        features: wgpu::Features,
        adapter: &Adapter,
        traits: AdapterLimits,
        patience: &Patience,
    ) -> Result<Self, SessionError> {
        let name = adapter.device().name;
        let subgroups = wgpu::Features::SUBGROUP;
        let traited = if traits.subgroups { subgroups } else { wgpu::Features::empty() };
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("probe"),
            required_features: adapter.inner.features() & (features | traited),
            required_limits: adapter.inner.limits(),
            ..Default::default()
        };
        let opened = block_on(adapter.inner.request_device(&descriptor));
        let (device, queue) = opened
            .map_err(|e| SessionError::Device { device: name.clone(), what: e.to_string() })?;
        let fault = Fault::default();
        let (lost, uncaught) = (Arc::clone(&fault), Arc::clone(&fault));
        device.set_device_lost_callback(move |reason, message| {
            remember(&lost, format!("device lost ({reason:?}) {message}"));
        });
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            remember(&uncaught, error.to_string());
        }));
        Ok(Self { device, queue, traits, patience: patience.clone(), name, fault })
    }

    /// An error of this device, in one line; wgpu takes several.
    pub fn error(&self, what: impl AsRef<str>) -> SessionError {
        let lines = what.as_ref().lines().map(str::trim).filter(|line| !line.is_empty());
        let what = lines.collect::<Vec<_>>().join(" ");
        SessionError::Device { device: self.name.clone(), what }
    }

    /// Whether anything has gone wrong since the device was opened.
    pub fn check(&self) -> Result<(), SessionError> {
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        fault.as_ref().map_or(Ok(()), |what| Err(self.error(what.clone())))
    }

    /// Runs `f`; any error that the device reports for what `f` did is returned, after `doing`.
    pub fn scoped<T>(
        &self,
        doing: &str,
        f: impl FnOnce() -> Result<T, SessionError>,
    ) -> Result<T, SessionError> {
        // What was refused comes before the complaints of those who wanted to use it.
        let filters = [
            wgpu::ErrorFilter::Validation,
            wgpu::ErrorFilter::Internal,
            wgpu::ErrorFilter::OutOfMemory,
        ];
        let scopes = filters.map(|filter| self.device.push_error_scope(filter));
        let result = f();
        // Scopes end in the reverse of the order in which they began.
        let errors: Vec<wgpu::Error> =
            scopes.into_iter().rev().filter_map(|scope| block_on(scope.pop())).collect();
        match errors.first() {
            Some(error) => Err(self.error(format!("{doing}: {error}"))),
            None => result,
        }
    }

    /// A buffer for what `label` says.
    pub fn buffer(&self, label: &str, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        let label = Some(label);
        let descriptor = wgpu::BufferDescriptor { label, size, usage, mapped_at_creation: false };
        self.device.create_buffer(&descriptor)
    }

    /// Submits commands and waits until they are done.
    pub fn submit(
        &self,
        commands: impl IntoIterator<Item = wgpu::CommandBuffer>,
    ) -> Result<(), SessionError> {
        self.queue.submit(commands);
        self.wait_for_all()
    }

    /// Waits until all that was submitted is done.
    fn wait_for_all(&self) -> Result<(), SessionError> {
        if let Err(why) = self.wait() {
            // Who drops the last handle to a queue waits for all that is under way on it.
            mem::forget(self.queue.clone());
            return Err(why);
        }
        self.check()
    }

    /// Waits for all that was submitted as long as the patience lasts.
    fn wait(&self) -> Result<(), SessionError> {
        let Patience { stop, at_most } = &self.patience;
        let start = Instant::now();
        loop {
            // The latest submission: a lost device has none of its own.
            let next = wgpu::PollType::Wait { submission_index: None, timeout: Some(LOOK) };
            // wgpu panics where the device is lost meanwhile.
            let poll = catch_unwind(AssertUnwindSafe(|| self.device.poll(next)));
            match poll.map_err(|_| self.error("the device was lost"))? {
                Ok(_) => return Ok(()),
                Err(wgpu::PollError::Timeout) => stop.check()?,
                Err(e) => return Err(self.error(e.to_string())),
            }
            if let Some(most) = at_most.filter(|most| start.elapsed() >= *most) {
                return Err(self.error(format!("it did not answer within {} s", most.as_secs())));
            }
        }
    }

    /// Submits what `record` encodes and waits for it.
    pub fn timed(
        &self,
        record: impl FnOnce(&mut wgpu::CommandEncoder),
    ) -> Result<Waited, SessionError> {
        self.check()?;
        let start = Instant::now();
        let mut encoder = self.encoder(RUN);
        record(&mut encoder);
        let commands = encoder.finish();
        let encoded = start.elapsed();
        self.queue.submit([commands]);
        let submitted = start.elapsed();
        self.wait_for_all()?;
        Ok(Waited {
            encode_ns: nanos(encoded),
            submit_ns: nanos(submitted - encoded),
            ns: nanos(start.elapsed()),
        })
    }

    /// Submits one pass that `record` fills and waits for it; where it is to be stamped, `ends` say.
    pub fn timed_pass(
        &self,
        ends: Option<wgpu::ComputePassTimestampWrites<'_>>,
        record: impl FnOnce(&mut wgpu::ComputePass<'_>),
    ) -> Result<Waited, SessionError> {
        let descriptor = wgpu::ComputePassDescriptor { label: Some(RUN), timestamp_writes: ends };
        self.timed(|encoder| record(&mut encoder.begin_compute_pass(&descriptor)))
    }

    /// An encoder of commands for what `label` says.
    pub fn encoder(&self, label: &str) -> wgpu::CommandEncoder {
        let label = Some(label);
        self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label })
    }

    /// The contents of a buffer that can be mapped.
    pub fn map(&self, buffer: &wgpu::Buffer) -> Result<Vec<u8>, SessionError> {
        let (sender, receiver) = std::sync::mpsc::channel();
        // The receiver waits below, and a callback that nobody waits for has nothing to say.
        buffer.map_async(wgpu::MapMode::Read, .., move |result| drop(sender.send(result)));
        self.submit([])?;
        match receiver.try_recv() {
            Ok(Ok(())) => (),
            Ok(Err(e)) => return Err(self.error(e.to_string())),
            Err(_) => return Err(self.error("a buffer was not mapped")),
        }
        let view = buffer.get_mapped_range(..).map_err(|e| self.error(e.to_string()))?;
        let bytes = view.to_vec();
        drop(view);
        buffer.unmap();
        Ok(bytes)
    }
}

fn remember(fault: &Fault, what: String) {
    fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(what);
}
