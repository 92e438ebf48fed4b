//! What the tables hold, on a screen and in the page alike.

use crate::{
    analysis::{Analysis, BoundSum, ClassSum, Operator, rate, short_shape},
    answer::certain,
    apportion::parts,
    beside::Beside,
    format::{NOTHING, grouped, micros, significant},
    formula::Formula,
    guidelines::architecture::record::Architecture,
    table::{Column, Table},
};
use profile::{BAND, Class, DeviceKind, Rendering};
use stats::Estimate;

/// The title of a time's share of the bound where the operator's maps were read just before.
const WARM: &str = "% warm";
/// The title of the half width of a median's interval.
const INTERVAL_TITLE: &str = "± 95 %";
/// The title of what modelled times are sure to.
const BAND_TITLE: &str = "± 20 %";

/// A column of the table of operators, and what stands in it.
type OperatorColumn = (Column, fn(&Operator) -> String);

/// A row an operator. What binds it stands there where the device was calibrated or modelled; a model also tells
/// what was really asked for, and what crossed each level.
pub fn operators<'r>(ops: impl IntoIterator<Item = &'r Operator>) -> Table {
    let ops: Vec<&Operator> = ops.into_iter().collect();
    let modelled = ops.iter().any(|op| op.record.modelled.is_some());
    let columns = operator_columns(if modelled { BAND_TITLE } else { INTERVAL_TITLE });
    let columns_only = columns.iter().map(|(column, _)| column.clone()).collect();
    let mut table = Table::new(columns_only).of_operators();
    ops.iter().for_each(|op| table.row(columns.iter().map(|(_, cell)| cell(op)).collect()));
    table
}

/// The columns; `how_sure` is the title over what a time is sure to.
fn operator_columns(how_sure: &str) -> [OperatorColumn; 21] {
    [
        (Column::words("operator", 9), |op| op.record.name.clone()),
        (Column::words("what", 1), Operator::what),
        (Column::words("class", 6).choice(), |op| op.record.class.to_string()),
        (Column::words("input", 0), |op| {
            op.record.inputs.first().map_or_else(String::new, |input| short_shape(*input))
        }),
        (Column::words("output", 2), |op| short_shape(op.record.output)),
        (Column::numbers("M mult-adds", 5), |op| match op.record.mul_adds {
            0 => String::new(),
            some => millions(some),
        }),
        (Column::numbers("MAC KiB", 4), |op| kibibytes(op.record.access.bytes())),
        (Column::numbers("issued KiB", 4).optional(), |op| {
            or_nothing(op.record.modelled.as_ref().map(|m| m.issued_bytes), kibibytes)
        }),
        (Column::numbers("L2 KiB", 3).optional(), |op| traffic(op, "l2")),
        (Column::numbers("L3 KiB", 3).optional(), |op| traffic(op, "l3")),
        (Column::numbers("memory KiB", 3).optional(), |op| traffic(op, "memory")),
        (Column::numbers("µs", 9), |op| {
            or_nothing(op.printed.map(|p| p.micros), |us| grouped(us, 2))
        }),
        (Column::words(how_sure, 8), |op| match op.record.modelled {
            Some(_) => or_nothing(op.ns(), |ns| format!("± {}", micros(BAND * ns))),
            None => plus_minus(op.time),
        }),
        (Column::numbers("p90 µs", 0).optional(), |op| {
            or_nothing(op.time.and_then(Estimate::p90), micros)
        }),
        (Column::numbers("p99 µs", 0).optional(), |op| {
            or_nothing(op.time.and_then(Estimate::p99), micros)
        }),
        (Column::numbers("%", 9), |op| or_nothing(op.printed.and_then(|p| p.percent), tenths)),
        (Column::numbers("GFLOP/s", 7), |op| or_nothing(op.gflops(), tenths)),
        (Column::numbers("GB/s", 3), |op| or_nothing(op.gbytes_per_s(), tenths)),
        (Column::words("bound", 5).optional().choice(), |op| {
            op.limit().unwrap_or_default().to_owned()
        }),
        (Column::numbers("% of it", 6).optional(), |op| or_nothing(op.of_bound(), per_cent)),
        (Column::numbers(WARM, 4).optional(), |op| or_nothing(op.warm_of_bound(), per_cent)),
    ]
}

/// What crossed into and out of the level of memory before `level`, in KiB.
fn traffic(op: &Operator, level: &str) -> String {
    let modelled = op.record.modelled.as_ref();
    or_nothing(modelled.and_then(|m| m.traffic_bytes.get(level).copied()), kibibytes)
}

/// A row a ceiling that binds operators.
pub fn bounds(sums: &[BoundSum]) -> Table {
    let mut table = Table::new(vec![
        Column::words("bound", 9),
        Column::numbers("operators", 3),
        Column::numbers("µs", 9),
        Column::numbers("%", 9),
        Column::numbers("% of the bound", 8).optional(),
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
    let mut table = Table::new(share_columns(title));
    group.iter().for_each(|a| table.row(share_row(a, named(a))));
    table
}

/// Class shares of one network's time, a row a device, under those of what it must do.
pub fn shares_of_network(group: &[&Analysis]) -> Table {
    let mut table = Table::new(share_columns("share of"));
    for formula in Formula::ALL {
        let mut row = vec![formula.name().to_owned()];
        let shares = formula.shares(group[0]);
        let share = |class| shares.iter().find(|(of, _)| *of == class).map(|(_, share)| *share);
        row.extend(parts(Class::ALL.map(share), 0.01, 1));
        row.extend([String::new(), String::new()]);
        table.row(row);
    }
    group.iter().for_each(|a| table.row(share_row(a, a.place() + a.noisy())));
    table
}

fn share_columns(title: &str) -> Vec<Column> {
    let mut columns = vec![Column::words(title, 9)];
    columns.extend(Class::ALL.map(|class| Column::numbers(&format!("{class} %"), 5)));
    columns.push(Column::numbers("whole run µs", 8));
    columns.push(Column::words(INTERVAL_TITLE, 3));
    columns
}

fn share_row(a: &Analysis, name: String) -> Vec<String> {
    let sums = a.classes();
    let share = |class: Class| sums.iter().find(|s| s.class == class).and_then(|s| s.share);
    let mut row = vec![name];
    row.extend(parts(Class::ALL.map(share), 0.01, 1));
    row.extend([or_nothing(a.whole.map(|w| w.median), micros), sure(a)]);
    row
}

/// How far the whole run may be off: its interval, or the band of modelled times, which is called so.
fn sure(a: &Analysis) -> String {
    match a.profile.device.rendering {
        Rendering::Modelled => {
            or_nothing(a.whole, |whole| format!("± {} (band of 20 %)", micros(BAND * whole.median)))
        }
        _ => plus_minus(a.whole),
    }
}

/// Most operators that are listed of those that move.
const MOVES: usize = 12;

/// Operators whose ranks differ most between two devices, with their shares of time, of mult-adds and of memory
/// access cost.
pub fn moves(beside: &Beside<'_>) -> Table {
    let mut table = Table::new(vec![
        Column::words("operator", 9),
        Column::words("class", 6),
        Column::numbers("rank on the GPU", 8),
        Column::numbers("on ARM", 8),
        Column::numbers("% of the GPU's time", 7),
        Column::numbers("of ARM's", 7),
        Column::numbers("of mult-adds", 5),
        Column::numbers("of MAC", 5),
    ]);
    for m in beside.moves.iter().take(MOVES) {
        let share = |op: &Operator| or_nothing(op.share, per_cent);
        table.row(vec![
            m.on_gpu.record.name.clone(),
            m.on_gpu.record.class.to_string(),
            m.ranks[0].to_string(),
            m.ranks[1].to_string(),
            share(m.on_gpu),
            share(m.on_arm),
            per_cent(m.formula[0]),
            per_cent(m.formula[1]),
        ]);
    }
    table
}

/// A row a measurement: what takes its time, what binds that, what guidelines cost it; the name leads to where more
/// is said.
pub fn answers<'r>(
    rows: impl IntoIterator<Item = (&'r Analysis, Option<&'r Architecture>, &'r str)>,
) -> Table {
    let mut columns = vec![
        Column::words("network", 9),
        Column::words("level", 3).choice(),
        Column::words("device", 8).choice().wraps(),
        Column::numbers("run, ms", 9),
    ];
    columns.extend(Class::ALL.map(|class| Column::numbers(&format!("{class} %"), 5)));
    columns.extend([
        Column::words("bound", 5).optional().choice(),
        Column::words("guidelines cost", 6).optional().wraps(),
        Column::words("heaviest operator", 4),
        Column::numbers("its %", 3),
    ]);
    let mut table = Table::new(columns);
    for (a, price, path) in rows {
        let shares = a.classes();
        let share = |class| shares.iter().find(|sum| sum.class == class).and_then(|sum| sum.share);
        let bounds = a.bounds();
        let largest = bounds.iter().max_by(|x, y| x.ns.total_cmp(&y.ns));
        let slowest = a.slowest(1);
        let slowest = slowest.first();
        let mut row = vec![
            a.profile.model.clone(),
            a.profile.lowering(),
            a.place() + a.noisy(),
            or_nothing(a.whole.map(|w| w.median / 1e6), significant),
        ];
        row.extend(parts(Class::ALL.map(share), 0.01, 1));
        row.extend([
            largest.map_or_else(String::new, |sum| sum.limit.clone()),
            price.map_or_else(String::new, |price| certain(price).join(", ")),
            slowest.map_or_else(String::new, |op| op.record.name.clone()),
            or_nothing(slowest.and_then(|op| op.share), per_cent),
        ]);
        table.link(row, path.to_owned());
    }
    table
}

/// A row a measurement: what ran where, how long, how sure.
pub fn measurements(analyses: &[&Analysis]) -> Table {
    let mut table = Table::new(vec![
        Column::words("network", 9),
        Column::words("level", 5).choice(),
        Column::words("input", 4),
        Column::words("device", 8).choice(),
        Column::numbers("threads", 4),
        Column::numbers("whole run µs", 9),
        Column::words(INTERVAL_TITLE, 6),
        Column::numbers("p90 µs", 3).optional(),
        Column::numbers("p99 µs", 3).optional(),
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
            sure(a),
            or_nothing(a.whole.and_then(Estimate::p90), micros),
            or_nothing(a.whole.and_then(Estimate::p99), micros),
            or_nothing(a.images_per_s(), tenths),
            if p.verification.passed { "yes" } else { "NO" }.to_owned(),
            match p.device.rendering {
                Rendering::Modelled => NOTHING,
                _ if p.noise.reasons.is_empty() => "quiet",
                _ => "NOISY",
            }
            .to_owned(),
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

fn or_nothing<T>(value: Option<T>, show: impl Fn(T) -> String) -> String {
    value.map_or_else(|| NOTHING.to_owned(), show)
}
