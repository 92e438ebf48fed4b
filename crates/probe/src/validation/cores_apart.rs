//! Two cores of one chip, the same engine on the same day: how many times as long the one takes as the other.

use super::{
    boards::job,
    comparison::Comparison,
    published::{Board, Network, Published},
    traced::{Job, Traces},
};
use cores::CoreOnBoard;
use report::validation::{Aim, Case, Row};

/// The comparison.
pub struct CoresApart(pub Published);

const WHAT: &str = "one core's time over another's, ncnn";

const AIM: Aim = Aim::Within { modelled: [1.6, 2.3], published: [1.81, 2.18] };

/// Most mult-adds of a network, millions: a larger one takes longer to trace than all others together.
const MOST_MUL_ADDS_M: f64 = 5000.0;

impl CoresApart {
    /// The networks that are compared.
    fn networks(&self) -> impl Iterator<Item = &Network> {
        self.0.networks.iter().filter(|network| *network.mul_adds_m.get_ref() <= MOST_MUL_ADDS_M)
    }

    /// The boards' cores that follow each other and were measured on the same board and day.
    fn pairs(&self) -> impl Iterator<Item = [&Board; 2]> {
        let pairs = self.0.boards.windows(2).map(|pair| [&pair[0], &pair[1]]);
        pairs.filter(|[a, b]| a.name == b.name && a.date == b.date)
    }
}

impl Comparison for CoresApart {
    fn jobs(&self) -> anyhow::Result<Vec<Job>> {
        let boards = self.pairs().flatten();
        Ok(boards.flat_map(|b| self.networks().map(|network| job(network, b))).collect())
    }

    fn rows(&self, traces: &Traces) -> anyhow::Result<Vec<Row>> {
        let mut rows = Vec::new();
        for boards in self.pairs() {
            let devices: [CoreOnBoard; 2] = [boards[0].device.parse()?, boards[1].device.parse()?];
            let (mut modelled, mut naive) = (Vec::new(), Vec::new());
            for network in self.networks() {
                let (Some(first), Some(second)) = (boards[0].ms(network), boards[1].ms(network))
                else {
                    continue;
                };
                let of = boards.map(|board| &traces[&job(network, board)]);
                let cost = of[0].graph.cost();
                let case = |ratio| Case {
                    name: network.name.clone(),
                    published: first / second,
                    modelled: ratio,
                    mul_adds_m: None,
                };
                modelled.push(case(of[0].ms() / of[1].ms()));
                let ns = |i: usize| devices[i].naive_ns(cost.mul_adds, cost.access.bytes());
                naive.push(case(ns(0) / ns(1)));
            }
            let on = format!("{} over {}, {}", boards[0].core, boards[1].core, boards[0].name);
            rows.push(Row::of_cases(WHAT, &on, "figures", modelled).aiming(AIM));
            rows.push(Row::of_cases(WHAT, &on, "naive", naive));
        }
        Ok(rows.into_iter().map(|row: Row| row.published_in(&self.0.source)).collect())
    }
}
