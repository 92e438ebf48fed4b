//! What of a file can be counted where the lab lacks operators for the rest.

use super::{
    Error, Unsupported,
    build::{Names, Owners, no_map},
    net::{FileNet, FileStep, Kind, Weight},
};
use crate::lift;
use ops::Op;
use profile::{Cost, Shape};

/// The operators of a file that the lab has, and what it lacks for the others.
#[derive(Clone, Debug)]
pub struct Partial {
    /// The network's name.
    pub name: String,
    /// Shapes of its inputs (N, C, H, W), of which there is one at least.
    pub inputs: Vec<Shape>,
    /// What is counted, in an order in which it can run.
    pub operators: Vec<Counted>,
    /// What is not.
    pub missing: Vec<Unsupported>,
}

/// An operator of a file, counted.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Its name.
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// Shapes of its inputs (N, C, H, W).
    pub inputs: Vec<Shape>,
    /// Shape of its output (N, C, H, W).
    pub output: Shape,
    /// What it must compute and touch.
    pub cost: Cost,
}

/// What of `net`, called `name`, can be counted.
pub(super) fn partial(net: &FileNet, name: String) -> Result<Partial, Error> {
    let (mut names, mut owners) = (Names::default(), Owners::default());
    let mut operators: Vec<Counted> = Vec::new();
    let mut total = Cost::default();
    for step in &net.steps {
        let Kind::Lab(op, weights) = &step.kind else { continue };
        if !lift::is_of_maps(net, step) {
            continue;
        }
        let counted = counted(net, step, (op, weights), names.free(&step.name), &mut owners)?;
        total += counted.cost;
        if let Some((what, _)) = total.beyond() {
            return Err(Error::Refused(format!("has more {what} than can be counted")));
        }
        operators.push(counted);
    }
    let (first, others) = net.read_inputs()?;
    let shape = |id| net.shape(id).ok_or_else(|| no_map(net, id));
    let inputs = [first].into_iter().chain(others).map(shape).collect::<Result<_, _>>()?;
    Ok(Partial { name, inputs, operators, missing: lift::unsupported(net) })
}

fn counted<'a>(
    net: &FileNet,
    step: &FileStep,
    (op, weights): (&'a Op, &'a [Weight]),
    name: String,
    owners: &mut Owners<'a>,
) -> Result<Counted, Error> {
    let shape = |id| net.shape(id).ok_or_else(|| no_map(net, id));
    let inputs: Vec<Shape> =
        step.inputs.iter().flatten().map(|&id| shape(id)).collect::<Result<_, _>>()?;
    let output = shape(step.outputs[0])?;
    let made = op.output(&inputs).map_err(|reason| {
        Error::Refused(format!("has a node {name:?} ({}) that {reason}", op.kind()))
    })?;
    if made != output {
        return Err(no_map(net, step.outputs[0]));
    }
    let mut cost = op.cost(&inputs, output);
    match owners.of(op, weights) {
        Some(_) => cost.params = 0,
        None => owners.add(op, weights, &name),
    }
    Ok(Counted { name, op: op.clone(), inputs, output, cost })
}
