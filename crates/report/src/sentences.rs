//! What is said about a measurement in words, on a screen and in the page alike.

use crate::{
    alive::Alive,
    analysis::{Account, Analysis, Operator, Parts, RESIDUAL, measured, short_shape, timed},
    apportion::rounded,
    beside::Beside,
    format::{NOTHING, binary, change, count, counted, duration, grouped, micros, percent, tick},
};
use indexmap::IndexMap;
use profile::{
    ACCESS_CONVENTION, BAND, Core, DeviceKind, FLOPS_CONVENTION, Level, Memory, Profile, Rendering,
};

/// Why no time of an emulated device is shown.
pub const EMULATED: &str =
    "An emulator ran it: the verified results are proof, its times are not, and none is shown.";

/// What is said of times that are computed.
pub const MODELLED: &str = "Modelled: the kernels ran on lanes that count, and a described core's figures say what \
     that takes; nothing was timed, and no verdict or rank follows from it.";

/// What stands behind a median without an interval.
const TOO_FEW: &str = ": too few for a 95 % interval";

/// Runs below which no median has a 95 % interval.
const FEWEST_RUNS: usize = 6;

/// The conventions that stand under every table.
pub fn conventions() -> String {
    format!("{FLOPS_CONVENTION}. {ACCESS_CONVENTION}.")
}

/// What a level means.
pub const fn level(level: Level) -> &'static str {
    match level {
        Level::Raw => "batch norm stands alone, as the paper's figure draws it",
        Level::Folded => "batch norm is folded into the convolution before it, the paper's setting",
        Level::Fused => {
            "activations, additions and moves of data are absorbed by their neighbours, as a fusing runtime runs them"
        }
    }
}

/// The machine and the program that measured.
pub fn setting(p: &Profile) -> String {
    let (machine, build) = (&p.machine, &p.build);
    format!(
        "{}, {} GiB, {}, {}; version {}, commit {}, {}, {}.",
        machine.processors(),
        grouped(machine.memory_bytes as f64 / f64::from(1 << 30), 1),
        machine.os,
        machine.kernel,
        build.version,
        if build.commit.is_empty() { "unknown" } else { &build.commit },
        build.rustc,
        build.target,
    )
}

/// How the measurement was asked for.
pub fn asked_for(p: &Profile) -> String {
    let s = &p.settings;
    let iters = match s.iters {
        0 => String::new(),
        1 => ", at most 1 sample".to_owned(),
        most => format!(", at most {} samples", grouped(most as f64, 0)),
    };
    // Sides that are measured in turn have rounds until the time is over, however sure they are.
    let until = match s.precision {
        0.0 => "samples".to_owned(),
        within => {
            format!("samples until the median's 95 % interval is within ± {},", percent(within))
        }
    };
    format!(
        "Seed {}; {until} for at most {} s{iters}; threads {}pinned.",
        s.seed,
        tick((s.max_secs * 1e3).round() / 1e3),
        if s.pinned { "" } else { "not " },
    )
}

/// The outcome of checking against the reference.
pub fn verification(a: &Analysis) -> String {
    let v = &a.profile.verification;
    let verdict = if v.passed { "Verified" } else { "NOT VERIFIED" };
    let against =
        v.against_cpu.map_or(String::new(), |d| format!(", {d:.1e} from the first output"));
    let note = if v.note.is_empty() { String::new() } else { format!(" {}.", v.note) };
    format!(
        "{verdict}: {}, {} against the f64 reference, worst at {} of its \
         tolerance ({}){against}.{note}",
        counted(v.ops, "operator"),
        counted(v.elements as usize, "element"),
        percent(v.worst_share),
        if v.worst_op.is_empty() { NOTHING } else { &v.worst_op },
    )
}

/// Whether the run was noisy and why; for an emulated device, why that does not matter.
pub fn noise(a: &Analysis) -> String {
    if !timed(&a.profile) {
        return EMULATED.to_owned();
    }
    if !measured(&a.profile) {
        return MODELLED.to_owned();
    }
    let noise = &a.profile.noise;
    let share = |what: &str, share: Option<f64>| {
        share.map_or(String::new(), |s| format!(", {what} {}", percent(s)))
    };
    let facts = format!(
        "load {:.2} before and {:.2} after{}{}, clock drift {}{}",
        noise.load[0],
        noise.load[1],
        share("other programs", noise.others),
        share("steal", noise.steal),
        percent((noise.drift - 1.0).max(0.0)),
        a.spread().map_or(String::new(), |spread| format!(", whole run ± {}", percent(spread))),
    );
    match noise.reasons.as_slice() {
        [] => format!("Quiet run: {facts}."),
        reasons => format!("NOISY RUN: {} ({facts}).", reasons.join("; ")),
    }
}

/// The cores that it ran on, those of one type together; `None` where they are not known.
pub fn workers(p: &Profile) -> Option<String> {
    let mut types: IndexMap<_, Vec<&Core>> = IndexMap::new();
    for core in &p.workers {
        let most = core.max_mhz.map(|mhz| grouped(mhz, 0));
        types.entry((core.design(), most, &core.governor)).or_default().push(core);
    }
    let one =
        |((design, most, governor), cores): ((String, Option<String>, &String), Vec<&Core>)| {
            let cpus: Vec<String> = cores.iter().map(|core| core.cpu.to_string()).collect();
            let s = if cores.len() == 1 { "" } else { "s" };
            let measured = cores.iter().filter_map(|core| core.measured_mhz).reduce(f64::min);
            let known = [
                Some(design).filter(|design| !design.is_empty()),
                most.map(|mhz| format!("at most {mhz} MHz")),
                measured.map(|mhz| format!("{} MHz measured", grouped(mhz, 0))),
                Some(format!("governor {governor}")).filter(|_| !governor.is_empty()),
            ];
            let known: Vec<String> = known.into_iter().flatten().collect();
            let known =
                if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) };
            format!("processor{s} {}{known}", cpus.join(", "))
        };
    let types: Vec<String> = types.into_iter().map(one).collect();
    (!types.is_empty()).then(|| format!("Ran on {}.", types.join("; ")))
}

/// How operators were timed, and why not otherwise.
pub fn timing(a: &Analysis) -> String {
    let t = &a.profile.timing;
    let note = if t.note.is_empty() { String::new() } else { format!(" ({})", t.note) };
    if a.profile.device.rendering == Rendering::Modelled {
        return format!("Computed by a {}{note}.", t.source);
    }
    let preparing = match timed(&a.profile) {
        true => format!("preparing took {}, ", duration(t.prepare_ns as f64)),
        false => String::new(),
    };
    format!(
        "Timed by {}{note}, resolution {}; {preparing}warm-up {}.",
        t.source,
        duration(t.resolution_ns),
        counted(a.profile.settings.warmup, "run"),
    )
}

/// What the prepared network keeps in memory; `None` where that is not known.
pub fn memory(a: &Analysis) -> Option<String> {
    let Memory { weights, activations, scratch } = a.profile.memory?;
    let mib = |bytes: u64| grouped(bytes as f64 / f64::from(1 << 20), 1);
    Some(format!(
        "Memory: {} MiB of packed weights ({} as stored), {} MiB of activations, {} MiB of scratch.",
        mib(weights),
        mib(a.profile.params * 4),
        mib(activations),
        mib(scratch),
    ))
}

/// What is alive at once along the network.
pub fn alive(a: &Analysis, alive: &Alive) -> String {
    let kept = a.profile.memory.map_or_else(String::new, |memory| {
        let kept = binary(memory.activations);
        format!(" The lab reserves {kept} for them.")
    });
    format!(
        "At most {} of activations are alive at once, at {}.{kept}",
        binary(alive.most()),
        a.ops[alive.peak].record.name,
    )
}

/// An operator in one line, its parts set apart by ` · `: what it is, its shapes, its time, its bound.
pub fn operator(op: &Operator) -> String {
    let record = &op.record;
    let more = match record.inputs.len() {
        0 | 1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    let input = record.inputs.first().map(|input| format!("{}{more} → ", short_shape(*input)));
    let shapes = input.unwrap_or_default() + &short_shape(record.output);
    let time = op.time.map(|time| {
        let half = time.half_width().map(|ns| format!(" ± {}", micros(ns)));
        let share = op.share.map(|share| format!(" ({})", percent(share)));
        format!(
            "{}{} µs{}",
            micros(time.median),
            half.unwrap_or_default(),
            share.unwrap_or_default()
        )
    });
    let bound = op.limit().map(|limit| {
        let reached = op.of_bound().map(|reached| format!(", {} of it", percent(reached)));
        format!("bound by {limit}{}", reached.unwrap_or_default())
    });
    let parts = [Some(record.name.clone()), Some(op.what()), Some(shapes), time, bound];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The whole run; `None` where it was not measured.
pub fn whole_run(a: &Analysis) -> Option<String> {
    let whole = a.whole?;
    let of = match measured(&a.profile) {
        true => format!("median of {}", whole.samples),
        false => "modelled".to_owned(),
    };
    let half = match measured(&a.profile) {
        true => whole.half_width(),
        false => Some(BAND * whole.median),
    };
    let interval = half.map_or(String::new(), |ns| format!(" ± {}", micros(ns)));
    let sure = match (whole.interval, measured(&a.profile)) {
        (Some(_), _) => ", 95 % interval",
        (None, true) => TOO_FEW,
        (None, false) => ", a band of 20 %",
    };
    let tail = [("p90", whole.p90()), ("p99", whole.p99())];
    let tail =
        tail.map(|(name, ns)| ns.map_or(String::new(), |ns| format!(", {name} {}", micros(ns))));
    let images =
        a.images_per_s().map_or(String::new(), |r| format!(" {} images/s,", grouped(r, 1)));
    Some(format!(
        "Whole run {}{interval} µs ({of}{sure}{}):{images} {} mult-adds, {} MiB MAC, {} \
         parameters{}.",
        micros(whole.median),
        tail.concat(),
        count(a.profile.mul_adds),
        grouped(a.access_bytes() as f64 / f64::from(1 << 20), 1),
        count(a.profile.params),
        not_run(a),
    ))
}

/// How many of the model's parameters belong to no operator that ran; nothing where none do.
fn not_run(a: &Analysis) -> String {
    let run = a.ops.iter().map(|op| op.record.params).sum();
    match a.profile.params.saturating_sub(run) {
        0 => String::new(),
        more => format!(" ({} of them in parts that only training runs)", count(more)),
    }
}

/// What the whole run consists of; `None` where that was not measured. As it is printed, it adds up.
pub fn parts(a: &Analysis) -> Option<String> {
    let (whole, Parts { gpu, encode, submit }) = (a.whole?.median, a.parts?);
    let us = |ns: f64| rounded(ns / 1e3, 2);
    let known = [(gpu, "on the GPU"), (Some(encode), "encoding"), (Some(submit), "submitting")];
    let known = known.into_iter().filter_map(|(ns, what)| Some((us(ns?), what)));
    let mut parts: Vec<(f64, &str)> = known.collect();
    let rest = rounded(us(whole) - parts.iter().map(|(us, _)| us).sum::<f64>(), 2);
    parts.push((rest, if gpu.is_some() { "waiting" } else { "on the GPU and waiting" }));
    let told = parts.iter().map(|(us, what)| format!("{} {what}", grouped(*us, 2)));
    Some(format!("Of {} µs: {}.", grouped(us(whole), 2), told.collect::<Vec<_>>().join(", ")))
}

/// `Σ operators + non-additivity + residual = whole run`.
pub fn account(account: &Account) -> String {
    let Account { operators_ns, non_additivity_ns, whole_ns, .. } = *account;
    let [operators, non_additivity, whole] =
        [operators_ns, non_additivity_ns, whole_ns].map(|ns| rounded(ns / 1e3, 2));
    // What is left of the numbers as they are printed, so that they add up.
    let residual = rounded(whole - operators - non_additivity, 2);
    let term = |us: f64| {
        let sign = if us < 0.0 { "−" } else { "+" };
        format!("{sign} {} µs", grouped(us.abs(), 2))
    };
    let mut line = format!(
        "Σ operators {} µs ({} of the run) {} non-additivity {} {RESIDUAL} ({}) = whole run {} µs",
        grouped(operators, 2),
        percent(operators / whole),
        term(non_additivity),
        term(residual),
        percent(residual / whole),
        grouped(whole, 2),
    );
    if account.residual_ns < 0.0 {
        line += "; negative: timing each operator costs more than what stands between them";
    }
    if account.untimed > 0 {
        let operators = counted(account.untimed, "operator");
        line += &format!("; the residual has the time of {operators} without samples");
    }
    if account.runs < FEWEST_RUNS {
        line += "; it means little, of fewer than six runs";
    }
    line + "."
}

/// What timing every operator does to the run; `None` where it was not measured.
pub fn instrumentation(a: &Analysis) -> Option<String> {
    let (whole, timed) = (a.whole?.median, a.instrumented?.median);
    let overhead = &a.profile.overhead;
    let empty = match a.profile.device.kind {
        DeviceKind::Gpu => "dispatch",
        _ => "parallel region",
    };
    let harness = match overhead.per_op_ns {
        0.0 => String::new(),
        ns => format!("; the harness costs {} an operator on the null device", duration(ns)),
    };
    let dependent = overhead.dependent_ns.map_or(String::new(), |ns| {
        format!(", one that reads what the one before wrote {}", duration(ns))
    });
    Some(format!(
        "With every operator timed the run takes {} ({}){harness}; an empty {empty} takes {}{dependent}.",
        duration(timed),
        change(timed / whole - 1.0),
        duration(overhead.dispatch_ns),
    ))
}

/// What stamping costs the GPU: the run with stamps less the run without; `None` where that was not measured.
pub fn stamping(a: &Analysis) -> Option<String> {
    let (stamped, without) = (a.together?.median, a.parts?.gpu?);
    let cost = stamped - without;
    Some(format!(
        "On the GPU, operators with stamps take {} together, a run without {}: stamping costs {}, {} an operator.",
        duration(stamped),
        duration(without),
        duration(cost),
        duration(cost / a.ops.len().max(1) as f64),
    ))
}

/// Where runs in a row tell another time of an operator than its place in the network does; `None` where that was not
/// measured.
pub fn cross_check(a: &Analysis) -> Option<String> {
    let checked: Vec<&Operator> =
        a.ops.iter().filter(|op| op.differs_in_a_row().is_some()).collect();
    let differ = checked.iter().filter(|op| op.differs_in_a_row() == Some(true));
    let told = differ.filter_map(|op| {
        let (time, repeated) = (op.time?.median, op.repeated?.median);
        let name = &op.record.name;
        Some(format!("{name} {}, in a row {}", duration(time), duration(repeated)))
    });
    let told: Vec<String> = told.collect();
    let all = counted(checked.len(), "operator");
    let found = match told.as_slice() {
        [] => "none differs by more than its interval".to_owned(),
        told => format!("{} differ by more than their intervals: {}", told.len(), told.join("; ")),
    };
    (!checked.is_empty()).then(|| {
        format!("Cross-check: {all} that take longest, run N and 2 N times in a row; {found}.")
    })
}

/// How alike a network's operators rank by time on a GPU and on an ARM core.
pub fn beside(beside: &Beside<'_>) -> String {
    let alike = match beside.correlation {
        Some(correlation) => format!("agree by {correlation:.2} (Spearman; 1: the same order)"),
        None => "cannot be compared".to_owned(),
    };
    format!(
        "By time, the operators' ranks on {} and on {} {alike}.",
        beside.gpu.place(),
        beside.arm.place()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, tables};
    use scraper::{ElementRef, Html, Selector};

    /// A number of a sentence or a table in hundredths.
    fn hundredths(text: &str) -> i64 {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let number: i64 = digits.parse().unwrap();
        if text.contains('−') { -number } else { number }
    }

    /// The cells under `title` of a table in HTML.
    fn column(html: &str, title: &str) -> Vec<String> {
        let table = Html::parse_fragment(html);
        let texts = |within: ElementRef<'_>, cells: &str| -> Vec<String> {
            let cells = Selector::parse(cells).unwrap();
            within.select(&cells).map(|cell| cell.text().collect()).collect()
        };
        let titles = texts(table.root_element(), "th");
        let at = titles.iter().position(|t| t == title).unwrap();
        let rows = Selector::parse("tbody tr").unwrap();
        table.select(&rows).map(|row| texts(row, "td")[at].clone()).collect()
    }

    #[test]
    fn an_emulator_s_preparing_is_not_told_and_one_run_is_no_runs() {
        let mut profile = fixture::shufflenet_on(fixture::emulated(), 1);
        profile.settings.warmup = 1;
        profile.verification.elements = 1;
        let told = timing(&Analysis::of(&profile));
        assert!(!told.contains("preparing") && told.ends_with("warm-up 1 run."), "{told}");
        let verified = verification(&Analysis::of(&profile));
        assert!(verified.contains(", 1 element against"), "{verified}");
        let real = fixture::shufflenet_on(fixture::core(), 1);
        assert!(timing(&Analysis::of(&real)).contains("preparing took"));
    }

    /// A run of 12 ms on a GPU, of which each operator takes 9 µs.
    fn on_a_gpu() -> Profile {
        let mut profile = fixture::shufflenet_on(fixture::adapter(), 1);
        profile.whole_ns = vec![12_000_000; 9];
        profile.gpu_ns = vec![9_000_000; 9];
        profile.encode_ns = vec![1_500_000; 9];
        profile.submit_ns = vec![400_010; 9];
        profile.ops.truncate(4);
        profile.ops.iter_mut().for_each(|op| op.samples_ns = vec![2_500_000; 9]);
        profile
    }

    #[test]
    fn a_run_on_a_gpu_is_told_with_its_parts() {
        let mut profile = on_a_gpu();
        let told = |profile: &Profile| parts(&Analysis::of(profile));
        assert_eq!(
            told(&profile).unwrap().replace('\u{202f}', ""),
            "Of 12000.00 µs: 9000.00 on the GPU, 1500.00 encoding, 400.01 submitting, 1099.99 waiting."
        );
        let cost = stamping(&Analysis::of(&profile)).unwrap();
        assert!(cost.contains("costs 1.00 ms, 250 µs an operator"), "{cost}");
        profile.gpu_ns.clear();
        assert!(told(&profile).unwrap().ends_with(" on the GPU and waiting."));
        assert_eq!(stamping(&Analysis::of(&profile)), None);
        let core = fixture::shufflenet_on(fixture::core(), 1);
        assert_eq!((told(&core), stamping(&Analysis::of(&core))), (None, None));
    }

    #[test]
    fn runs_in_a_row_are_told_where_they_differ() {
        let mut profile = on_a_gpu();
        let told = |profile: &Profile| cross_check(&Analysis::of(profile));
        assert_eq!(told(&profile), None);
        profile.ops[0].repeated_ns =
            vec![2_400_000, 2_600_000, 2_400_000, 2_600_000, 2_500_000, 2_500_000];
        let same = told(&profile).unwrap();
        assert!(same.contains("1 operator that") && same.contains("none differs"), "{same}");
        profile.ops[1].repeated_ns = vec![2_000_000; 7];
        let name = profile.ops[1].name.clone();
        let other = told(&profile).unwrap();
        assert!(
            other.ends_with(&format!(
                "1 differ by more than their intervals: {name} 2.50 ms, in a row 2.00 ms."
            )),
            "{other}"
        );
    }

    #[test]
    fn a_place_says_where_operators_were_submitted_one_by_one() {
        let mut profile = on_a_gpu();
        assert!(!Analysis::of(&profile).place().contains("submission"));
        profile.timing.source = profile::Timing::SUBMISSIONS.to_owned();
        assert!(Analysis::of(&profile).place().ends_with(", operators by submission"));
    }

    #[test]
    fn cores_of_one_type_are_told_together() {
        let core = |cpu, name: &str, max_mhz, measured_mhz| {
            let (name, governor) = (name.to_owned(), "schedutil".to_owned());
            Core { cpu, name, governor, max_mhz, measured_mhz, ..Core::default() }
        };
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        assert_eq!(workers(&profile), None);
        profile.workers = vec![
            core(4, "Cortex-A76", Some(2352.0), Some(2349.6)),
            core(0, "Cortex-A55", None, None),
            core(5, "Cortex-A76", Some(2352.0), Some(2301.2)),
            Core { cpu: 9, ..Core::default() },
        ];
        assert_eq!(
            workers(&profile).unwrap(),
            "Ran on processors 4, 5 (Cortex-A76, at most 2\u{202f}352 MHz, 2\u{202f}301 MHz measured, governor \
             schedutil); processor 0 (Cortex-A55, governor schedutil); processor 9."
        );
    }

    #[test]
    fn no_precision_is_told_where_none_was_asked_for() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        assert!(
            asked_for(&profile).contains("samples until the median's 95 % interval is within ± ")
        );
        profile.settings.precision = 0.0;
        let told = asked_for(&profile);
        assert!(told.contains("; samples for at most ") && !told.contains('±'), "{told}");
    }

    /// 0.25 of 12.15 is 2.1 %, whatever the digits behind say.
    #[test]
    fn shares_of_the_account_are_of_the_numbers_as_they_are_printed() {
        let account = account(&Account {
            whole_ns: 12_154.0,
            operators_ns: 12_396.0,
            non_additivity_ns: 0.0,
            residual_ns: -242.0,
            untimed: 0,
            runs: 9,
        });
        for part in ["12.40 µs (102.1 % of the run)", "− 0.25 µs", "(−2.1 %)", "12.15 µs"] {
            assert!(account.contains(part), "{part}: {account}");
        }
    }

    #[test]
    fn what_is_printed_adds_up() {
        for seed in 0..40 {
            let profile = fixture::shufflenet_on(fixture::core(), seed);
            let a = Analysis::of(&profile);
            let account = account(&a.account().unwrap());
            let times: Vec<i64> = account
                .match_indices(" µs")
                .map(|(end, _)| {
                    let start = account[..end].rfind(['s', 'r', '=', 'n']).unwrap() + 1;
                    hundredths(account[start..end].split(')').next_back().unwrap())
                })
                .collect();
            let [operators, non_additivity, residual, whole] = times.as_slice() else {
                panic!("{account}")
            };
            assert_eq!(operators + non_additivity + residual, *whole, "{account}");
            for table in [tables::operators(&a.ops), tables::classes(&a.classes())] {
                let html = table.html();
                let rows = column(&html.0, "µs");
                let sum: i64 = rows.iter().map(|row| hundredths(row)).sum();
                assert_eq!(sum, *operators, "{rows:?}");
                let percents: i64 = column(&html.0, "%").iter().map(|row| hundredths(row)).sum();
                assert_eq!(percents, 1000, "tenths of a per cent");
            }
        }
    }

    #[test]
    fn an_interval_is_told_only_where_there_is_one() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        let message = |profile: &Profile| whole_run(&Analysis::of(profile)).unwrap();
        assert!(message(&profile).contains("(median of 40, 95 % interval, p90 "));
        profile.whole_ns.truncate(1);
        assert!(message(&profile).contains("(median of 1: too few for a 95 % interval)"));
        let noise = noise(&Analysis::of(&profile));
        assert!(!noise.contains('–') && !noise.contains("whole run"), "{noise}");
    }

    #[test]
    fn parameters_that_no_operator_has_are_explained() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        let message = |profile: &Profile| whole_run(&Analysis::of(profile)).unwrap();
        assert!(!message(&profile).contains("only training"));
        profile.params += 6_379_984;
        let end = "parameters (6.4 M of them in parts that only training runs).";
        assert!(message(&profile).ends_with(end), "{}", message(&profile));
    }

    #[test]
    fn an_account_of_few_runs_says_that_it_means_little() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        let message = |profile: &Profile| account(&Analysis::of(profile).account().unwrap());
        assert!(!message(&profile).contains("means little"));
        profile.ops[0].samples_ns.truncate(5);
        assert!(message(&profile).ends_with("; it means little, of fewer than six runs."));
        profile.ops[0].samples_ns = vec![1000; 6];
        profile.whole_ns.truncate(5);
        assert!(message(&profile).ends_with("; it means little, of fewer than six runs."));
    }

    #[test]
    fn absurd_numbers_are_short() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        profile.verification.worst_share = 1e18;
        (profile.settings.warmup, profile.settings.iters) = (usize::MAX, usize::MAX);
        let a = Analysis::of(&profile);
        assert!(verification(&a).contains("worst at 1.0e20 % of its tolerance"));
        assert!(timing(&a).ends_with("warm-up 1.8e19 runs."), "{}", timing(&a));
        assert!(asked_for(&profile).contains("at most 1.8e19 samples"));
    }
}
