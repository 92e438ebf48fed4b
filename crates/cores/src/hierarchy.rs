//! Caches one behind the other, and what crosses from one to the next.
//!
//! What is missing comes from the nearest level that has it and is put into all before that one. A store to a
//! line that is nowhere makes room for it, too; it is not read before where stores are a stream, for cores see
//! that such lines are written whole. An exclusive level holds what the one before it let go, and nothing else.

use super::{cache::Cache, streams::Streams};
use std::ops::AddAssign;

/// A cache, and whether it holds only what the one before it let go.
#[derive(Clone, Debug)]
pub struct Level {
    /// The cache.
    pub cache: Cache,
    /// Whether it does.
    pub exclusive: bool,
}

/// Lines that crossed, and where they came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// For each level, lines that it got from farther out.
    pub inwards: Vec<u64>,
    /// For each level, lines that it gave to the next.
    pub outwards: Vec<u64>,
    /// For each level, lines that it had where nearer ones did not; memory is the last.
    pub served: Vec<u64>,
    /// Of those, the ones that continued a stream.
    pub streamed: Vec<u64>,
}

/// Caches, the nearest first, and memory behind them.
#[derive(Clone, Debug)]
pub struct Hierarchy {
    levels: Vec<Level>,
    streams: Streams,
    traffic: Traffic,
}

impl Hierarchy {
    /// Empty caches, the nearest first.
    pub fn new(levels: Vec<Level>) -> Self {
        let traffic = Traffic::none(levels.len());
        Self { levels, streams: Streams::default(), traffic }
    }

    /// What crossed since the last call.
    pub fn take(&mut self) -> Traffic {
        let none = Traffic::none(self.levels.len());
        std::mem::replace(&mut self.traffic, none)
    }

    /// Reads or writes `line`.
    #[inline]
    pub fn access(&mut self, line: u64, write: bool) {
        if !self.levels[0].cache.access(line, write) {
            self.miss(line, write);
        }
    }

    /// What the first level does not have.
    fn miss(&mut self, line: u64, write: bool) {
        let continues = self.streams.continues(line);
        let memory = self.levels.len();
        let has = |level: &mut Level| level.cache.access(line, false);
        let from = (1..memory).find(|&at| has(&mut self.levels[at])).unwrap_or(memory);
        let unread = from == memory && write && continues;
        if !unread {
            self.traffic.served[from] += 1;
            self.traffic.streamed[from] += u64::from(continues);
            self.traffic.inwards[..from].iter_mut().for_each(|lines| *lines += 1);
        }
        let mut dirty = write;
        if from < memory && self.levels[from].exclusive {
            dirty |= self.levels[from].cache.remove(line) == Some(true);
        }
        for at in (0..from).rev() {
            if !self.levels[at].exclusive {
                self.put(at, line, dirty && at == 0);
            }
        }
    }

    /// Puts a line that a level does not have into it, and what made room for it into the next.
    fn put(&mut self, at: usize, line: u64, dirty: bool) {
        let Some(evicted) = self.levels[at].cache.insert(line, dirty) else { return };
        let next = self.levels.get_mut(at + 1);
        let kept = next.as_ref().is_some_and(|next| next.exclusive);
        if !evicted.dirty && !kept {
            return;
        }
        self.traffic.outwards[at] += 1;
        if next.is_some_and(|next| !next.cache.access(evicted.line, evicted.dirty)) {
            self.put(at + 1, evicted.line, evicted.dirty);
        }
    }
}

/// Of the same caches.
impl AddAssign for Traffic {
    fn add_assign(&mut self, other: Self) {
        let Self { inwards, outwards, served, streamed } = other;
        let lists = [&mut self.inwards, &mut self.outwards, &mut self.served, &mut self.streamed];
        for (sums, lines) in lists.into_iter().zip([inwards, outwards, served, streamed]) {
            sums.iter_mut().zip(lines).for_each(|(sum, lines)| *sum += lines);
        }
    }
}

impl Traffic {
    fn none(levels: usize) -> Self {
        Self {
            inwards: vec![0; levels],
            outwards: vec![0; levels],
            served: vec![0; levels + 1],
            streamed: vec![0; levels + 1],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Replacement;

    /// 8 lines, then 32.
    fn two_levels(exclusive: bool) -> Hierarchy {
        let level = |lines, ways, exclusive| Level {
            cache: Cache::new(lines, ways, Replacement::Lru),
            exclusive,
        };
        Hierarchy::new(vec![level(8, 2, false), level(32, 4, exclusive)])
    }

    fn after(hierarchy: &mut Hierarchy, lines: std::ops::Range<u64>, write: bool) -> Traffic {
        lines.for_each(|line| hierarchy.access(line, write));
        hierarchy.take()
    }

    #[test]
    fn reading_twice_what_a_level_holds_again_and_again_always_misses_it() {
        let mut caches = two_levels(false);
        let first = after(&mut caches, 0..16, false);
        assert_eq!(first.served, [0, 0, 16]);
        assert_eq!((first.inwards, first.outwards), (vec![16, 16], vec![0, 0]));
        assert_eq!(first.streamed, [0, 0, 15]);
        let again = after(&mut caches, 0..16, false);
        assert_eq!((again.served, again.streamed), (vec![0, 16, 0], vec![0, 15, 0]));
        assert_eq!((again.inwards, again.outwards), (vec![16, 0], vec![0, 0]));
        after(&mut caches, 0..64, false);
        assert_eq!(after(&mut caches, 0..64, false).served, [0, 0, 64]);
    }

    #[test]
    fn an_exclusive_level_adds_to_what_the_one_before_it_holds() {
        // 40 lines fit into 8 and 32 together, but not into an inclusive 32.
        let again = |exclusive| {
            let mut caches = two_levels(exclusive);
            after(&mut caches, 0..40, false);
            after(&mut caches, 0..40, false).served[2]
        };
        assert_eq!((again(true), again(false)), (0, 40));
        // What the first level lets go crosses to the second though it is clean.
        let mut caches = two_levels(true);
        assert_eq!(after(&mut caches, 0..16, false).outwards, [8, 0]);
    }

    #[test]
    fn a_stream_of_stores_is_not_read_and_comes_to_memory_once() {
        let mut caches = two_levels(false);
        let written = after(&mut caches, 0..64, true);
        assert_eq!(written.served, [0, 0, 1], "the first line might be written in part");
        // 8 lines are still in the first level, 32 in the second.
        let read = after(&mut caches, 100..164, false);
        assert_eq!(written.outwards[0], 56);
        assert_eq!(written.outwards[1] + read.outwards[1], 64);
        // Stores here and there are read before.
        let mut caches = two_levels(false);
        (0..16).for_each(|i| caches.access(5 * i, true));
        assert_eq!(caches.take().served, [0, 0, 16]);
    }
}
