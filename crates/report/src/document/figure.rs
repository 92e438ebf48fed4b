//! What charts show.

use crate::{
    analysis::Analysis,
    compare::{apart::Apart, pair::Pair},
    findings::Across,
    guidelines::{architecture::record::Architecture, study::Study},
    proxy::Proxy,
    sweep::Sweep,
};

/// A chart to be drawn.
#[derive(Clone, Debug)]
pub enum Figure<'a> {
    /// Time per operator along the network.
    Operators(&'a Analysis),
    /// What is alive while each operator runs.
    Alive(&'a Analysis),
    /// Mult-adds against time per operator.
    MulAdds(&'a Analysis),
    /// Arithmetic reached against arithmetic a byte.
    Roofline(&'a Analysis),
    /// The memory mountain of its device.
    Mountain(&'a Analysis),
    /// Shares of time by class, a bar a device.
    Devices(Vec<&'a Analysis>),
    /// Shares of time by class on devices of several kinds, a panel a network.
    Kinds {
        /// Each on its devices.
        networks: Vec<Vec<&'a Analysis>>,
        /// What the picture shows.
        title: &'static str,
        /// What its file is called.
        name: &'static str,
    },
    /// Shares of time by class, a bar a network.
    Networks(&'a Across<'a>),
    /// How well proxies rank networks.
    Proxies(&'a Across<'a>),
    /// A proxy against time, a point a network.
    Model(&'a Across<'a>, Proxy),
    /// The slow-down of an experiment.
    SlowDown(&'a Study<'a>),
    /// What networks lose to each guideline.
    Scorecard(Vec<&'a Architecture>),
    /// Which operators make the difference between two sides.
    Waterfall(&'a Pair<'a>),
    /// Two sides along the network.
    Along(&'a Pair<'a>),
    /// Shares of time by class, a bar a side.
    Sides(&'a Pair<'a>),
    /// The same of two measurements of other times or machines.
    Apart(&'a Apart<'a>),
    /// Latency and images a second over batches or sizes of input.
    Sweep(&'a Sweep<'a>),
}
