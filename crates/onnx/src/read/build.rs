//! From a lifted network to a graph, whose weights stay in the file's bytes.

use super::{
    Error,
    error::cut,
    net::{FileNet, FileStep, Id, Kind, Weight},
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
pub(super) fn build(net: &FileNet, name: String) -> Result<Graph, Error> {
    let unsupported = lift::unsupported(net);
    if !unsupported.is_empty() {
        return Err(Error::Unsupported(unsupported));
    }
    let shape = |id| net.shape(id).ok_or_else(|| no_map(net, id));
    let (first, others) = net.read_inputs()?;
    let mut builder = GraphBuilder::new(name, shape(first)?);
    let mut values = HashMap::from([(first, Value::INPUT)]);
    for input in others {
        values.insert(input, builder.input(shape(input)?));
    }
    let mut names = Names::default();
    let (mut sound, mut owners, mut held) = (Sound::default(), Owners::default(), Held::default());
    for step in &net.steps {
        let inputs = step.inputs.iter().flatten().map(|&id| value(net, &values, id));
        let inputs: Vec<Value> = inputs.collect::<Result<_, _>>()?;
        let made = match &step.kind {
            Kind::Lab(op, weights) => {
                let name = names.free(&step.name);
                match owners.of(op, weights) {
                    Some(owner) => builder.push_shared(name, op.clone(), &inputs, owner)?,
                    None => {
                        sound.demand(step, op, weights)?;
                        owners.add(op, weights, &name);
                        held.0.insert(name.clone(), weights.clone());
                        builder.push(name, op.clone(), &inputs)?
                    }
                }
            }
            Kind::View(_) | Kind::Node { .. } => inputs[0],
        };
        let output = step.outputs[0];
        if builder.shape(made) != shape(output)? {
            return Err(no_map(net, output));
        }
        values.insert(output, made);
    }
    let output = |&id: &Id| match value(net, &values, id)? {
        Value::Input(_) => {
            let name = cut(&net.infos[id].name);
            Err(Error::Refused(format!("has an output {name:?} that is its input")))
        }
        computed @ Value::Node(_) => Ok(computed),
    };
    let outputs = net.outputs.iter().map(output).collect::<Result<_, _>>()?;
    let stored = Some(Stored::new(held));
    Ok(Graph { stored, ..builder.finish_with(outputs) })
}

fn value(net: &FileNet, values: &HashMap<Id, Value>, id: Id) -> Result<Value, Error> {
    values.get(&id).copied().ok_or_else(|| no_map(net, id))
}

pub(super) fn no_map(net: &FileNet, id: Id) -> Error {
    let info = &net.infos[id];
    let axes = info.dims().map_or("unknown axes".to_owned(), |dims| format!("axes {dims:?}"));
    Error::Refused(format!("has a value {:?} with {axes} that is no map of the lab", info.name))
}

/// Weights that were found to be numbers: many nodes may share a large one.
#[derive(Default)]
struct Sound(HashSet<(usize, usize, u32, bool)>);

impl Sound {
    /// Refuses weights that make no numbers.
    fn demand(&mut self, step: &FileStep, op: &Op, weights: &[Weight]) -> Result<(), Error> {
        let epsilon =
            if let Op::BatchNorm(BatchNorm { epsilon, .. }) = op { *epsilon } else { 0.0 };
        for weight in weights {
            // What is added to a variance must make it a divisor.
            let added = if weight.name == "variance" { epsilon } else { f32::INFINITY };
            let array = &weight.array;
            let inverse = weight.inverse;
            let new = self.0.insert((array.place(), array.len(), added.to_bits(), inverse));
            let is_number =
                |x: f32| x.is_finite() && x + added > 0.0 && (!inverse || x.recip().is_finite());
            if !weight.factor.is_finite() || new && !array.all(is_number) {
                let (node, name) = (&step.name, weight.name);
                let what = "what is no number to compute with";
                return Err(Error::Refused(format!(
                    "has a node {node:?} whose {name} holds {what}"
                )));
            }
        }
        Ok(())
    }
}

/// Names that no two nodes have, with how often each was asked for.
#[derive(Default)]
pub(super) struct Names(HashMap<String, usize>);

impl Names {
    /// `name`, with a number behind it where it is taken.
    pub fn free(&mut self, name: &str) -> String {
        let mut free = name.to_owned();
        while let Some(times) = self.0.get_mut(&free) {
            *times += 1;
            free = format!("{name}#{times}");
        }
        self.0.insert(free.clone(), 1);
        free
    }
}

/// Convolutions and linear operators by the places of their kernels: one that runs twice has its weights
/// once. Others may have the same weights by chance: exporters write equal ones once.
#[derive(Default)]
pub(super) struct Owners<'a>(HashMap<usize, Vec<Owner<'a>>>);

/// A node that runs first, with its name.
struct Owner<'a> {
    op: &'a Op,
    weights: &'a [Weight],
    name: String,
}

impl<'a> Owners<'a> {
    /// The node before that has these very weights.
    pub fn of(&self, op: &Op, weights: &[Weight]) -> Option<&str> {
        let same = |owner: &&Owner<'_>| {
            let mut pairs = owner.weights.iter().zip(weights);
            owner.op == op && pairs.all(|(a, b)| a.is(b))
        };
        let at = weights.first()?.array.place();
        self.0.get(&at)?.iter().find(same).map(|owner| owner.name.as_str())
    }

    pub fn add(&mut self, op: &'a Op, weights: &'a [Weight], name: &str) {
        if let (Op::Conv2d(_) | Op::ConvTranspose2d(_) | Op::Linear(_), [kernel, ..]) =
            (op, weights)
        {
            let owner = Owner { op, weights, name: name.to_owned() };
            self.0.entry(kernel.array.place()).or_default().push(owner);
        }
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
        let at = |[n, c, h, w]: [usize; 4]| held.at([rows.start + n, c, h, w]);
        Some(Tensor::from_fn(shape, at).as_rows_from(rows.start))
    }
}
