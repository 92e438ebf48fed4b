//! From the rounds of an experiment to a verdict: does the guideline hold on this device?
//!
//! All points of a study were measured in turn, so the ratio of two points *within a round* is free
//! of whatever drifted between rounds. A point's slow-down is the median of that ratio over rounds,
//! at equal work. A curve's effect is the slow-down at its largest dose by a straight line through
//! the base (logarithm of the slow-down over the position on the dose axis), so that every point has
//! its say; the effect of the study is the geometric mean of its curves'. Its interval comes from a
//! seeded bootstrap over whole rounds, and is widened by what two sessions of one network were seen
//! to differ by.

use crate::format::{counted, percent, significant};
use serde::{Deserialize, Serialize};
use stats::{bootstrap_each, interval, median, median_of};

/// What an effect must exceed to count, and stay within to be none: 5 % of the run time at the
/// largest dose. Less is not worth changing a network for.
pub const RELEVANT: f64 = 1.05;

/// What two sessions of one network are taken to differ by at least, beyond what the rounds show
/// (where their buffers lie, for example). Each study measures it on its base; a few twins may agree
/// by luck.
pub(super) const LEAST_REPEATABILITY: f64 = 1.01;

/// Slow-downs that differ by less are level when the trend is counted.
const LEVEL: f64 = 1.02;

/// Rounds below which nothing is judged.
const FEWEST_ROUNDS: usize = 6;

const SEED: u64 = 1807;

/// What the experiment says of the guideline on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// What the guideline warns of costs time.
    Holds,
    /// It saves time.
    Reversed,
    /// It does neither.
    NoEffect,
    /// The measurement does not tell.
    Inconclusive,
    /// Nobody was asked: times that were not taken stand beside the paper's, and judge nothing.
    NotJudged,
}

impl Verdict {
    /// The verdict as tables and sentences print it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Reversed => "reversed",
            Self::NoEffect => "no effect",
            Self::Inconclusive => "inconclusive",
            Self::NotJudged => "not judged",
        }
    }
}

/// One point of a curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampled {
    /// Its place on the dose axis: 0 at the base, 1 at the largest dose.
    pub at: f64,
    /// What it must do, in any unit; times are compared at equal work. Mult-adds, because channel
    /// counts are whole numbers and "equal mult-adds" is met to a few per cent only; the same for
    /// all points where operators are removed.
    pub work: f64,
    /// Its time in each round, nanoseconds.
    pub rounds: Vec<f64>,
}

/// Points that are compared with each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    /// What tells the curve from its study's others.
    pub name: String,
    /// The points; the first is the base.
    pub points: Vec<Sampled>,
    /// Slow-down of a second session of the base against the first, if there was one.
    pub twin: Option<f64>,
}

/// A slow-down and its 95 % interval.
pub type Effect = (f64, (f64, f64));

/// The verdict, and what it follows from.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Fitted slow-down at the largest dose, the geometric mean of the curves'; `None` where nothing
    /// can be compared.
    pub effect: Option<Effect>,
    /// The same of each curve.
    pub each: Vec<(String, Effect)>,
    /// Share of pairs of points whose slow-down rises with the dose, less the share of those whose
    /// slow-down falls: −1 to 1.
    pub trend: f64,
    /// The factor that two sessions of one network differ by at most; every interval is widened by
    /// it.
    pub repeatability: f64,
    /// Why this verdict, in one sentence.
    pub reason: String,
}

impl Judgement {
    /// Another verdict, which follows from no figure but `reason`.
    pub fn withdrawn(self, verdict: Verdict, reason: &str) -> Self {
        let (effect, each, trend) = (None, Vec::new(), 0.0);
        Self { verdict, effect, each, trend, reason: reason.to_owned(), ..self }
    }
}

/// Judges a study of one or more curves; `compared` says in words what times are compared with.
pub fn judge(curves: &[Samples], compared: &str) -> Judgement {
    let rounds = curves.iter().flat_map(|c| &c.points).map(|p| p.rounds.len()).min().unwrap_or(0);
    let repeatability = repeatability(curves);
    let inconclusive = |reason| Judgement {
        verdict: Verdict::Inconclusive,
        effect: None,
        each: Vec::new(),
        trend: 0.0,
        repeatability,
        reason,
    };
    if rounds < FEWEST_ROUNDS {
        let rounds = counted(rounds, "round");
        let few = format!("there are only {rounds}: {FEWEST_ROUNDS} are the fewest");
        return inconclusive(few);
    }
    let measured: Vec<Curve> = curves.iter().map(|curve| Curve::of(curve, rounds)).collect();
    let all: Vec<usize> = (0..rounds).collect();
    let Some((each, mean)) = effects(&measured, &all, repeatability) else {
        return inconclusive("there is nothing to compare the base with".to_owned());
    };
    let names = curves.iter().map(|c| c.name.clone());
    let each: Vec<(String, Effect)> = names.zip(each).collect();
    let trend = trend(&measured, &all);
    let (verdict, why) = decide(mean.1, trend, &each);
    let twins = curves.iter().any(|c| c.twin.is_some());
    let reason = format!(
        "at the largest dose {}; {rounds} rounds{}){}",
        sizes(mean, &each, compared),
        if twins { twins_in_words(repeatability) } else { String::new() },
        if why.is_empty() { why } else { format!(": {why}") },
    );
    Judgement { verdict, effect: Some(mean), each, trend, repeatability, reason }
}

/// The effect of each curve, and their geometric mean; `None` where one cannot be told.
fn effects(
    curves: &[Curve],
    rounds: &[usize],
    repeatability: f64,
) -> Option<(Vec<Effect>, Effect)> {
    // In logarithms, the mean last.
    let logs = |rounds: &[usize]| -> Option<Vec<f64>> {
        let each: Option<Vec<f64>> = curves.iter().map(|c| c.effect(rounds)).collect();
        let mut logs = each?;
        logs.push(logs.iter().sum::<f64>() / logs.len() as f64);
        Some(logs)
    };
    let sizes = logs(rounds)?.into_iter().zip(bootstrap_each(rounds, SEED, logs)?);
    let mut effects: Vec<Effect> = sizes
        .map(|(size, (low, high))| {
            (size.exp(), (low.exp() / repeatability, high.exp() * repeatability))
        })
        .collect();
    let mean = effects.pop()?;
    Some((effects, mean))
}

/// `1.25 × the time on average (95 % interval 1.23 to 1.28; ×1: 1.43, ×2: 1.15`, to be closed.
fn sizes((size, (low, high)): Effect, each: &[(String, Effect)], compared: &str) -> String {
    let [size, low, high] = [size, low, high].map(significant);
    let parts: Vec<String> =
        each.iter().map(|(name, (size, _))| format!("{name}: {}", significant(*size))).collect();
    let (mean, parts) = match parts.len() {
        1 => ("", String::new()),
        _ => (" on average", format!("; {}", parts.join(", "))),
    };
    format!("{size} × the time {compared}{mean} (95 % interval {low} to {high}{parts}")
}

fn twins_in_words(repeatability: f64) -> String {
    let verb = if repeatability > LEAST_REPEATABILITY { "differ by" } else { "agree to" };
    format!("; two sessions of one network {verb} {}", percent(repeatability - 1.0))
}

/// What two sessions of one network differ by: the most that any curve's twins did.
fn repeatability(curves: &[Samples]) -> f64 {
    let apart = curves.iter().filter_map(|c| c.twin).map(|t| t.max(1.0 / t));
    apart.filter(|factor| factor.is_finite()).fold(LEAST_REPEATABILITY, f64::max)
}

/// The verdict from the effect's interval, the trend and each curve's own effect; with the reason
/// where it is not plain.
fn decide((low, high): (f64, f64), trend: f64, curves: &[(String, Effect)]) -> (Verdict, String) {
    let names = |is: &dyn Fn((f64, f64)) -> bool| -> Vec<&str> {
        curves.iter().filter(|(_, (_, ends))| is(*ends)).map(|(name, _)| name.as_str()).collect()
    };
    let (costs, saves) = (names(&|(low, _)| low > RELEVANT), names(&|(_, h)| h < 1.0 / RELEVANT));
    if !costs.is_empty() && !saves.is_empty() {
        let why = format!("{} lose time and {} gain it", costs.join(", "), saves.join(", "));
        return (Verdict::Inconclusive, why);
    }
    let not_monotone = "the slow-down does not follow the dose".to_owned();
    if low > RELEVANT {
        return match trend > 0.0 {
            true => (Verdict::Holds, String::new()),
            false => (Verdict::Inconclusive, not_monotone),
        };
    }
    if high < 1.0 / RELEVANT {
        return match trend < 0.0 {
            true => (Verdict::Reversed, String::new()),
            false => (Verdict::Inconclusive, not_monotone),
        };
    }
    if low > 1.0 / RELEVANT && high < RELEVANT {
        return (Verdict::NoEffect, String::new());
    }
    let threshold = percent(RELEVANT - 1.0);
    (Verdict::Inconclusive, format!("the interval reaches across the {threshold} that count"))
}

/// The points of a curve that are compared with its base: position on the dose axis, and the
/// logarithm of the slow-down at equal work in each round.
struct Curve(Vec<(f64, Vec<f64>)>);

impl Curve {
    fn of(samples: &Samples, rounds: usize) -> Self {
        let Some((base, others)) = samples.points.split_first() else { return Self(Vec::new()) };
        Self(others.iter().map(|p| (p.at, log_slowdowns(base, p, rounds))).collect())
    }

    /// Logarithm of the slow-down at the largest dose over these `rounds`: the slope of the
    /// least-squares line through the base.
    fn effect(&self, rounds: &[usize]) -> Option<f64> {
        let mut sums = (0.0, 0.0);
        for (at, slower) in &self.0 {
            sums.0 += at * median_over(slower, rounds)?;
            sums.1 += at * at;
        }
        (sums.1 > 0.0).then(|| sums.0 / sums.1)
    }
}

/// Logarithm of the slow-down of `point` against `base` at equal work in each round.
fn log_slowdowns(base: &Sampled, point: &Sampled, rounds: usize) -> Vec<f64> {
    let work = (point.work / base.work).ln();
    let pairs = point.rounds.iter().zip(&base.rounds).take(rounds);
    pairs.map(|(point, base)| (point / base).ln() - work).collect()
}

/// The median of `values` over `rounds`, if it is a number.
fn median_over(values: &[f64], rounds: &[usize]) -> Option<f64> {
    let mut chosen: Vec<f64> = rounds.iter().map(|&r| values[r]).collect();
    median_of(&mut chosen).filter(|m| m.is_finite())
}

/// Slow-down of `point` against `base` at equal work over all rounds that both have, with the 95 %
/// interval of its median.
pub fn slowdown(base: &Sampled, point: &Sampled) -> Option<(f64, Option<(f64, f64)>)> {
    let mut logs = log_slowdowns(base, point, usize::MAX);
    logs.sort_unstable_by(f64::total_cmp);
    let size = median(&logs).filter(|m| m.is_finite())?;
    Some((size.exp(), interval(&logs).map(|(low, high)| (low.exp(), high.exp()))))
}

fn trend(curves: &[Curve], rounds: &[usize]) -> f64 {
    let (mut sum, mut pairs) = (0.0, 0.0);
    for Curve(others) in curves {
        let slower = others.iter().filter_map(|(at, s)| Some((*at, median_over(s, rounds)?)));
        let points: Vec<(f64, f64)> = std::iter::once((0.0, 0.0)).chain(slower).collect();
        for (i, a) in points.iter().enumerate() {
            for b in points[i + 1..].iter().filter(|b| b.0 != a.0) {
                let rise = (b.1 - a.1) * (b.0 - a.0).signum();
                pairs += 1.0;
                sum += if rise.abs() < LEVEL.ln() { 0.0 } else { rise.signum() };
            }
        }
    }
    if pairs > 0.0 { sum / pairs } else { 0.0 }
}

#[cfg(test)]
mod tests;
