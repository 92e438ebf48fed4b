//! Weights and inputs: drawn from a seed and a name, the same on every device and at every level; or, in place
//! of drawn ones, weights that stand somewhere, such as in a file.

use crate::{Tensor, Weight};
use profile::Shape;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
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

/// The tensor of one weight of the node called `node`: uniform in `mean ± spread`.
#[cfg(test)]
pub(crate) fn weight_tensor(seed: u64, node: &str, weight: &Weight) -> Tensor {
    weight_rows(seed, node, weight, 0..weight.shape.n)
}

/// Rows of it, as far as it has them.
pub(crate) fn weight_rows(seed: u64, node: &str, weight: &Weight, rows: Range<usize>) -> Tensor {
    let Weight { shape, mean, spread, .. } = *weight;
    let rows = rows.start.min(shape.n)..rows.end.min(shape.n);
    let mut rng = generator(seed, &format!("{node}/{}", weight.name));
    // An element takes a word.
    rng.set_word_pos((rows.start * shape.c * shape.area()) as u128);
    let shape = Shape { n: rows.len(), ..shape };
    uniform(&mut rng, shape, mean, spread).as_rows_from(rows.start)
}

/// The first input of a graph: uniform in ±1.
pub fn input_tensor(seed: u64, shape: Shape) -> Tensor {
    named_input(seed, "input", shape)
}

/// The input of this name.
pub(crate) fn named_input(seed: u64, name: &str, shape: Shape) -> Tensor {
    uniform(&mut generator(seed, name), shape, 0.0, 1.0)
}

fn uniform(rng: &mut ChaCha8Rng, shape: Shape, mean: f32, spread: f32) -> Tensor {
    // 24 random bits fill an f32's significand exactly.
    const STEP: f32 = 2.0 / (1 << 24) as f32;
    let draw = |_| ((rng.next_u32() >> 8) as f32).mul_add(STEP, -1.0).mul_add(spread, mean);
    Tensor::from_nhwc(shape, (0..shape.elements()).map(draw).collect())
}

/// Random bits for what is called `name`.
pub(crate) fn generator(seed: u64, name: &str) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed ^ fnv1a(name))
}

/// The 64-bit Fowler–Noll–Vo hash (FNV-1a), chosen because it is the same everywhere.
fn fnv1a(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}
