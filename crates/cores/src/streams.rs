//! Streams: whether a line that is missing was to be foreseen.

/// Streams that are followed at once.
const STREAMS: usize = 16;

/// The lines that would continue the latest streams.
#[derive(Clone, Debug)]
pub struct Streams {
    next: [u64; STREAMS],
    /// The stream that gives way to a new one.
    oldest: usize,
}

impl Default for Streams {
    fn default() -> Self {
        Self { next: [u64::MAX; STREAMS], oldest: 0 }
    }
}

impl Streams {
    /// Whether the missing `line` continues a stream; else one starts with it.
    pub fn continues(&mut self, line: u64) -> bool {
        let known = self.next.iter_mut().find(|next| **next == line);
        let continues = known.is_some();
        match known {
            Some(next) => *next = line + 1,
            None => {
                self.next[self.oldest] = line + 1;
                self.oldest = (self.oldest + 1) % STREAMS;
            }
        }
        continues
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_in_turn_continue_streams_and_others_start_them() {
        let continued = |lines: &[u64]| {
            let mut streams = Streams::default();
            lines.iter().filter(|line| streams.continues(**line)).count()
        };
        assert_eq!(continued(&[7, 8, 9, 10]), 3);
        assert_eq!(continued(&[7, 100, 8, 101, 9, 102]), 4);
        assert_eq!(continued(&[0, 4, 8, 12, 16]), 0);
        assert_eq!(continued(&[10, 9, 8]), 0);
        // One stream more than are followed, in turn.
        let many = |streams: u64| -> Vec<u64> {
            (0..3).flat_map(|i| (0..streams).map(move |s| 1000 * s + i)).collect()
        };
        assert_eq!((continued(&many(16)), continued(&many(17))), (32, 0));
    }
}
