//! How many times as long one side takes as the other.
//!
//! A round has both sides, one right after the other, so whatever drifts cancels in its ratio. Rounds of one
//! sitting share what preparing decided, and follow each other so closely that they are not independent: a
//! sitting counts as one sample, the median of its rounds. Sittings differ to both sides alike, because sides
//! change places from one to the next. Signed ranks take no more than that.

use serde::Serialize;
use stats::{Centre, median_of};

/// Chance of a false difference: of the whole run's, and of any among all operators.
pub const ALPHA: f64 = 0.05;

/// Ratios within so much of 1 are the same for most purposes.
pub const SAME: f64 = 0.02;

/// Most sittings that are told apart: neighbours count as one beyond.
const MOST_SITTINGS: usize = 128;

/// B's time over A's.
#[derive(Clone, Debug, PartialEq)]
pub struct Ratio {
    /// The centre of its logarithm.
    log: Centre,
    /// How many sittings it is of.
    pub sittings: usize,
    /// Rounds of each.
    pub rounds: usize,
}

/// Which side is faster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// B takes less time, for certain.
    Faster,
    /// B takes more time, for certain.
    Slower,
    /// Both take the same within [`SAME`], for certain.
    Same,
    /// The interval allows more than one of these.
    NotKnown,
}

impl Verdict {
    /// It as files have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::Same => "same",
            Self::NotKnown => "not-known",
        }
    }
}

/// A ratio, judged at a level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// B's time over A's.
    pub ratio: f64,
    /// Its interval at the level; `None` where the sittings are too few for one.
    pub interval: Option<(f64, f64)>,
    /// Which side is faster.
    pub verdict: Verdict,
}

impl Ratio {
    /// That of the samples of `a` and `b`, whose sittings have so many `rounds`; `None` where there is no whole
    /// sitting, or where a sample took no time.
    pub fn of(a: &[u64], b: &[u64], rounds: usize) -> Option<Self> {
        let taken = a.len().min(b.len());
        let (a, b) = (&a[..taken], &b[..taken]);
        if a.contains(&0) || b.contains(&0) {
            return None;
        }
        let logs: Vec<f64> = a.iter().zip(b).map(|(&a, &b)| (b as f64 / a as f64).ln()).collect();
        let rounds = rounds.max(1);
        let together = (taken / rounds).div_ceil(MOST_SITTINGS).max(1) * rounds;
        let sittings = logs.chunks_exact(together).map(<[f64]>::to_vec);
        let medians: Vec<f64> = sittings.filter_map(|mut logs| median_of(&mut logs)).collect();
        Some(Self { log: Centre::of(&medians)?, sittings: medians.len(), rounds: together })
    }

    /// The ratio's interval at the level `alpha`, and what follows.
    pub fn judged(&self, alpha: f64) -> Judged {
        let interval = self.log.interval(alpha).map(|(low, high)| (low.exp(), high.exp()));
        let verdict = interval.map_or(Verdict::NotKnown, verdict);
        Judged { ratio: self.log.estimate().exp(), interval, verdict }
    }

    /// The chance of such samples, were `ratio` the true one.
    pub fn p(&self, ratio: f64) -> f64 {
        self.log.p(ratio.ln())
    }

    /// Whether it is above `ratio`, as far as it is known.
    pub fn is_above(&self, ratio: f64) -> bool {
        self.log.estimate() > ratio.ln()
    }
}

/// What an interval of the ratio says.
fn verdict((low, high): (f64, f64)) -> Verdict {
    match (low, high) {
        _ if low >= 1.0 / (1.0 + SAME) && high <= 1.0 + SAME => Verdict::Same,
        _ if low > 1.0 => Verdict::Slower,
        _ if high < 1.0 => Verdict::Faster,
        _ => Verdict::NotKnown,
    }
}

impl Judged {
    /// By which share both take the same at most, as the interval has it; `None` where there is none.
    pub fn within(&self) -> Option<f64> {
        self.interval.map(|(low, high)| high.max(1.0 / low) - 1.0)
    }
}

#[cfg(test)]
mod tests;
