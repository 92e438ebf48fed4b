//! Sittings: both sides are prepared anew, then run A B, B A, A B, ….
//!
//! What drifts within a sitting hits both sides alike. Each sitting prepares both anew, because buffers lie
//! elsewhere in memory then, and that moves times. Rounds of one sitting alone would be sure of a difference that
//! the next one does not have.

use super::plan::{FEWEST_KEPT, fewest, order};
use crate::{
    device::{Prepared, Target},
    interrupt,
    measure::{Samples, Watch, spread},
    memory,
    record::{self, Measured, Purpose},
    verification::{self, Verified},
};
use anyhow::{Context, bail, ensure};
use ops::{Graph, Keep, SessionError};
use profile::{Machine, Profile, Settings, Side};
use std::time::{Duration, Instant};

/// Rounds of a sitting, the fewest and the most.
const ROUNDS: (usize, usize) = (3, 15);

/// What one side runs, and where.
pub struct Contender<'a> {
    /// The network.
    pub graph: &'a Graph,
    /// The device.
    pub target: &'a dyn Target,
    /// Passes of level `fused` that it leaves out, by name.
    pub without: Vec<String>,
    /// Which side it is; how many rounds a sitting has is found out.
    pub side: Side,
}

/// How sittings are held.
pub struct Sittings<'a> {
    /// The machine round the devices.
    pub machine: &'a Machine,
    /// Seed of weights and input.
    pub seed: u64,
    /// Seconds after which no sitting begins, once the fewest were held.
    pub max_secs: f64,
}

/// A side, verified, with what was measured of it.
struct Entry<'a> {
    contender: &'a Contender<'a>,
    verified: Verified,
    /// Ready to run: as the last sitting has it.
    prepared: Option<Box<dyn Prepared>>,
    samples: Samples,
}

impl Sittings<'_> {
    /// Verifies both sides, then measures them in turn: a profile each. `tell` hears what is being done. Where
    /// the user interrupts it, whole sittings are kept.
    ///
    /// # Errors
    /// Where a network is wrong on its device, does not fit, or a device is lost; where the user interrupts it
    /// before there are sittings enough to keep.
    pub fn measure(
        &self,
        contenders: &[Contender<'_>; 2],
        tell: &mut dyn FnMut(String),
    ) -> anyhow::Result<Vec<Profile>> {
        // A side that is prepared anew stands beside what was prepared before.
        let both = contenders.iter().map(|c| c.graph);
        memory::demand_together(both.clone().chain(both), self.machine)?;
        let mut entries = Vec::new();
        for contender in contenders {
            interrupt::check()?;
            tell(format!("verifying {}", contender.graph.name));
            let entry = Entry::verified(contender, self.seed);
            entries.push(entry.with_context(|| contender.graph.name.clone())?);
        }
        let mut watch = Watch::start(contenders[0].target.device());
        let (held, rounds) = self.hold(&mut entries, &mut watch, tell)?;
        let interrupted = entries.iter().any(|entry| entry.samples.interrupted);
        if held < FEWEST_KEPT {
            bail!(
                "interrupted after {held} sittings, too few to keep: an interval takes {FEWEST_KEPT}"
            );
        }
        let seen = watch.finish_measurement();
        let profile = |entry: Entry<'_>| {
            let Entry { contender, verified, prepared, samples } = entry;
            let Contender { graph, target, without, side } = contender;
            let prepared = prepared.context("no sitting was held")?;
            let cut_off = interrupted.then_some(held * rounds);
            let measured = Measured {
                verification: verified.verification,
                settings: self.settings(prepared.pinned(), without.clone()),
                // It is the ratio that has to be known, and its interval is told with it.
                noise: seen.noise(spread(&samples.whole), f64::INFINITY, cut_off),
                purpose: Purpose::Side(Side { rounds, ..side.clone() }),
                samples,
            };
            record::profile(graph, *target, prepared, self.machine, measured)
        };
        entries.into_iter().map(profile).collect()
    }

    /// Holds sittings until time is up or the user interrupts: how many, and of how many rounds.
    fn hold(
        &self,
        entries: &mut [Entry<'_>],
        watch: &mut Watch,
        tell: &mut dyn FnMut(String),
    ) -> anyhow::Result<(usize, usize)> {
        let operators = entries.iter().map(|entry| entry.samples.ops.len()).max().unwrap_or(0);
        let fewest = fewest(operators);
        let (start, most) = (Instant::now(), Duration::from_secs_f64(self.max_secs));
        let (mut held, mut rounds) = (0, ROUNDS.1);
        while held < fewest || start.elapsed() < most {
            let sitting = Sitting {
                entries: &mut *entries,
                watch: &mut *watch,
                swapped: held % 2 == 1,
                seed: self.seed,
            };
            match sitting.hold(held == 0, &mut rounds, most / fewest as u32) {
                Err(e) if matches!(e.downcast_ref(), Some(SessionError::Interrupted)) => {
                    let whole = held * rounds;
                    entries.iter_mut().for_each(|entry| _ = entry.samples.end_after(whole));
                    break;
                }
                ended => ended?,
            }
            held += 1;
            tell(format!("{held} sittings of {rounds} rounds"));
        }
        Ok((held, rounds))
    }

    fn settings(&self, pinned: bool, without: Vec<String>) -> Settings {
        Settings {
            seed: self.seed,
            warmup: 1,
            iters: 0,
            max_secs: self.max_secs,
            precision: 0.0,
            pinned,
            without,
        }
    }
}

/// One sitting.
struct Sitting<'s, 'a> {
    entries: &'s mut [Entry<'a>],
    watch: &'s mut Watch,
    /// Whether B begins.
    swapped: bool,
    seed: u64,
}

impl Sitting<'_, '_> {
    /// Prepares both sides and takes `rounds`; the `first` sitting finds out how many fit into `room`.
    fn hold(self, first: bool, rounds: &mut usize, room: Duration) -> anyhow::Result<()> {
        self.watch.before_threads_end();
        for i in order(self.swapped) {
            self.entries[i].prepare(self.seed)?;
        }
        let start = Instant::now();
        let mut taken = 0;
        while taken < *rounds {
            for i in order(self.swapped != (taken % 2 == 1)) {
                self.entries[i].take_turn()?;
            }
            self.watch.inspect();
            taken += 1;
            if first && taken >= ROUNDS.0 && start.elapsed() >= room {
                *rounds = taken;
            }
        }
        Ok(())
    }
}

impl<'a> Entry<'a> {
    fn verified(contender: &'a Contender<'a>, seed: u64) -> anyhow::Result<Self> {
        let Contender { graph, target, .. } = contender;
        let verified = verification::verify_on(*target, graph, seed, None, &mut |_| ())?;
        verified.demand()?;
        let samples = Samples { warmup: 1, ..Samples::none(graph.nodes.len()) };
        Ok(Self { contender, verified, prepared: None, samples })
    }

    /// Prepares it anew and shows that it computes what was verified. What was prepared before goes when that is
    /// done: so buffers come to lie elsewhere, and whoever interrupts it leaves the last sitting whole.
    fn prepare(&mut self, seed: u64) -> anyhow::Result<()> {
        interrupt::check()?;
        let Contender { graph, target, .. } = self.contender;
        let mut anew = target.prepare(graph, Keep::Output)?;
        let kind = target.device().kind;
        verification::demand_same(anew.session(), kind, seed, &self.verified.outputs)?;
        self.prepared = Some(anew);
        Ok(())
    }

    fn take_turn(&mut self) -> anyhow::Result<()> {
        let prepared = self.prepared.as_mut().context("no sitting is being held")?;
        let check = &interrupt::check;
        self.samples.take_turn(prepared.session(), 1, true, check)?;
        ensure!(
            !self.samples.has_new_clock(),
            "operators are timed by another clock than in the sittings before ({}): compare once more",
            prepared.timing().note
        );
        Ok(())
    }
}
