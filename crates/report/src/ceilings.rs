//! Ceilings as people read them: levels of memory with their sizes and bandwidths, peaks of
//! arithmetic. All of it is read off a [`Calibration`].

use crate::{
    format::{NOTHING, bytes, duration, significant},
    plateaus::{Plateau, middle, plateaus},
    table::{Column, Table},
};
use profile::{Cache, Calibration, Pattern};
use serde::Serialize;

/// Most that a knee and a cache that the system tells of may differ to be the same: a factor of 2.
const SAME: f64 = 2.0;

/// What lies behind the last cache.
const LAST: &str = "DRAM";

/// A level of the memory hierarchy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Level {
    /// The system's name for a cache of about this size, else its place in the hierarchy; `DRAM` for
    /// the last.
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

/// The levels of memory, fastest first: the plateaus of the mountain of reading.
pub fn levels(calibration: &Calibration) -> Vec<Level> {
    let mountain = &calibration.mountain;
    let found = plateaus(mountain.slope(Pattern::Read));
    let last = found.len().saturating_sub(1);
    let knees: Vec<u64> = found[..last].iter().map(|p| mountain.bytes[p.knee]).collect();
    let caches = named(&knees, &calibration.caches);
    let level = |(i, plateau): (usize, &Plateau)| {
        let rate = |pattern| middle(mountain.slope(pattern), &plateau.points);
        let cache = caches.get(i).copied().flatten();
        Level {
            name: match (i == last, cache) {
                (true, _) => LAST.to_owned(),
                (_, Some(cache)) => cache.name.clone(),
                (_, None) => format!("level {}", i + 1),
            },
            bytes: knees.get(i).copied(),
            reported: cache.map(|cache| cache.bytes),
            read: rate(Pattern::Read),
            copy: rate(Pattern::Copy),
            triad: rate(Pattern::Triad),
            update: (!mountain.update.is_empty()).then(|| rate(Pattern::Update)),
        }
    };
    found.iter().enumerate().map(level).collect()
}

/// The cache that each knee is the end of: each cache has at most one knee, the nearest, and only one
/// that is near enough.
fn named<'c>(knees: &[u64], caches: &'c [Cache]) -> Vec<Option<&'c Cache>> {
    let mut of_knee = vec![None; knees.len()];
    for cache in caches {
        let distance = |knee: u64| (knee as f64 / cache.bytes as f64).log2().abs();
        let free = (0..knees.len()).filter(|&i| of_knee[i].is_none());
        let nearest = free.min_by(|&a, &b| distance(knees[a]).total_cmp(&distance(knees[b])));
        if let Some(i) = nearest.filter(|&i| distance(knees[i]) <= SAME.log2()) {
            of_knee[i] = Some(cache);
        }
    }
    of_knee
}

/// A row a level.
pub fn memory(calibration: &Calibration) -> Table {
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
    let levels = levels(calibration);
    let unseen = calibration
        .caches
        .iter()
        .filter(|cache| levels.iter().all(|level| level.name != cache.name));
    for level in &levels {
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
pub fn peaks(calibration: &Calibration) -> Table {
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

/// Everything, in lines of at most `width` characters where that is possible.
pub fn text(calibration: &Calibration, width: usize) -> String {
    format!(
        "{}\n{}\nStarting work: {}. Clock: steps of {}.\n",
        peaks(calibration).text(width),
        memory(calibration).text(width),
        duration(calibration.dispatch_ns),
        duration(calibration.resolution_ns),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn knees_are_caches_and_the_systems_word_stands_beside_them() {
        let levels = levels(&fixture::calibration());
        let names: Vec<&str> = levels.iter().map(|l| l.name.as_str()).collect();
        assert_eq!(names, ["L1", "L2", "level 3", "DRAM"]);
        let sizes: Vec<_> = levels.iter().map(|l| (l.bytes, l.reported)).collect();
        let kib = |n: u64| Some(n << 10);
        let expected = [
            (kib(32), kib(32)),
            (kib(512), kib(448)),
            (kib(16 << 10), None), // The system says 64 MiB.
            (None, None),
        ];
        assert_eq!(sizes, expected);
        assert_eq!((levels[0].read, levels[3].copy, levels[1].triad), (200.0, 8.0, 95.0));
    }

    /// A cache that ends gradually shows two knees; levels of one name would be counted twice.
    #[test]
    fn a_cache_names_one_knee_only() {
        let cache = |name: &str, bytes| Cache { name: name.to_owned(), bytes };
        let caches = [cache("L1", 32), cache("L2", 512), cache("L3", 32 << 10)];
        let names = |knees: &[u64]| -> Vec<Option<String>> {
            named(knees, &caches).into_iter().map(|c| c.map(|c| c.name.clone())).collect()
        };
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(
            names(&[30, 320, 16 << 10, 40 << 10]),
            [some("L1"), some("L2"), None, some("L3")]
        );
        assert_eq!(names(&[40, 48]), [some("L1"), None]);
        assert_eq!(names(&[100]), [None]);
        assert_eq!(names(&[]), []);
    }

    #[test]
    fn tables_hold_every_level_and_peak() {
        let text = text(&fixture::calibration(), 120);
        for part in ["L3 (no knee)", "64 MiB", "512 KiB", "448 KiB", "2 threads", "avx2", "1.20 µs"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
