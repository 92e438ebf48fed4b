//! Weights that stand somewhere, such as in a file, in place of drawn ones.

use crate::{Tensor, Weight};
use std::{fmt::Debug, ops::Range, sync::Arc};

/// Where weights stand.
pub trait Source: Debug + Send + Sync {
    /// These rows of a weight of the node called `node`; `None` where that node has none of this
    /// name and shape, as one that a pass widened.
    fn rows(&self, node: &str, weight: &Weight, rows: Range<usize>) -> Option<Tensor>;
}

/// The weights of a graph that are not drawn, shared by all that is made of it. Two are the same where
/// they stand in the same place.
#[derive(Clone, Debug)]
pub struct Stored(Arc<dyn Source>);

impl Stored {
    /// Those of `source`.
    pub fn new(source: impl Source + 'static) -> Self {
        Self(Arc::new(source))
    }

    /// These rows of a weight, as far as it has them.
    pub(crate) fn rows(&self, node: &str, weight: &Weight, rows: Range<usize>) -> Option<Tensor> {
        let n = weight.shape.n;
        self.0.rows(node, weight, rows.start.min(n)..rows.end.min(n))
    }
}

impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
