//! Lowering: passes from graph to graph, one a file.

mod fold_batch_norm;

pub use fold_batch_norm::fold_batch_norm;

use crate::Graph;
use profile::Level;

impl Graph {
    /// This raw graph lowered to `level`.
    pub fn at(&self, level: Level) -> Self {
        match level {
            Level::Raw => self.clone(),
            Level::Folded => fold_batch_norm(self),
        }
    }
}
