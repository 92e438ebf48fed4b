//! Figures that need no measurement, and how well each ranks networks by time.

use crate::analysis::Analysis;
use profile::Class;
use stats::{bootstrap, spearman};

/// Networks that a rank correlation needs at least: of fewer, too many orders agree well by chance
/// (of random orders of five, one in fifteen correlates above 0.7; of eight, one in thirty-five).
pub const FEWEST: usize = 8;

/// A cost by formula that is set against time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// Multiply-adds.
    MulAdds,
    /// Memory access cost.
    Access,
    /// Trainable parameters.
    Params,
    /// Elements that convolutions write (as Radosavovic et al. 2020, arXiv 2003.13678, count them).
    Activations,
    /// Number of operators.
    Operators,
}

impl Proxy {
    /// Every proxy.
    pub const ALL: [Self; 5] =
        [Self::MulAdds, Self::Access, Self::Params, Self::Activations, Self::Operators];

    /// Its name in titles.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MulAdds => "mult-adds",
            Self::Access => "memory access cost",
            Self::Params => "parameters",
            Self::Activations => "activations",
            Self::Operators => "operators",
        }
    }

    /// What its axis shows.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::MulAdds => "mult-adds, millions",
            Self::Access => "memory access cost, MiB",
            Self::Params => "parameters, millions",
            Self::Activations => "activations, millions of elements",
            Self::Operators => "operators",
        }
    }

    /// Its value for a network, in its unit.
    pub fn of(self, a: &Analysis) -> f64 {
        match self {
            Self::MulAdds => a.profile.mul_adds as f64 / 1e6,
            Self::Access => a.access_bytes() as f64 / f64::from(1 << 20),
            Self::Params => a.profile.params as f64 / 1e6,
            Self::Activations => {
                let convs = a.ops.iter().filter(|op| op.record.class == Class::Conv);
                convs.map(|op| op.record.access.written as f64).sum::<f64>() / 1e6
            }
            Self::Operators => a.ops.len() as f64,
        }
    }
}

/// A proxy's rank correlation with time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranking {
    /// The proxy.
    pub proxy: Proxy,
    /// Spearman's rank correlation with the time of a run, over networks.
    pub correlation: f64,
    /// Its 95 % bootstrap interval.
    pub interval: (f64, f64),
}

impl Ranking {
    /// That of each proxy over `networks`, whose runs have times; nothing for fewer than [`FEWEST`].
    pub fn all(networks: &[&Analysis]) -> Vec<Self> {
        Proxy::ALL.into_iter().filter_map(|proxy| Self::of(networks, proxy)).collect()
    }

    fn of(networks: &[&Analysis], proxy: Proxy) -> Option<Self> {
        let pairs = networks.iter().filter_map(|a| Some((proxy.of(a), a.whole?.median)));
        let (correlation, interval) = rank_correlation(&pairs.collect::<Vec<_>>())?;
        Some(Self { proxy, correlation, interval })
    }
}

/// Spearman's rank correlation of `pairs` with its 95 % bootstrap interval; `None` for fewer than [`FEWEST`],
/// or where one side is constant.
pub fn rank_correlation(pairs: &[(f64, f64)]) -> Option<(f64, (f64, f64))> {
    if pairs.len() < FEWEST {
        return None;
    }
    Some((spearman(pairs)?, bootstrap(pairs, 0, spearman)?))
}
