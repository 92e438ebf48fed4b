//! Sequences, N×C×L, as maps of one row: what other passes read of maps they then read of sequences, too.

use super::{
    anew::{Anew, int, ints, node},
    elements::{ELEMENT_WISE, POINTWISE},
};
use crate::{
    proto::Attribute,
    read::{
        array::Array,
        call::{Call, Known, axis},
        infer,
        net::{FileNet, FileStep, Id},
    },
};
use std::collections::HashMap;

/// `net` with what is computed of sequences computed of maps.
pub(super) fn sequences(net: FileNet) -> FileNet {
    let mut sequences = Sequences::default();
    net.written_anew(|net, step| sequences.written(net, step))
}

#[derive(Default)]
struct Sequences {
    /// The map for each sequence that has one.
    maps: HashMap<Id, Id>,
}

/// Operators of one sequence that have no axes among their attributes.
const SAME: &[&str] = &[
    "BatchNormalization",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "GroupNormalization",
    "InstanceNormalization",
    "LRN",
];

/// Axes of a sequence as those of a map.
const OF_MAP: [usize; 3] = [0, 1, 3];

impl Sequences {
    /// What a step becomes.
    fn written(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let call = net.call(step)?;
        let is_sequence = |id: &Id| net.dims(*id).is_some_and(|dims| dims.len() == 3);
        let computed = |id: &&Id| net.constant(**id).is_none();
        let first = step.inputs.iter().flatten().find(computed)?;
        (is_sequence(first) && step.outputs.iter().all(|o| net.dims(*o).is_some())).then_some(())?;
        let kind = call.kind.to_owned();
        let attributes = attributes(&call)?;
        let inputs = inputs(&call, step)?;
        let mut anew = Anew::new(net, step);
        let mut of_maps = Vec::new();
        for input in inputs {
            of_maps.push(match input {
                Input::Sequence(id) => Some(self.map(&mut anew, id)?),
                Input::Constant(array) => Some(anew.constant(array)),
                Input::Same(id) => id,
            });
        }
        let mut made = Vec::new();
        for &output in &step.outputs {
            let dims = match *anew.net.dims(output)? {
                [n, c, len] => vec![n, c, 1, len],
                ref others => others.to_vec(),
            };
            made.push(anew.net.value_like(output, Known::Dims(dims)));
        }
        let (name, kind) = (step.name.clone(), node(&kind, attributes));
        anew.push(FileStep { name, kind, inputs: of_maps, outputs: made.clone() });
        for (&output, made) in step.outputs.iter().zip(made) {
            anew.show(made, output);
            self.maps.insert(output, made);
        }
        Some(anew.steps())
    }

    fn map(&mut self, anew: &mut Anew<'_>, id: Id) -> Option<Id> {
        if let Some(map) = self.maps.get(&id) {
            return Some(*map);
        }
        let &[n, c, len] = anew.net.dims(id)? else { return None };
        let map = anew.shown(id, &[n, c, 1, len]);
        self.maps.insert(id, map);
        Some(map)
    }
}

/// What an input becomes.
enum Input {
    Sequence(Id),
    Constant(Array),
    Same(Option<Id>),
}

/// The inputs of a node of sequences for one of maps.
fn inputs(call: &Call<'_>, step: &FileStep) -> Option<Vec<Input>> {
    let first = Input::Sequence(step.input(0)?);
    let others = || step.inputs[1..].iter().map(|id| Input::Same(*id));
    match call.kind {
        // What else they have stands in attributes now.
        "Slice" | "ReduceMean" | "ReduceMax" | "ReduceSum" | "ReduceL2" => Some(vec![first]),
        "Pad" => Some(vec![first, Input::Same(None), Input::Same(step.input(2))]),
        "Conv" => {
            let kernel = of_map(call.constant(1)?)?;
            let others = others().skip(1);
            Some([first, Input::Constant(kernel)].into_iter().chain(others).collect())
        }
        "Resize" | "Upsample" => {
            let lengths = call.constant(3).and_then(Array::as_ints);
            let scales = call.constant(2.min(call.inputs.len() - 1)).filter(|s| s.len() == 3);
            let given = match (lengths, scales) {
                (Some(&[n, c, len]), _) => {
                    let lengths = Array::ints(vec![4], [n, c, 1, len]);
                    vec![Input::Same(None), Input::Same(None), Input::Constant(lengths)]
                }
                (None, Some(scales)) => {
                    let at = |i| scales.float(i);
                    let scales = Array::floats(vec![4], [at(0)?, at(1)?, 1.0, at(2)?]);
                    vec![Input::Same(None), Input::Constant(scales)]
                }
                _ => return None,
            };
            Some([first].into_iter().chain(given).collect())
        }
        kind if ELEMENT_WISE.contains(&kind) || kind == "Concat" => {
            let one = |(i, id): (usize, &Option<Id>)| match call.constant(i) {
                Some(array) if array.len() == 1 => Some(Input::Same(*id)),
                Some(array) => of_map(array).map(Input::Constant),
                None => (call.dims(i)?.len() == 3).then_some(Input::Sequence((*id)?)),
            };
            step.inputs.iter().enumerate().map(one).collect()
        }
        _ => Some([first].into_iter().chain(others()).collect()),
    }
}

/// A constant that broadcasts to sequences, or a kernel of them, for maps.
fn of_map(array: &Array) -> Option<Array> {
    let mut dims = array.dims.clone();
    (dims.len() <= 3).then_some(())?;
    if dims.len() > 1 {
        dims.insert(dims.len() - 1, 1);
    }
    Some(array.reshaped(dims))
}

/// The attributes of a node of sequences for one of maps; `None` for what there is no such node.
fn attributes(call: &Call<'_>) -> Option<Vec<Attribute>> {
    let others = |changed: &[&str]| {
        let stays = |a: &&Attribute| !changed.contains(&a.name.as_str());
        call.attributes.iter().filter(stays).cloned().collect::<Vec<_>>()
    };
    let with = |changed: &[&str], new: Vec<Attribute>| Some([others(changed), new].concat());
    let moved = |a: i64| Some(OF_MAP[axis(a, 3)?] as i64);
    match call.kind {
        kind if POINTWISE.contains(&kind) || ELEMENT_WISE.contains(&kind) => Some(others(&[])),
        kind if SAME.contains(&kind) => Some(others(&[])),
        "Conv" | "MaxPool" | "AveragePool" => {
            (call.outputs == 1).then_some(())?;
            let wide = |name: &'static str, before: &[i64]| {
                let given = call.ints(name);
                let both = given.iter().flat_map(|&x| before.iter().copied().chain([x]));
                (!given.is_empty()).then(|| ints(name, both.collect()))
            };
            let changed = ["kernel_shape", "strides", "dilations", "pads"];
            let new = changed
                .iter()
                .filter_map(|name| wide(name, if *name == "pads" { &[0] } else { &[1] }));
            with(&changed, new.collect())
        }
        "Resize" | "Upsample" => (call.ints("axes").is_empty()
            && call.attribute("scales").is_none())
        .then(|| others(&[])),
        "Concat" | "Split" => {
            let default = i64::from(call.kind == "Concat");
            with(&["axis"], vec![int("axis", moved(call.int("axis", default))?)])
        }
        "Softmax" | "LogSoftmax" => {
            // Before operator set 13 it goes over all axes from this one on.
            let axis = call.axis("axis", if call.opset < 13 { 1 } else { -1 }, 3)?;
            (call.opset >= 13 || axis == 2).then_some(())?;
            with(&["axis"], vec![int("axis", moved(axis as i64)?)])
        }
        "Slice" => {
            let axes: Vec<i64> =
                call.list("axes", 3)?.into_iter().map(moved).collect::<Option<_>>()?;
            let (starts, ends) = (call.list("starts", 1)?, call.list("ends", 2)?);
            (axes.len() == starts.len()).then_some(())?;
            let lists = [
                ("starts", starts),
                ("ends", ends),
                ("axes", axes),
                ("steps", call.list("steps", 4)?),
            ];
            Some(lists.map(|(name, list)| ints(name, list)).to_vec())
        }
        "Pad" => {
            let (before, after) = infer::pads(call, 3)?;
            let wide = |list: Vec<i64>| [list[0], list[1], 0, list[2]];
            let pads = [wide(before), wide(after)].concat();
            with(&["pads"], vec![ints("pads", pads)])
        }
        "ReduceMean" | "ReduceMax" | "ReduceSum" | "ReduceL2" => {
            let axes = match infer::reduce(call)?.over[..] {
                [1] => vec![1],
                [2] => vec![2, 3],
                _ => return None,
            };
            with(&["axes"], vec![ints("axes", axes)])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        lift::testing::Sketch,
        read::net::{FileNet, Kind},
    };
    use ops::{Along, Concat2d, Conv2d, Op, Pad2d, Pool2d, Sides, Softmax};

    /// The operators between the views.
    fn operators(net: &FileNet) -> Vec<Op> {
        let lab = |kind: &Kind| match kind {
            Kind::Lab(op, _) => Some(op.clone()),
            _ => None,
        };
        net.steps.iter().filter_map(|step| lab(&step.kind)).collect()
    }

    #[test]
    fn windows_over_sequences_lie_in_a_row() {
        let mut s = Sketch::new(&[1, 4, 20]);
        let pads = s.ints("pads", &[0, 0, 1, 0, 0, 1]);
        let kernel = s.floats("kernel", &[6, 4, 3], &[0.5; 72]);
        let x = s.node("Pad", &["input", &pads]);
        let x = s.with("Conv", &[&x, &kernel], &[("strides", &[2])]);
        let x = s.with("MaxPool", &[&x], &[("kernel_shape", &[3]), ("pads", &[1, 1])]);
        let x = s.node("GlobalAveragePool", &[&x]);
        let sides = Sides::even(0, 1);
        let conv = Conv2d { stride: (1, 2), padding: sides, ..Conv2d::new(6, 1).kernel(1, 3) };
        let pool = Pool2d { kernel: Some((1, 3)), padding: sides, ..Pool2d::max(1, 1) };
        let expected: [Op; 3] = [conv.into(), pool.into(), Pool2d::global_average().into()];
        assert_eq!(operators(&s.net(&x)), expected);
    }

    #[test]
    fn the_last_axis_is_the_width() {
        let made = |kind: &str, attributes: &[(&str, &[i64])], inputs: usize| {
            let mut s = Sketch::new(&[1, 4, 20]);
            let x = s.with(kind, &vec!["input"; inputs], attributes);
            operators(&s.net(&x)).remove(0)
        };
        assert_eq!(made("Concat", &[("axis", &[2])], 2), Concat2d::Width.into());
        assert_eq!(made("Softmax", &[("axis", &[-1])], 1), Softmax(Along::Width).into());
        let cut: [(&str, &[i64]); 3] = [("starts", &[3]), ("ends", &[-2]), ("axes", &[2])];
        assert_eq!(made("Slice", &cut, 1), Pad2d::crop(0, 0, 3, 2).into());
        let mean: [(&str, &[i64]); 2] = [("axes", &[2]), ("keepdims", &[0])];
        assert_eq!(made("ReduceMean", &mean, 1), Pool2d::global_average().into());
    }
}
