//! The measuring logic on a session whose times are scripted: no real time passes.

use super::*;
use ops::{Graph, GraphBuilder, Parts, Tensor, Unary, UnaryFn, Value};
use profile::{Shape, Timing};
use std::cell::Cell;

/// A network of two nodes that takes `time(run)` nanoseconds, `first(run)` per cent of it in the
/// first node.
struct Scripted<'a> {
    graph: Graph,
    time: Box<dyn Fn(usize) -> u64 + 'a>,
    first: fn(usize) -> u64,
    /// Whether it can be run with warm maps: it then takes a tenth of the time.
    warm: bool,
    /// The run in which the user interrupts it.
    interrupted: Option<usize>,
    /// The run from which on another clock times operators: it is ten times as slow.
    other_clock: usize,
    runs: usize,
    clock: &'a Cell<Duration>,
}

impl<'a> Scripted<'a> {
    fn new(clock: &'a Cell<Duration>, time: impl Fn(usize) -> u64 + 'a) -> Self {
        let mut b = GraphBuilder::new("scripted", Shape::new(1, 1, 1, 1));
        let x = b.push("a", Unary(UnaryFn::Relu), &[Value::INPUT]).unwrap();
        let x = b.push("b", Unary(UnaryFn::Relu), &[x]).unwrap();
        Self {
            graph: b.finish(x),
            time: Box::new(time),
            first: |_| 25,
            warm: false,
            interrupted: None,
            other_clock: usize::MAX,
            runs: 0,
            clock,
        }
    }
}

impl Session for Scripted<'_> {
    fn graph(&self) -> &Graph {
        &self.graph
    }

    fn kernels(&self) -> Vec<String> {
        vec!["script".to_owned(); 2]
    }

    fn set_inputs(&mut self, _: &[Tensor]) -> Result<(), SessionError> {
        Ok(())
    }

    fn run(&mut self) -> Result<u64, SessionError> {
        if self.interrupted == Some(self.runs) {
            return Err(SessionError::Interrupted);
        }
        let time = (self.time)(self.runs);
        self.runs += 1;
        self.clock.set(self.clock.get() + Duration::from_nanos(time));
        if time == u64::MAX >> 8 {
            let (device, what) = ("scripted".to_owned(), "was unplugged".to_owned());
            return Err(SessionError::Device { device, what });
        }
        Ok(time)
    }

    fn run_timed(&mut self, times: &mut [u64]) -> Result<u64, SessionError> {
        let time = self.run()?;
        let first = time * (self.first)(self.runs) / 100;
        times.copy_from_slice(&[first, time - first]);
        if self.runs > self.other_clock {
            times.iter_mut().for_each(|time| *time *= 10);
        }
        Ok(time)
    }

    fn run_in_parts(&mut self) -> Result<(u64, Option<Parts>), SessionError> {
        let ns = self.run()?;
        let gpu_ns = (self.runs <= self.other_clock).then_some(ns / 2);
        Ok((ns, Some(Parts { gpu_ns, encode_ns: ns / 4, submit_ns: ns / 8 })))
    }

    fn clock(&self) -> &str {
        if self.runs > self.other_clock { Timing::SUBMISSIONS } else { Timing::ONE_PASS }
    }

    fn run_repeated(&mut self, node: usize, times: usize) -> Result<Option<u64>, SessionError> {
        // A start of its own, whatever is run.
        Ok((node == 1).then_some(MS + times as u64 * MS / 2))
    }

    fn run_warm(&mut self, times: &mut [u64]) -> Result<bool, SessionError> {
        if self.warm {
            self.run_timed(times)?;
            times.iter_mut().for_each(|time| *time /= 10);
        }
        Ok(self.warm)
    }

    fn fetch(&mut self, _: usize) -> Result<Tensor, SessionError> {
        Ok(Tensor::zeros(self.graph.inputs[0]))
    }
}

const PLAN: SamplingPlan =
    SamplingPlan { warmup: None, iters: None, max_secs: 1.0, precision: 0.02 };
const MS: u64 = 1_000_000;

fn measure(plan: SamplingPlan, time: impl Fn(usize) -> u64) -> Samples {
    measure_split(plan, time, |_| 25)
}

fn measure_split(
    plan: SamplingPlan,
    time: impl Fn(usize) -> u64,
    first: fn(usize) -> u64,
) -> Samples {
    let clock = Cell::new(Duration::ZERO);
    let mut session = Scripted { first, ..Scripted::new(&clock, time) };
    let go_on = &mut || ControlFlow::Continue(());
    sample(&mut session, &plan, &|| clock.get(), go_on).unwrap()
}

#[test]
fn constant_times_need_two_windows_and_the_fewest_samples() {
    let samples = measure(PLAN, |_| MS);
    assert_eq!(samples.warmup, 2 * WINDOW);
    assert_eq!(samples.whole, vec![MS; FEWEST]);
    assert_eq!(samples.instrumented, vec![MS; FEWEST]);
    assert_eq!(samples.ops, [vec![MS / 4; FEWEST], vec![MS * 3 / 4; FEWEST]]);
}

#[test]
fn warming_up_lasts_until_runs_get_no_faster() {
    // Each run is a tenth faster than the one before, down to 1 ms at the 20th.
    let samples = measure(SamplingPlan { max_secs: 60.0, ..PLAN }, |run| {
        (MS as f64 * 1.1f64.powi(20 - run.min(20) as i32)) as u64
    });
    assert!((20..=20 + 2 * WINDOW).contains(&samples.warmup), "{}", samples.warmup);
    assert!(samples.whole.iter().all(|&t| t == MS), "{:?}", samples.whole);
}

#[test]
fn warming_up_takes_a_fifth_of_the_time_at_most() {
    let samples = measure(PLAN, |run| 90 * MS - (run as u64).min(80) * MS);
    assert_eq!(samples.warmup, 3, "90 + 89 + 88 ms are past a fifth of a second");
}

#[test]
fn warm_up_and_samples_are_as_many_as_asked_for() {
    let samples = measure(SamplingPlan { warmup: Some(3), iters: Some(7), ..PLAN }, |_| MS);
    assert_eq!((samples.warmup, samples.whole.len()), (3, 7));
    let none = measure(SamplingPlan { warmup: Some(0), iters: Some(1), ..PLAN }, |_| MS);
    assert_eq!((none.warmup, none.whole.len()), (0, 1));
}

#[test]
fn warming_up_as_asked_ends_with_the_time() {
    let samples = measure(SamplingPlan { warmup: Some(1000), ..PLAN }, |_| 100 * MS);
    assert_eq!((samples.warmup, samples.whole.len()), (10, 1), "ten runs are a second");
}

#[test]
fn sampling_goes_on_until_the_interval_is_narrow() {
    // Three runs in four are within 10 % of each other: more than the fewest samples are needed.
    let samples =
        measure(SamplingPlan { max_secs: 60.0, ..PLAN }, |run| MS + run as u64 * 37 % 11 * 10_000);
    assert!(samples.whole.len() > FEWEST, "{}", samples.whole.len());
    assert!(spread(&samples.whole).unwrap() <= PLAN.precision);
    assert!(spread(&samples.instrumented).unwrap() <= PLAN.precision);
}

#[test]
fn a_large_operator_must_be_known_as_well_as_the_run_and_a_small_one_need_not() {
    // Runs count up by two a round, so a round in four has the other share.
    let large = measure_split(PLAN, |_| MS, |run| if run / 2 % 4 < 2 { 10 } else { 20 });
    assert!(large.whole.len() > FEWEST, "{}", large.whole.len());
    let small = measure_split(PLAN, |_| MS, |run| if run / 2 % 4 < 2 { 1 } else { 2 });
    assert_eq!(small.whole.len(), FEWEST);
}

#[test]
fn time_ends_a_measurement_that_never_gets_precise() {
    let samples = measure(PLAN, |run| if run % 4 < 2 { MS } else { 3 * MS });
    let spent: u64 = samples.whole.iter().chain(&samples.instrumented).sum();
    assert!((800 * MS..=1_004 * MS).contains(&spent), "{spent}");
    assert!(spread(&samples.whole).unwrap() > PLAN.precision);
}

#[test]
fn a_run_longer_than_the_time_is_still_measured_once() {
    let samples = measure(PLAN, |_| 5_000 * MS);
    assert_eq!((samples.warmup, samples.whole.len()), (1, 1));
    assert_eq!(spread(&samples.whole), None);
}

#[test]
fn runs_with_warm_maps_stand_beside_the_others_where_the_device_can() {
    let samples = |warm| {
        let clock = Cell::new(Duration::ZERO);
        let mut session = Scripted { warm, ..Scripted::new(&clock, |_| 4 * MS) };
        let go_on = &mut || ControlFlow::Continue(());
        sample(&mut session, &PLAN, &|| clock.get(), go_on).unwrap()
    };
    let (can, cannot) = (samples(true), samples(false));
    assert!(cannot.warm.iter().all(Vec::is_empty));
    assert_eq!(can.warm[0], vec![MS / 10; can.ops[0].len()]);
    assert_eq!(can.warm[1], vec![3 * MS / 10; can.ops[1].len()]);
    assert_eq!((&can.ops, &can.whole), (&cannot.ops, &cannot.whole), "the others are as they were");
}

#[test]
fn an_interrupted_measurement_keeps_its_rounds_if_they_have_an_interval() {
    // The network is warm after ten steps.
    let interrupted = |plan: SamplingPlan, steps: usize| {
        let clock = Cell::new(Duration::ZERO);
        let mut session = Scripted::new(&clock, |_| MS);
        let mut left = steps;
        let samples = sample(&mut session, &plan, &|| clock.get(), &mut || {
            left -= 1;
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        (samples.unwrap(), session.runs)
    };
    let (warming, runs) = interrupted(PLAN, 4);
    assert_eq!((warming.warmup, warming.whole.len(), runs), (4, 0, 4));
    let (few, runs) = interrupted(PLAN, 10 + 2 * 5 + 1);
    assert_eq!((few.whole.len(), runs), (5, 10 + 2 * 5 + 1), "the sixth round is half a one");
    for (dropped, rounds) in [(warming, "after 0 rounds"), (few, "after 5 rounds")] {
        let message = dropped.cut_off().unwrap_err().to_string();
        assert!(message.contains(rounds) && message.contains("takes 6"), "{message}");
    }
    let (kept, _) = interrupted(PLAN, 10 + 2 * 6 + 2);
    assert_eq!(kept.cut_off().unwrap(), Some(6));
    assert_eq!([&kept.whole, &kept.instrumented, &kept.ops[1]].map(Vec::len), [6; 3]);
}

/// A GPU looks at the user's wish while it works.
#[test]
fn a_session_that_is_interrupted_within_a_run_keeps_its_whole_rounds() {
    let interrupted = |run| {
        let clock = Cell::new(Duration::ZERO);
        let mut session =
            Scripted { interrupted: Some(run), warm: true, ..Scripted::new(&clock, |_| MS) };
        let go_on = &mut || ControlFlow::Continue(());
        sample(&mut session, &PLAN, &|| clock.get(), go_on).unwrap()
    };
    let warming = interrupted(7);
    assert_eq!((warming.warmup, warming.whole.len(), warming.interrupted), (7, 0, true));
    for run in 10 + 3 * 6..10 + 3 * 7 {
        let samples = interrupted(run);
        assert_eq!(samples.cut_off().unwrap(), Some(6), "run {run}");
        let Samples { whole, instrumented, ops, warm, .. } = samples;
        let all = [whole, instrumented].into_iter().chain(ops).chain(warm);
        assert!(all.map(|samples| samples.len()).eq([6; 6]), "run {run}");
    }
}

#[test]
fn a_device_lost_midway_is_an_error_that_names_it() {
    let clock = Cell::new(Duration::ZERO);
    let mut session = Scripted::new(&clock, |run| if run < 13 { MS } else { u64::MAX >> 8 });
    let go_on = &mut || ControlFlow::Continue(());
    let error = sample(&mut session, &PLAN, &|| clock.get(), go_on).unwrap_err();
    assert_eq!(error.to_string(), "scripted: was unplugged");
}

/// Runs 0 to 9 warm up; a round has two.
#[test]
fn no_list_has_times_of_two_clocks() {
    // In a whole run, in one with every operator timed, and in the very first round.
    for other_clock in [30, 31, 10, 11] {
        let clock = Cell::new(Duration::ZERO);
        let mut session = Scripted { other_clock, ..Scripted::new(&clock, |_| MS) };
        let go_on = &mut || ControlFlow::Continue(());
        let samples = sample(&mut session, &PLAN, &|| clock.get(), go_on).unwrap();
        assert_eq!(samples.ops, [vec![MS * 10 / 4; FEWEST], vec![MS * 30 / 4; FEWEST]]);
        let lengths = [&samples.whole, &samples.encode, &samples.submit, &samples.instrumented];
        assert_eq!((lengths.map(Vec::len), samples.gpu.len()), ([FEWEST; 4], 0), "{other_clock}");
        assert_eq!(samples.warmup, 10);
    }
}

#[test]
fn whole_runs_are_told_with_their_parts() {
    let samples = measure(PLAN, |_| MS);
    assert_eq!(samples.gpu, vec![MS / 2; FEWEST]);
    assert_eq!((samples.encode[0], samples.submit[0]), (MS / 4, MS / 8));
    let clock = Cell::new(Duration::ZERO);
    let mut session = Scripted::new(&clock, |_| MS);
    let mut samples = Samples::none(2);
    samples.take_turn(&mut session, 3, true, &|| Ok(())).unwrap();
    assert_eq!((&samples.whole[..], &samples.gpu[..]), (&[3 * MS][..], &[3 * MS / 2][..]));
}

#[test]
fn many_runs_in_a_row_tell_the_time_of_one() {
    let clock = Cell::new(Duration::ZERO);
    let mut session = Scripted::new(&clock, |_| MS);
    let mut samples =
        Samples { ops: vec![vec![MS / 4; 9], vec![MS * 3 / 4; 9]], ..Samples::none(2) };
    samples.take_repeated(&mut session, &|| Ok(())).unwrap();
    assert_eq!(samples.repeated, [vec![], vec![MS / 2; 7]], "the first cannot be repeated");
    samples.take_repeated(&mut session, &|| Err(SessionError::Interrupted)).unwrap();
    assert!(samples.repeated.iter().all(Vec::is_empty), "{:?}", samples.repeated);
}
