//! Lists of processors, as `taskset` and Linux's files write them: `4-7,0`.

use std::{fmt, str::FromStr};

/// The most processors that a list can name, and one more than the largest number in it.
const MOST: usize = 1 << 16;

/// Processors in the order in which they were named, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CpuList(pub Vec<usize>);

impl FromStr for CpuList {
    type Err = String;

    /// Numbers and ranges between commas; `0-7:2` is every second one of a range.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut list = Vec::new();
        for part in text.trim().split(',') {
            let named = range(part).ok_or_else(|| {
                format!(
                    "`{part}`: expected processors below {MOST} like 0 or 4-7, and commas between"
                )
            })?;
            let new: Vec<usize> = named.filter(|cpu| !list.contains(cpu)).collect();
            list.extend(new);
        }
        Ok(Self(list))
    }
}

impl fmt::Display for CpuList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(usize::to_string).collect();
        f.write_str(&numbers.join(","))
    }
}

/// The processors of a number or a range.
fn range(text: &str) -> Option<impl Iterator<Item = usize>> {
    let number = |text: &str| {
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| text.parse().ok()).flatten().filter(|&number: &usize| number < MOST)
    };
    let (ends, step) = text.split_once(':').unwrap_or((text, "1"));
    let (first, last) = ends.split_once('-').unwrap_or((ends, ends));
    let (first, last, step) = (number(first)?, number(last)?, number(step)?);
    (first <= last && step > 0).then(|| (first..=last).step_by(step))
}

/// `cpus` as a list, runs of numbers as ranges.
pub fn written(cpus: &[usize]) -> String {
    let mut sorted = cpus.to_vec();
    sorted.sort_unstable();
    let runs = sorted.chunk_by(|a, b| a + 1 == *b);
    let parts = runs.map(|run| match run {
        [first, .., last] => format!("{first}-{last}"),
        one => one.iter().map(usize::to_string).collect(),
    });
    parts.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_in_their_order_and_written_as_ranges() {
        for (text, cpus, sorted) in [
            ("0", &[0][..], "0"),
            ("4-7,0", &[4, 5, 6, 7, 0], "0,4-7"),
            ("0-7:2,1-2\n", &[0, 2, 4, 6, 1], "0-2,4,6"),
        ] {
            assert_eq!(text.parse(), Ok(CpuList(cpus.to_vec())));
            assert_eq!(CpuList(cpus.to_vec()).to_string().parse(), Ok(CpuList(cpus.to_vec())));
            assert_eq!(written(cpus), sorted);
        }
        assert_eq!(written(&[]), "");
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for bad in
            ["", ",", "1,", "a", "-1", "7-4", "0-3:0", "+1", "1--2", "65536", "0-99999999999"]
        {
            let error = bad.parse::<CpuList>().unwrap_err();
            assert!(error.contains("4-7"), "{bad}: {error}");
        }
    }
}
