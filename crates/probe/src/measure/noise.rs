//! What else the machine did while times were taken, and whether it did too much.

use super::chain;
use profile::{Device, DeviceKind, Noise, Rendering};
use std::time::{Duration, Instant};

/// Time between two looks at the clock's frequency.
const PERIOD: Duration = Duration::from_millis(100);

/// Change of the clock's frequency above which a run is noisy.
const MOST_DRIFT: f64 = 1.05;

/// Share of all processor time taken by others above which a run is noisy.
const MOST_OTHERS: f64 = 0.05;

/// Share of all processor time stolen by the hypervisor above which a run is noisy.
const MOST_STEAL: f64 = 0.01;

/// Watches the machine during one measurement.
#[derive(Debug)]
pub struct Watch {
    /// Whether the device runs by the processor's clock: a GPU of its own does not, and lets the
    /// processor sleep, its clock low, while it works.
    on_processor: bool,
    load: f64,
    ticks: Option<Ticks>,
    /// The chain's times so far, nanoseconds.
    chain: Vec<u64>,
    looked: Instant,
}

impl Watch {
    /// Starts watching the machine while `device` works.
    pub fn start(device: &Device) -> Self {
        Self {
            on_processor: (device.kind, device.rendering) != (DeviceKind::Gpu, Rendering::Real),
            load: load(),
            ticks: Ticks::now(),
            chain: vec![chain::time()],
            looked: Instant::now(),
        }
    }

    /// Looks at the clock's frequency, unless it did so a moment ago. Call it between two runs.
    pub fn look(&mut self) {
        if self.looked.elapsed() < PERIOD {
            return;
        }
        self.chain.push(chain::time());
        self.looked = Instant::now();
    }

    /// Ends watching.
    pub fn finish(mut self) -> Seen {
        self.chain.push(chain::time());
        Seen {
            on_processor: self.on_processor,
            load: [self.load, load()],
            shares: self.ticks.zip(Ticks::now()).and_then(|(before, now)| before.until(now)),
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
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    on_processor: bool,
    load: [f64; 2],
    shares: Option<Shares>,
    drift: f64,
}

impl Seen {
    /// The noise of one network's measurement. `spread` is half the width of the whole run's 95 %
    /// interval over its median, if there is one, and `precision` what it was to be.
    pub fn noise(&self, spread: Option<f64>, precision: f64) -> Noise {
        let mut noise = Noise {
            load: self.load,
            steal: self.shares.map(|s| s.steal),
            others: self.shares.map(|s| s.others),
            drift: self.drift,
            // Without an interval nothing is known: as wide as the median itself.
            spread: spread.unwrap_or(1.0),
            reasons: Vec::new(),
        };
        noise.reasons = reasons(&noise, spread, precision, self.on_processor);
        if ops::CHECKED {
            noise.reasons.push(
                "kernels built by `cargo test` check themselves and are several times slower: use \
                 `cargo run`"
                    .to_owned(),
            );
        }
        noise
    }
}

/// Why a run, `on_processor` or on a GPU of its own, should be called noisy.
fn reasons(noise: &Noise, spread: Option<f64>, precision: f64, on_processor: bool) -> Vec<String> {
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
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

/// Processor time since the system's start, in ticks, of all processors together.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ticks {
    total: u64,
    busy: u64,
    stolen: u64,
    /// This process's.
    own: u64,
}

/// Shares of all processor time.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shares {
    steal: f64,
    others: f64,
}

impl Ticks {
    /// Ticks so far; `None` where the system does not tell.
    fn now() -> Option<Self> {
        let read = |path| std::fs::read_to_string(path).ok();
        Self::parse(&read("/proc/stat")?, &read("/proc/self/stat")?)
    }

    /// From Linux's `/proc/stat` and `/proc/self/stat` (man 5 proc).
    fn parse(all: &str, own: &str) -> Option<Self> {
        let numbers = |line: &str| -> Option<Vec<u64>> {
            line.split_whitespace().map(|n| n.parse().ok()).collect()
        };
        let all = numbers(all.lines().next()?.strip_prefix("cpu ")?)?;
        let &[user, nice, system, idle, wait, irq, soft_irq, stolen] = all.get(..8)?.as_array()?;
        let busy = user + nice + system + irq + soft_irq;
        // The program's name stands in parentheses and may hold spaces; times are fields 14, 15.
        let own = own.rsplit_once(')')?.1.split_whitespace().skip(11).take(2);
        let own = own.map(|n| n.parse::<u64>().ok()).sum::<Option<u64>>()?;
        Some(Self { total: busy + idle + wait + stolen, busy, stolen, own })
    }

    /// Shares between `self` and a `later` moment; `None` where no tick passed.
    fn until(self, later: Self) -> Option<Shares> {
        let total = later.total.saturating_sub(self.total) as f64;
        let busy = later.busy.saturating_sub(self.busy);
        let own = later.own.saturating_sub(self.own);
        (total > 0.0).then(|| Shares {
            steal: later.stolen.saturating_sub(self.stolen) as f64 / total,
            others: busy.saturating_sub(own) as f64 / total,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "7 (a) b) S 1 7 7 0 -1 0 0 0 0 0 30 20 0 0 20 0 1 0 5 0 0";

    fn ticks(stat: &str) -> Ticks {
        Ticks::parse(stat, OWN).unwrap()
    }

    #[test]
    fn shares_of_processor_time() {
        let before = ticks("cpu  100 0 10 800 5 0 5 80 0 0\ncpu0 1 2 3\n");
        assert_eq!(before, Ticks { total: 1000, busy: 115, stolen: 80, own: 50 });
        let later = Ticks { total: 1200, busy: 195, stolen: 90, own: 90 };
        assert_eq!(before.until(later), Some(Shares { steal: 0.05, others: 0.2 }));
        assert_eq!(before.until(before), None);
        assert_eq!(Ticks::parse("cpu  1 2 3", OWN), None);
        assert_eq!(Ticks::parse("", ""), None);
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
    fn one_slow_moment_is_no_drift_but_a_slow_while_is() {
        let looks =
            |slow: usize, all: usize| drift([vec![30; slow], vec![20; all - slow]].concat());
        assert_eq!(looks(1, 20), 1.0);
        assert_eq!(looks(3, 20), 1.5);
        assert_eq!(looks(17, 20), 1.5);
        assert_eq!((looks(1, 2), looks(0, 1)), (1.5, 1.0));
    }

    #[test]
    fn a_watch_sees_a_clock() {
        let mut watch = Watch::start(&Device {
            name: "a".into(),
            kind: DeviceKind::X86,
            arch: "avx2".into(),
            rendering: Rendering::Real,
            driver: String::new(),
        });
        watch.look();
        let noise = watch.finish().noise(None, 0.02);
        assert!(noise.drift >= 1.0 && noise.spread == 1.0, "{noise:?}");
    }
}
