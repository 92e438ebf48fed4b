//! What a guideline says of a network.

use serde::Serialize;

/// What every guideline says of a network. Shares are from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Axis {
    /// Memory access cost over what it is where the guideline is obeyed at equal mult-adds.
    pub access_over_bound: Option<f64>,
    /// Share of the time spent in what the guideline warns of.
    pub time_share: Option<f64>,
    /// Milliseconds of a run that the network loses to the guideline; negative where it gains.
    pub price_ms: Option<f64>,
    /// Its 95 % interval.
    pub price_ms_ci: Option<[f64; 2]>,
    /// The same as a share of the run.
    pub price_share: Option<f64>,
    /// Its 95 % interval.
    pub price_share_ci: Option<[f64; 2]>,
    /// What was rewritten to find the price.
    pub changed: String,
    /// What the price does not prove, whatever it is.
    pub does_not_prove: &'static str,
}
