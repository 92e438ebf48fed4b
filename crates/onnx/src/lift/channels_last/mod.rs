//! Networks whose channels stand last, wholly or between two transposes: nodes that compute there are written
//! anew with channels first, and the transposes go where nobody reads them any more.
//!
//! The lab's memory has channels last in any case. A transpose costs nothing there.

mod along;
mod flat;
mod matrices;

use super::{
    elements::{ELEMENT_WISE, POINTWISE},
    named::{GROUP_NORM, LAYER_NORM, SHUFFLE},
};
use crate::read::{
    call::{Call, Known},
    geometry,
    layout::{FIRST, LAST, keeps_order},
    net::{FileNet, FileStep, Id, Kind, Weight},
};
use ops::Conv2d;
use std::collections::{HashMap, HashSet};

/// `net` with all that can be computed with channels first, its outputs among it.
pub(super) fn channels_first(net: FileNet) -> FileNet {
    let mut turning = Turning { last: last(&net), ..Turning::default() };
    let net = net.written_anew(|net, step| Some(turning.written(net, step)));
    net.with_outputs(|id| {
        let id = turning.plain(id);
        turning.first.get(&id).copied().unwrap_or(id)
    })
}

/// Values whose channels stand last, as what they are made of, computed with and made into says.
fn last(net: &FileNet) -> HashSet<Id> {
    let is = |step: &FileStep, order: [usize; 4]| {
        let call = net.call(step).filter(|call| call.kind == "Transpose");
        call.is_some_and(|call| call.ints("perm") == order.map(|a| a as i64))
    };
    let passes = |step: &FileStep| net.call(step).is_some_and(|call| keeps_order(call.kind));
    let mut last = HashSet::new();
    for step in &net.steps {
        let reads = step.inputs.iter().flatten().any(|id| last.contains(id));
        if is(step, LAST) || passes(step) && reads {
            last.extend(&step.outputs);
        }
    }
    for step in net.steps.iter().rev() {
        if is(step, FIRST) || passes(step) && step.outputs.iter().any(|id| last.contains(id)) {
            last.extend(step.inputs.iter().flatten());
        }
    }
    last
}

#[derive(Default)]
struct Turning {
    /// Values whose channels stand last.
    last: HashSet<Id>,
    /// The map for what is made of it by transposes that undo each other.
    undone: HashMap<Id, Id>,
    /// The map with channels first for each with channels last that is one.
    first: HashMap<Id, Id>,
    /// The same of constants, each of which is turned once.
    constants: HashMap<Id, Id>,
    /// The map for each matrix that has its pixels as rows.
    matrices: HashMap<Id, Id>,
    /// Features that are a map's elements channel by channel for those that have them pixel by pixel.
    flat: flat::Flat,
}

impl Turning {
    /// What a step becomes. A map that it makes by a reshape is turned at once where its channels stand last.
    fn written(&mut self, net: &mut FileNet, step: &FileStep) -> Vec<FileStep> {
        let inputs = step.inputs.iter().map(|id| id.map(|id| self.plain(id))).collect();
        let step = FileStep { inputs, ..step.clone() };
        let mut steps = self.turned(net, &step).unwrap_or_else(|| vec![step.clone()]);
        let to = step.outputs[0];
        let made = net.call(&step).is_some_and(|call| geometry::reshaped(&call).is_some());
        if made && self.last.contains(&to) && !self.first.contains_key(&to) {
            steps.extend(self.turned_to_first(net, to));
        }
        steps
    }

    /// A value without the transposes before it that undo each other.
    fn plain(&self, id: Id) -> Id {
        self.undone.get(&id).copied().unwrap_or(id)
    }

    /// The transpose that puts the channels of a value first.
    fn turned_to_first(&mut self, net: &mut FileNet, last: Id) -> Option<FileStep> {
        let made = self.first_of(net, last)?;
        let name = net.infos[last].name.clone();
        let (inputs, outputs) = (vec![Some(last)], vec![made]);
        Some(FileStep { name, kind: Kind::transpose(&FIRST), inputs, outputs })
    }

    /// What a step becomes, where it changes.
    fn turned(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let call = net.call(step)?;
        let of = |values: &HashMap<Id, Id>| {
            step.inputs.iter().flatten().any(|id| values.contains_key(id))
        };
        if of(&self.first) {
            return self.of_maps(net, step);
        }
        if of(&self.matrices) {
            return self.of_matrices(net, step);
        }
        if self.flat.is_read(step) {
            return self.flat.written(net, step);
        }
        if call.kind == "Transpose" {
            return self.transpose(net, step);
        }
        None
    }

    /// What is computed of maps with channels last, computed with channels first.
    fn of_maps(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let call = net.call(step)?;
        let mut before = Vec::new();
        let (kind, inputs) = match call.kind {
            "Transpose" => return self.transpose(net, step),
            GROUP_NORM | SHUFFLE => (same(&call), self.with_first(step)?),
            "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => return self.reshape(net, step),
            kind if kind.starts_with("Reduce") => return self.reduction(net, step),
            kind if POINTWISE.contains(&kind) => (same(&call), self.with_first(step)?),
            kind if ELEMENT_WISE.contains(&kind) => {
                let kind = same(&call);
                let inputs = step.inputs.iter().map(|id| self.operand(net, (*id)?, &mut before));
                (kind, inputs.collect::<Option<Vec<_>>>()?)
            }
            "Concat" => {
                let kind = along::axis(&call, 1)?;
                let inputs = step.inputs.iter().map(|id| self.operand(net, (*id)?, &mut before));
                (kind, inputs.collect::<Option<Vec<_>>>()?)
            }
            "Softmax" | "LogSoftmax" if call.opset >= 13 => {
                (along::axis(&call, -1)?, self.with_first(step)?)
            }
            "Split" => (along::axis(&call, 0)?, self.with_first(step)?),
            "LayerNormalization" => {
                (call.axis("axis", -1, 4)? == 3 && call.outputs == 1).then_some(())?;
                let Kind::Node { attributes, .. } = same(&call) else { return None };
                (Kind::Node { kind: LAYER_NORM.to_owned(), attributes }, self.with_first(step)?)
            }
            "MatMul" => (product(&call)?, vec![Some(*self.first.get(&step.input(0)?)?)]),
            _ => {
                let (kind, more) = along::moved(net, step)?;
                let map = *self.first.get(&step.input(0)?)?;
                (kind, [Some(map)].into_iter().chain(more).collect())
            }
        };
        let made: Vec<Id> =
            step.outputs.iter().map(|&o| self.first_of(net, o)).collect::<Option<_>>()?;
        before.push(FileStep { name: step.name.clone(), kind, inputs, outputs: made.clone() });
        let back =
            step.outputs.iter().zip(made).map(|(&last, first)| turned_back(step, first, last));
        before.extend(back);
        Some(before)
    }

    /// A transpose of a map: one that undoes another, puts channels last, or exchanges rows and columns.
    fn transpose(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let (from, to) = (step.input(0)?, step.outputs[0]);
        let mut order: [usize; 4] =
            geometry::lengths(net.call(step)?.ints("perm"))?.try_into().ok()?;
        let map = match self.first.get(&from) {
            Some(&map) => {
                for axis in &mut order {
                    *axis = *LAST.get(*axis)?;
                }
                map
            }
            None => from,
        };
        let dims: [usize; 4] = net.dims(map)?.try_into().ok()?;
        let made = order.iter().map(|&a| dims.get(a).copied()).collect::<Option<Vec<_>>>()?;
        (net.dims(to)? == made).then_some(())?;
        match order {
            [0, 1, 2, 3] => {
                self.undone.insert(to, map);
                let kind = Kind::Node { kind: "Identity".to_owned(), attributes: Vec::new() };
                Some(vec![step.instead(kind, &[map])])
            }
            LAST => {
                self.first.insert(to, map);
                (map != from).then(|| vec![turned_back(step, map, to)])
            }
            // Rows and columns are exchanged, in a network that has channels last.
            [0, 3, 2, 1] if !self.last.is_empty() => {
                let made = self.first_of(net, to)?;
                let node = step.instead(Kind::transpose(&[0, 1, 3, 2]), &[map]);
                Some(vec![FileStep { outputs: vec![made], ..node }, turned_back(step, made, to)])
            }
            _ => Some(vec![step.instead(Kind::transpose(&order), &[map])]),
        }
    }

    /// A map in other axes: a map again, a matrix with a pixel a row, or features.
    fn reshape(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let (map, to) = (*self.first.get(&step.input(0)?)?, step.outputs[0]);
        let &[n, c, h, w] = net.dims(map)? else { return None };
        match *net.dims(to)? {
            // The order of the elements is the same either way.
            _ if c == 1 || h * w == 1 => Some(vec![net.reshaped(step, map, to)?]),
            [images, _, _, channels] if images == n && channels == c => {
                let made = self.first_of(net, to)?;
                Some(vec![net.reshaped(step, map, made)?, turned_back(step, made, to)])
            }
            [rows, channels] if rows == n * h * w && channels == c => {
                self.matrices.insert(to, map);
                None
            }
            [images, features] if images == n && features == c * h * w => {
                self.flat.begin(net, step, map)
            }
            _ => None,
        }
    }

    /// A step's inputs, the first of which is a map.
    fn with_first(&self, step: &FileStep) -> Option<Vec<Option<Id>>> {
        let map = self.first.get(&step.input(0)?).copied();
        Some([Some(map?)].into_iter().chain(step.inputs[1..].iter().copied()).collect())
    }

    /// An operand beside maps: a map, a constant that broadcasts to one, or what is transposed `before`.
    fn operand(
        &mut self,
        net: &mut FileNet,
        id: Id,
        before: &mut Vec<FileStep>,
    ) -> Option<Option<Id>> {
        if let Some(map) = self.first.get(&id) {
            return Some(Some(*map));
        }
        let Some(array) = net.constant(id) else {
            before.push(self.turned_to_first(net, id)?);
            return Some(self.first.get(&id).copied());
        };
        if array.len() == 1 {
            return Some(Some(id));
        }
        let missing = 4_usize.checked_sub(array.dims.len())?;
        let dims: Vec<usize> = std::iter::repeat_n(1, missing).chain(array.dims.clone()).collect();
        if let Some(turned) = self.constants.get(&id) {
            return Some(Some(*turned));
        }
        let turned = Known::Constant(array.reshaped(dims).transposed(&FIRST));
        let turned = net.value_like(id, turned);
        self.constants.insert(id, turned);
        Some(Some(turned))
    }

    /// A reduction over other axes.
    fn reduction(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let (over, kind) = along::reduction(&net.call(step)?)?;
        let (map, to) = (*self.first.get(&step.input(0)?)?, step.outputs[0]);
        let mut dims = net.dims(map)?.to_vec();
        over.iter().for_each(|&a| dims[a] = 1);
        if net.dims(to)?.len() == 4 {
            let made = self.first_of(net, to)?;
            let node = FileStep { outputs: vec![made], ..step.instead(kind, &[map]) };
            return Some(vec![node, turned_back(step, made, to)]);
        }
        // What is left of the axes has the same order either way where channels or pixels are alone.
        (dims[1] == 1 || dims[2] * dims[3] == 1).then_some(())?;
        let made = net.value_like(to, Known::Dims(dims));
        let node = FileStep { outputs: vec![made], ..step.instead(kind, &[map]) };
        Some(vec![node, net.reshaped(step, made, to)?])
    }

    /// A new value for the map that `last` is with channels last.
    fn first_of(&mut self, net: &mut FileNet, last: Id) -> Option<Id> {
        let dims: [usize; 4] = net.dims(last)?.try_into().ok()?;
        let first = net.value_like(last, Known::Dims(FIRST.map(|a| dims[a]).to_vec()));
        self.first.insert(last, first);
        Some(first)
    }
}

/// The transpose that makes the old value of the new one, for whoever still reads it.
fn turned_back(step: &FileStep, first: Id, last: Id) -> FileStep {
    FileStep { outputs: vec![last], ..step.instead(Kind::transpose(&LAST), &[first]) }
}

/// The node as it is.
fn same(call: &Call<'_>) -> Kind {
    Kind::Node { kind: call.kind.to_owned(), attributes: call.attributes.to_vec() }
}

/// A product of each pixel's channels with a matrix: a convolution.
fn product(call: &Call<'_>) -> Option<Kind> {
    let kernel = call.constant(1)?;
    let &[_, out] = &kernel.dims[..] else { return None };
    let weight = Weight::new("weight", kernel, [1, out, 0, 0]);
    Some(Kind::Lab(Conv2d::new(out, 1).into(), vec![weight]))
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op, weight};
    use ops::{Conv2d, LayerNorm};
    use profile::Shape;

    const TO_LAST: [(&str, &[i64]); 1] = [("perm", &[0, 2, 3, 1])];
    const TO_FIRST: [(&str, &[i64]); 1] = [("perm", &[0, 3, 1, 2])];

    #[test]
    fn a_block_between_two_transposes_is_one_of_maps() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let gamma = s.floats("gamma", &[2], &[1.0, 2.0]);
        let kernel = s.floats("kernel", &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let bias = s.floats("bias", &[3], &[7.0, 8.0, 9.0]);
        let x = s.with("Transpose", &["input"], &TO_LAST);
        let x = s.with("LayerNormalization", &[&x, &gamma], &[("axis", &[-1])]);
        let x = s.node("MatMul", &[&x, &kernel]);
        let x = s.node("Add", &[&bias, &x]);
        let x = s.node("Gelu", &[&x]);
        let x = s.with("Transpose", &[&x], &TO_FIRST);
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["layer_norm", "conv2d", "gelu"]);
        let affine = ops::ChannelAffine::SCALE;
        assert_eq!(op(&net, 0), &LayerNorm { affine, ..LayerNorm::default() }.into());
        assert_eq!(op(&net, 1), &Conv2d::new(3, 1).bias().into());
        assert_eq!(weight(&net, 1, "weight").at([2, 1, 0, 0]), 6.0);
        assert_eq!(weight(&net, 1, "bias").at([0, 1, 0, 0]), 8.0);
    }

    #[test]
    fn a_norm_written_out_is_one() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let (two, tiny) = (s.floats("two", &[], &[2.0]), s.floats("tiny", &[], &[1e-6]));
        let gamma = s.floats("gamma", &[2], &[1.0, 2.0]);
        let last: [(&str, &[i64]); 1] = [("axes", &[-1])];
        let x = s.with("Transpose", &["input"], &TO_LAST);
        let mean = s.with("ReduceMean", &[&x], &last);
        let x = s.node("Sub", &[&x, &mean]);
        let y = s.node("Pow", &[&x, &two]);
        let y = s.with("ReduceMean", &[&y], &last);
        let y = s.node("Add", &[&y, &tiny]);
        let y = s.node("Sqrt", &[&y]);
        let x = s.node("Div", &[&x, &y]);
        let x = s.node("Mul", &[&x, &gamma]);
        let x = s.node("Add", &[&x, &gamma]);
        let x = s.with("Transpose", &[&x], &TO_FIRST);
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["layer_norm"]);
        assert_eq!(op(&net, 0), &LayerNorm { epsilon: 1e-6, ..LayerNorm::default() }.into());
    }

    #[test]
    fn a_product_with_a_pixel_a_row_is_a_convolution() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let (flat, whole) = (s.ints("flat", &[-1, 2]), s.ints("whole", &[1, 3, 3, 4]));
        let kernel = s.floats("kernel", &[2, 4], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        let bias = s.floats("bias", &[4], &[9.0; 4]);
        let x = s.with("Transpose", &["input"], &TO_LAST);
        let x = s.node("Reshape", &[&x, &flat]);
        let x = s.node("Gemm", &[&x, &kernel, &bias]);
        let gate = s.node("Sigmoid", &[&x]);
        let x = s.node("Mul", &[&x, &gate]);
        let x = s.node("Reshape", &[&x, &whole]);
        let x = s.with("Transpose", &[&x], &TO_FIRST);
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["conv2d", "silu"]);
        assert_eq!(op(&net, 0), &Conv2d::new(4, 1).bias().into());
        assert_eq!(weight(&net, 0, "weight").at([2, 1, 0, 0]), 7.0);
    }

    #[test]
    fn axes_are_those_of_the_map() {
        let mut s = Sketch::new(&[1, 4, 3, 2]);
        let x = s.with("Transpose", &["input"], &TO_LAST);
        let [a, b] = s.two("Split", &[&x], &[("axis", &[3])]);
        let x = s.with("Concat", &[&b, &a], &[("axis", &[-1])]);
        let x = s.with("ReduceMean", &[&x], &[("axes", &[1, 2]), ("keepdims", &[0])]);
        let net = s.net(&x);
        let expected = ["channel_split", "channel_split", "concat", "global_avg_pool2d", "view"];
        assert_eq!(kinds(&net), expected);
    }

    #[test]
    fn features_that_become_a_map_have_channels_first_at_once() {
        let mut s = Sketch::new(&[1, 4]);
        let (map, shift) = (s.ints("map", &[1, 1, 1, 4]), s.floats("shift", &[4], &[0.5; 4]));
        let x = s.node("Reshape", &["input", &map]);
        let x = s.node("Add", &[&x, &shift]);
        let x = s.node("Sigmoid", &[&x]);
        let x = s.with("Transpose", &[&x], &TO_FIRST);
        assert_eq!(kinds(&s.net(&x)), ["view", "channel_affine", "sigmoid"]);
    }

    #[test]
    fn rows_and_columns_may_be_exchanged_on_the_way() {
        let mut s = Sketch::new(&[1, 4, 3, 2]);
        let x = s.with("Transpose", &["input"], &TO_LAST);
        let x = s.with("Transpose", &[&x], &[("perm", &[0, 2, 1, 3])]);
        let x = s.node("Relu", &[&x]);
        let x = s.with("Transpose", &[&x], &TO_FIRST);
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["transpose2d", "relu"]);
        assert_eq!(net.shape(net.outputs[0]), Some(Shape::new(1, 4, 2, 3)));
    }

    #[test]
    fn an_output_has_its_channels_first() {
        let mut s = Sketch::new(&[1, 4, 3, 2]);
        let x = s.with("Transpose", &["input"], &TO_LAST);
        let x = s.node("Relu", &[&x]);
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["relu"]);
        assert_eq!(net.shape(net.outputs[0]), Some(Shape::new(1, 4, 3, 2)));
    }
}
