//! What a comparison is.

use super::traced::{Job, Traces};
use report::validation::Row;

/// A comparison: the runs that it needs, and what they say.
pub trait Comparison {
    /// The networks to be traced.
    ///
    /// # Errors
    /// Where one cannot be built.
    fn jobs(&self) -> anyhow::Result<Vec<Job>>;

    /// What came of it.
    ///
    /// # Errors
    /// Where a device does not exist.
    fn rows(&self, traces: &Traces) -> anyhow::Result<Vec<Row>>;
}
