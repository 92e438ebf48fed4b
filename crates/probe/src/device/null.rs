//! What the harness itself costs: runs of networks that do next to nothing.

use ops::{Graph, GraphBuilder, GraphError, Session, SessionError, Unary, UnaryFn, Value};
use profile::Shape;
use stats::Estimate;

/// Instrumented runs from which the harness's cost is known.
const NULL_RUNS: usize = 100;

/// Median time of an instrumented run, nanoseconds.
pub fn instrumented(session: &mut dyn Session) -> Result<f64, SessionError> {
    let mut times = vec![0; session.graph().nodes.len()];
    let runs = (0..NULL_RUNS).map(|_| session.run_timed(&mut times));
    let runs: Vec<u64> = runs.collect::<Result<_, _>>()?;
    Ok(Estimate::of(&runs).map_or(0.0, |e| e.median))
}

/// A network of `nodes` operators, each on four numbers.
pub fn tiny(nodes: usize) -> Result<Graph, GraphError> {
    let mut b = GraphBuilder::new("tiny", Shape::new(1, 4, 1, 1));
    let relu = |x, i| b.push(format!("relu{i}"), Unary(UnaryFn::Relu), &[x]);
    let output = (0..nodes).try_fold(Value::INPUT, relu)?;
    Ok(b.finish(output))
}
