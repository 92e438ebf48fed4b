//! Who does which task of a step.
//!
//! Tasks that are neighbours share inputs, weights or cache lines of the output. So every worker
//! has a contiguous part of its own, which it takes from the front; whoever is done with its part
//! helps the next worker with what is left of its. Counters stand on cache lines of their own, and
//! each is reset by its owner, so that a worker that is not helped never waits for a line.

use super::cut::Cut;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The tasks of one step.
pub(super) struct Tasks {
    /// A part a worker.
    cut: Cut,
    /// For each worker, how many of its part were taken.
    taken: Vec<Taken>,
}

#[derive(Default)]
#[repr(align(64))]
struct Taken(AtomicUsize);

impl Tasks {
    /// `count` tasks for `workers`.
    pub fn new(count: usize, workers: usize) -> Self {
        let cut = Cut::new(count, workers);
        Self { cut, taken: (0..workers).map(|_| Taken::default()).collect() }
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.cut.largest() == 0
    }

    /// Calls `run` with every task that `worker` gets: when all workers' calls have returned, each
    /// task was run once.
    pub fn each(&self, worker: usize, mut run: impl FnMut(usize)) {
        let workers = self.taken.len();
        if workers == 1 {
            return self.cut.part(0).for_each(run);
        }
        for owner in (worker..workers).chain(0..worker) {
            let (part, Taken(taken)) = (self.cut.part(owner), &self.taken[owner]);
            // A look before the count spares the owner's line where nothing is left.
            while taken.load(Relaxed) < part.len() {
                let next = taken.fetch_add(1, Relaxed);
                if next < part.len() {
                    run(part.start + next);
                }
            }
        }
    }

    /// Makes `worker`'s part ready for the next run. All workers have returned from
    /// [`Self::each`], and meet again before they call it again.
    pub fn reset(&self, worker: usize) {
        self.taken[worker].0.store(0, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::Barrier, thread};

    #[test]
    fn every_task_is_run_once_in_every_round() {
        for (count, workers) in [(0, 2), (1, 1), (1, 3), (2, 3), (7, 2), (100, 4)] {
            let tasks = Tasks::new(count, workers);
            let (done, barrier): (Vec<AtomicUsize>, _) =
                ((0..count).map(|_| AtomicUsize::new(0)).collect(), Barrier::new(workers));
            let work = |worker| {
                for round in 1..=20 {
                    tasks.each(worker, |task| _ = done[task].fetch_add(1, Relaxed));
                    barrier.wait();
                    tasks.reset(worker);
                    assert!(done.iter().all(|d| d.load(Relaxed) == round), "{count}, {workers}");
                    barrier.wait();
                }
            };
            thread::scope(|scope| (0..workers).for_each(|w| _ = scope.spawn(move || work(w))));
        }
    }
}
