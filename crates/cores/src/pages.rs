//! Addresses that do not depend on where a heap lies.
//!
//! Pages get numbers in the order of their first touch: two runs of a program meet the same sets of a cache, but for
//! buffers that begin elsewhere in their page.

use fnv::FnvHashMap;

/// Bits of an address within a page.
const PAGE_BITS: u32 = 12;

/// Pages that are found without a look into the table.
const NEAR: usize = 256;

/// Numbers of pages.
#[derive(Clone, Debug)]
pub struct Pages {
    numbers: FnvHashMap<usize, u64>,
    /// A page and its number, by the page's last bits.
    near: Vec<(usize, u64)>,
}

impl Default for Pages {
    fn default() -> Self {
        Self { numbers: FnvHashMap::default(), near: vec![(usize::MAX, 0); NEAR] }
    }
}

impl Pages {
    /// What stands for `address`.
    #[inline]
    pub fn place(&mut self, address: usize) -> u64 {
        let page = address >> PAGE_BITS;
        let within = (address & ((1 << PAGE_BITS) - 1)) as u64;
        let (known, number) = self.near[page % NEAR];
        let number = if known == page { number } else { self.look_up(page) };
        number << PAGE_BITS | within
    }

    fn look_up(&mut self, page: usize) -> u64 {
        let next = self.numbers.len() as u64;
        let number = *self.numbers.entry(page).or_insert(next);
        self.near[page % NEAR] = (page, number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_numbered_as_they_come_wherever_they_lie() {
        for heap in [0x5555_0000_0000, 0x7fff_1234_5000] {
            let mut pages = Pages::default();
            let touched = [0, 8, 4096, 5000, 100 * 4096 + 12, 256 * 4096, 4, 4097];
            let places = touched.map(|offset| pages.place(heap + offset));
            assert_eq!(places, [0, 8, 4096, 5000, 2 * 4096 + 12, 3 * 4096, 4, 4097]);
        }
    }
}
