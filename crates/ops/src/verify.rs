//! Nothing is timed before its output was checked.
//!
//! Every node's output is compared with the f64 reference, computed from the very inputs that the
//! device's own earlier nodes left, so that errors do not add up along the network. An output
//! element may differ from the reference by at most (8 + √K)·ε·Σ|terms|, where the K terms are what
//! the element was summed from: the usual bound c·ε·K·max|x| with K·max|x| replaced by the smaller
//! sum that it estimates. Rounding errors of a sum in any order grow like √K (Higham and Mary 2019,
//! doi 10.1137/18M1226312); the constant covers functions that are approximated. A missing or doubled
//! term is far outside. A kernel whose algorithm rounds more than a sum does says how many times more
//! (Winograd's), and its bound is as many times wider.
//!
//! Nodes are compared in the places where they lie, so that verifying needs no second copy of them. A node
//! that wrote over what another still wants would mislead its reference, too; so a fingerprint of each map
//! is taken when it was made, and compared when it is read.
//!
//! Where checking all elements of a node would take too long, some are drawn at random, the edges
//! of each axis far more often than their share: that is where kernels go wrong. A fault in a share
//! f of what is drawn is missed with a probability of (1 − f)ⁿ for n draws.

use crate::{
    Exact, Graph, MapRef, Node, Operands, Session, SessionError, Tensor, Value, Weights, draw,
};
use profile::Shape;
use rand_chacha::{ChaCha8Rng, rand_core::Rng};
use std::{
    hash::{DefaultHasher, Hasher},
    ops::Range,
};

/// Reference work for one node, in operations, above which [`verify`] samples output elements.
const BUDGET: u64 = 20_000_000;

/// Elements that are checked at least, whatever they cost.
const FEWEST: u64 = 256;

/// The outcome for a whole network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verified {
    /// Nodes checked.
    pub nodes: usize,
    /// Output elements compared.
    pub elements: u64,
    /// A node, and its largest error as a share of its tolerance: the first that is wrong (those
    /// behind it compute from what it left), or, where none is, the one with the largest share.
    pub worst: (String, f64),
    /// Nodes whose values degenerate: not finite, all zero, or denormal.
    pub degenerate: Vec<String>,
    /// Nodes that read a map which is not what it was when it was made: something else was written to its
    /// place.
    pub overwritten: Vec<String>,
}

impl Verified {
    /// Whether every element was within its tolerance and finite, and read as it was made.
    pub fn passed(&self) -> bool {
        self.worst.1 <= 1.0 && self.degenerate.is_empty() && self.overwritten.is_empty()
    }
}

/// Runs `session`, which must keep its intermediates, on `inputs` and checks every node.
///
/// # Errors
/// Where the device is lost.
pub fn verify(
    session: &mut dyn Session,
    inputs: &[Tensor],
    seed: u64,
) -> Result<Verified, SessionError> {
    verify_within(BUDGET, session, inputs, seed)
}

/// [`verify`] that tells `observe` of each node before it is checked, and ends with its first error.
///
/// # Errors
/// Where the device is lost, and those of `observe`.
pub fn verify_observed(
    session: &mut dyn Session,
    inputs: &[Tensor],
    seed: u64,
    observe: &mut Observe<'_>,
) -> Result<Verified, SessionError> {
    check_each(BUDGET, session, inputs, seed, observe)
}

/// What is told of each node.
pub type Observe<'a> = dyn FnMut(usize) -> Result<(), SessionError> + Send + 'a;

/// [`verify`] with at most about `budget` operations of reference work for one node: for tests of
/// many networks.
///
/// # Errors
/// Where the device is lost.
pub fn verify_within(
    budget: u64,
    session: &mut dyn Session,
    inputs: &[Tensor],
    seed: u64,
) -> Result<Verified, SessionError> {
    check_each(budget, session, inputs, seed, &mut |_| Ok(()))
}

fn check_each(
    budget: u64,
    session: &mut dyn Session,
    inputs: &[Tensor],
    seed: u64,
    observe: &mut Observe<'_>,
) -> Result<Verified, SessionError> {
    let (graph, tolerances) = (session.graph().clone(), session.tolerances());
    let mut report = Verified::default();
    let mut made: Vec<u64> = inputs.iter().map(|input| fingerprint(input.as_map())).collect();
    made.resize(inputs.len() + graph.nodes.len(), 0);
    session.run_each(inputs, &mut |i, inputs, output| {
        observe(i)?;
        let node = &graph.nodes[i];
        let same = |(v, map): (&Value, &MapRef<'_>)| made[graph.index(*v)] == fingerprint(*map);
        if !node.inputs.iter().zip(inputs).all(same) {
            report.overwritten.push(node.name.clone());
        }
        made[graph.index(Value::of_node(i))] = fingerprint(output);
        let (weights, tolerance) = (graph.node_weights(node, seed), tolerances[i]);
        let reference = Reference { node, inputs, weights, tolerance };
        check(&mut report, &reference, output, affordable(budget, &graph, node));
        Ok(())
    })?;
    Ok(report)
}

/// Whether `output` is what `node` makes of `inputs`, `tolerance` times the usual rounding errors excused: of all
/// its elements, or a sample of about `budget` operations.
#[cfg(feature = "gpu")]
pub(crate) fn is_right(
    budget: u64,
    graph: &Graph,
    node: &Node,
    (inputs, output): (&[MapRef<'_>], MapRef<'_>),
    seed: u64,
    tolerance: f64,
) -> bool {
    let weights = graph.node_weights(node, seed);
    let reference = Reference { node, inputs, weights, tolerance };
    let mut report = Verified::default();
    check(&mut report, &reference, output, affordable(budget, graph, node));
    report.worst.1 <= 1.0
}

/// How many elements of the output of `node` a `budget` of operations is enough for.
fn affordable(budget: u64, graph: &Graph, node: &Node) -> u64 {
    let elements = node.output.elements().max(1) as u64;
    let work = graph.node_cost(node).flops.div_ceil(elements);
    budget / work.max(node.op.read_for_one(&graph.input_shapes(node))).max(1)
}

/// What tells maps apart whose bits differ.
fn fingerprint(map: MapRef<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    map.elements().for_each(|x| hasher.write_u32(x.to_bits()));
    hasher.finish()
}

/// What a node's output is compared with.
struct Reference<'a> {
    node: &'a Node,
    inputs: &'a [MapRef<'a>],
    weights: Weights<'a>,
    /// How many times the usual rounding errors are excused.
    tolerance: f64,
}

impl Reference<'_> {
    /// The largest error at some places of `output`, as a share of its tolerance. The places are gone
    /// through once for each part of the weights.
    fn largest_error<P>(&self, output: MapRef<'_>, places: impl Fn() -> P) -> f64
    where
        P: Iterator<Item = [usize; 4]>,
    {
        let of_part = |part: Range<usize>| {
            let weights = self.weights.of_outputs(part.clone());
            let operands = Operands { inputs: self.inputs, weights: &weights };
            places()
                .filter(|[_, c, ..]| part.contains(c))
                .map(|at| error_share(output.at(at), self.node.reference(&operands, at)))
                .fold(0.0, f64::max)
        };
        self.weights.parts().into_iter().map(of_part).fold(0.0, f64::max) / self.tolerance
    }
}

/// Compares `output` with `reference`, element by element, or a sample of `affordable` of them.
fn check(report: &mut Verified, reference: &Reference<'_>, output: MapRef<'_>, affordable: u64) {
    let s = output.shape();
    let elements = s.elements() as u64;
    let affordable = affordable.max(FEWEST);
    let node = &reference.node.name;
    let largest = if elements <= affordable {
        reference.largest_error(output, || every_place(s))
    } else {
        reference.largest_error(output, || {
            let mut rng = draw::generator(0, node);
            (0..affordable).map(move |_| drawn_place(&mut rng, s))
        })
    };
    if report.worst.1 <= 1.0 && (largest > report.worst.1 || report.nodes == 0) {
        report.worst = (node.clone(), largest);
    }
    report.nodes += 1;
    report.elements += elements.min(affordable);
    if degenerate(output) {
        report.degenerate.push(node.clone());
    }
}

/// All (n, c, h, w) of a shape, in the order of a dense tensor.
pub(crate) fn every_place(s: Shape) -> impl Iterator<Item = [usize; 4]> {
    (0..s.elements()).map(move |i| {
        let (pixel, c) = (i / s.c, i % s.c);
        [pixel / s.area(), c, pixel % s.area() / s.w, pixel % s.w]
    })
}

/// One (n, c, h, w): on each axis the first, the last, or, every other time, any.
fn drawn_place(rng: &mut ChaCha8Rng, s: Shape) -> [usize; 4] {
    <[usize; 4]>::from(s).map(|len| match rng.next_u32() % 4 {
        0 => 0,
        1 => len - 1,
        _ => rng.next_u32() as usize % len,
    })
}

/// How far `got` is from the reference, as a share of what rounding excuses: up to 1 is right.
pub(crate) fn error_share(got: f64, exact: Exact) -> f64 {
    let roundings = 8.0 + f64::from(exact.terms).sqrt();
    // Below the normal numbers that rule does not hold: twice the smallest normal one is excused as well.
    let tolerance =
        roundings * f64::from(f32::EPSILON) * exact.magnitude + 2.0 * f64::from(f32::MIN_POSITIVE);
    let share = (got - exact.value).abs() / tolerance;
    if share.is_nan() { f64::INFINITY } else { share }
}

/// Outputs of fewer elements may all be zero by chance: the few neurons in the middle of an
/// attention block behind a ReLU, say.
const FEW: usize = 16;

/// Whether values make times meaningless: not finite, all zero, or any denormal.
fn degenerate(output: MapRef<'_>) -> bool {
    let all_zero = output.shape().elements() >= FEW && output.elements().all(|x| x == 0.0);
    all_zero || output.elements().any(|x| !x.is_finite() || x.is_subnormal())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GraphBuilder, Unary, UnaryFn};
    use std::collections::HashSet;

    /// More than is affordable with [`COSTLY`] operations an element.
    const LARGE: Shape = Shape::new(2, 48, 40, 30);
    const COSTLY: u64 = 10_000;

    /// What is found where the reference is 1 everywhere.
    fn found(output: &Tensor) -> Verified {
        let mut graph = GraphBuilder::new("net", LARGE);
        let relu = graph.push("node", Unary(UnaryFn::Relu), &[Value::INPUT]).unwrap();
        let (graph, ones) = (graph.finish(relu), Tensor::from_fn(LARGE, |_| 1.0));
        let weights = Weights::held(Vec::new());
        let reference =
            Reference { node: &graph.nodes[0], inputs: &[ones.as_map()], weights, tolerance: 1.0 };
        let mut report = Verified::default();
        check(&mut report, &reference, output.as_map(), BUDGET / COSTLY);
        report
    }

    #[test]
    fn a_sample_has_all_corners_and_every_index_of_every_axis() {
        let mut rng = draw::generator(0, "node");
        let seen: HashSet<[usize; 4]> =
            (0..BUDGET / COSTLY).map(|_| drawn_place(&mut rng, LARGE)).collect();
        let axes: [usize; 4] = LARGE.into();
        for corner in 0..16 {
            let corner =
                std::array::from_fn(|i| if corner >> i & 1 == 1 { axes[i] - 1 } else { 0 });
            assert!(seen.contains(&corner), "{corner:?}");
        }
        for (axis, len) in axes.into_iter().enumerate() {
            let indices: HashSet<usize> = seen.iter().map(|at| at[axis]).collect();
            assert_eq!(indices.len(), len, "axis {axis}");
        }
    }

    #[test]
    fn a_sampled_output_that_is_right_passes() {
        let verified = found(&Tensor::from_fn(LARGE, |_| 1.0));
        assert!(verified.passed());
        assert_eq!(verified.elements, BUDGET / COSTLY);
    }

    #[test]
    fn a_fault_in_one_row_one_channel_or_one_corner_of_a_sampled_output_is_found() {
        let faults: [fn([usize; 4]) -> bool; 4] = [
            |[_, _, h, _]| h == 17,
            |[_, c, ..]| c == 31,
            |[_, _, _, w]| w == LARGE.w - 1,
            |at| at == [1, LARGE.c - 1, LARGE.h - 1, LARGE.w - 1],
        ];
        for (i, fault) in faults.into_iter().enumerate() {
            let output = Tensor::from_fn(LARGE, |at| if fault(at) { 1.001 } else { 1.0 });
            assert!(!found(&output).passed(), "fault {i}");
        }
    }

    #[test]
    fn rounding_is_excused_and_more_is_not() {
        let one = Exact::of(1.0);
        assert!(error_share(1.0 + 4.0 * f64::from(f32::EPSILON), one) <= 1.0);
        assert!(error_share(1.0 + 10.0 * f64::from(f32::EPSILON), one) > 1.0);
        assert!(error_share(f64::NAN, one) > 1.0);
        assert!(error_share(-3.4e38, Exact::of(f64::NEG_INFINITY)) > 1.0);
        // 1 − 1 leaves what the terms were rounded by.
        let cancelled = Exact::sum([1.0, -1.0].into_iter());
        assert!(error_share(f64::from(f32::EPSILON), cancelled) <= 1.0);
        // Long sums round more, as the root of their length, and never by a whole term.
        let long = Exact::sum(std::iter::repeat_n(1.0, 10_000));
        let off =
            |roundings: f64| error_share(1e4 * (1.0 + roundings * f64::from(f32::EPSILON)), long);
        assert!(off(100.0) <= 1.0 && off(110.0) > 1.0);
        assert!(error_share(9_999.0, long) > 1.0);
    }
}
