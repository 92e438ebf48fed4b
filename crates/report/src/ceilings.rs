//! Ceilings as people read them: levels of memory with their sizes and bandwidths, peaks of
//! arithmetic. All of it is read off a [`Calibration`].

use crate::{
    format::{NOTHING, bytes, significant},
    plateaus::{Plateau, falling, middle, plateaus},
    table::{Column, Table},
};
use profile::{Cache, Calibration, Pattern};
use serde::Serialize;

/// How many times a cache's size a knee may be and still be that cache's: its end is not sharp.
const SOFT: f64 = 1.5;

/// How many times the last cache's size the mountain must reach for a last plateau to be what lies behind that
/// cache, where no knee tells them apart.
const BEYOND: f64 = 3.0;

/// What lies behind the last cache.
const LAST: &str = "DRAM";

/// A level of the memory hierarchy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Level {
    /// The cache that working sets of these sizes lie in, as the system names it; of two names, as
    /// `L3–DRAM`, where they lie in either. Its place in the hierarchy where the system names none; `DRAM`
    /// for the last, unless the mountain ends before it.
    pub name: String,
    /// The largest working set that lies in it: the knee of the mountain. `None` for the last.
    pub bytes: Option<u64>,
    /// The size that the system tells.
    pub reported: Option<u64>,
    /// GB/s of reading.
    pub read: f64,
    /// GB/s of copying, both ways together.
    pub copy: f64,
    /// GB/s of the triad, all three ways together.
    pub triad: f64,
    /// GB/s of updating in place, both ways together; `None` where that was not measured.
    pub update: Option<f64>,
}

/// A calibration, and what is read off it.
#[derive(Clone, Debug)]
pub(crate) struct Ceilings {
    /// What was measured.
    pub calibration: Calibration,
    /// The levels of memory, fastest first.
    pub levels: Vec<Level>,
    /// The slope of each pattern, [made to fall](falling), in the order of [`Pattern::ALL`].
    slopes: [Vec<f64>; Pattern::ALL.len()],
}

impl Ceilings {
    /// What `calibration` says.
    pub fn of(calibration: Calibration) -> Self {
        let levels = levels(&calibration);
        let slopes = Pattern::ALL.map(|pattern| falling(calibration.mountain.slope(pattern)));
        Self { calibration, levels, slopes }
    }

    /// What to say wherever something is judged by them, if their measurement was disturbed.
    pub fn caution(&self) -> Option<String> {
        caution(&self.calibration)
    }

    /// GB/s of `pattern` over a working set of `bytes`: between two that were measured, on the straight line
    /// between their logarithms. As for the levels, a point that is lower than one behind it is taken to be
    /// as high. `None` where the pattern was not measured.
    pub fn rate_at(&self, pattern: Pattern, bytes: u64) -> Option<f64> {
        let (sets, rates) = (&self.calibration.mountain.bytes, &self.slopes[pattern as usize]);
        let behind = sets.partition_point(|&set| set < bytes);
        match (behind.checked_sub(1), behind < rates.len()) {
            _ if rates.is_empty() => None,
            (None, _) => Some(rates[0]),
            (Some(before), false) => Some(rates[before.min(rates.len() - 1)]),
            (Some(before), true) => {
                let log = |set: u64| (set as f64).ln();
                let (from, to) = (log(sets[before]), log(sets[behind]));
                let part = (log(bytes) - from) / (to - from);
                Some(rates[before] * (rates[behind] / rates[before]).powf(part))
            }
        }
    }
}

/// The levels of memory, fastest first: the plateaus of the mountain of reading, those of one name as one.
pub fn levels(calibration: &Calibration) -> Vec<Level> {
    let mountain = &calibration.mountain;
    let found = plateaus(mountain.slope(Pattern::Read));
    let inner = &found[..found.len().saturating_sub(1)];
    let knees: Vec<u64> = inner.iter().map(|p| mountain.bytes[p.knee]).collect();
    let names = all_named(knees, mountain.bytes.last().copied(), &calibration.caches);
    let mut levels: Vec<(Named, Plateau)> = Vec::new();
    for (name, plateau) in names.into_iter().zip(found) {
        match levels.last_mut() {
            Some((before, part)) if *before == name => {
                *part = Plateau { points: part.points.start..plateau.points.end, ..plateau };
            }
            _ => levels.push((name, plateau)),
        }
    }
    let last = levels.len().saturating_sub(1);
    let level = |(i, ((name, reported), plateau)): (usize, (Named, Plateau))| {
        let rate = |pattern| middle(&falling(mountain.slope(pattern)), &plateau.points);
        Level {
            name,
            bytes: (i < last).then(|| mountain.bytes[plateau.knee]),
            reported,
            read: rate(Pattern::Read),
            copy: rate(Pattern::Copy),
            triad: rate(Pattern::Triad),
            update: (!mountain.update.is_empty()).then(|| rate(Pattern::Update)),
        }
    };
    levels.into_iter().enumerate().map(level).collect()
}

/// A level's name, and the size that the system tells of it.
type Named = (String, Option<u64>);

/// What the levels before each knee are called, and the one behind the last: memory, unless the mountain's `end`
/// lies in the last cache, which a limit of memory can do.
fn all_named(mut knees: Vec<u64>, end: Option<u64>, caches: &[Cache]) -> Vec<Named> {
    let within = |bytes: u64, times: f64, cache: &Cache| bytes as f64 <= times * cache.bytes as f64;
    let last_knee = knees.last().copied().unwrap_or(0);
    let inside = end.zip(caches.last()).filter(|&(end, last)| {
        let before = caches.iter().rev().nth(1);
        let has_no_knee = before.map_or(knees.is_empty(), |cache| within(last_knee, SOFT, cache));
        within(end, if has_no_knee { BEYOND } else { SOFT }, last)
    });
    knees.extend(inside.map(|(end, _)| end));
    let behind = inside.is_none().then(|| (LAST.to_owned(), None));
    named(&knees, caches).into_iter().chain(behind).collect()
}

/// What the level before each knee is called. A cache's level ends at the first knee that is no larger
/// than it, and has the names of the caches before it that have no knee of their own, too; further levels
/// before the next cache are of working sets that lie in it in part.
fn named(knees: &[u64], caches: &[Cache]) -> Vec<Named> {
    let Some(last) = caches.len().checked_sub(1) else {
        return (1..=knees.len()).map(|level| (format!("level {level}"), None)).collect();
    };
    let holds = |knee: u64| {
        let fits = |cache: &Cache| knee as f64 <= SOFT * cache.bytes as f64;
        caches.iter().position(fits).unwrap_or(last)
    };
    let homes: Vec<usize> = knees.iter().map(|&knee| holds(knee)).collect();
    let name = |(i, &cache): (usize, &usize)| {
        let Cache { name, bytes } = &caches[cache];
        let beyond = caches.get(cache + 1).map_or(LAST, |next| &next.name);
        let first = i.checked_sub(1).map_or(0, |before| homes[before] + 1);
        match homes[..i].iter().filter(|&&before| before == cache).count() {
            0 if first < cache => (format!("{}–{name}", caches[first].name), Some(*bytes)),
            0 => (name.clone(), Some(*bytes)),
            _ => (format!("{name}–{beyond}"), None),
        }
    };
    homes.iter().enumerate().map(name).collect()
}

/// A row a level.
pub(crate) fn memory(ceilings: &Ceilings) -> Table {
    let mut table = Table::new(vec![
        Column::words("memory", 9),
        Column::numbers("up to (knee)", 8),
        Column::numbers("the system says", 7),
        Column::numbers("read GB/s", 6),
        Column::numbers("copy GB/s", 5),
        Column::numbers("triad GB/s", 4),
        Column::numbers("update GB/s", 3),
    ]);
    let size = |size: Option<u64>| size.map_or_else(|| NOTHING.to_owned(), bytes);
    let levels = &ceilings.levels;
    let unseen = ceilings
        .calibration
        .caches
        .iter()
        .filter(|cache| levels.iter().all(|level| level.reported != Some(cache.bytes)));
    for level in levels {
        let rates = [Some(level.read), Some(level.copy), Some(level.triad), level.update];
        let mut row = vec![level.name.clone(), size(level.bytes), size(level.reported)];
        row.extend(rates.map(|r| r.map_or_else(|| NOTHING.to_owned(), significant)));
        table.row(row);
    }
    for cache in unseen {
        let mut row = vec![format!("{} (no knee)", cache.name), NOTHING.to_owned()];
        row.push(bytes(cache.bytes));
        row.extend([NOTHING; 4].map(str::to_owned));
        table.row(row);
    }
    table
}

/// A row an instruction set, a column a thread count.
pub(crate) fn peaks(calibration: &Calibration) -> Table {
    let mut threads: Vec<usize> = calibration.peaks.iter().map(|p| p.threads).collect();
    threads.sort_unstable();
    threads.dedup();
    let mut columns = vec![Column::words("fused multiply-adds, GFLOP/s", 9)];
    columns.extend(threads.iter().map(|t| match t {
        1 => Column::numbers("1 thread", 8),
        t => Column::numbers(&format!("{t} threads"), 7),
    }));
    let mut table = Table::new(columns);
    let mut archs: Vec<&str> = calibration.peaks.iter().map(|p| p.arch.as_str()).collect();
    archs.dedup();
    for arch in archs {
        let peak = |&t: &usize| calibration.peak(arch, t);
        let cells = threads.iter().map(peak);
        let mut row = vec![arch.to_owned()];
        row.extend(cells.map(|gflops| gflops.map_or_else(|| NOTHING.to_owned(), significant)));
        table.row(row);
    }
    table
}

/// What to say wherever something is judged by ceilings whose measurement was disturbed, or ended within the
/// caches; `None` where all is well.
pub fn caution(calibration: &Calibration) -> Option<String> {
    let reasons = calibration.reasons.join("; ");
    let disturbed = (!reasons.is_empty()).then(|| {
        format!(
            "The ceilings were measured on a disturbed machine ({reasons}): they may be too low, and \
             each share of them too high."
        )
    });
    let cautions: Vec<String> = unreached(calibration).into_iter().chain(disturbed).collect();
    (!cautions.is_empty()).then(|| cautions.join(" "))
}

/// What to say where no working set left the caches.
fn unreached(calibration: &Calibration) -> Option<String> {
    let end = bytes(*calibration.mountain.bytes.last()?);
    let last = levels(calibration).pop().filter(|level| level.name != LAST)?.name;
    Some(format!(
        "A limit of memory left no room for working sets beyond {end}: {LAST} was not measured, and what is \
         larger is judged by {last}, which is faster."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use profile::Mountain;

    #[test]
    fn knees_are_caches_and_the_systems_word_stands_beside_them() {
        let levels = levels(&fixture::calibration());
        let names: Vec<&str> = levels.iter().map(|l| l.name.as_str()).collect();
        assert_eq!(names, ["L1", "L2", "L3", "DRAM"]);
        let sizes: Vec<_> = levels.iter().map(|l| (l.bytes, l.reported)).collect();
        let kib = |n: u64| Some(n << 10);
        let expected = [
            (kib(32), kib(32)),
            (kib(512), kib(448)),
            (kib(16 << 10), kib(64 << 10)), // Others use the rest.
            (None, None),
        ];
        assert_eq!(sizes, expected);
        assert_eq!((levels[0].read, levels[3].copy, levels[1].triad), (200.0, 8.0, 95.0));
    }

    /// A cache that ends gradually shows several knees.
    #[test]
    fn what_lies_in_a_cache_in_part_is_one_level_however_many_knees_it_has() {
        let mut calibration = fixture::calibration();
        for (set, read) in calibration.mountain.bytes.iter().zip(&mut calibration.mountain.read) {
            *read = match set >> 10 {
                0..=32 => 200.0,
                33..=512 => 100.0,
                513..=2048 => 70.0,
                2049..=8192 => 45.0,
                8193..=24_576 => 25.0,
                _ => 12.0,
            };
        }
        calibration.caches[2].bytes = 2 << 20;
        let found = levels(&calibration);
        let found: Vec<(&str, Option<u64>)> =
            found.iter().map(|l| (l.name.as_str(), l.bytes.map(|b| b >> 10))).collect();
        let expected = [
            ("L1", Some(32)),
            ("L2", Some(512)),
            ("L3", Some(2048)),
            ("L3–DRAM", Some(24_576)),
            ("DRAM", None),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn levels_are_named_by_the_caches_that_hold_them_whole_or_in_part() {
        let cache = |name: &str, bytes| Cache { name: name.to_owned(), bytes };
        let caches = [cache("L1", 32), cache("L2", 512), cache("L3", 32 << 10)];
        let names = |knees: &[u64], caches: &[Cache]| -> Vec<String> {
            named(knees, caches).into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(
            names(&[30, 320, 16 << 10, 40 << 10, 90 << 10], &caches),
            ["L1", "L2", "L3", "L3–DRAM", "L3–DRAM"]
        );
        assert_eq!(names(&[40, 48], &caches), ["L1", "L1–L2"]);
        assert_eq!(names(&[100], &caches), ["L1–L2"]);
        assert_eq!(names(&[30, 16 << 10, 50 << 10], &caches), ["L1", "L2–L3", "L3–DRAM"]);
        assert_eq!(names(&[], &caches), Vec::<String>::new());
        assert_eq!(names(&[100, 200], &[]), ["level 1", "level 2"]);
    }

    /// The mountain of a machine whose control group has little memory.
    #[test]
    fn a_level_that_no_working_set_reached_is_not_named() {
        let cut = |end: u64, l3: u64| {
            let mut calibration = fixture::calibration();
            calibration.caches[2].bytes = l3 << 20;
            let Mountain { bytes, read, copy, triad, update } = &mut calibration.mountain;
            let kept = bytes.partition_point(|&set| set <= end << 20);
            bytes.truncate(kept);
            [read, copy, triad, update].into_iter().for_each(|slope| slope.truncate(kept));
            calibration
        };
        let names = |calibration: &Calibration| -> Vec<String> {
            levels(calibration).into_iter().map(|level| level.name).collect()
        };
        let within = cut(16, 16);
        assert_eq!(names(&within), ["L1", "L2", "L3"]);
        let caution = caution(&within).unwrap();
        assert!(caution.contains("beyond 16 MiB: DRAM was not measured"), "{caution}");
        assert!(caution.contains("judged by L3"), "{caution}");
        assert_eq!(names(&cut(16, 8)), ["L1", "L2", "L3"], "no knee between");
        assert_eq!(names(&cut(16, 4)), ["L1", "L2", "DRAM"], "well beyond");
        assert_eq!(names(&cut(96, 128)), ["L1", "L2", "L3", "L3–DRAM"], "others use a part");
        assert_eq!(super::caution(&cut(112, 64)), None);
    }

    #[test]
    fn rates_lie_on_the_mountain_and_never_rise() {
        let mountain = Mountain {
            bytes: vec![1 << 10, 1 << 12, 1 << 14],
            read: vec![80.0, 100.0, 25.0],
            copy: vec![1.0; 3],
            triad: vec![1.0; 3],
            update: Vec::new(),
        };
        let calibration = Calibration { mountain, ..fixture::calibration() };
        let ceilings = Ceilings::of(calibration);
        let rate = |bytes| ceilings.rate_at(Pattern::Read, bytes).unwrap();
        for (bytes, expected) in
            [(1, 100.0), (1 << 10, 100.0), (1 << 12, 100.0), (1 << 14, 25.0), (1 << 20, 25.0)]
        {
            assert_eq!(rate(bytes), expected, "{bytes}");
        }
        assert!((rate(1 << 13) - 50.0).abs() < 1e-9, "half way in logarithms");
        assert_eq!(ceilings.rate_at(Pattern::Update, 1 << 12), None);
    }

    #[test]
    fn a_cache_without_a_knee_is_said_to_have_none() {
        let mut calibration = fixture::calibration();
        calibration.caches[2].bytes = 16 << 20;
        calibration.caches.push(Cache { name: "L4".into(), bytes: 30 << 20 });
        assert!(memory(&Ceilings::of(calibration)).text(120).contains("L4 (no knee)"));
    }

    #[test]
    fn a_calibration_that_was_disturbed_says_so_and_why() {
        let quiet = fixture::calibration();
        assert_eq!(caution(&quiet), None);
        let reasons = vec!["a".to_owned(), "b".to_owned()];
        let disturbed = Calibration { reasons, ..quiet.clone() };
        let caution = caution(&disturbed).unwrap();
        assert!(caution.contains("disturbed machine (a; b)"), "{caution}");
    }

    #[test]
    fn tables_hold_every_level_and_peak() {
        let calibration = fixture::calibration();
        let text = peaks(&calibration).text(120) + &memory(&Ceilings::of(calibration)).text(120);
        for part in ["16 MiB", "64 MiB", "512 KiB", "448 KiB", "2 threads", "avx2"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
