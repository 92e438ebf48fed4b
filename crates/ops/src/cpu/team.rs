//! A team of threads that runs one network in step.
//!
//! Networks of hundreds of operators of a few microseconds each cannot pay for waking threads at
//! every operator. So a run wakes the team once; within it, workers meet at a spinning barrier
//! after each step.

use std::{
    cell::UnsafeCell,
    hint::spin_loop,
    sync::{
        Arc,
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{AcqRel, Acquire, Release},
        },
    },
    thread::{self, JoinHandle},
};

/// Spins before a waiting thread gives its processor away.
const PATIENCE: u32 = 20_000;

/// A job for the whole team: called once by every worker with its index.
type Job = *const (dyn Fn(usize) + Sync);

/// Threads that run jobs together; the caller is worker 0.
pub(super) struct Team {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    /// Counts jobs: a worker waits for it to grow.
    round: AtomicUsize,
    job: UnsafeCell<Option<Job>>,
    stop: AtomicBool,
    barrier: Barrier,
}

// SAFETY: `job` is written by the caller alone, before `round` grows (release), and read by workers
// after they saw it grow (acquire); the caller does not return, nor write again, before all workers
// have passed the barrier that ends the job.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Team {
    /// A team of `size >= 1` workers, pinned to a processor each where `pin` and the system allow.
    pub fn new(size: usize, pin: bool) -> Self {
        let shared = Arc::new(Shared {
            round: AtomicUsize::new(0),
            job: UnsafeCell::new(None),
            stop: AtomicBool::new(false),
            barrier: Barrier::new(size),
        });
        if pin {
            pin_to(0);
        }
        let threads = (1..size)
            .map(|worker| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    if pin {
                        pin_to(worker);
                    }
                    shared.serve(worker);
                })
            })
            .collect();
        Self { shared, threads }
    }

    /// The barrier at which workers meet within a job.
    pub fn barrier(&self) -> &Barrier {
        &self.shared.barrier
    }

    /// Calls `job` once on every worker and returns when all have returned. A job that panics ends the
    /// process, unless there is one worker alone.
    pub fn run(&mut self, job: &(dyn Fn(usize) + Sync)) {
        if self.threads.is_empty() {
            return job(0);
        }
        // SAFETY: only the lifetime changes; workers use the job before the barrier below, and
        // this call returns after it.
        let job_for_all: Job = unsafe { std::mem::transmute::<&(dyn Fn(usize) + Sync), Job>(job) };
        // SAFETY: all workers wait for `round`, so no one reads the cell now.
        unsafe { *self.shared.job.get() = Some(job_for_all) };
        self.shared.round.fetch_add(1, Release);
        self.threads.iter().for_each(|t| t.thread().unpark());
        let _guard = AbortOnPanic;
        job(0);
        self.shared.barrier.wait();
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.stop.store(true, Release);
        self.shared.round.fetch_add(1, Release);
        for thread in self.threads.drain(..) {
            thread.thread().unpark();
            // A worker that panicked has said so on its own; there is nothing to add here.
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// A worker's life: wait for a round, do its job, meet the others.
    fn serve(&self, worker: usize) {
        let mut seen = 0;
        loop {
            let mut spins = 0;
            while self.round.load(Acquire) == seen {
                spins += 1;
                if spins < PATIENCE { spin_loop() } else { thread::park() }
            }
            seen += 1;
            if self.stop.load(Acquire) {
                return;
            }
            // SAFETY: the round grew, so the job is set and stays until the barrier below.
            if let Some(job) = unsafe { *self.job.get() } {
                let _guard = AbortOnPanic;
                // SAFETY: `run` keeps the job alive until all workers have passed the barrier.
                unsafe { (*job)(worker) };
            }
            self.barrier.wait();
        }
    }
}

/// Ends the process if dropped by a panic: a worker that panics never comes to the barrier, and the others
/// would wait for ever, or use a frame that is gone.
struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            std::process::abort();
        }
    }
}

/// A spinning barrier: the last to arrive opens the next generation.
pub(super) struct Barrier {
    size: usize,
    arrived: AtomicUsize,
    generation: AtomicUsize,
}

impl Barrier {
    const fn new(size: usize) -> Self {
        Self { size, arrived: AtomicUsize::new(0), generation: AtomicUsize::new(0) }
    }

    /// Returns once all workers have called it.
    pub fn wait(&self) {
        if self.size == 1 {
            return;
        }
        let generation = self.generation.load(Acquire);
        if self.arrived.fetch_add(1, AcqRel) + 1 == self.size {
            self.arrived.store(0, Release);
            self.generation.store(generation.wrapping_add(1), Release);
            return;
        }
        let mut spins = 0;
        while self.generation.load(Acquire) == generation {
            spins += 1;
            if spins < PATIENCE { spin_loop() } else { thread::yield_now() }
        }
    }
}

/// Pins this thread to the processor of `worker`.
#[cfg(not(target_family = "wasm"))]
fn pin_to(worker: usize) {
    use std::sync::LazyLock;
    /// Asked once, before anything is pinned: a pinned thread, and every thread that it starts, is
    /// told of its own processor only.
    static PROCESSORS: LazyLock<Vec<core_affinity::CoreId>> =
        LazyLock::new(|| core_affinity::get_core_ids().unwrap_or_default());
    if let Some(&id) = PROCESSORS.get(worker) {
        core_affinity::set_for_current(id);
    }
}

#[cfg(target_family = "wasm")]
const fn pin_to(_: usize) {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::{atomic::Ordering::Relaxed, mpsc},
        time::Duration,
    };

    /// Longer than anything here takes; a hang is reported after it.
    const LONG: Duration = Duration::from_secs(60);

    /// Longer than a worker's patience, so that it parks.
    const TO_PARK: Duration = Duration::from_millis(50);

    /// Runs `f` on a thread of its own and fails where it hangs.
    fn within_reason(f: impl FnOnce() + Send + 'static) {
        let (done, wait) = mpsc::channel();
        let thread = thread::spawn(move || {
            f();
            // The receiver is gone only where the test has failed already.
            let _ = done.send(());
        });
        match wait.recv_timeout(LONG) {
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("the team hangs"),
            _ => thread.join().unwrap(),
        }
    }

    #[test]
    fn every_worker_does_every_job_once() {
        for size in 1..=3 {
            within_reason(move || {
                let mut team = Team::new(size, false);
                let done: Vec<AtomicUsize> = (0..size).map(|_| AtomicUsize::new(0)).collect();
                for round in 1..=200 {
                    team.run(&|worker| _ = done[worker].fetch_add(1, Relaxed));
                    assert!(done.iter().all(|d| d.load(Relaxed) == round), "{done:?}");
                }
            });
        }
    }

    #[test]
    fn nobody_passes_the_barrier_before_all_have_come() {
        for size in 2..=3 {
            within_reason(move || {
                let mut team = Team::new(size, false);
                let arrived = AtomicUsize::new(0);
                let shared = Arc::clone(&team.shared);
                team.run(&|_| {
                    for step in 1..=200 {
                        arrived.fetch_add(1, Relaxed);
                        shared.barrier.wait();
                        assert_eq!(arrived.load(Relaxed), step * size);
                        shared.barrier.wait();
                    }
                });
            });
        }
    }

    #[test]
    fn a_parked_team_runs_again_and_can_be_dropped() {
        within_reason(|| {
            let mut team = Team::new(3, false);
            thread::sleep(TO_PARK);
            let done = AtomicUsize::new(0);
            team.run(&|_| _ = done.fetch_add(1, Relaxed));
            assert_eq!(done.load(Relaxed), 3);
            thread::sleep(TO_PARK);
            drop(team);
        });
    }

    #[test]
    fn a_team_that_never_ran_can_be_dropped_at_once() {
        within_reason(|| (0..50).for_each(|_| drop(Team::new(3, true))));
    }
}
