//! What the team promises, in every order of two threads. Of three, two that wait could take turns for
//! ever, and loom would try that.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use loom::{cell::UnsafeCell, model};
use ops_loom::team::Team;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// A number without an atomic's protection, as a map in the arena: loom fails where two threads use it
/// at once, or one reads what the other's write does not come before.
struct Plain(UnsafeCell<usize>);

// SAFETY: loom checks it; that is what it is here for.
unsafe impl Sync for Plain {}

impl Plain {
    fn new() -> Self {
        Self(UnsafeCell::new(0))
    }

    fn set(&self, value: usize) {
        // SAFETY: as above.
        self.0.with_mut(|place| unsafe { *place = value });
    }

    fn get(&self) -> usize {
        // SAFETY: as above.
        self.0.with(|place| unsafe { *place })
    }
}

/// What the caller wrote before a job, every worker sees, and the caller what they wrote.
#[test]
fn a_job_sees_what_was_before_it_and_is_seen_after() {
    model(|| {
        let mut team = Team::new(2, &[]).unwrap();
        let (input, output) = (Plain::new(), [Plain::new(), Plain::new()]);
        for round in 1..=2 {
            input.set(round);
            team.run(&|worker| output[worker.index()].set(input.get() + worker.index()));
            assert_eq!([output[0].get(), output[1].get()], [round, round + 1]);
        }
    });
}

/// What one worker did before they met, the other sees after.
#[test]
fn a_step_sees_the_one_before() {
    model(|| {
        let mut team = Team::new(2, &[]).unwrap();
        let maps = [Plain::new(), Plain::new()];
        team.run(&|worker| {
            maps[worker.index()].set(1);
            worker.wait();
            assert_eq!(maps[1 - worker.index()].get(), 1);
        });
        maps.iter().for_each(|map| map.set(2));
    });
}

/// Each worker has a value of its own, from job to job.
#[test]
fn a_value_for_each_worker_is_its_own() {
    model(|| {
        let mut team = Team::new(2, &[]).unwrap();
        let own = team.per_worker(|| 0);
        let seen = [Plain::new(), Plain::new()];
        for _ in 0..2 {
            team.run(&|worker| {
                let index = worker.index();
                let value = own.with(worker, |value| {
                    *value += 1 + index;
                    *value
                });
                seen[index].set(value);
            });
        }
        assert_eq!([seen[0].get(), seen[1].get()], [2, 4]);
    });
}

/// The caller's own job runs beside the others'.
#[test]
fn a_led_job_sees_what_the_others_did_before_they_met() {
    model(|| {
        let mut team = Team::new(2, &[]).unwrap();
        let map = Plain::new();
        let mut seen = 0;
        team.run_led(
            |worker| {
                worker.wait();
                seen = map.get();
            },
            &|worker| {
                map.set(1);
                worker.wait();
            },
        );
        assert_eq!(seen, 1);
    });
}

#[test]
fn a_team_stops_whether_or_not_it_ran() {
    model(|| drop(Team::new(2, &[]).unwrap()));
    model(|| {
        let mut team = Team::new(2, &[]).unwrap();
        team.run(&|_| ());
    });
}

/// A session's caller may panic between two steps; the session catches that, lets the run end, and goes
/// on panicking. The team then stops as it unwinds.
#[test]
fn a_panic_between_steps_leaves_nobody_waiting() {
    model(|| {
        let run = || {
            let mut team = Team::new(2, &[]).unwrap();
            let (map, caught) = (Plain::new(), Plain::new());
            team.run(&|worker| {
                if worker.index() == 1 {
                    map.set(1);
                }
                worker.wait();
                if worker.index() == 0 {
                    let looked = catch_unwind(|| resume_unwind(Box::new("looked")));
                    caught.set(usize::from(looked.is_err()));
                }
                worker.wait();
                if worker.index() == 1 {
                    map.set(2);
                }
            });
            assert_eq!([map.get(), caught.get()], [2, 1]);
            resume_unwind(Box::new("looked"));
        };
        let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"looked"));
    });
}
