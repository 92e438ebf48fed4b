//! Chains: how long results are waited for where only so many instructions are looked at.
//!
//! Slots are no limit here. An instruction starts when its operands are there, and no sooner than the one a window
//! before it has ended, with all before that.

/// Cycles until a result can be used, and until it can be used as the sum of the next multiply-add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    pub result: u64,
    pub sum: u64,
}

/// The instructions that are looked at.
#[derive(Clone, Debug)]
pub struct Window {
    /// For each of the latest instructions, when it and all before it have ended.
    ended: Vec<u64>,
    /// The place of the oldest.
    oldest: usize,
    /// When all so far have ended.
    end: u64,
}

impl Window {
    /// A window of so many instructions, at least one.
    pub fn new(instructions: usize) -> Self {
        Self { ended: vec![0; instructions.max(1)], oldest: 0, end: 0 }
    }

    /// When all instructions so far have ended, in cycles.
    pub const fn end(&self) -> u64 {
        self.end
    }

    /// Looks at an instruction whose operands are there from the cycle `operands` on, and the sum that it adds to
    /// from `sum` on; the cycle from which its result is there.
    #[inline]
    pub fn issue(&mut self, operands: u64, sum: u64, latency: Latency) -> u64 {
        let late = latency.result.saturating_sub(latency.sum);
        let start = operands.max(sum.saturating_sub(late)).max(self.ended[self.oldest]);
        let ready = start + latency.result;
        self.end = self.end.max(ready);
        self.ended[self.oldest] = self.end;
        self.oldest = if self.oldest + 1 == self.ended.len() { 0 } else { self.oldest + 1 };
        ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FMA: Latency = Latency { result: 10, sum: 4 };

    /// Cycles of `steps` steps of so many chains of multiply-adds.
    fn chains(chains: usize, steps: usize, window: usize) -> u64 {
        let mut window = Window::new(window);
        let mut sums = vec![0; chains];
        for _ in 0..steps {
            sums.iter_mut().for_each(|sum| *sum = window.issue(0, *sum, FMA));
        }
        window.end()
    }

    #[test]
    fn a_chain_takes_its_sums_and_chains_side_by_side_take_no_longer() {
        assert_eq!(chains(1, 100, 1000), 10 + 99 * 4);
        assert_eq!(chains(16, 100, 10_000), 10 + 99 * 4);
    }

    #[test]
    fn a_window_too_small_for_two_chains_takes_them_one_by_one() {
        let two_chains = |window| {
            let mut window = Window::new(window);
            for _ in 0..2 {
                (0..50).fold(0, |sum, _| window.issue(0, sum, FMA));
            }
            window.end()
        };
        assert_eq!(two_chains(1000), 10 + 49 * 4);
        // A single place: each waits for the one before it to end.
        assert_eq!(two_chains(1), 100 * 10);
    }

    #[test]
    fn operands_are_waited_for_wholly() {
        let mut window = Window::new(8);
        let loaded = window.issue(0, 0, Latency { result: 5, sum: 5 });
        assert_eq!(window.issue(loaded, 0, FMA), 15);
        // The sum is there after 15 cycles, but needed six cycles after the start only.
        assert_eq!(window.issue(0, 15, FMA), 19);
    }
}
