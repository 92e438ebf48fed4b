//! What a comparison must not find: the gate of a build server.

use report::Pair;
use std::str::FromStr;

/// A limit, as a share of what A has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    what: What,
    margin: f64,
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// B's whole run.
    Slower,
    /// Each of B's operators.
    Operator,
    /// What B keeps in memory.
    Memory,
}

impl FromStr for Limit {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str =
            "expected slower:P%, operator:P% or memory:P%, P from 0 to 1000, such as slower:2%";
        let (what, share) = text.split_once(':').ok_or(EXPECTED)?;
        let what = match what {
            "slower" => What::Slower,
            "operator" => What::Operator,
            "memory" => What::Memory,
            _ => return Err(EXPECTED),
        };
        let percent: f64 = share.trim_end_matches('%').parse().map_err(|_| EXPECTED)?;
        let within = (0.0..=1000.0).contains(&percent);
        within.then_some(Self { what, margin: percent / 100.0 }).ok_or(EXPECTED)
    }
}

impl Limit {
    /// What of `pair` passes the limit for certain; `None` where nothing does.
    pub fn passed_by(&self, pair: &Pair<'_>) -> Option<String> {
        let most = format!("{} %", self.margin * 100.0);
        match self.what {
            What::Slower => pair
                .is_slower_by(self.margin)
                .then(|| format!("B is slower than A by more than {most}")),
            What::Operator => {
                let slower = pair.operators_slower_by(self.margin);
                (!slower.is_empty())
                    .then(|| format!("slower in B by more than {most}: {}", slower.join(", ")))
            }
            What::Memory => {
                let [a, b] = pair.memory()?;
                (b as f64 > a as f64 * (1.0 + self.margin))
                    .then(|| format!("B keeps {b} bytes in memory, A {a}: more than {most} more"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read() {
        let limit = |text: &str| text.parse::<Limit>();
        assert_eq!(limit("slower:2%"), Ok(Limit { what: What::Slower, margin: 0.02 }));
        assert_eq!(limit("memory:0"), Ok(Limit { what: What::Memory, margin: 0.0 }));
        assert_eq!(limit("operator:12.5%"), Ok(Limit { what: What::Operator, margin: 0.125 }));
        for bad in
            ["", "slower", "slower:", "faster:2%", "slower:-1%", "slower:NaN%", "memory:2000%"]
        {
            assert!(limit(bad).is_err(), "{bad}");
        }
    }
}
