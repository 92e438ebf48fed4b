//! The measurements for other programs: a table for spreadsheets.

use crate::{
    analysis::{Analysis, Operator},
    visible,
};
use profile::{BAND, Modelled, Profile};
use serde::Serialize;
use stats::Estimate;
use std::{
    borrow::Cow,
    io::{self, Write},
};

/// An operator of a profile: a line of `ops.csv`.
struct Line<'a> {
    a: &'a Analysis,
    index: usize,
    op: &'a Operator,
}

/// What stands in a cell of `ops.csv`. Text gets there only as a [`Formulaless`].
#[derive(Serialize)]
#[serde(untagged)]
enum Cell<'a> {
    Text(Formulaless<'a>),
    Count(u64),
    Number(Option<f64>),
    Flag(bool),
}

/// A column's title, and what stands in it.
type Column = (&'static str, for<'a> fn(&Line<'a>) -> Cell<'a>);

/// The columns of `ops.csv`. Times are nanoseconds.
const COLUMNS: [Column; 55] = [
    ("model", |l| text(&l.a.profile.model)),
    ("level", |l| text(l.a.profile.level.name())),
    ("input", |l| text(plain(&l.a.profile.inputs()))),
    ("batch", |l| count(l.a.profile.batch)),
    ("device", |l| text(&l.a.profile.device.name)),
    ("kind", |l| text(l.a.profile.device.kind.name())),
    ("arch", |l| text(&l.a.profile.device.arch)),
    ("rendering", |l| text(l.a.profile.device.rendering.name())),
    ("threads", |l| count(l.a.profile.threads)),
    ("os", |l| text(&l.a.profile.machine.os)),
    ("kernel_version", |l| text(&l.a.profile.machine.kernel)),
    ("cpu", |l| text(&l.a.profile.machine.cpu)),
    ("cpu_model", |l| text(&l.a.profile.machine.model)),
    ("cores", |l| count(l.a.profile.machine.cores)),
    ("memory_bytes", |l| Cell::Count(l.a.profile.machine.memory_bytes)),
    ("index", |l| count(l.index)),
    ("name", |l| text(&l.op.record.name)),
    ("operator", |l| text(&l.op.record.kind)),
    ("class", |l| text(l.op.record.class.name())),
    ("output", |l| text(plain(&l.op.record.output.to_string()))),
    ("params", |l| Cell::Count(l.op.record.params)),
    ("mul_adds", |l| Cell::Count(l.op.record.mul_adds)),
    ("flops", |l| Cell::Count(l.op.record.flops)),
    ("executed_flops", |l| Cell::Count(l.op.record.executed_flops.unwrap_or(l.op.record.flops))),
    ("access_read", |l| Cell::Count(l.op.record.access.read)),
    ("access_written", |l| Cell::Count(l.op.record.access.written)),
    ("access_weights", |l| Cell::Count(l.op.record.access.weights)),
    ("access_bytes", |l| Cell::Count(l.op.record.access.bytes())),
    ("kernel", |l| text(&l.op.record.kernel)),
    ("samples", |l| count(l.op.time.map_or(0, |t| t.samples))),
    ("median_ns", |l| number(l.op.ns())),
    ("low_ns", |l| number(l.op.time.and_then(|t| Some(t.interval?.0)))),
    ("high_ns", |l| number(l.op.time.and_then(|t| Some(t.interval?.1)))),
    ("mad_ns", |l| number(l.op.time.map(|t| t.mad))),
    ("p90_ns", |l| number(l.op.time.and_then(Estimate::p90))),
    ("p99_ns", |l| number(l.op.time.and_then(Estimate::p99))),
    ("share", |l| number(l.op.share)),
    ("gflops", |l| number(l.op.gflops())),
    ("gbytes_per_s", |l| number(l.op.gbytes_per_s())),
    ("bound", |l| text(l.op.limit().unwrap_or_default())),
    ("bound_ns", |l| number(l.op.bound.as_ref().map(|b| b.ns))),
    ("of_bound", |l| number(l.op.of_bound())),
    ("warm_ns", |l| number(l.op.warm_ns())),
    ("warm_of_bound", |l| number(l.op.warm_of_bound())),
    ("issued_bytes", |l| amount(modelled(l).map(|m| m.issued_bytes))),
    ("traffic_l2_bytes", |l| amount(traffic(l, "l2"))),
    ("traffic_l3_bytes", |l| amount(traffic(l, "l3"))),
    ("traffic_memory_bytes", |l| amount(traffic(l, "memory"))),
    ("band", |l| number(modelled(l).map(|_| BAND))),
    ("noisy", |l| Cell::Flag(!l.a.profile.noise.reasons.is_empty())),
    ("ceilings_noisy", |l| {
        let ceilings = l.a.ceilings.as_ref();
        Cell::Flag(ceilings.is_some_and(|c| !c.calibration.reasons.is_empty()))
    }),
    ("taken_at", |l| text(&l.a.profile.taken_at)),
    ("seed", |l| Cell::Count(l.a.profile.settings.seed)),
    ("without", |l| text(l.a.profile.settings.without.join(" "))),
    ("experiment", |l| text(experiment(&l.a.profile))),
];

/// Shapes as `1x3x224x224`: spreadsheets that take a file for one of their own country's letters show them too.
fn plain(shapes: &str) -> String {
    shapes.replace('×', "x")
}

/// The point of an experiment that a profile is; nothing where it is none.
fn experiment(p: &Profile) -> String {
    p.experiment.as_ref().map_or_else(String::new, |e| {
        let again = if e.twin { " again" } else { "" };
        format!("{} {} {} x{}{again}", e.guideline, e.grid, e.label, e.multiplier)
    })
}

/// What a modelled core did for the operator.
fn modelled<'a>(line: &Line<'a>) -> Option<&'a Modelled> {
    line.op.record.modelled.as_ref()
}

/// Bytes that crossed into and out of the level before `level`.
fn traffic(line: &Line<'_>, level: &str) -> Option<u64> {
    modelled(line)?.traffic_bytes.get(level).copied()
}

fn text<'a>(text: impl Into<Cow<'a, str>>) -> Cell<'a> {
    Cell::Text(Formulaless::of(text))
}

const fn count(count: usize) -> Cell<'static> {
    Cell::Count(count as u64)
}

/// Nothing where there is none.
fn amount(count: Option<u64>) -> Cell<'static> {
    count.map_or(Cell::Number(None), Cell::Count)
}

/// Nothing where it is no finite number.
fn number(number: Option<f64>) -> Cell<'static> {
    Cell::Number(number.filter(|n| n.is_finite()))
}

/// Text that no spreadsheet computes: an apostrophe stands before what would begin a formula.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Formulaless<'a>(Cow<'a, str>);

impl<'a> Formulaless<'a> {
    /// A number, whose sign begins no formula.
    pub(crate) const fn number(number: &'a str) -> Self {
        Self(Cow::Borrowed(number))
    }

    pub(crate) fn of(text: impl Into<Cow<'a, str>>) -> Self {
        let shown = visible::line(text);
        // Where `;` separates columns, what follows one is a cell of its own.
        if !shown.split(';').any(begins_a_formula) {
            return Self(shown);
        }
        let quoted = |part: &str| match begins_a_formula(part) {
            true => format!("'{part}"),
            false => part.to_owned(),
        };
        Self(Cow::Owned(shown.split(';').map(quoted).collect::<Vec<_>>().join(";")))
    }
}

/// What a formula begins with.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Whether a spreadsheet may compute `cell`, also one that skips what is neither letter nor digit before it:
/// blanks, quotes, characters without width.
fn begins_a_formula(cell: &str) -> bool {
    cell.chars()
        .find(|c| c.is_alphanumeric() || SIGNS.contains(c))
        .is_some_and(|c| SIGNS.contains(&c))
}

/// Writes a row an operator of everything that was measured; `written` hears of each measurement. Times of
/// emulated devices are left empty.
///
/// # Errors
/// Where `out` refuses.
pub fn csv(
    analyses: &[Analysis],
    out: &mut dyn Write,
    written: &mut dyn FnMut(),
) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(COLUMNS.map(|(title, _)| title))?;
    for a in analyses {
        for (index, op) in a.ops.iter().enumerate() {
            let line = Line { a, index, op };
            table.serialize(COLUMNS.map(|(_, cell)| cell(&line)).as_slice())?;
        }
        written();
    }
    table.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn profiles() -> [Profile; 2] {
        [fixture::shufflenet_on(fixture::core(), 1), fixture::shufflenet_on(fixture::emulated(), 1)]
    }

    #[test]
    fn the_table_has_a_row_an_operator_and_no_emulated_times() {
        let profiles = profiles();
        let mut out = Vec::new();
        csv(&profiles.each_ref().map(Analysis::of), &mut out, &mut || ()).unwrap();
        let mut reader = csv::Reader::from_reader(out.as_slice());
        let column =
            |reader: &csv::StringRecord, name: &str| reader.iter().position(|h| h == name).unwrap();
        let headers = reader.headers().unwrap().clone();
        let (median, rendering) = (column(&headers, "median_ns"), column(&headers, "rendering"));
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), profiles.iter().map(|p| p.ops.len()).sum::<usize>());
        for row in rows {
            assert_eq!(row[median].is_empty(), &row[rendering] == "emulated");
        }
    }

    #[test]
    fn modelled_operators_have_their_traffic_and_others_none() {
        let profiles =
            [fixture::modelled(), fixture::core()].map(|device| fixture::shufflenet_on(device, 1));
        let mut out = Vec::new();
        csv(&profiles.each_ref().map(Analysis::of), &mut out, &mut || ()).unwrap();
        let mut reader = csv::Reader::from_reader(out.as_slice());
        let titles = reader.headers().unwrap().clone();
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        let cell = |row: &csv::StringRecord, title: &str| {
            row[titles.iter().position(|t| t == title).unwrap()].to_owned()
        };
        let (modelled, measured) = (&rows[0], rows.last().unwrap());
        let bytes: u64 = cell(modelled, "access_bytes").parse().unwrap();
        for (title, expected) in [
            ("issued_bytes", (2 * bytes).to_string()),
            ("traffic_l2_bytes", bytes.to_string()),
            ("traffic_l3_bytes", String::new()),
            ("traffic_memory_bytes", (bytes / 2).to_string()),
            ("band", "0.2".to_owned()),
            ("bound", "vector".to_owned()),
        ] {
            assert_eq!(cell(modelled, title), expected, "{title}");
            assert_eq!(cell(measured, title), "", "{title}");
        }
    }

    #[test]
    fn no_text_is_a_formula() {
        let shown = |text: &'static str| Formulaless::of(text).0;
        for formula in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "=HYPERLINK(\"http://x\")",
            " =1",
            "\u{a0}=1",
            "\"=1",
            "'=1",
            "＝1",
            "＋1",
            "－1",
            "＠A",
            "\u{200c}=1",
            "\u{200d}+1",
            " \u{301}=1",
        ] {
            assert_eq!(shown(formula), format!("'{formula}"));
        }
        for (hidden, shown_as) in [
            ("\u{2060}=1", "[U+2060]=1"),
            ("\u{ad}-1", "[U+00AD]-1"),
            ("\u{34f}@A", "[U+034F]@A"),
            ("\u{fe0f}=1", "[U+FE0F]=1"),
        ] {
            assert_eq!(shown(hidden), shown_as);
        }
        assert_eq!(shown("a;=1; b;\t-2"), "a;'=1; b;[U+0009]-2");
        assert_eq!(
            [shown("\t=1"), shown("\r\n=1"), shown("\0")],
            ["[U+0009]=1", "[U+000D][U+000A]=1", "[U+0000]"]
        );
        for plain in ["", "1×24×56×56", "a=b", "conv-bn", "L3–DRAM", "shufflenet_v1(groups=3)"]
        {
            assert!(matches!(Formulaless::of(plain).0, Cow::Borrowed(same) if same == plain));
        }
    }
}
