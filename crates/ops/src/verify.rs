//! Nothing is timed before its output was checked.
//!
//! Every node's output is compared with the f64 reference, computed from the very inputs that the
//! device's own earlier nodes left, so that errors do not add up along the network. An output
//! element may differ from the reference by at most [`TOLERANCE`]·ε·Σ|terms|, where the terms are
//! what the element was summed from: the usual bound c·ε·K·max|x| with K·max|x| replaced by the
//! smaller sum that it estimates. A missing or doubled term is far outside it.

use crate::{Exact, Graph, Operands, Session, SessionError, Tensor, Value};

/// c in the tolerance: rounding of products and sums in any order stays well below it.
pub const TOLERANCE: f64 = 8.0;

/// Reference work for one node, in terms, above which output elements are sampled.
const BUDGET: u64 = 20_000_000;

/// The outcome for a whole network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verified {
    /// Nodes checked.
    pub nodes: usize,
    /// Output elements compared.
    pub elements: u64,
    /// The node with the largest error as a share of its tolerance, and that share.
    pub worst: (String, f64),
    /// Nodes whose values degenerate: not finite, all zero, or denormal.
    pub degenerate: Vec<String>,
}

impl Verified {
    /// Whether every element was within its tolerance and finite.
    pub fn passed(&self) -> bool {
        self.worst.1 <= 1.0 && self.degenerate.is_empty()
    }
}

/// Runs `session`, which must keep its intermediates, on `input` and checks every node.
///
/// # Errors
/// Where the device is lost.
pub fn verify(
    session: &mut dyn Session,
    input: &Tensor,
    seed: u64,
) -> Result<Verified, SessionError> {
    session.set_input(input)?;
    session.run()?;
    let graph = session.graph().clone();
    let mut values: Vec<Option<Tensor>> = vec![None; graph.nodes.len() + 1];
    values[Value::INPUT.index()] = Some(input.clone());
    let last_reader = last_readers(&graph);
    let mut report = Verified::default();
    for (i, node) in graph.nodes.iter().enumerate() {
        let output = session.fetch(i)?;
        let inputs: Vec<&Tensor> =
            node.inputs.iter().filter_map(|v| values[v.index()].as_ref()).collect();
        let weights = graph.weights(node, seed);
        let operands = Operands { inputs: &inputs, weights: &weights };
        let work = graph.node_cost(node).flops.max(1);
        check(&mut report, &node.name, &output, work, |at| node.op.reference(&operands, at));
        values[Value::of_node(i).index()] = Some(output);
        for (value, last) in values.iter_mut().zip(&last_reader) {
            if *last == i {
                *value = None;
            }
        }
    }
    Ok(report)
}

/// The last node that reads each value, by [`Value::index`].
fn last_readers(graph: &Graph) -> Vec<usize> {
    let mut last = vec![usize::MAX; graph.nodes.len() + 1];
    for (i, node) in graph.nodes.iter().enumerate() {
        for value in &node.inputs {
            last[value.index()] = i;
        }
    }
    last
}

/// Compares `output` with `reference`, element by element or, past the budget, a sample of them.
fn check(
    report: &mut Verified,
    node: &str,
    output: &Tensor,
    work: u64,
    reference: impl Fn([usize; 4]) -> Exact,
) {
    let s = output.shape();
    let elements = s.elements() as u64;
    let affordable = (BUDGET / work.div_ceil(elements).max(1)).max(64);
    // A step that shares no factor with the sizes visits all rows, columns and channels alike.
    let step = (elements.div_ceil(affordable) as usize) | 1;
    let mut seen = 0;
    let corners = [0, s.elements() - 1];
    for flat in (0..s.elements()).step_by(step).chain(corners) {
        let (pixel, c) = (flat / s.c, flat % s.c);
        let at = [pixel / s.area(), c, pixel % s.area() / s.w, pixel % s.w];
        let exact = reference(at);
        let share = error_share(output.at(at), exact);
        if share > report.worst.1 || report.worst.0.is_empty() {
            report.worst = (node.to_owned(), share);
        }
        seen += 1;
    }
    report.nodes += 1;
    report.elements += seen;
    if degenerate(output) {
        report.degenerate.push(node.to_owned());
    }
}

/// How far `got` is from the reference, as a share of what rounding excuses: up to 1 is right.
pub(crate) fn error_share(got: f64, exact: Exact) -> f64 {
    let tolerance =
        TOLERANCE * f64::from(f32::EPSILON) * exact.magnitude + f64::from(f32::MIN_POSITIVE);
    let error = (got - exact.value).abs();
    if error.is_nan() { f64::INFINITY } else { error / tolerance }
}

/// Whether values make times meaningless: not finite, all zero, or any denormal.
fn degenerate(output: &Tensor) -> bool {
    let all_zero = output.data().iter().all(|x| *x == 0.0);
    all_zero || output.data().iter().any(|x| !x.is_finite() || x.is_subnormal())
}
