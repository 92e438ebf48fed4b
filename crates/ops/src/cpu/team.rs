//! A team of threads that runs one network in step.
//!
//! Networks of hundreds of operators of a few microseconds each cannot pay for waking threads at
//! every operator. So a run wakes the team once; within it, workers meet at a spinning barrier
//! after each step.
//!
//! Within a job, a [`Worker`] stands for the thread that has it: the barrier is its, and so is one of the
//! values of each [`PerWorker`].

use super::{
    pin::pin_to,
    sync::{
        Arc, AtomicBool, AtomicUsize, Builder, JoinHandle, PATIENCE, UnsafeCell, park, spin_loop,
        unpark, yield_now,
    },
};
use std::{
    io,
    sync::{
        Mutex, PoisonError,
        atomic::Ordering::{AcqRel, Acquire, Relaxed, Release},
    },
    thread::panicking,
};

/// A job for the whole team: called once by every worker.
type Job = *const (dyn Fn(&mut Worker<'_>) + Sync);

/// Threads that run jobs together; the caller is worker 0.
pub struct Team {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    pinned: Pinned,
}

/// Whether workers stay on a processor each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pinned {
    /// Each of them does.
    All,
    /// Nobody asked for it.
    NotAsked,
    /// Not all do: what the system answered.
    Refused(String),
}

/// One of the workers of a team, during a job.
pub struct Worker<'a> {
    index: usize,
    team: &'a Shared,
}

/// A value for each worker of a team.
pub struct PerWorker<T> {
    values: Vec<UnsafeCell<T>>,
    team: Arc<Shared>,
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
    /// A team of `size >= 1` workers, each pinned to its one of `processors` if the system allows it; to none
    /// where there are none.
    ///
    /// # Errors
    /// Where the system refuses a thread; those that it started have ended.
    pub fn new(size: usize, processors: &[usize]) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            round: AtomicUsize::new(0),
            job: UnsafeCell::new(None),
            stop: AtomicBool::new(false),
            barrier: Barrier::new(size),
        });
        let mut team = Self { shared, threads: Vec::new(), pinned: Pinned::NotAsked };
        for worker in 1..size {
            let shared = Arc::clone(&team.shared);
            team.threads.push(Builder::new().spawn(move || shared.serve(worker))?);
        }
        if !processors.is_empty() {
            team.pinned = team.pin(processors);
        }
        Ok(team)
    }

    /// Pins each worker to its processor.
    fn pin(&mut self, processors: &[usize]) -> Pinned {
        let pinned = Mutex::new(Pinned::All);
        self.run(&|worker| {
            let answer = match processors.get(worker.index) {
                None => Err("there are fewer processors than threads".to_owned()),
                Some(&cpu) => pin_to(cpu).map_err(|e| format!("processor {cpu}: {e}")),
            };
            if let Err(answer) = answer {
                *pinned.lock().unwrap_or_else(PoisonError::into_inner) = Pinned::Refused(answer);
            }
        });
        pinned.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether every worker is pinned to a processor.
    pub const fn pinned(&self) -> &Pinned {
        &self.pinned
    }

    /// A value for each worker.
    pub fn per_worker<T>(&self, mut value: impl FnMut() -> T) -> PerWorker<T> {
        let values = (0..self.shared.barrier.size).map(|_| UnsafeCell::new(value())).collect();
        PerWorker { values, team: Arc::clone(&self.shared) }
    }

    /// Calls `job` once on every worker and returns when all have returned. A job that panics ends the
    /// process, unless there is one worker alone.
    pub fn run(&mut self, job: &(dyn Fn(&mut Worker<'_>) + Sync)) {
        self.run_led(job, job);
    }

    /// As [`Self::run`], but worker 0, which is the caller, has a job of its own.
    pub fn run_led(
        &mut self,
        lead: impl FnOnce(&mut Worker<'_>),
        job: &(dyn Fn(&mut Worker<'_>) + Sync),
    ) {
        let mut first = Worker { index: 0, team: &self.shared };
        if self.threads.is_empty() {
            return lead(&mut first);
        }
        // SAFETY: only the lifetime changes; workers use the job before the barrier below, and
        // this call returns after it.
        let job_for_all: Job =
            unsafe { std::mem::transmute::<&(dyn Fn(&mut Worker<'_>) + Sync), Job>(job) };
        // SAFETY: all workers wait for `round`, so no one reads the cell now.
        self.shared.job.with_mut(|job| unsafe { *job = Some(job_for_all) });
        self.shared.round.fetch_add(1, Release);
        self.threads.iter().for_each(unpark);
        let _guard = AbortOnPanic;
        lead(&mut first);
        self.shared.barrier.wait();
    }
}

impl Worker<'_> {
    /// Which one it is: the caller of [`Team::run`] is worker 0.
    pub const fn index(&self) -> usize {
        self.index
    }

    /// How many there are.
    pub const fn team_size(&self) -> usize {
        self.team.barrier.size
    }

    /// Returns once all workers have called it.
    pub fn wait(&self) {
        self.team.barrier.wait();
    }
}

// SAFETY: a value is used through `with` by the one thread that has its worker, or by whoever has the whole
// exclusively.
unsafe impl<T: Send> Sync for PerWorker<T> {}

impl<T> PerWorker<T> {
    /// Calls `f` with the value of `worker`.
    ///
    /// # Panics
    /// Where it is another team's.
    pub fn with<R>(&self, worker: &mut Worker<'_>, f: impl FnOnce(&mut T) -> R) -> R {
        assert!(std::ptr::eq(worker.team, &raw const *self.team), "a worker of another team");
        // SAFETY: during a job there is one worker of each index, and it is borrowed meanwhile.
        self.values[worker.index].with_mut(|value| f(unsafe { &mut *value }))
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.stop.store(true, Relaxed);
        self.shared.round.fetch_add(1, Release);
        for thread in self.threads.drain(..) {
            unpark(&thread);
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
                if spins < PATIENCE { spin_loop() } else { park() }
            }
            seen += 1;
            if self.stop.load(Relaxed) {
                return;
            }
            // SAFETY: the round grew, so the job is set and stays until the barrier below.
            if let Some(job) = self.job.with(|job| unsafe { *job }) {
                let _guard = AbortOnPanic;
                // SAFETY: `run_led` keeps the job alive until all workers have passed the barrier.
                unsafe { (*job)(&mut Worker { index: worker, team: self }) };
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
        if panicking() {
            std::process::abort();
        }
    }
}

/// A spinning barrier: the last to arrive opens the next generation.
struct Barrier {
    size: usize,
    arrived: AtomicUsize,
    generation: AtomicUsize,
}

impl Barrier {
    fn new(size: usize) -> Self {
        Self { size, arrived: AtomicUsize::new(0), generation: AtomicUsize::new(0) }
    }

    /// Returns once all workers have called it.
    fn wait(&self) {
        if self.size == 1 {
            return;
        }
        let generation = self.generation.load(Relaxed);
        if self.arrived.fetch_add(1, AcqRel) + 1 == self.size {
            self.arrived.store(0, Relaxed);
            self.generation.store(generation.wrapping_add(1), Release);
            return;
        }
        let mut spins = 0;
        while self.generation.load(Acquire) == generation {
            spins += 1;
            if spins < PATIENCE { spin_loop() } else { yield_now() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, thread, time::Duration};

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
                let mut team = Team::new(size, &[]).unwrap();
                let done: Vec<AtomicUsize> = (0..size).map(|_| AtomicUsize::new(0)).collect();
                for round in 1..=200 {
                    team.run(&|worker| _ = done[worker.index].fetch_add(1, Relaxed));
                    assert!(done.iter().all(|d| d.load(Relaxed) == round), "{done:?}");
                }
            });
        }
    }

    #[test]
    fn nobody_passes_the_barrier_before_all_have_come() {
        for size in 2..=3 {
            within_reason(move || {
                let mut team = Team::new(size, &[]).unwrap();
                let arrived = AtomicUsize::new(0);
                team.run(&|worker| {
                    for step in 1..=200 {
                        arrived.fetch_add(1, Relaxed);
                        worker.wait();
                        assert_eq!(arrived.load(Relaxed), step * size);
                        worker.wait();
                    }
                });
            });
        }
    }

    #[test]
    fn a_parked_team_runs_again_and_can_be_dropped() {
        within_reason(|| {
            let mut team = Team::new(3, &[]).unwrap();
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
        within_reason(|| (0..50).for_each(|_| drop(Team::new(3, &[0, 0, 0]).unwrap())));
    }

    /// Every processor that this process may use can be pinned to, so one of them is taken by trial.
    #[test]
    fn a_team_is_pinned_where_all_of_it_is() {
        within_reason(|| {
            let pinned = |size, processors: Vec<usize>| {
                let team = move || Team::new(size, &processors).unwrap().pinned().clone();
                thread::spawn(team).join().unwrap()
            };
            let one = (0..1024).find(|&cpu| pinned(1, vec![cpu]) == Pinned::All).unwrap();
            assert_eq!(pinned(2, vec![one, one]), Pinned::All);
            assert_eq!(pinned(1, Vec::new()), Pinned::NotAsked);
            let answer = |size, processors| match pinned(size, processors) {
                Pinned::Refused(answer) => answer,
                other => panic!("{other:?}"),
            };
            assert!(answer(2, vec![one]).contains("fewer processors"));
            assert!(answer(2, vec![one, 1 << 20]).starts_with("processor 1048576: "));
        });
    }
}
