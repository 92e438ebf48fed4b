//! What a measurement looks like on a screen.
//!
//! [`measurement`] is everything about one device, [`comparison`] sets the devices that ran one
//! network side by side. Both fit a given width: operator names are shortened first, then the
//! columns that one misses least are left out. Every table stands under the device's label, and
//! the conventions stand under the tables.

mod table;

use crate::{
    analysis::{
        Account, Analysis, ClassSum, Operator, RESIDUAL, by_network, rate, short_shape, timed,
    },
    format::{NOTHING, count, duration, grouped, micros, percent},
    stats::Estimate,
};
use profile::{ACCESS_CONVENTION, Class, FLOPS_CONVENTION, Profile};
pub use table::{Align, Column, Table};

/// Operators in the "top by time" table.
const TOP: usize = 10;

/// Everything about one measurement, at most `width` characters wide.
pub fn measurement(profile: &Profile, width: usize) -> String {
    let a = Analysis::of(profile);
    let mut parts = vec![heading(&a)];
    parts.push(titled("Operators in the order in which they ran", &a, operators(&a.ops, width)));
    if a.has_times() {
        let slowest: Vec<Operator<'_>> = a.slowest(TOP).into_iter().cloned().collect();
        parts.push(titled("Top by time", &a, operators(&slowest, width)));
    }
    parts.push(titled("By class", &a, classes(&a.classes(), width)));
    parts.push(closing(&a));
    parts.push(wrap(&format!("{FLOPS_CONVENTION}. {ACCESS_CONVENTION}."), width));
    parts.join("\n\n") + "\n"
}

/// Class shares of every network that ran on two devices or more; `None` where none did.
pub fn comparison(profiles: &[Profile], width: usize) -> Option<String> {
    let analyses: Vec<_> = profiles.iter().filter(|p| timed(p)).map(Analysis::of).collect();
    let groups = by_network(&analyses).into_iter().filter(|group| group.len() > 1);
    let tables: Vec<String> = groups
        .map(|group| {
            let title = format!("Share of Σ operators by class: {}", group[0].network());
            format!("{title}\n{}", side_by_side(&group, width))
        })
        .collect();
    (!tables.is_empty()).then(|| tables.join("\n\n") + "\n")
}

/// What ran, where, and how far the numbers can be trusted.
fn heading(a: &Analysis<'_>) -> String {
    let mut lines = vec![a.network(), a.place(), verification(a)];
    lines.push(if timed(a.profile) {
        noise(a)
    } else {
        "an emulator ran it: the results above are proof, its times are not, and none is shown"
            .to_owned()
    });
    if !a.profile.timing.note.is_empty() {
        lines.push(format!("timed by {}: {}", a.profile.timing.source, a.profile.timing.note));
    }
    lines.join("\n")
}

/// The outcome of checking against the reference, in one line.
pub(crate) fn verification(a: &Analysis<'_>) -> String {
    let v = &a.profile.verification;
    let verdict = if v.passed { "verified" } else { "NOT VERIFIED" };
    let against =
        v.against_cpu.map_or(String::new(), |d| format!(", {d:.1e} from the CPU's output"));
    format!(
        "{verdict}: {} operators, {} elements against the f64 reference, worst at {} of its \
         tolerance ({}){against}",
        v.ops,
        count(v.elements),
        percent(v.worst_share),
        if v.worst_op.is_empty() { NOTHING } else { &v.worst_op },
    )
}

/// Whether the run was noisy and why, in one line.
pub(crate) fn noise(a: &Analysis<'_>) -> String {
    let noise = &a.profile.noise;
    let steal = noise.steal.map_or(String::new(), |s| format!(", steal {}", percent(s)));
    let facts = format!(
        "load {:.2} before and {:.2} after, clock drift {}{steal}, whole run ± {}",
        noise.load[0],
        noise.load[1],
        percent((noise.drift - 1.0).max(0.0)),
        percent(noise.spread),
    );
    match noise.reasons.as_slice() {
        [] => format!("quiet run: {facts}"),
        reasons => format!("NOISY RUN: {} ({facts})", reasons.join("; ")),
    }
}

/// Titles a table with what it shows and where it was taken.
fn titled(title: &str, a: &Analysis<'_>, table: String) -> String {
    format!("{title} · {} · {}\n{table}", a.profile.model, a.place())
}

fn operators(ops: &[Operator<'_>], width: usize) -> String {
    let mut table = Table::new(vec![
        Column::new("operator", Align::Left, 9),
        Column::new("what", Align::Left, 1),
        Column::new("class", Align::Left, 6),
        Column::new("output", Align::Left, 2),
        Column::new("M mult-adds", Align::Right, 5),
        Column::new("MAC KiB", Align::Right, 4),
        Column::new("µs", Align::Right, 9),
        Column::new("± 95 %", Align::Left, 8),
        Column::new("%", Align::Right, 9),
        Column::new("GFLOP/s", Align::Right, 7),
        Column::new("GB/s", Align::Right, 3),
    ]);
    for op in ops {
        table.row(vec![
            op.record.name.clone(),
            op.what(),
            op.record.class.to_string(),
            short_shape(op.record.output),
            if op.record.mul_adds == 0 { String::new() } else { millions(op.record.mul_adds) },
            grouped(op.record.access.bytes() as f64 / 1024.0, 1),
            or_nothing(op.ns(), micros),
            or_nothing(op.time.and_then(|t| t.half_width()), |ns| format!("± {}", micros(ns))),
            or_nothing(op.share, |s| grouped(s * 100.0, 1)),
            or_nothing(op.gflops(), |r| grouped(r, 1)),
            or_nothing(op.gbytes_per_s(), |r| grouped(r, 1)),
        ]);
    }
    table.render(width)
}

fn classes(sums: &[ClassSum], width: usize) -> String {
    let mut table = Table::new(vec![
        Column::new("class", Align::Left, 9),
        Column::new("operators", Align::Right, 3),
        Column::new("M mult-adds", Align::Right, 4),
        Column::new("MAC KiB", Align::Right, 5),
        Column::new("µs", Align::Right, 9),
        Column::new("%", Align::Right, 9),
        Column::new("GFLOP/s", Align::Right, 7),
        Column::new("GB/s", Align::Right, 6),
    ]);
    for sum in sums {
        let per_ns = |amount: u64| sum.ns.and_then(|ns| rate(amount as f64, ns));
        table.row(vec![
            sum.class.to_string(),
            sum.ops.to_string(),
            millions(sum.mul_adds),
            grouped(sum.access_bytes as f64 / 1024.0, 1),
            or_nothing(sum.ns, micros),
            or_nothing(sum.share, |s| grouped(s * 100.0, 1)),
            or_nothing(per_ns(sum.flops), |r| grouped(r, 1)),
            or_nothing(per_ns(sum.access_bytes), |r| grouped(r, 1)),
        ]);
    }
    table.render(width)
}

fn side_by_side(group: &[&Analysis<'_>], width: usize) -> String {
    let mut columns = vec![Column::new("device", Align::Left, 9)];
    columns.extend(Class::ALL.map(|class| {
        Column::new(&format!("{class} %"), Align::Right, if class == Class::Other { 4 } else { 5 })
    }));
    columns.push(Column::new("whole run µs", Align::Right, 8));
    columns.push(Column::new("± 95 %", Align::Left, 3));
    let mut table = Table::new(columns);
    for a in group {
        let sums = a.classes();
        let share = |class: Class| sums.iter().find(|s| s.class == class).and_then(|s| s.share);
        let mut row = vec![a.place()];
        row.extend(Class::ALL.map(|class| or_nothing(share(class), |s| grouped(s * 100.0, 1))));
        row.push(or_nothing(a.whole.map(|w| w.median), micros));
        row.push(or_nothing(a.whole.and_then(|w| w.half_width()), |ns| {
            format!("± {}", micros(ns))
        }));
        table.row(row);
    }
    table.render(width)
}

/// The whole run and the account under the tables.
fn closing(a: &Analysis<'_>) -> String {
    let mut lines = Vec::new();
    if let Some(whole) = a.whole {
        let images = or_nothing(a.images_per_s(), |r| grouped(r, 1));
        lines.push(format!(
            "whole run {}: {images} images/s, {} mult-adds, {} MAC, {} parameters",
            with_interval(whole),
            count(a.profile.mul_adds),
            mebibytes(a.access_bytes()),
            count(a.profile.params),
        ));
    }
    lines.extend(a.account().map(|account| account_line(&account)));
    lines.extend(instrumentation(a));
    if lines.is_empty() {
        lines.push("no times to sum up".to_owned());
    }
    lines.join("\n")
}

/// `Σ operators + residual = whole run`, in one line.
pub(crate) fn account_line(account: &Account) -> String {
    let mut line = format!(
        "Σ operators {} µs {} {} µs {RESIDUAL} ({} of the run) = whole run {} µs",
        micros(account.operators_ns),
        if account.residual_ns < 0.0 { "−" } else { "+" },
        micros(account.residual_ns.abs()),
        percent(account.residual_share()),
        micros(account.whole_ns),
    );
    if account.residual_ns < 0.0 {
        line += "; negative: timing each operator costs more than what stands between them";
    }
    if account.untimed > 0 {
        line += &format!("; {} operators have no samples and are in the residual", account.untimed);
    }
    line
}

/// What the timing itself does to the run, in one line; `None` where it was not measured.
pub(crate) fn instrumentation(a: &Analysis<'_>) -> Option<String> {
    let (whole, timed) = (a.whole?.median, a.instrumented?.median);
    let overhead = &a.profile.overhead;
    Some(format!(
        "with every operator timed the run takes {} ({}{}); the harness costs {} an operator on \
         the null device, an empty {} {}",
        duration(timed),
        if timed < whole { "" } else { "+" },
        percent(timed / whole - 1.0),
        duration(overhead.per_op_ns),
        if a.profile.device.kind == profile::DeviceKind::Gpu { "dispatch" } else { "region" },
        duration(overhead.dispatch_ns),
    ))
}

/// A median with its interval and number of samples.
pub(crate) fn with_interval(e: Estimate) -> String {
    let interval = e.half_width().map_or(String::new(), |ns| format!(" ± {}", micros(ns)));
    format!("{}{interval} µs (median of {}, 95 % interval)", micros(e.median), e.samples)
}

/// Bytes in MiB.
pub(crate) fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", grouped(bytes as f64 / f64::from(1 << 20), 1))
}

/// Mult-adds in millions.
pub(crate) fn millions(mul_adds: u64) -> String {
    grouped(mul_adds as f64 / 1e6, 3)
}

/// `show(value)`, or the sign for nothing.
pub(crate) fn or_nothing(value: Option<f64>, show: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| NOTHING.to_owned(), show)
}

/// Breaks `text` at blanks so that no line is wider than `width`, if its words allow.
fn wrap(text: &str, width: usize) -> String {
    let (mut out, mut used) = (String::new(), 0);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        let gap = usize::from(used > 0);
        if used + gap + length > width && used > 0 {
            out.push('\n');
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn widest(text: &str) -> usize {
        text.lines().map(|l| l.chars().count()).max().unwrap_or(0)
    }

    #[test]
    fn a_measurement_reads_well() {
        let ops = fixture::shufflenet([1, 0, 0]);
        let profile = fixture::profile("synthetic_net", ops, fixture::core(), 1);
        insta::assert_snapshot!(measurement(&profile, 160));
    }

    #[test]
    fn a_narrow_screen_leaves_columns_out() {
        let profile = fixture::shufflenet_on(fixture::rasteriser(), 1);
        for width in [60, 80, 100, 140] {
            let text = measurement(&profile, width);
            let tables = text.lines().filter(|l| l.contains("branch2") && !l.contains("verified"));
            assert!(widest(&tables.collect::<Vec<_>>().join("\n")) <= width, "{text}");
            assert!(text.contains("GFLOP/s") || width < 80, "{text}");
        }
    }

    #[test]
    fn every_table_names_the_device_and_its_rendering() {
        let profile = fixture::shufflenet_on(fixture::rasteriser(), 1);
        let text = measurement(&profile, 140);
        assert_eq!(text.matches("software-rendered").count(), 4, "heading and three tables");
    }

    #[test]
    fn emulated_times_are_not_shown() {
        let profile = fixture::shufflenet_on(fixture::emulated(), 1);
        let text = measurement(&profile, 140);
        assert!(text.contains("emulated") && text.contains("none is shown"));
        assert!(!text.contains("images/s") && !text.contains("Σ operators"), "{text}");
        let conv1 = text.lines().find(|l| l.trim_start().starts_with("conv1 ")).unwrap();
        assert_eq!(conv1.matches('–').count(), 5, "{conv1}");
        let both = [profile, fixture::shufflenet_on(fixture::core(), 1)];
        assert_eq!(comparison(&both, 140), None);
    }

    #[test]
    fn devices_stand_side_by_side() {
        let profiles = [
            fixture::shufflenet_on(fixture::core(), 1),
            fixture::shufflenet_on(fixture::rasteriser(), 1),
        ];
        insta::assert_snapshot!(comparison(&profiles, 140).unwrap());
        assert_eq!(comparison(&profiles[..1], 140), None);
    }

    #[test]
    fn a_noisy_run_is_called_noisy() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        profile.noise.reasons = vec!["load average 3.10 on 2 processors".into()];
        assert!(measurement(&profile, 140).contains("NOISY RUN: load average 3.10"));
    }

    #[test]
    fn a_negative_residual_says_why() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        profile.whole_ns.iter_mut().for_each(|ns| *ns /= 2);
        let text = measurement(&profile, 140);
        assert!(text.contains(" µs − ") && text.contains("; negative:"), "{text}");
    }
}
