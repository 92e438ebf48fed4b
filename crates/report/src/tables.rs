//! What the tables hold, on a screen and in the page alike.

use crate::{
    analysis::{Analysis, BoundSum, ClassSum, Operator, rate, short_shape},
    apportion::parts,
    format::{NOTHING, grouped, micros},
    table::{Column, Table},
};
use profile::{Class, DeviceKind};
use stats::Estimate;

/// The title of a time's share of the bound where the operator's maps were read just before.
const WARM: &str = "% warm";

/// A row an operator. What binds it stands there where the device was calibrated.
pub fn operators<'r>(ops: impl IntoIterator<Item = &'r Operator>) -> Table {
    let mut table = Table::new(vec![
        Column::words("operator", 9),
        Column::words("what", 1),
        Column::words("class", 6),
        Column::words("output", 2),
        Column::numbers("M mult-adds", 5),
        Column::numbers("MAC KiB", 4),
        Column::numbers("µs", 9),
        Column::words("± 95 %", 8),
        Column::numbers("%", 9),
        Column::numbers("GFLOP/s", 7),
        Column::numbers("GB/s", 3),
        Column::words("bound", 5).optional(),
        Column::numbers("% of it", 6).optional(),
        Column::numbers(WARM, 4).optional(),
    ]);
    for op in ops {
        let r = &op.record;
        table.row(vec![
            r.name.clone(),
            op.what(),
            r.class.to_string(),
            short_shape(r.output),
            if r.mul_adds == 0 { String::new() } else { millions(r.mul_adds) },
            kibibytes(r.access.bytes()),
            or_nothing(op.printed.map(|p| p.micros), |us| grouped(us, 2)),
            plus_minus(op.time),
            or_nothing(op.printed.and_then(|p| p.percent), tenths),
            or_nothing(op.gflops(), tenths),
            or_nothing(op.gbytes_per_s(), tenths),
            op.bound.as_ref().map_or_else(String::new, |b| b.limit.clone()),
            or_nothing(op.of_bound(), per_cent),
            or_nothing(op.warm_of_bound(), per_cent),
        ]);
    }
    table
}

/// A row a ceiling that binds operators.
pub fn bounds(sums: &[BoundSum]) -> Table {
    let mut table = Table::new(vec![
        Column::words("bound", 9),
        Column::numbers("operators", 3),
        Column::numbers("µs", 9),
        Column::numbers("%", 9),
        Column::numbers("% of the bound", 8),
        Column::numbers(WARM, 7).optional(),
    ]);
    let times = parts(sums.iter().map(|sum| Some(sum.ns)), 1e3, 2);
    let shares = parts(sums.iter().map(|sum| sum.share), 0.01, 1);
    for ((sum, time), share) in sums.iter().zip(times).zip(shares) {
        table.row(vec![
            sum.limit.clone(),
            sum.ops.to_string(),
            time,
            share,
            or_nothing(sum.of_bound, per_cent),
            or_nothing(sum.warm, per_cent),
        ]);
    }
    table
}

/// A row a class.
pub fn classes(sums: &[ClassSum]) -> Table {
    let mut table = Table::new(vec![
        Column::words("class", 9),
        Column::numbers("operators", 3),
        Column::numbers("M mult-adds", 4),
        Column::numbers("MAC KiB", 5),
        Column::numbers("µs", 9),
        Column::numbers("%", 9),
        Column::numbers("GFLOP/s", 7),
        Column::numbers("GB/s", 6),
        Column::numbers("% of the bounds", 8).optional(),
        Column::numbers(WARM, 7).optional(),
    ]);
    let times = parts(sums.iter().map(|sum| sum.ns), 1e3, 2);
    let shares = parts(sums.iter().map(|sum| sum.share), 0.01, 1);
    for ((sum, time), share) in sums.iter().zip(times).zip(shares) {
        let per_ns = |amount: u64| sum.ns.and_then(|ns| rate(amount as f64, ns));
        table.row(vec![
            sum.class.to_string(),
            sum.ops.to_string(),
            millions(sum.mul_adds),
            kibibytes(sum.access_bytes),
            time,
            share,
            or_nothing(per_ns(sum.flops), tenths),
            or_nothing(per_ns(sum.access_bytes), tenths),
            or_nothing(sum.of_bound, per_cent),
            or_nothing(sum.warm, per_cent),
        ]);
    }
    table
}

/// Class shares, a row a measurement; `named` says what tells the measurements apart.
pub fn shares(group: &[&Analysis], title: &str, named: impl Fn(&Analysis) -> String) -> Table {
    let mut columns = vec![Column::words(title, 9)];
    columns.extend(Class::ALL.map(|class| Column::numbers(&format!("{class} %"), 5)));
    columns.push(Column::numbers("whole run µs", 8));
    columns.push(Column::words("± 95 %", 3));
    let mut table = Table::new(columns);
    for a in group {
        let sums = a.classes();
        let share = |class: Class| sums.iter().find(|s| s.class == class).and_then(|s| s.share);
        let mut row = vec![named(a)];
        row.extend(parts(Class::ALL.map(share), 0.01, 1));
        row.push(or_nothing(a.whole.map(|w| w.median), micros));
        row.push(plus_minus(a.whole));
        table.row(row);
    }
    table
}

/// A row a measurement: what ran where, how long, how sure.
pub fn measurements(analyses: &[&Analysis]) -> Table {
    let mut table = Table::new(vec![
        Column::words("network", 9),
        Column::words("level", 5),
        Column::words("input", 4),
        Column::words("device", 8),
        Column::numbers("threads", 4),
        Column::numbers("whole run µs", 9),
        Column::words("± 95 %", 6),
        Column::numbers("images/s", 6),
        Column::words("verified", 5),
        Column::words("noise", 5),
        Column::words("taken", 1),
    ]);
    for a in analyses {
        let p = &a.profile;
        table.row(vec![
            p.model.clone(),
            p.lowering(),
            p.inputs(),
            p.device.label(),
            if p.device.kind == DeviceKind::Gpu { String::new() } else { p.threads.to_string() },
            or_nothing(a.whole.map(|w| w.median), micros),
            plus_minus(a.whole),
            or_nothing(a.images_per_s(), tenths),
            if p.verification.passed { "yes" } else { "NO" }.to_owned(),
            if p.noise.reasons.is_empty() { "quiet" } else { "NOISY" }.to_owned(),
            p.taken_at.clone(),
        ]);
    }
    table
}

fn plus_minus(time: Option<Estimate>) -> String {
    or_nothing(time.and_then(|t| t.half_width()), |ns| format!("± {}", micros(ns)))
}

fn millions(count: u64) -> String {
    grouped(count as f64 / 1e6, 3)
}

fn kibibytes(bytes: u64) -> String {
    tenths(bytes as f64 / 1024.0)
}

fn per_cent(share: f64) -> String {
    tenths(share * 100.0)
}

fn tenths(value: f64) -> String {
    grouped(value, 1)
}

fn or_nothing(value: Option<f64>, show: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| NOTHING.to_owned(), show)
}
