//! One cache: sets of ways, and who makes room.

use serde::Deserialize;

/// Which line of a full set makes room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replacement {
    /// The one that was used longest ago.
    Lru,
    /// The one that a binary tree of last uses points away from.
    PseudoLru,
    /// Any: drawn from a fixed seed, so that two runs are the same.
    PseudoRandom,
}

/// Which lines are in it. A line is an address over the bytes of a line.
#[derive(Clone, Debug)]
pub struct Cache {
    ways: usize,
    sets: u64,
    replacement: Replacement,
    /// Set by set.
    places: Vec<Place>,
    /// A tree a set: bit `n` of node `n` says which half was used longer ago.
    trees: Vec<u64>,
    clock: u64,
    random: u64,
    /// The place that was used last.
    last: usize,
}

/// Room for a line.
#[derive(Clone, Copy, Debug)]
struct Place {
    line: u64,
    dirty: bool,
    used: u64,
}

/// No line's number: addresses are bytes.
const NONE: u64 = u64::MAX;

/// A line that made room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evicted {
    /// Its number.
    pub line: u64,
    /// Whether it was written since it came.
    pub dirty: bool,
}

impl Cache {
    /// An empty cache of `lines` lines in sets of `ways`: of as many whole sets as there are, at least one.
    pub fn new(lines: usize, ways: usize, replacement: Replacement) -> Self {
        let sets = (lines / ways).max(1);
        Self {
            ways,
            sets: sets as u64,
            replacement,
            places: vec![Place { line: NONE, dirty: false, used: 0 }; sets * ways],
            trees: vec![0; sets],
            clock: 0,
            random: 0x9E37_79B9_7F4A_7C15,
            last: 0,
        }
    }

    /// Whether `line` is there; it then counts as used now, and as written where `write` says so.
    pub fn access(&mut self, line: u64, write: bool) -> bool {
        if self.places[self.last].line == line {
            self.places[self.last].dirty |= write;
            return true;
        }
        let Some(at) = self.find(line) else { return false };
        self.places[at].dirty |= write;
        self.mark_used(at);
        true
    }

    /// Puts in `line`, which is not there; what made room for it.
    pub fn insert(&mut self, line: u64, dirty: bool) -> Option<Evicted> {
        let at = self.victim(line);
        let Place { line: old, dirty: was_dirty, .. } = self.places[at];
        self.places[at] = Place { line, dirty, used: 0 };
        self.mark_used(at);
        (old != NONE).then_some(Evicted { line: old, dirty: was_dirty })
    }

    /// Takes out `line`; whether it was written since it came, `None` where it is not there.
    pub fn remove(&mut self, line: u64) -> Option<bool> {
        let at = self.find(line)?;
        let dirty = self.places[at].dirty;
        self.places[at] = Place { line: NONE, dirty: false, used: 0 };
        Some(dirty)
    }

    fn first_of_set(&self, line: u64) -> usize {
        (line % self.sets) as usize * self.ways
    }

    fn find(&self, line: u64) -> Option<usize> {
        let first = self.first_of_set(line);
        let set = &self.places[first..first + self.ways];
        set.iter().position(|place| place.line == line).map(|way| first + way)
    }

    /// The place of `line`'s set that takes it: an empty one, if there is any.
    fn victim(&mut self, line: u64) -> usize {
        let first = self.first_of_set(line);
        let set = &self.places[first..first + self.ways];
        if let Some(way) = set.iter().position(|place| place.line == NONE) {
            return first + way;
        }
        let way = match self.replacement {
            Replacement::Lru => {
                let oldest = set.iter().enumerate().min_by_key(|(_, place)| place.used);
                oldest.map_or(0, |(way, _)| way)
            }
            Replacement::PseudoLru => self.pointed_at(first / self.ways),
            Replacement::PseudoRandom => (drawn(&mut self.random) % self.ways as u64) as usize,
        };
        first + way
    }

    fn mark_used(&mut self, at: usize) {
        self.last = at;
        self.clock += 1;
        self.places[at].used = self.clock;
        if self.replacement == Replacement::PseudoLru {
            self.point_away(at / self.ways, at % self.ways);
        }
    }

    /// The way of a set that its tree points at: down from the root, node `n` has `2n` and `2n + 1` below it.
    fn pointed_at(&self, set: usize) -> usize {
        let mut node = 1;
        while node < self.ways {
            node = 2 * node + usize::from(self.trees[set] >> node & 1 == 1);
        }
        node - self.ways
    }

    /// Makes each node above a way of a set point to its other half.
    fn point_away(&mut self, set: usize, way: usize) {
        let mut node = way + self.ways;
        while node > 1 {
            let (above, upper) = (node / 2, node % 2 == 1);
            let bit = 1 << above;
            if upper {
                self.trees[set] &= !bit;
            } else {
                self.trees[set] |= bit;
            }
            node = above;
        }
    }
}

/// The next of Marsaglia's shifted numbers.
const fn drawn(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of `lines` miss, one after the other.
    fn misses(cache: &mut Cache, lines: impl IntoIterator<Item = u64>) -> usize {
        let miss = |&line: &u64| {
            let missed = !cache.access(line, false);
            if missed {
                cache.insert(line, false);
            }
            missed
        };
        lines.into_iter().filter(miss).count()
    }

    #[test]
    fn what_fits_stays_and_twice_as_much_in_turn_never_does() {
        for replacement in [Replacement::Lru, Replacement::PseudoLru] {
            let mut cache = Cache::new(64, 4, replacement);
            assert_eq!(misses(&mut cache, 0..64), 64);
            assert_eq!(misses(&mut cache, 0..64), 0);
            assert_eq!(misses(&mut cache, 0..128), 64, "the first half is there");
        }
        // By order of last use, what comes round again has always just left.
        let mut cache = Cache::new(64, 4, Replacement::Lru);
        let rounds = (0..5).flat_map(|_| 0..128);
        assert_eq!(misses(&mut cache, rounds), 5 * 128);
        // By chance some of it is still there.
        let mut cache = Cache::new(64, 4, Replacement::PseudoRandom);
        let rounds = (0..5).flat_map(|_| 0..128);
        let missed = misses(&mut cache, rounds.clone());
        assert!((128 + 1..5 * 128).contains(&missed), "{missed}");
        assert_eq!(misses(&mut Cache::new(64, 4, Replacement::PseudoRandom), rounds), missed);
    }

    #[test]
    fn lines_a_way_apart_share_a_set() {
        // 16 sets: five lines of one set do not fit into four ways, four do.
        let of_set = |lines: u64| (0..3).flat_map(move |_| (0..lines).map(|i| 16 * i));
        let mut cache = Cache::new(64, 4, Replacement::Lru);
        assert_eq!(misses(&mut cache, of_set(4)), 4);
        let mut cache = Cache::new(64, 4, Replacement::Lru);
        assert_eq!(misses(&mut cache, of_set(5)), 15);
    }

    /// One set of four: after 0 1 2 3 0, the true order gives up 1, the tree 2: the root points at the half
    /// that 0 is not in, and there 3 was used after 2.
    #[test]
    fn a_tree_of_last_uses_is_not_their_order() {
        let lost = |replacement| {
            let mut cache = Cache::new(4, 4, replacement);
            assert_eq!(misses(&mut cache, [0, 1, 2, 3, 0]), 4);
            cache.insert(4, false).map(|evicted| evicted.line)
        };
        assert_eq!(lost(Replacement::Lru), Some(1));
        assert_eq!(lost(Replacement::PseudoLru), Some(2));
    }

    #[test]
    fn what_was_written_says_so_when_it_leaves() {
        let mut cache = Cache::new(2, 2, Replacement::Lru);
        assert_eq!(cache.insert(0, false), None);
        assert_eq!(cache.insert(1, true), None);
        assert!(cache.access(0, true) && cache.access(1, false));
        assert_eq!(cache.insert(2, false), Some(Evicted { line: 0, dirty: true }));
        assert_eq!(cache.insert(3, false), Some(Evicted { line: 1, dirty: true }));
        assert_eq!((cache.remove(2), cache.remove(0)), (Some(false), None));
        assert!(!cache.access(2, false));
    }
}
