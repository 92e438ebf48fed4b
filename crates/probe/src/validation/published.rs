//! Published run times of networks on boards.

use cores::{BadFile, Described, Flaw};
use ops::{Graph, Op};
use profile::Level;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fmt::{self, Display},
};
use toml::Spanned;
use zoo::Options;

/// The file.
const NETWORKS: &str = include_str!("../../../../experiments/arm/networks.toml");

/// How far a fusing engine's networks are lowered here.
pub const LEVEL: Level = Level::Fused;

/// Networks, and their times on boards.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Where all times stand.
    pub source: String,
    /// The networks.
    #[serde(rename = "network")]
    pub networks: Vec<Network>,
    /// The boards.
    #[serde(rename = "board")]
    pub boards: Vec<Board>,
}

/// A network.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Its published name.
    pub name: String,
    /// The zoo's.
    pub model: String,
    /// Height and width of its input.
    pub edge: usize,
    /// Mult-adds as it was published, millions.
    pub mul_adds_m: Spanned<f64>,
}

/// A core of a board, and the times of one day.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// The board's name.
    pub name: String,
    /// The core's.
    pub core: String,
    /// The clock that was stated, GHz.
    pub clock_ghz: f64,
    /// The day.
    pub date: String,
    /// What models it.
    pub device: String,
    /// Milliseconds by network.
    pub ms: BTreeMap<String, Spanned<f64>>,
}

/// The lab's file.
///
/// # Errors
/// Where it is broken.
pub fn read() -> Result<Published, BadFile> {
    Published::parse("experiments/arm/networks.toml", NETWORKS)
}

impl Described for Published {
    fn check(&self) -> Result<(), Flaw> {
        let positive = |field: String, figure: &Spanned<f64>| {
            let value = figure.get_ref();
            let flaw = || (figure.span(), format!("{field} is {value}: expected more than 0"));
            (*value > 0.0).then_some(()).ok_or_else(flaw)
        };
        for network in &self.networks {
            positive(format!("{}: mul_adds_m", network.name), &network.mul_adds_m)?;
        }
        for board in &self.boards {
            for (name, ms) in &board.ms {
                positive(format!("board.ms.{name}"), ms)?;
                if self.networks.iter().all(|network| network.name != *name) {
                    return Err((ms.span(), format!("board.ms.{name}: no network has this name")));
                }
            }
        }
        Ok(())
    }
}

impl Network {
    /// The zoo's network, as a fusing engine runs it.
    ///
    /// # Errors
    /// Where the zoo has none.
    pub fn graph(&self) -> anyhow::Result<Graph> {
        let options = Options { input: Some((self.edge, self.edge)), ..Options::default() };
        Ok(zoo::build(&self.model, options)?.at(LEVEL))
    }

    /// How many times as many mult-adds were published as the zoo's network has.
    pub fn more_than(&self, graph: &Graph) -> f64 {
        1e6 * self.mul_adds_m.get_ref() / graph.cost().mul_adds as f64
    }
}

impl Display for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} GHz) of {}", self.core, self.clock_ghz, self.name)
    }
}

impl Board {
    /// Milliseconds of a network, where there are any.
    pub fn ms(&self, network: &Network) -> Option<f64> {
        self.ms.get(&network.name).map(|ms| *ms.get_ref())
    }
}

/// Share of mult-adds in dense 3×3 convolutions of stride 1, which engines do by Winograd's algorithm.
pub fn winograd_share(graph: &Graph) -> f64 {
    let of_winograd = graph.nodes.iter().filter(|node| match &node.op {
        Op::Conv2d(c) => (c.kernel, c.stride, c.dilation, c.groups) == ((3, 3), (1, 1), (1, 1), 1),
        _ => false,
    });
    let counted: u64 = of_winograd.map(|node| graph.node_cost(node).mul_adds).sum();
    counted as f64 / graph.cost().mul_adds as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use cores::CoreOnBoard;

    #[test]
    fn published_networks_are_the_zoo_s_or_nearly() {
        let published = read().unwrap();
        assert_eq!((published.networks.len(), published.boards.len()), (13, 5));
        for network in &published.networks {
            let more = network.more_than(&network.graph().unwrap());
            assert!((0.9..1.15).contains(&more), "{}: {more}", network.name);
        }
        for board in &published.boards {
            board.device.parse::<CoreOnBoard>().unwrap();
        }
    }

    #[test]
    fn winograd_is_for_dense_convolutions_of_stride_1() {
        let share =
            |model| winograd_share(&zoo::build(model, Options::default()).unwrap().at(LEVEL));
        assert_eq!(share("mobilenet_v1"), 0.0);
        assert!(share("vgg16") > 0.95 && (0.3..0.6).contains(&share("resnet50")));
    }

    #[test]
    fn a_flaw_is_told_with_file_line_and_field() {
        let complaint = |from: &str, to: &str| {
            assert!(NETWORKS.contains(from));
            Published::parse("mine.toml", &NETWORKS.replacen(from, to, 1)).unwrap_err().to_string()
        };
        let negative = complaint("squeezenet = 129.85", "squeezenet = -1");
        assert!(negative.starts_with("mine.toml:"), "{negative}");
        assert!(
            negative.ends_with("board.ms.squeezenet is -1: expected more than 0"),
            "{negative}"
        );
        let unknown = complaint("squeezenet = 129.85", "squeezed = 129.85");
        assert!(unknown.ends_with("board.ms.squeezed: no network has this name"), "{unknown}");
        assert!(complaint("mul_adds_m", "mul_adds").contains("mul_adds"));
    }
}
