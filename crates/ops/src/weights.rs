//! The weights of a node, as those who read them get them.
//!
//! Most are drawn once and held. A kernel that is a large part of a network's memory (the first linear
//! operator of VGG-16: 392 MiB of 528) should not stand there twice, as drawn and as packed: it is drawn
//! anew, a few outputs at a time, whenever it is read.

use crate::Tensor;
use profile::Shape;
use std::{borrow::Cow, fmt, ops::Range, sync::Arc};

/// Bytes of a kernel above which it is not held.
const LARGE: usize = 1 << 20;

/// Bytes of a kernel that are drawn at a time.
const PART: usize = 1 << 20;

/// The weights of a node, in the order of [`Operator::weights`](crate::Operator::weights). The first is the
/// kernel: a row an output.
#[derive(Clone)]
pub struct Weights<'a>(Source<'a>);

#[derive(Clone)]
enum Source<'a> {
    Held(Vec<Tensor>),
    Read { kernel: Shape, of_outputs: Arc<OfOutputs<'a>> },
}

/// All weights, but of the kernel perhaps only the rows of some outputs.
type OfOutputs<'a> = dyn Fn(Range<usize>) -> Vec<Tensor> + Send + Sync + 'a;

impl<'a> Weights<'a> {
    /// Of a kernel of this shape, if there is one, and what reads them: all, but of the kernel perhaps only
    /// the rows of some outputs. They are held where they are small.
    pub fn read(
        kernel: Option<Shape>,
        of_outputs: impl Fn(Range<usize>) -> Vec<Tensor> + Send + Sync + 'a,
    ) -> Self {
        Self(match kernel.filter(|kernel| kernel.elements() * size_of::<f32>() > LARGE) {
            Some(kernel) => Source::Read { kernel, of_outputs: Arc::new(of_outputs) },
            None => Source::Held(of_outputs(0..usize::MAX)),
        })
    }

    /// These.
    pub const fn held(weights: Vec<Tensor>) -> Self {
        Self(Source::Held(weights))
    }

    /// The kernel's shape, where there is one.
    pub fn kernel(&self) -> Option<Shape> {
        match &self.0 {
            Source::Held(weights) => weights.first().map(Tensor::shape),
            Source::Read { kernel, .. } => Some(*kernel),
        }
    }

    /// All of them.
    pub fn all(&self) -> Cow<'_, [Tensor]> {
        self.of_outputs(0..usize::MAX)
    }

    /// All of them, but of the kernel perhaps only the rows of these outputs.
    pub fn of_outputs(&self, outputs: Range<usize>) -> Cow<'_, [Tensor]> {
        match &self.0 {
            Source::Held(weights) => Cow::Borrowed(weights),
            Source::Read { of_outputs, .. } => Cow::Owned(of_outputs(outputs)),
        }
    }

    /// Outputs whose weights one may ask for at a time, all of them together.
    pub fn parts(&self) -> Vec<Range<usize>> {
        let (outputs, rows) = match &self.0 {
            Source::Held(_) => (usize::MAX, usize::MAX),
            Source::Read { kernel, .. } => {
                let row = kernel.elements() / kernel.n * size_of::<f32>();
                (kernel.n, (PART / row).max(1))
            }
        };
        (0..outputs).step_by(rows).map(|o| o..outputs.min(o.saturating_add(rows))).collect()
    }
}

impl fmt::Debug for Weights<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Weights").field(&self.kernel()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BatchNorm, Conv2d, GraphBuilder, Linear, Value};
    use profile::Level;

    #[test]
    fn rows_are_those_of_the_whole_folded_ones_too() {
        let mut b = GraphBuilder::new("net", Shape::new(1, 6, 5, 5));
        let y = b.push("conv", Conv2d::new(10, 3).groups(2), &[Value::INPUT]).unwrap();
        let y = b.push("bn", BatchNorm::default(), &[y]).unwrap();
        let graph = b.finish(y).at(Level::Folded);
        let node = &graph.nodes[0];
        let (whole, part) = (graph.weights(node, 7), graph.weights_of_outputs(node, 7, 3..8));
        assert_eq!(part[0].rows(), 3..8);
        (3..8).for_each(|o| assert_eq!(part[0].row(o), whole[0].row(o), "output {o}"));
        assert_eq!(part[1], whole[1]);
    }

    #[test]
    fn a_large_kernel_is_drawn_in_parts_that_make_up_all_of_it() {
        let (inputs, outputs) = (2048, (LARGE / 4).div_ceil(2048) + 1);
        let mut b = GraphBuilder::new("net", Shape::features(1, inputs));
        let y = b.push("fc", Linear::new(outputs), &[Value::INPUT]).unwrap();
        let graph = b.finish(y);
        let weights = graph.node_weights(&graph.nodes[0], 7);
        let whole = graph.weights(&graph.nodes[0], 7);
        let mut next = 0;
        for part in weights.parts() {
            assert_eq!(part.start, next);
            next = part.end;
            let kernel = &weights.of_outputs(part.clone())[0];
            assert!(size_of_val(kernel.data()) <= PART);
            part.for_each(|o| assert_eq!(kernel.row(o), whole[0].row(o), "output {o}"));
        }
        assert_eq!(next, outputs);
    }
}
