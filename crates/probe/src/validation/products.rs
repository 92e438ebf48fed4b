//! Measured matrix products: kernels that were not fitted to.

use super::{
    comparison::Comparison,
    traced::{Job, Traces},
};
use report::validation::{Aim, Row};

/// The comparison.
pub struct Products;

/// What the model is to reach of tiles.
const AIM: Aim = Aim::Errors { median: 0.10, p90: Some(0.25) };

impl Comparison for Products {
    fn jobs(&self) -> anyhow::Result<Vec<Job>> {
        Ok(Vec::new())
    }

    fn rows(&self, _: &Traces) -> anyhow::Result<Vec<Row>> {
        let mut rows = Vec::new();
        for validation in cores::validate()? {
            let row = |what: &str, errors: &[f64]| {
                Row::of_errors(what, &validation.core, validation.model, errors)
                    .fitted(&validation.scalars)
                    .published_in(&validation.source)
            };
            let tiles = row("matrix products", &validation.predicted);
            rows.push(if validation.model == "fitted" { tiles.aiming(AIM) } else { tiles });
            rows.push(row("matrix products with a vector", &validation.vectors));
        }
        rows.sort_by_key(|row| row.what.clone());
        Ok(rows)
    }
}
