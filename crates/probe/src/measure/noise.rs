//! What else the machine did while times were taken, and whether it did too much.

use super::{
    chain,
    processors::{self, Snapshot},
};
use crate::{
    cgroup::{Throttled, throttled},
    cores,
};
use profile::{Device, DeviceKind, Noise, Rendering};
use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

/// Time between two looks at the clock's frequency.
const PERIOD: Duration = Duration::from_millis(100);

/// How long it takes to see whether the machine is busy.
const A_MOMENT: Duration = Duration::from_millis(500);

/// How long a measurement is watched at least: the system counts time in ticks of a hundredth of a second, and
/// of few ticks no share can be told.
const SHORTEST: Duration = Duration::from_millis(250);

/// Change of the clock's frequency above which a run is noisy.
const MOST_DRIFT: f64 = 1.05;

/// Share of all processor time taken by others above which a run is noisy.
const MOST_OTHERS: f64 = 0.05;

/// Share of a processor's time taken from the threads that are pinned to it above which a run is noisy.
const MOST_RIVAL: f64 = 0.05;

/// Share of all processor time stolen by the hypervisor above which a run is noisy.
const MOST_STEAL: f64 = 0.01;

/// Watches the machine during one measurement.
#[derive(Debug)]
pub struct Watch {
    /// Whether the device runs by the processor's clock: a GPU of its own does not, and lets the
    /// processor sleep, its clock low, while it works.
    on_processor: bool,
    load: f64,
    processors: Option<Snapshot>,
    /// The processors when threads last ended.
    ended: Option<Snapshot>,
    /// What quotas did so far.
    throttled: Vec<Throttled>,
    /// The chain's times so far, nanoseconds.
    chain: Vec<u64>,
    /// The frequencies so far that the system gave the processors which threads are pinned to, kHz.
    clocks: BTreeMap<usize, Vec<u64>>,
    temperature: Option<f64>,
    started: Instant,
    looked: Instant,
}

impl Watch {
    /// Starts watching the machine while `device` works.
    pub fn start(device: &Device) -> Self {
        let processors = processors();
        let pinned = processors.as_ref().map(Snapshot::pinned).unwrap_or_default();
        Self {
            on_processor: (device.kind, device.rendering) != (DeviceKind::Gpu, Rendering::Real),
            load: load(),
            processors,
            ended: None,
            clocks: pinned.into_iter().map(|cpu| (cpu, Vec::new())).collect(),
            temperature: cores::temperature(Path::new("/")),
            throttled: throttled(Path::new("/")),
            chain: vec![chain::time()],
            started: Instant::now(),
            looked: Instant::now(),
        }
    }

    /// What the machine does while the program does nothing else for [a moment](A_MOMENT).
    pub fn a_moment(device: &Device) -> Seen {
        Self::start(device).finish_after(A_MOMENT)
    }

    /// Call it before threads end that measured: their time is then known to be no other program's.
    pub fn before_threads_end(&mut self) {
        self.ended = self.processors_now();
    }

    /// What the system tells of its processors, with the threads that ended.
    fn processors_now(&mut self) -> Option<Snapshot> {
        let mut now = processors()?;
        self.ended.take().into_iter().for_each(|earlier| now.remember(earlier));
        Some(now)
    }

    /// Ends watching a measurement; one that was short is watched a while longer.
    pub fn finish_measurement(self) -> Seen {
        self.finish_after(SHORTEST)
    }

    /// Ends watching `least` after its start at the earliest.
    fn finish_after(mut self, least: Duration) -> Seen {
        while self.started.elapsed() < least {
            self.inspect();
        }
        self.finish()
    }

    /// Looks at the clock's frequency, unless it did so a moment ago. Call it between two runs.
    pub fn inspect(&mut self) {
        if self.looked.elapsed() < PERIOD {
            return;
        }
        self.chain.push(chain::time());
        for (&cpu, clock) in &mut self.clocks {
            let khz = cores::frequency(Path::new("/"), cpu).map(|mhz| (mhz * 1e3) as u64);
            clock.extend(khz);
        }
        self.looked = Instant::now();
    }

    /// Ends watching.
    pub fn finish(mut self) -> Seen {
        self.chain.push(chain::time());
        let now = self.processors_now();
        let snapshots = self.processors.zip(now);
        let usage = snapshots.as_ref().and_then(|(was, now)| was.until(now));
        let rival = usage.and_then(|usage| {
            let ((was, now), (at, _)) = (snapshots.as_ref()?, usage.rival?);
            Some(was.rival_on(now, at))
        });
        let temperature = self.temperature.zip(cores::temperature(Path::new("/")));
        Seen {
            on_processor: self.on_processor,
            load: [self.load, load()],
            processors: usage,
            rival: rival.unwrap_or_default(),
            clocks: self.clocks,
            temperature: temperature.map(|(before, after)| [before, after]),
            throttled: Throttled::between(&self.throttled, &throttled(Path::new("/"))),
            drift: drift(self.chain),
        }
    }
}

/// The slowest of `times` over the fastest, a tenth of them left out at either end: one slow
/// moment of many is a hiccup, and medians do not notice it.
fn drift(mut times: Vec<u64>) -> f64 {
    times.sort_unstable();
    let left_out = times.len() / 10;
    let kept = times.get(left_out..times.len() - left_out).unwrap_or_default();
    match kept {
        [fastest, .., slowest] => *slowest as f64 / (*fastest).max(1) as f64,
        _ => 1.0,
    }
}

/// What a [`Watch`] saw, during the measurement of one network or of several in turn.
#[derive(Clone, Debug)]
pub struct Seen {
    on_processor: bool,
    load: [f64; 2],
    processors: Option<processors::Usage>,
    /// Who ran where threads are pinned, in words.
    rival: String,
    /// Frequencies that the system gave each processor of the threads, kHz.
    clocks: BTreeMap<usize, Vec<u64>>,
    temperature: Option<[f64; 2]>,
    throttled: Option<Throttled>,
    drift: f64,
}

impl Seen {
    /// The noise of one network's measurement. `spread` is half the width of the whole run's 95 %
    /// interval over its median, if there is one, and `precision` what it was to be; `cut_off` after how many
    /// rounds somebody ended it, if anybody did.
    pub fn noise(&self, spread: Option<f64>, precision: f64, cut_off: Option<usize>) -> Noise {
        let mut noise = Noise {
            load: self.load,
            steal: self.processors.map(|s| s.steal),
            others: self.processors.map(|s| s.others),
            drift: self.drift,
            // Without an interval nothing is known: as wide as the median itself.
            spread: spread.unwrap_or(1.0),
            rival: self.processors.and_then(|s| Some(s.rival?.1)),
            preempted: self.processors.map(|s| s.preempted),
            throttled: self.throttled.as_ref().map(|quota| [quota.halted, quota.periods]),
            frequency_mhz: self.frequency_mhz(),
            temperature: self.temperature,
            interrupted: cut_off.is_some(),
            reasons: Vec::new(),
        };
        // Beside others the chain is slow for other reasons than the clock.
        let (rival, quota) = (self.rival(), self.quota());
        let crowded = self.processors.is_some_and(|s| s.others > MOST_OTHERS);
        let by_clock = self.on_processor && rival.is_none() && quota.is_none() && !crowded;
        noise.reasons = reasons(&noise, spread, precision, by_clock);
        if by_clock && noise.drift <= MOST_DRIFT {
            noise.reasons.extend(self.slowed());
        }
        noise.reasons.extend(rival);
        noise.reasons.extend(quota);
        noise.reasons.extend(cut_off.map(|n| format!("interrupted by the user after {n} rounds")));
        if ops::CHECKED {
            noise.reasons.push(
                "kernels built with debug assertions check themselves and are several times slower: \
                 use this workspace's own profiles"
                    .to_owned(),
            );
        }
        noise
    }

    /// The lowest and the highest frequency of all processors of the threads, MHz.
    fn frequency_mhz(&self) -> Option<[f64; 2]> {
        let all = || self.clocks.values().flatten().map(|&khz| khz as f64 / 1e3);
        Some([all().min_by(f64::total_cmp)?, all().max_by(f64::total_cmp)?])
    }

    /// Which processor's frequency changed most, if one did so by too much: the chain runs on the first alone.
    fn slowed(&self) -> Option<String> {
        let drifts = self.clocks.iter().map(|(cpu, clock)| (cpu, drift(clock.clone())));
        let (cpu, most) = drifts.max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        let change =
            || format!("the frequency of processor {cpu} changed by {}", percent(most - 1.0));
        (most > MOST_DRIFT).then(change)
    }

    /// Whether others took what the program needed: the hypervisor, other programs, a quota.
    pub fn is_crowded(&self) -> bool {
        let taken = |seen: processors::Usage| seen.steal > MOST_STEAL || seen.others > MOST_OTHERS;
        self.processors.is_some_and(taken) || self.rival().is_some() || self.quota().is_some()
    }

    /// Who disturbed the threads that are pinned to a processor, if anybody did.
    fn rival(&self) -> Option<String> {
        let seen = self.processors?;
        let (at, share) = seen.rival.filter(|(_, share)| *share > MOST_RIVAL)?;
        let (share, times) = (percent(share), seen.preempted);
        let s = if times == 1 { "" } else { "s" };
        Some(format!(
            "{} ran on processor {at} for {share} of the time; the system took it away \
             {times} time{s} from the threads that measured",
            self.rival
        ))
    }

    /// What the quota of a control group did, if anything.
    fn quota(&self) -> Option<String> {
        let Throttled { halted, periods, .. } = self.throttled.as_ref().filter(|q| q.halted > 0)?;
        Some(format!("the control group's quota throttled {halted} of {periods} periods"))
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// What the system tells of its processors.
fn processors() -> Option<Snapshot> {
    Snapshot::at(Path::new("/proc"))
}

/// Why a run, `on_processor` or on a GPU of its own, should be called noisy.
fn reasons(noise: &Noise, spread: Option<f64>, precision: f64, on_processor: bool) -> Vec<String> {
    let (steal, others) = (noise.steal.unwrap_or(0.0), noise.others.unwrap_or(0.0));
    let checks = [
        (steal > MOST_STEAL, format!("the hypervisor stole {} of the time", percent(steal))),
        (
            others > MOST_OTHERS,
            format!("other programs took {} of all processors", percent(others)),
        ),
        (
            on_processor && noise.drift > MOST_DRIFT,
            format!("the clock's frequency changed by {}", percent(noise.drift - 1.0)),
        ),
    ];
    let unsure = match spread {
        None => Some("too few runs for an interval of the median: that takes 6".to_owned()),
        Some(s) if s > precision => {
            let [known, asked] = told_apart(s, precision);
            Some(format!("the median is known to ±{known}, not ±{asked}"))
        }
        Some(_) => None,
    };
    checks.into_iter().filter_map(|(noisy, why)| noisy.then_some(why)).chain(unsure).collect()
}

/// Two different shares in per cent, with as many decimals as show that they differ.
fn told_apart(a: f64, b: f64) -> [String; 2] {
    let with = |decimals| [a, b].map(|share| format!("{:.decimals$} %", share * 100.0));
    let differ = |[a, b]: &[String; 2]| a != b;
    (1..=9).map(with).find(differ).unwrap_or_else(|| [a, b].map(|share| format!("{share:e}")))
}

/// Load average over the last minute; 0 where the system has none.
fn load() -> f64 {
    sysinfo::System::load_average().map_or(0.0, |load| load.one)
}

/// What is said of times that are computed: nothing disturbs them.
pub fn undisturbed() -> Noise {
    Noise { drift: 1.0, ..Noise::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn processor() -> Device {
        Device {
            name: "a".into(),
            kind: DeviceKind::X86,
            arch: "avx2".into(),
            rendering: Rendering::Real,
            driver: String::new(),
            bus: String::new(),
        }
    }

    #[test]
    fn a_noisy_run_says_why() {
        let quiet = || Noise { drift: 1.01, ..Noise::default() };
        assert_eq!(reasons(&quiet(), Some(0.01), 0.02, true), [""; 0]);
        let noisy = Noise { steal: Some(0.02), others: Some(0.5), drift: 1.3, ..quiet() };
        let why = reasons(&noisy, Some(0.2), 0.02, true).join("; ");
        for part in ["stole 2.0 %", "took 50.0 %", "by 30.0 %", "±20.0 %, not ±2.0 %"] {
            assert!(why.contains(part), "{part} in {why}");
        }
        let nearly = reasons(&quiet(), Some(0.020_04), 0.02, true).join("; ");
        assert!(nearly.ends_with("known to ±2.004 %, not ±2.000 %"), "{nearly}");
        let least = reasons(&quiet(), Some(0.02_f64.next_up()), 0.02, true).join("; ");
        let (known, asked) = least.split_once(", not ±").unwrap();
        assert!(known.ends_with("±2.0000000000000004e-2") && asked == "2e-2", "{least}");
        let asleep = Noise { drift: 3.0, ..quiet() };
        let asleep = |own| reasons(&asleep, Some(0.01), 0.02, own).len();
        assert_eq!([true, false].map(asleep), [1, 0]);
        let few = reasons(&quiet(), None, 0.02, true);
        assert!(few.len() == 1 && few[0].contains("that takes 6"), "{few:?}");
    }

    #[test]
    fn rivals_quotas_and_the_user_are_named() {
        let seen = |rival, halted| Seen {
            on_processor: true,
            load: [0.0; 2],
            processors: Some(processors::Usage { steal: 0.0, others: 0.0, rival, preempted: 21 }),
            rival: "another program".to_owned(),
            clocks: BTreeMap::new(),
            temperature: None,
            throttled: Some(Throttled::of(halted, 60)),
            drift: 1.0,
        };
        let named =
            Seen { rival: "a process of another container".into(), ..seen(Some((1, 0.45)), 0) };
        let why = named.noise(Some(0.01), 0.02, None).reasons.join("; ");
        assert!(why.starts_with("a process of another container ran on processor 1 "), "{why}");
        let noise = seen(Some((1, 0.45)), 23).noise(Some(0.01), 0.02, Some(7));
        let why = noise.reasons.join("; ");
        for part in [
            "another program ran on processor 1 for 45.0 % of the time; the system took it away 21 times",
            "quota throttled 23 of 60 periods",
            "interrupted by the user after 7 rounds",
        ] {
            assert!(why.contains(part), "{part} in {why}");
        }
        assert_eq!((noise.rival, noise.preempted), (Some(0.45), Some(21)));
        assert_eq!((noise.throttled, noise.interrupted), (Some([23, 60]), true));
        let slow = |(rival, halted, others)| {
            let beside = processors::Usage { steal: 0.0, others, rival, preempted: 0 };
            Seen { drift: 2.9, processors: Some(beside), ..seen(rival, halted) }
        };
        let told_as_clock = |beside| {
            let reasons = slow(beside).noise(Some(0.01), 0.02, None).reasons;
            reasons.iter().any(|why| why.contains("clock"))
        };
        let alone = (None, 0, 0.0);
        let beside_others = [(Some((0, 0.5)), 0, 0.0), (None, 1, 0.0), (None, 0, 0.5)];
        assert!(told_as_clock(alone) && !beside_others.into_iter().any(told_as_clock));
        assert!(!slow(alone).is_crowded());
        assert!(beside_others.into_iter().all(|beside| slow(beside).is_crowded()));
        let quiet = seen(Some((0, 0.05)), 0).noise(Some(0.01), 0.02, None);
        let own = quiet.reasons.iter().filter(|why| !why.contains("cargo test")).count();
        assert_eq!((own, quiet.interrupted), (0, false), "{:?}", quiet.reasons);
    }

    #[test]
    fn one_slow_moment_is_no_drift_but_a_slow_while_is() {
        let looks =
            |slow: usize, all: usize| drift([vec![30; slow], vec![20; all - slow]].concat());
        assert_eq!(looks(1, 20), 1.0);
        assert_eq!(looks(3, 20), 1.5);
        assert_eq!(looks(17, 20), 1.5);
        assert_eq!((looks(1, 2), looks(0, 1)), (1.5, 1.0));
    }

    #[test]
    fn a_watch_looks_again_after_a_while_only() {
        let mut watch = Watch::start(&processor());
        let mut looks = |looked: Instant| {
            watch.looked = looked;
            watch.inspect();
            watch.chain.len()
        };
        let (now, hour) = (Instant::now(), Duration::from_secs(3600));
        assert_eq!([looks(now + hour), looks(now - PERIOD), looks(now + hour)], [1, 2, 2]);
    }

    /// Of the few ticks of a short measurement no share can be told.
    #[test]
    fn a_short_measurement_is_watched_longer() {
        let watch = Watch::start(&processor());
        let started = watch.started;
        watch.finish_measurement();
        assert!(started.elapsed() >= SHORTEST);
    }

    #[test]
    fn without_an_interval_nothing_is_known() {
        let seen = Seen {
            on_processor: true,
            load: [0.0; 2],
            processors: None,
            rival: String::new(),
            clocks: BTreeMap::new(),
            temperature: None,
            throttled: None,
            drift: 1.0,
        };
        // Processor 2 was slowed down for half of the time, where the chain does not run.
        let clocks = BTreeMap::from([(0, vec![2_400_000; 4]), (2, vec![2_400_000, 1_800_000])]);
        let slowed = Seen { clocks, temperature: Some([41.5, 80.0]), ..seen.clone() };
        let slowed = slowed.noise(Some(0.01), 0.02, None);
        assert_eq!(slowed.frequency_mhz, Some([1800.0, 2400.0]));
        assert!(slowed.reasons.contains(&"the frequency of processor 2 changed by 33.3 %".into()));
        assert_eq!(seen.noise(Some(0.01), 0.02, None).frequency_mhz, None);
        let noise = seen.noise(None, 0.02, None);
        assert_eq!(noise.spread, 1.0);
        assert!(noise.reasons[0].starts_with("too few runs"), "{noise:?}");
    }
}
