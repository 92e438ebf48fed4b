//! From a profile's samples to what tables and charts show: medians, shares, rates, the account.
//!
//! Everything here is a pure function of one [`Profile`], which is taken by value: samples are reduced and given
//! up, and what profiles have in common is kept once. Times of an emulated device are dropped at this door: such
//! a run proves results, so whatever is drawn from an [`Analysis`] cannot show its times by mistake.

use crate::{
    apportion::apportioned,
    bound::{Bound, Roof},
    ceilings::Ceilings,
};
use indexmap::IndexSet;
use profile::{Calibration, Class, OpRecord, Profile, Rendering, Shape};
use stats::Estimate;
use std::{
    collections::{HashMap, HashSet},
    mem,
    rc::Rc,
};

/// What the whole run takes beyond its operators.
pub const RESIDUAL: &str = "dispatch, barriers, timer";

/// What stands behind a place whose operators were submitted one by one.
const BY_SUBMISSION: &str = ", operators by submission";

/// A profile with its samples reduced.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// What ran, where and how. Operators, samples and ceilings are not in it, but beside it.
    pub profile: Profile,
    /// The operators in the order in which they ran.
    pub ops: Vec<Operator>,
    /// Whole runs without instrumentation, nanoseconds.
    pub whole: Option<Estimate>,
    /// The same in the order taken, where they are compared with others round by round; else none.
    pub rounds: Vec<u64>,
    /// What whole runs consist of; `None` where that was not measured.
    pub parts: Option<Parts>,
    /// Whole runs with every operator timed, nanoseconds.
    pub instrumented: Option<Estimate>,
    /// A run's operators together, over the instrumented runs, nanoseconds.
    pub together: Option<Estimate>,
    /// What the device can do at most; `None` where it was not calibrated.
    pub(crate) ceilings: Option<Rc<Ceilings>>,
    /// The ceilings over its operators; `None` where there are none for these threads.
    pub roof: Option<Roof>,
}

/// What whole runs on a GPU consist of: medians, nanoseconds. The rest is waiting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    /// On the GPU by its own clock; `None` where that could not be believed.
    pub gpu: Option<f64>,
    /// Encoding commands.
    pub encode: f64,
    /// Submitting them.
    pub submit: f64,
}

/// One operator with its samples reduced.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Where it came from, without its samples.
    pub record: Rc<OpRecord>,
    /// Its time, nanoseconds; `None` where it has no samples or the device is emulated.
    pub time: Option<Estimate>,
    /// Its time where its maps were read just before, nanoseconds; `None` where that was not measured.
    pub warm: Option<Estimate>,
    /// The time of one of many runs in a row, nanoseconds: a cross-check. `None` where that was not done.
    pub repeated: Option<Estimate>,
    /// Its times in the order taken, where they are compared with others round by round; else none.
    pub rounds: Vec<u64>,
    /// Its share of Σ operators, 0 to 1.
    pub share: Option<f64>,
    /// Time and share as tables print them.
    pub printed: Option<Printed>,
    /// The least time that it could take on this device; `None` where that was not calibrated.
    pub bound: Option<Bound>,
}

/// An operator's time and share, rounded so that those of all operators add up to Σ operators as that is
/// printed, and to 100 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Printed {
    /// Microseconds, with two decimals.
    pub micros: f64,
    /// Per cent, with one decimal; nothing where Σ operators is 0.
    pub percent: Option<f64>,
}

/// The operators of one class together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassSum {
    /// The class.
    pub class: Class,
    /// How many operators it has.
    pub ops: usize,
    /// Multiply-adds.
    pub mul_adds: u64,
    /// Floating-point operations.
    pub flops: u64,
    /// Memory access cost, bytes.
    pub access_bytes: u64,
    /// Sum of the operators' medians, nanoseconds; `None` where no operator has a time.
    pub ns: Option<f64>,
    /// Its share of Σ operators, 0 to 1.
    pub share: Option<f64>,
    /// The sum of their least times over the sum of their times; `None` where the device was not
    /// calibrated.
    pub of_bound: Option<f64>,
    /// As [`Self::of_bound`], of their times with warm maps.
    pub warm: Option<f64>,
}

/// The operators that one ceiling binds together.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundSum {
    /// The ceiling.
    pub limit: String,
    /// How many operators it binds.
    pub ops: usize,
    /// Sum of their medians, nanoseconds.
    pub ns: f64,
    /// Their share of Σ operators, 0 to 1.
    pub share: Option<f64>,
    /// The sum of their least times over the sum of their times.
    pub of_bound: Option<f64>,
    /// As [`Self::of_bound`], of their times with warm maps.
    pub warm: Option<f64>,
}

/// Σ operators + non-additivity + residual = whole run, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Account {
    /// Median of the uninstrumented whole run.
    pub whole_ns: f64,
    /// Sum of the operators' medians.
    pub operators_ns: f64,
    /// What medians lose when they are added: the median, over the instrumented runs, of a run's
    /// operators together, less the sum of the operators' medians. Times are skewed and not all
    /// operators are slow in the same runs, so it is rarely negative; a quiet run has little.
    pub non_additivity_ns: f64,
    /// What is left of the whole run, called [`RESIDUAL`]. Negative where timing each operator costs
    /// more than what stands between them.
    pub residual_ns: f64,
    /// Operators without a single sample, whose time therefore sits in the residual.
    pub untimed: usize,
    /// The runs that it is taken from: of the two kinds of runs the fewer.
    pub runs: usize,
}

/// What profiles have in common: of many measurements of one network only the times differ.
#[derive(Debug, Default)]
pub struct Shared {
    records: HashSet<Rc<OpRecord>>,
    ceilings: HashMap<String, Rc<Ceilings>>,
}

impl Shared {
    fn record(&mut self, record: OpRecord) -> Rc<OpRecord> {
        if let Some(known) = self.records.get(&record) {
            return known.clone();
        }
        let record = Rc::new(record);
        self.records.insert(record.clone());
        record
    }

    fn ceilings(&mut self, calibration: Calibration) -> Rc<Ceilings> {
        match self.ceilings.get(&calibration.taken_at) {
            Some(known) if known.calibration == calibration => known.clone(),
            _ => {
                let taken_at = calibration.taken_at.clone();
                let ceilings = Rc::new(Ceilings::of(calibration));
                self.ceilings.insert(taken_at, ceilings.clone());
                ceilings
            }
        }
    }
}

impl Analysis {
    /// Reduces `profile` alone.
    pub fn of(profile: &Profile) -> Self {
        Self::reduce(profile.clone(), &mut Shared::default())
    }

    /// Reduces `profile`, which shares what it can.
    pub fn reduce(mut profile: Profile, shared: &mut Shared) -> Self {
        let (is_timed, is_side) = (timed(&profile), profile.side.is_some());
        let estimate = |samples: &[u64]| if is_timed { Estimate::of(samples) } else { None };
        let ceilings = profile.calibration.take().map(|measured| shared.ceilings(measured));
        let roof = ceilings.as_ref().and_then(|ceilings| Roof::of(&profile, ceilings));
        let records = mem::take(&mut profile.ops);
        let together = estimate(&together(&records));
        let times: Vec<_> = records.iter().map(|op| estimate(&op.samples_ns)).collect();
        let sum: f64 = times.iter().flatten().map(|t| t.median).sum();
        let mut printed = printed(&times, sum).into_iter();
        let operator = |(mut record, time): (OpRecord, Option<Estimate>)| {
            let rounds = mem::take(&mut record.samples_ns);
            let warm = estimate(&mem::take(&mut record.warm_ns));
            let repeated = estimate(&mem::take(&mut record.repeated_ns));
            Operator {
                time,
                warm,
                repeated,
                rounds: if is_side { rounds } else { Vec::new() },
                share: time.filter(|_| sum > 0.0).map(|t| t.median / sum),
                printed: time.and_then(|_| printed.next()),
                bound: roof.as_ref().map(|roof| roof.bound(&record)),
                record: shared.record(record),
            }
        };
        let ops = records.into_iter().zip(times).map(operator).collect();
        let instrumented = estimate(&mem::take(&mut profile.instrumented_ns));
        let parts = [&mut profile.gpu_ns, &mut profile.encode_ns, &mut profile.submit_ns];
        let [gpu, encode, submit] = parts.map(|ns| Some(estimate(&mem::take(ns))?.median));
        let parts = encode.zip(submit).map(|(encode, submit)| Parts { gpu, encode, submit });
        let rounds = mem::take(&mut profile.whole_ns);
        let whole = estimate(&rounds);
        let compared = profile.experiment.is_some() || profile.comparison.is_some() || is_side;
        let rounds = if compared { rounds } else { Vec::new() };
        Self { profile, ops, whole, rounds, parts, instrumented, together, ceilings, roof }
    }

    /// What to say under shares of its ceilings; `None` where it has none, or nothing disturbed them.
    pub fn caution(&self) -> Option<String> {
        self.roof.as_ref()?;
        self.ceilings.as_ref()?.caution()
    }

    /// Whether any operator has a time.
    pub fn has_times(&self) -> bool {
        self.ops.iter().any(|op| op.time.is_some())
    }

    /// Sum of the operators' medians, nanoseconds; `None` where none has a time.
    pub fn operators_ns(&self) -> Option<f64> {
        self.has_times().then(|| self.ops.iter().filter_map(Operator::ns).sum())
    }

    /// Σ operators, residual and whole run; `None` where either side was not measured.
    pub fn account(&self) -> Option<Account> {
        let whole = self.whole.filter(|w| w.median > 0.0)?;
        let (whole_ns, operators_ns) = (whole.median, self.operators_ns()?);
        let together = self.together?;
        let non_additivity_ns = together.median - operators_ns;
        Some(Account {
            whole_ns,
            operators_ns,
            non_additivity_ns,
            residual_ns: whole_ns - operators_ns - non_additivity_ns,
            untimed: self.ops.iter().filter(|op| op.time.is_none()).count(),
            runs: whole.samples.min(together.samples),
        })
    }

    /// Half the width of the whole run's 95 % interval over its median; `None` where there is no interval.
    pub fn spread(&self) -> Option<f64> {
        let whole = self.whole.filter(|w| w.median > 0.0)?;
        Some(whole.half_width()? / whole.median)
    }

    /// Sums by class, in the order of [`Class::ALL`], classes without operators left out.
    pub fn classes(&self) -> Vec<ClassSum> {
        let total = self.operators_ns().filter(|&t| t > 0.0);
        Class::ALL
            .into_iter()
            .map(|class| {
                let ops = || self.ops.iter().filter(move |op| op.record.class == class);
                let ns = self.has_times().then(|| ops().filter_map(Operator::ns).sum::<f64>());
                ClassSum {
                    class,
                    ops: ops().count(),
                    mul_adds: ops().map(|op| op.record.mul_adds).sum(),
                    flops: ops().map(|op| op.record.flops).sum(),
                    access_bytes: ops().map(|op| op.record.access.bytes()).sum(),
                    ns,
                    share: ns.zip(total).map(|(ns, total)| ns / total),
                    of_bound: of_bounds(ops(), Operator::ns),
                    warm: of_bounds(ops(), Operator::warm_ns),
                }
            })
            .filter(|sum| sum.ops > 0)
            .collect()
    }

    /// Operators by what binds them, in the order of [`Roof`]'s limits, or of their first operators where a model says it; empty
    /// where nothing is known of that or nothing has a time.
    pub fn bounds(&self) -> Vec<BoundSum> {
        let total = self.operators_ns().filter(|&t| t > 0.0);
        let sum = |limit: &str| {
            let bound = || {
                let bound = |op: &&Operator| op.limit() == Some(limit);
                self.ops.iter().filter(move |op| op.ns().is_some()).filter(bound)
            };
            let ns = bound().filter_map(Operator::ns).sum::<f64>();
            BoundSum {
                limit: limit.to_owned(),
                ops: bound().count(),
                ns,
                share: total.map(|total| ns / total),
                of_bound: of_bounds(bound(), Operator::ns),
                warm: of_bounds(bound(), Operator::warm_ns),
            }
        };
        let limits: IndexSet<&str> = match &self.roof {
            Some(roof) => roof.limits().collect(),
            None => self.ops.iter().filter_map(Operator::limit).collect(),
        };
        limits.into_iter().map(sum).filter(|sum| sum.ops > 0).collect()
    }

    /// The `n` operators that take longest, longest first; operators without a time left out.
    pub fn slowest(&self, n: usize) -> Vec<&Operator> {
        let mut ops: Vec<_> = self.ops.iter().filter(|op| op.time.is_some()).collect();
        ops.sort_by(|a, b| b.ns().partial_cmp(&a.ns()).unwrap_or(std::cmp::Ordering::Equal));
        ops.truncate(n);
        ops
    }

    /// Memory access cost of the whole network, bytes.
    pub fn access_bytes(&self) -> u64 {
        self.ops.iter().map(|op| op.record.access.bytes()).sum()
    }

    /// Memory access cost of the whole network, elements.
    pub fn access_elements(&self) -> u64 {
        self.ops.iter().map(|op| op.record.access.elements()).sum()
    }

    /// Floating-point operations of the whole network.
    pub fn flops(&self) -> u64 {
        self.ops.iter().map(|op| op.record.flops).sum()
    }

    /// Images per second of the uninstrumented run.
    pub fn images_per_s(&self) -> Option<f64> {
        rate(self.profile.batch as f64 * 1e9, self.whole?.median)
    }

    /// What ran: model, level and input, in one line.
    pub fn network(&self) -> String {
        let p = &self.profile;
        format!("{}, {}, input {}", p.model, p.lowering(), p.inputs())
    }

    /// Where it ran: device with its rendering, and threads where they matter, in one line. It says as well where
    /// operators' times are those of submissions, so that no share of them stands without it.
    pub fn place(&self) -> String {
        let place = self.profile.device.place(self.profile.threads);
        if self.profile.timing.is_of_submissions() { place + BY_SUBMISSION } else { place }
    }

    /// What stands behind [`Self::place`] where the run was noisy.
    pub fn noisy(&self) -> &'static str {
        if self.profile.noise.reasons.is_empty() { "" } else { " · NOISY" }
    }
}

impl Operator {
    /// Median, nanoseconds.
    pub fn ns(&self) -> Option<f64> {
        self.time.map(|t| t.median)
    }

    /// Whether many runs in a row take another time each than one in the network: their intervals do not meet. `None`
    /// where that is not known.
    pub fn differs_in_a_row(&self) -> Option<bool> {
        let ((a, b), (c, d)) = (self.time?.interval?, self.repeated?.interval?);
        Some(b < c || d < a)
    }

    /// Achieved arithmetic, GFLOP/s; `None` where there is no time or nothing to compute.
    pub fn gflops(&self) -> Option<f64> {
        rate(self.record.flops as f64, self.ns()?)
    }

    /// Memory access cost over time, GB/s: what a device must move at least, not what crossed any
    /// bus.
    pub fn gbytes_per_s(&self) -> Option<f64> {
        rate(self.record.access.bytes() as f64, self.ns()?)
    }

    /// The least time that it could take over the time that it took: 1 at the ceiling. More where
    /// data lay nearer, or less was computed, than the bound supposes.
    pub fn of_bound(&self) -> Option<f64> {
        rate(self.bound.as_ref()?.ns, self.ns()?)
    }

    /// What binds it: the lowest roof of a calibrated device, the resource of a modelled one that takes longest.
    pub fn limit(&self) -> Option<&str> {
        let by_model = || self.record.modelled.as_ref()?.bound_by.as_deref();
        self.bound.as_ref().map(|bound| bound.limit.as_str()).or_else(by_model)
    }

    /// Median with warm maps, nanoseconds.
    pub fn warm_ns(&self) -> Option<f64> {
        self.warm.map(|t| t.median)
    }

    /// As [`Self::of_bound`], of the time that it took with warm maps.
    pub fn warm_of_bound(&self) -> Option<f64> {
        rate(self.bound.as_ref()?.ns, self.warm_ns()?)
    }

    /// The operator and its attributes in a few words, e.g. `conv2d 3×3 s2 depthwise`.
    pub fn what(&self) -> String {
        let mut words = vec![self.record.kind.clone()];
        words.extend(self.pair("kernel").map(|(h, w)| format!("{h}×{w}")));
        words.extend(match self.pair("stride") {
            Some((1, 1)) | None => None,
            Some((h, w)) if h == w => Some(format!("s{h}")),
            Some((h, w)) => Some(format!("s{h}×{w}")),
        });
        words.extend(match (self.groups(), self.record.inputs.first()) {
            (0 | 1, _) => None,
            (g, Some(x)) if g == x.c => Some("depthwise".to_owned()),
            (g, _) => Some(format!("g{g}")),
        });
        words.join(" ")
    }

    /// Its groups: 1 where it has no such attribute.
    pub fn groups(&self) -> usize {
        let groups = self.record.attrs.get("groups").and_then(serde_json::Value::as_u64);
        groups.unwrap_or(1) as usize
    }

    fn pair(&self, attr: &str) -> Option<(u64, u64)> {
        match self.record.attrs.get(attr)?.as_array()?.as_slice() {
            [h, w] => h.as_u64().zip(w.as_u64()),
            _ => None,
        }
    }
}

/// What tables print of those `times` that are there; their sum is `sum`.
fn printed(times: &[Option<Estimate>], sum: f64) -> Vec<Printed> {
    let parts = |unit: f64| times.iter().flatten().map(|t| t.median / unit).collect::<Vec<_>>();
    let micros = apportioned(&parts(1e3), sum / 1e3, 2);
    let percents = apportioned(&parts(sum / 100.0), 100.0, 1);
    let both = micros.into_iter().zip(percents);
    both.map(|(micros, percent)| Printed { micros, percent: (sum > 0.0).then_some(percent) })
        .collect()
}

/// What the operators took together in each run, nanoseconds; nothing where none has samples.
fn together(records: &[OpRecord]) -> Vec<u64> {
    let timed = || records.iter().map(|op| &op.samples_ns).filter(|samples| !samples.is_empty());
    let runs = timed().map(Vec::len).min().unwrap_or(0);
    (0..runs).map(|run| timed().map(|samples| samples[run]).sum()).collect()
}

/// The least times of those `ops` that have such a `time`, over the sum of these.
fn of_bounds<'o>(
    ops: impl Iterator<Item = &'o Operator>,
    time: impl Fn(&Operator) -> Option<f64>,
) -> Option<f64> {
    let both = ops.filter_map(|op| Some((op.bound.as_ref()?.ns, time(op)?)));
    let (least, ns) = both.fold((0.0, 0.0), |sum, both| (sum.0 + both.0, sum.1 + both.1));
    rate(least, ns)
}

/// Whether a profile's times mean anything: an emulator's do not.
pub fn timed(profile: &Profile) -> bool {
    profile.device.rendering != Rendering::Emulated
}

/// Whether a profile's times were taken: what a verdict or a rank may follow from.
pub fn measured(profile: &Profile) -> bool {
    match profile.device.rendering {
        Rendering::Real | Rendering::SoftwareRendered => true,
        Rendering::Emulated | Rendering::Modelled => false,
    }
}

/// `amount` per nanosecond, where both are more than nothing.
pub fn rate(amount: f64, ns: f64) -> Option<f64> {
    (amount > 0.0 && ns > 0.0).then(|| amount / ns)
}

/// An operator's output without its batch where that is 1: `24×56×56`.
pub fn short_shape(s: Shape) -> String {
    match s.n {
        1 => format!("{}×{}×{}", s.c, s.h, s.w),
        _ => s.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    /// Medians of operators that always take as long: their sum is that of the medians, and nothing scatters.
    #[test]
    fn what_operators_leave_of_the_whole_run_is_the_residual() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        for (op, i) in profile.ops.iter_mut().zip(1..) {
            op.samples_ns = vec![10 * i; 3];
        }
        let ops = profile.ops.len();
        let operators = (10 * ops * (ops + 1) / 2) as f64;
        profile.whole_ns = [30, 7, 20].map(|more| operators as u64 + more).to_vec();
        let a = Analysis::of(&profile);
        let account = a.account().unwrap();
        assert_eq!((account.whole_ns, account.operators_ns), (operators + 20.0, operators));
        assert_eq!(
            (account.non_additivity_ns, account.residual_ns, account.untimed),
            (0.0, 20.0, 0)
        );
        for of_class in a.classes() {
            let own = profile.ops.iter().filter(|op| op.class == of_class.class);
            let ns = own.clone().map(|op| op.samples_ns[0]).sum::<u64>() as f64;
            assert_eq!((of_class.ns, of_class.share), (Some(ns), Some(ns / operators)));
            assert_eq!(of_class.ops, own.count());
        }
    }

    #[test]
    fn operators_that_are_slow_in_different_runs_scatter() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        profile.ops.truncate(3);
        for (i, op) in profile.ops.iter_mut().enumerate() {
            op.samples_ns = (0..3).map(|run| if run == i { 500 } else { 100 }).collect();
        }
        profile.whole_ns = vec![710];
        let account = Analysis::of(&profile).account().unwrap();
        assert_eq!(account.operators_ns, 300.0);
        assert_eq!((account.non_additivity_ns, account.residual_ns), (400.0, 10.0));
    }

    #[test]
    fn warm_maps_bring_every_sum_nearer_to_its_bound() {
        let profile = fixture::calibrated();
        let a = Analysis::of(&profile);
        let (classes, bounds) = (a.classes(), a.bounds());
        let classes = classes.iter().map(|sum| (sum.of_bound.unwrap(), sum.warm.unwrap()));
        let bounds = bounds.iter().map(|sum| (sum.of_bound.unwrap(), sum.warm.unwrap()));
        let ops = a.ops.iter();
        let ops = ops.map(|op| (op.of_bound().unwrap(), op.warm_of_bound().unwrap()));
        for (in_place, warm) in classes.chain(bounds).chain(ops) {
            assert!((warm / in_place - 1.25).abs() < 0.01, "{in_place} {warm}");
        }
        let plain = fixture::shufflenet_on(fixture::core(), 1);
        let none = |sum: &ClassSum| sum.of_bound.is_none() && sum.warm.is_none();
        assert!(Analysis::of(&plain).classes().iter().all(none), "nothing to judge by");
    }

    #[test]
    fn rates_by_hand() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        let op = &mut profile.ops[0];
        (op.flops, op.samples_ns) = (3000, vec![1000, 500, 4000]);
        op.access = profile::Access { read: 100, written: 100, weights: 50 };
        let a = Analysis::of(&profile);
        assert_eq!(a.ops[0].gflops(), Some(3.0));
        assert_eq!(a.ops[0].gbytes_per_s(), Some(1.0));
    }

    #[test]
    fn missing_and_zero_samples_are_no_rates() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        profile.ops[0].samples_ns.clear();
        profile.ops[1].samples_ns = vec![0; 9];
        let a = Analysis::of(&profile);
        assert_eq!((a.ops[0].time, a.ops[0].share, a.ops[0].gflops()), (None, None, None));
        assert_eq!((a.ops[1].share, a.ops[1].gflops()), (Some(0.0), None));
        assert_eq!(a.account().unwrap().untimed, 1);
        assert_eq!(a.slowest(usize::MAX).len(), profile.ops.len() - 1);
        profile.ops.iter_mut().for_each(|op| op.samples_ns = vec![0; 9]);
        let a = Analysis::of(&profile);
        assert!(a.classes().iter().all(|c| c.share.is_none()), "no share of nothing");
        profile.ops.iter_mut().for_each(|op| op.samples_ns.clear());
        assert_eq!(Analysis::of(&profile).account(), None);
    }

    #[test]
    fn an_emulator_has_no_times() {
        let profile = fixture::shufflenet_on(fixture::emulated(), 1);
        let a = Analysis::of(&profile);
        assert!(!a.has_times() && a.whole.is_none() && a.instrumented.is_none());
        assert!(a.ops.iter().all(|op| op.time.is_none() && op.gbytes_per_s().is_none()));
    }

    #[test]
    fn operators_are_summed_by_what_binds_them() {
        let profile = fixture::calibrated();
        let a = Analysis::of(&profile);
        let sums = a.bounds();
        assert!(sums.len() >= 2, "{sums:?}");
        assert_eq!(sums.iter().map(|s| s.ops).sum::<usize>(), profile.ops.len());
        let ns: f64 = sums.iter().map(|s| s.ns).sum();
        assert!((ns - a.operators_ns().unwrap()).abs() < 1e-6 * ns);
        for sum in &sums {
            let own = a.ops.iter().filter(|op| op.bound.as_ref().unwrap().limit == sum.limit);
            let shares: Vec<f64> = own.filter_map(Operator::of_bound).collect();
            let (low, high) = shares
                .iter()
                .fold((f64::INFINITY, 0.0), |(l, h): (f64, f64), &s| (l.min(s), h.max(s)));
            let mean = sum.of_bound.unwrap();
            assert!(low <= mean && mean <= high, "{low} {mean} {high}");
        }
        let plain = fixture::shufflenet_on(fixture::core(), 1);
        assert!(Analysis::of(&plain).bounds().is_empty());
    }

    #[test]
    fn operators_say_what_they_are() {
        let profile = fixture::shufflenet_on(fixture::core(), 1);
        let a = Analysis::of(&profile);
        let what = |name: &str| a.ops.iter().find(|op| op.record.name == name).unwrap().what();
        assert_eq!(what("conv1"), "conv2d 3×3 s2");
        assert_eq!(what("stage2.0.branch2.dw"), "conv2d 3×3 s2 depthwise");
        assert_eq!(what("stage2.1.branch2.conv1"), "conv2d 1×1");
        assert_eq!(what("fc"), "linear");
    }
}
