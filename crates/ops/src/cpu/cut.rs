//! How work is cut into tasks.

use super::machine::L1;
use std::ops::Range;

/// Tasks a worker where the work allows: enough to even out unequal workers.
const TASKS_PER_WORKER: usize = 4;

/// Floats that a task should touch, where all it does is touch them: it works in the first-level cache, and
/// costs far more than the counter that it was taken from.
const TASK: usize = L1 / size_of::<f32>();

/// Floats below which such work is not worth sharing.
const SMALLEST: usize = L1 / 8 / size_of::<f32>();

/// Tasks that so much work should be, none of which is less than `least`.
pub(crate) fn tasks_for(threads: usize, work: usize, least: usize) -> usize {
    match threads {
        1 => 1,
        _ => (threads * TASKS_PER_WORKER).min(work / least).max(1),
    }
}

/// Items in a row, cut into parts, the first ones larger by one where they cannot be equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    items: usize,
    parts: usize,
}

impl Cut {
    /// `items` in `parts` parts.
    pub const fn new(items: usize, parts: usize) -> Self {
        Self { items, parts }
    }

    /// `items`, each of which touches `floats` floats, for so many workers.
    pub fn for_workers(items: usize, floats: usize, threads: usize) -> Self {
        let sharing = items.div_ceil(threads).min(TASK / floats.max(1));
        let per_task = if threads == 1 { items } else { sharing.max(SMALLEST / floats.max(1)) };
        Self::new(items, items.div_ceil(per_task.max(1)))
    }

    /// How many parts.
    pub const fn parts(self) -> usize {
        self.parts
    }

    /// Items of the largest part.
    pub const fn largest(self) -> usize {
        self.items.div_ceil(self.parts)
    }

    /// The items of part `i`.
    pub const fn part(self, i: usize) -> Range<usize> {
        let (small, larger) = (self.items / self.parts, self.items % self.parts);
        let start = i * small + if i < larger { i } else { larger };
        start..start + small + (i < larger) as usize
    }

    /// All parts.
    pub fn all(self) -> impl Iterator<Item = Range<usize>> {
        (0..self.parts).map(move |i| self.part(i))
    }
}

/// Work along two axes: a task is a part of either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    /// What neighbouring tasks have different parts of.
    pub inner: Cut,
    /// What they mostly have the same part of.
    pub outer: Cut,
}

impl Grid {
    /// How many tasks.
    pub const fn tasks(self) -> usize {
        self.inner.parts * self.outer.parts
    }

    /// What a task does: part of the inner axis, and of the outer.
    pub const fn task(self, task: usize) -> (Range<usize>, Range<usize>) {
        let (outer, inner) = (task / self.inner.parts, task % self.inner.parts);
        (self.inner.part(inner), self.outer.part(outer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_all_items_once_and_even() {
        for (items, parts) in [(0, 2), (1, 1), (3, 7), (7, 3), (12, 4), (100, 9)] {
            let cut = Cut::new(items, parts);
            assert!(cut.all().flatten().eq(0..items), "{cut:?}");
            assert_eq!(cut.all().map(|part| part.len()).max(), Some(cut.largest()), "{cut:?}");
            assert!(cut.all().all(|part| part.len() + 1 >= cut.largest()), "{cut:?}");
        }
    }

    #[test]
    fn every_worker_gets_some_where_it_pays() {
        for (items, floats, threads) in
            [(1, 1, 1), (49, 1024, 2), (3136, 116, 2), (7, 9000, 3), (100, 1, 3), (0, 5, 2)]
        {
            let tasks = Cut::for_workers(items, floats, threads).parts();
            if items * floats >= threads * SMALLEST * 2 && items >= threads {
                assert!(tasks >= threads, "{items} × {floats} on {threads}");
            }
            assert!(tasks <= items, "{items} × {floats} on {threads}");
        }
    }

    #[test]
    fn tasks_of_a_grid_are_every_pair_once() {
        let grid = Grid { inner: Cut::new(5, 2), outer: Cut::new(4, 3) };
        let pairs = (0..grid.tasks()).flat_map(|task| {
            let (inner, outer) = grid.task(task);
            inner.flat_map(move |i| outer.clone().map(move |o| (o, i)))
        });
        let mut pairs: Vec<_> = pairs.collect();
        pairs.sort_unstable();
        assert!(pairs.into_iter().eq((0..4).flat_map(|o| (0..5).map(move |i| (o, i)))));
    }

    #[test]
    fn one_worker_has_one_task_and_several_a_few_each_where_it_pays() {
        assert_eq!(tasks_for(1, 1000, 10), 1);
        assert_eq!(tasks_for(2, 1000, 10), 2 * TASKS_PER_WORKER);
        assert_eq!([tasks_for(2, 39, 10), tasks_for(2, 9, 10)], [3, 1]);
    }
}
