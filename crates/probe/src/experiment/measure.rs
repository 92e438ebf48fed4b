//! Measures networks that are compared with each other in turn: A B C A B C …, so that whatever
//! drifts meanwhile hits all alike. Sample i of each belongs to round i.

use crate::{
    device::{Prepared, Target},
    interrupt,
    measure::{Samples, Watch, spread, undisturbed},
    memory, record,
    record::{Measured, Purpose},
    verification,
};
use anyhow::Context;
use ops::{Graph, Keep, SessionError};
use profile::{Machine, Profile, Settings, Verification};
use std::time::{Duration, Instant};

/// Rounds that are always measured.
const FEWEST_ROUNDS: usize = 8;

/// Rounds below which no precision is believed.
const PRECISE_ROUNDS: usize = 15;

/// Half-width of each median's 95 % interval, relative to it, at which rounds end.
const PRECISION: f64 = 0.01;

/// Runs in which every operator is timed, after the rounds, where no round has one.
const INSTRUMENTED: usize = 3;

/// A device, and how to measure on it.
pub struct Bench<'a> {
    /// The device.
    pub target: &'a dyn Target,
    /// The machine round it.
    pub machine: &'a Machine,
    /// Seed of weights and input.
    pub seed: u64,
    /// Seconds after which no round begins, once the fewest were measured.
    pub max_secs: f64,
}

/// A network to measure.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The network.
    pub graph: Graph,
    /// What it is measured for.
    pub purpose: Purpose,
}

impl Subject {
    /// How often it is run for one sample.
    const fn runs(&self) -> usize {
        match &self.purpose {
            Purpose::Experiment(point) => point.runs,
            Purpose::Itself | Purpose::Comparison(_) | Purpose::Side(_) => 1,
        }
    }

    /// Whether its operators are timed in every round: those of a network that somebody would run.
    const fn in_full(&self) -> bool {
        match &self.purpose {
            Purpose::Itself | Purpose::Side(_) => true,
            Purpose::Comparison(side) => side.is_network(),
            Purpose::Experiment(_) => false,
        }
    }
}

/// A network among those that are measured in turn.
struct Entry<'s> {
    subject: &'s Subject,
    prepared: Box<dyn Prepared>,
    verification: Verification,
    samples: Samples,
}

impl Bench<'_> {
    /// Verifies every network, then measures all in turn; of a modelled device one round tells all. `tell` hears what
    /// is being done. Where the user interrupts it, all have the same rounds.
    ///
    /// # Errors
    /// Where a network is wrong on this device, does not fit, or the device is lost; where the user
    /// interrupts it before there are rounds enough to keep.
    pub fn measure(
        &self,
        subjects: &[Subject],
        tell: &mut dyn FnMut(String),
    ) -> anyhow::Result<Vec<Profile>> {
        memory::demand_together(subjects.iter().map(|subject| &subject.graph), self.machine)?;
        let mut entries = Vec::new();
        for subject in subjects {
            interrupt::check()?;
            tell(format!("verifying {}", subject.graph.name));
            entries.push(self.enter(subject).with_context(|| subject.graph.name.clone())?);
        }
        let mut watch = Watch::start(self.target.device());
        self.rounds(&mut entries, &mut watch, tell)?;
        let seen = watch.finish_measurement();
        let profiles = entries.into_iter().map(|mut entry| {
            let cut_off = entry.samples.cut_off()?;
            let modelled = self.target.is_modelled();
            let instrumented = if modelled || cut_off.is_some() { 1 } else { INSTRUMENTED };
            let mut times = vec![0; entry.samples.ops.len()];
            while entry.samples.instrumented.len() < instrumented {
                entry.samples.instrument(entry.prepared.session(), &mut times)?;
            }
            let measured = Measured {
                verification: entry.verification,
                settings: self.settings(entry.prepared.pinned()),
                noise: match modelled {
                    true => undisturbed(),
                    false => seen.noise(spread(&entry.samples.whole), PRECISION, cut_off),
                },
                purpose: entry.subject.purpose.clone(),
                samples: entry.samples,
            };
            let graph = &entry.subject.graph;
            record::profile(graph, self.target, entry.prepared, self.machine, measured)
        });
        profiles.collect()
    }

    fn enter<'s>(&self, subject: &'s Subject) -> anyhow::Result<Entry<'s>> {
        let graph = &subject.graph;
        let verified = verification::verify_on(self.target, graph, self.seed, None, &mut |_| ())?;
        verified.demand()?;
        let mut prepared = self.target.prepare(graph, Keep::Output)?;
        let kind = self.target.device().kind;
        verification::demand_same(prepared.session(), kind, self.seed, &verified.outputs)?;
        let samples = Samples { warmup: 1, ..Samples::none(graph.nodes.len()) };
        let verification = verified.verification;
        Ok(Entry { subject, prepared, verification, samples })
    }

    /// Takes rounds until every median is known well enough, time is up or the user interrupts; a round that
    /// not all networks had is dropped.
    fn rounds(
        &self,
        entries: &mut [Entry<'_>],
        watch: &mut Watch,
        tell: &mut dyn FnMut(String),
    ) -> Result<(), SessionError> {
        let (start, most) = (Instant::now(), Duration::from_secs_f64(self.max_secs));
        let mut rounds = 0;
        while !self.done(entries, rounds, start.elapsed() >= most) {
            match entries.iter_mut().try_for_each(Entry::take_turn) {
                Err(SessionError::Interrupted) => {
                    entries.iter_mut().for_each(|entry| _ = entry.samples.end_after(rounds));
                    return Ok(());
                }
                taken => taken?,
            }
            rounds += 1;
            watch.inspect();
            tell(format!("{rounds} rounds of {} networks", entries.len()));
        }
        Ok(())
    }

    fn done(&self, entries: &[Entry<'_>], rounds: usize, late: bool) -> bool {
        if self.target.is_modelled() {
            return rounds > 0;
        }
        let precise =
            |e: &Entry<'_>| spread(&e.samples.whole).is_some_and(|spread| spread <= PRECISION);
        (late && rounds >= FEWEST_ROUNDS)
            || (rounds >= PRECISE_ROUNDS && entries.iter().all(precise))
    }

    fn settings(&self, pinned: bool) -> Settings {
        Settings {
            seed: self.seed,
            warmup: 1,
            iters: 0,
            max_secs: self.max_secs,
            precision: PRECISION,
            pinned,
            without: Vec::new(),
        }
    }
}

impl Entry<'_> {
    /// Takes this round's sample; fails where the user interrupts.
    fn take_turn(&mut self) -> Result<(), SessionError> {
        let (runs, in_full) = (self.subject.runs(), self.subject.in_full());
        self.samples.take_turn(self.prepared.session(), runs, in_full, &interrupt::check)
    }
}
