//! Networks on boards: one scale a board.

use super::{
    comparison::Comparison,
    published::{Board, LEVEL, Network, Published, winograd_share},
    traced::{Job, Traces},
};
use cores::CoreOnBoard;
use report::validation::{Aim, Case, Row};

/// The comparison.
pub struct Boards(pub Published);

const WHAT: &str = "networks without Winograd, ncnn";

const AIM: Aim = Aim::Errors { median: 0.20, p90: None };

/// Most of a network's mult-adds in convolutions that engines do by Winograd's algorithm: what that saves is the
/// engine's affair.
const MOST_WINOGRAD: f64 = 0.1;

/// The job of a network on a device.
pub fn job(network: &Network, board: &Board) -> Job {
    Job {
        model: network.model.clone(),
        edge: Some(network.edge),
        level: LEVEL,
        device: board.device.clone(),
    }
}

impl Boards {
    /// The networks that are compared.
    fn networks(&self) -> anyhow::Result<Vec<&Network>> {
        let mut networks = Vec::new();
        for network in &self.0.networks {
            if winograd_share(&network.graph()?) <= MOST_WINOGRAD {
                networks.push(network);
            }
        }
        Ok(networks)
    }
}

impl Comparison for Boards {
    fn jobs(&self) -> anyhow::Result<Vec<Job>> {
        let networks = self.networks()?;
        let of_board = |board| networks.iter().map(move |network| job(network, board));
        Ok(self.0.boards.iter().flat_map(of_board).collect())
    }

    fn rows(&self, traces: &Traces) -> anyhow::Result<Vec<Row>> {
        let networks = self.networks()?;
        let mut rows = Vec::new();
        for board in &self.0.boards {
            let device: CoreOnBoard = board.device.parse()?;
            let (mut modelled, mut naive) = (Vec::new(), Vec::new());
            for network in &networks {
                let (Some(ms), trace) = (board.ms(network), &traces[&job(network, board)]) else {
                    continue;
                };
                let (more, cost) = (network.more_than(&trace.graph), trace.graph.cost());
                let case = |of_zoo: f64| Case {
                    name: network.name.clone(),
                    published: ms,
                    modelled: more * of_zoo,
                    mul_adds_m: Some(*network.mul_adds_m.get_ref()),
                };
                modelled.push(case(trace.ms()));
                naive.push(case(device.naive_ns(cost.mul_adds, cost.access.bytes()) / 1e6));
            }
            let on = format!("{board}, as {}", device.name());
            rows.push(scaled(&on, "figures", modelled).aiming(AIM));
            rows.push(scaled(&on, "naive", naive));
        }
        Ok(rows.into_iter().map(|row: Row| row.published_in(&self.0.source)).collect())
    }
}

/// The row of `cases` by the scale that suits half of them too well and half too little.
fn scaled(device: &str, model: &str, cases: Vec<Case>) -> Row {
    let mut scales: Vec<f64> = cases.iter().map(|case| case.published / case.modelled).collect();
    let scale = stats::median_of(&mut scales).unwrap_or(1.0);
    let by_scale = |case: Case| Case { modelled: scale * case.modelled, ..case };
    Row::of_cases(WHAT, device, model, cases.into_iter().map(by_scale).collect()).fitted(&[scale])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_the_median_of_what_was_missed() {
        let case = |published, modelled| Case {
            name: String::new(),
            published,
            modelled,
            mul_adds_m: None,
        };
        let row = scaled("board", "figures", vec![case(2.0, 1.0), case(6.0, 2.0), case(8.0, 1.0)]);
        assert_eq!(row.scalars, [3.0]);
        let modelled: Vec<f64> = row.cases.iter().map(|case| case.modelled).collect();
        assert_eq!(modelled, [3.0, 6.0, 3.0]);
    }
}
