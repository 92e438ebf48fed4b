//! From a lifted network to a graph, whose weights stay in the file's bytes.

use super::{
    Error,
    net::{Id, Kind, Net, Step, Weight},
};
use crate::lift;
use ops::{BatchNorm, Graph, GraphBuilder, Op, Source, Stored, Tensor, Value};
use profile::Shape;
use std::{
    collections::{HashMap, HashSet},
    fmt,
    ops::Range,
};

/// `net` as a graph called `name`.
pub(super) fn build(net: &Net, name: String) -> Result<Graph, Error> {
    let unsupported = lift::unsupported(net);
    if !unsupported.is_empty() {
        return Err(Error::Unsupported(unsupported));
    }
    let shape = |id| net.shape(id).ok_or_else(|| no_map(net, id));
    let mut builder = GraphBuilder::new(name, shape(net.input)?);
    let mut values = HashMap::from([(net.input, Value::INPUT)]);
    let mut names = Names::default();
    let mut held = Held::default();
    for step in &net.steps {
        let inputs = step.inputs.iter().flatten().map(|&id| value(net, &values, id));
        let inputs: Vec<Value> = inputs.collect::<Result<_, _>>()?;
        let made = match &step.kind {
            Kind::Lab(op, weights) => {
                let name = names.free(&step.name);
                sound(step, op, weights)?;
                held.0.insert(name.clone(), weights.clone());
                builder.push(name, op.clone(), &inputs)?
            }
            Kind::View | Kind::Node { .. } => inputs[0],
        };
        let output = step.outputs[0];
        if builder.shape(made) != shape(output)? {
            return Err(no_map(net, output));
        }
        values.insert(output, made);
    }
    let output = value(net, &values, net.output)?;
    let stored = Some(Stored::new(held));
    Ok(Graph { stored, ..builder.finish(output) })
}

fn value(net: &Net, values: &HashMap<Id, Value>, id: Id) -> Result<Value, Error> {
    values.get(&id).copied().ok_or_else(|| no_map(net, id))
}

fn no_map(net: &Net, id: Id) -> Error {
    let info = &net.infos[id];
    let axes = info.dims().map_or("unknown axes".to_owned(), |dims| format!("axes {dims:?}"));
    Error::Refused(format!("has a value {:?} with {axes} that is no map of the lab", info.name))
}

/// Refuses weights that make no numbers.
fn sound(step: &Step, op: &Op, weights: &[Weight]) -> Result<(), Error> {
    let finite =
        |w: &&Weight| (0..w.array.len()).all(|i| w.array.float(i).is_some_and(f32::is_finite));
    let mut wrong = weights.iter().find(|w| !finite(w));
    if let Op::BatchNorm(BatchNorm { epsilon, .. }) = op {
        let positive = |w: &&Weight| {
            (0..w.array.len()).all(|i| w.array.float(i).is_some_and(|v| v + epsilon > 0.0))
        };
        wrong = wrong.or_else(|| weights.iter().find(|w| w.name == "variance" && !positive(w)));
    }
    let Some(weight) = wrong else { return Ok(()) };
    let (node, name) = (&step.name, weight.name);
    Err(Error::Refused(format!(
        "has a node {node:?} whose {name} holds what is no number to compute with"
    )))
}

/// Names that no two nodes have.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    /// `name`, with a number behind it where it is taken.
    fn free(&mut self, name: &str) -> String {
        let numbered = (2..).map(|n| format!("{name}#{n}"));
        let free = [name.to_owned()].into_iter().chain(numbered).find(|n| !self.0.contains(n));
        let free = free.unwrap_or_default();
        self.0.insert(free.clone());
        free
    }
}

/// The weights of each node.
#[derive(Default)]
struct Held(HashMap<String, Vec<Weight>>);

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "weights of {} nodes", self.0.len())
    }
}

impl Source for Held {
    fn rows(&self, node: &str, weight: &ops::Weight, rows: Range<usize>) -> Option<Tensor> {
        let held = self.0.get(node)?.iter().find(|w| w.name == weight.name)?;
        [1, weight.shape.elements()].contains(&held.array.len()).then_some(())?;
        let shape = Shape { n: rows.len(), ..weight.shape };
        // A subnormal weight would slow down the kernels; nothing is lost without it.
        let normal = |x: f32| if x.is_subnormal() { 0.0 } else { x };
        let at = |[n, c, h, w]: [usize; 4]| normal(held.at([rows.start + n, c, h, w]));
        Some(Tensor::from_fn(shape, at).as_rows_from(rows.start))
    }
}
