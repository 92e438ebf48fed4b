//! Networks whose channels stand last, wholly or between two transposes: nodes that compute there are written
//! anew with channels first, and the transposes go where nobody reads them any more.
//!
//! The lab's memory has channels last in any case. A transpose costs nothing there.

use crate::{
    proto::Attribute,
    read::{
        array::{Array, places, strides},
        call::{Call, Known, axis},
        infer,
        net::{FileNet, FileStep, Id, Kind, Weight},
    },
};
use ops::{Conv2d, Op};
use std::collections::HashMap;

/// Of each axis with channels first, which one it is with channels last.
const FIRST: [usize; 4] = [0, 3, 1, 2];

/// Of each axis with channels last, which one it is with channels first.
const LAST: [usize; 4] = [0, 2, 3, 1];

/// What a layer norm over the channels of a map is called, which no operator of ONNX's is.
pub(super) const LAYER_NORM: &str = "LayerNormalization over channels";

/// `net` with all that can be computed with channels first.
pub(super) fn channels_first(net: FileNet) -> FileNet {
    let mut turning = Turning::default();
    net.written_anew(|net, step| turning.turned(net, step))
}

#[derive(Default)]
struct Turning {
    /// The map with channels first for each with channels last that is one.
    first: HashMap<Id, Id>,
    /// The same of constants, each of which is turned once.
    constants: HashMap<Id, Id>,
    /// The map for each matrix that has its pixels as rows.
    matrices: HashMap<Id, Id>,
}

impl Turning {
    /// What a step becomes.
    fn turned(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let call = net.call(step)?;
        if call.kind == "Transpose" {
            return self.transpose(step, &permutation(&call)?);
        }
        if matches!(call.kind, "Reshape" | "Gemm") {
            return self.matrix(net, step);
        }
        if step.inputs.iter().flatten().any(|id| self.matrices.contains_key(id)) {
            return self.of_matrices(net, step);
        }
        step.inputs.iter().flatten().any(|id| self.first.contains_key(id)).then_some(())?;
        let (kind, inputs) = match call.kind {
            kind if POINTWISE.contains(&kind) => (same(&call), self.with_first(step)?),
            kind if ELEMENT_WISE.contains(&kind) => {
                let kind = same(&call);
                let inputs = step.inputs.iter().map(|id| self.operand(net, (*id)?));
                (kind, inputs.collect::<Option<Vec<_>>>()?)
            }
            kind if kind.starts_with("Reduce") => return self.reduction(net, step),
            "Softmax" | "LogSoftmax" if call.opset >= 13 => {
                (with_axis(&call, -1)?, self.with_first(step)?)
            }
            "Split" => (with_axis(&call, 0)?, self.with_first(step)?),
            "Concat" => {
                let inputs =
                    step.inputs.iter().map(|id| self.first.get(&(*id)?).copied().map(Some));
                (with_axis(&call, 1)?, inputs.collect::<Option<Vec<_>>>()?)
            }
            "LayerNormalization" => {
                (call.axis("axis", -1, 4)? == 3 && call.outputs == 1).then_some(())?;
                let Kind::Node { attributes, .. } = same(&call) else { return None };
                (Kind::Node { kind: LAYER_NORM.to_owned(), attributes }, self.with_first(step)?)
            }
            "MatMul" => (product(&call)?, vec![Some(*self.first.get(&step.input(0)?)?)]),
            _ => return None,
        };
        let made: Vec<Id> =
            step.outputs.iter().map(|&o| self.first_of(net, o)).collect::<Option<_>>()?;
        let node = FileStep { name: step.name.clone(), kind, inputs, outputs: made.clone() };
        let back =
            step.outputs.iter().zip(made).map(|(&last, first)| turned_back(step, first, last));
        Some([node].into_iter().chain(back).collect())
    }

    /// Remembers what a transpose turns, or undoes one.
    fn transpose(&mut self, step: &FileStep, permutation: &[usize]) -> Option<Vec<FileStep>> {
        let (from, to) = (step.input(0)?, step.outputs[0]);
        if permutation == LAST {
            self.first.insert(to, from);
        }
        let source = *self.first.get(&from).filter(|_| permutation == FIRST)?;
        let kind = Kind::Node { kind: "Identity".to_owned(), attributes: Vec::new() };
        Some(vec![step.instead(kind, &[source])])
    }

    /// What becomes a matrix with a pixel a row, is multiplied as such, or becomes a map again.
    fn matrix(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let (from, to) = (step.input(0)?, step.outputs[0]);
        if let Some(&map) = self.first.get(&from) {
            let &[n, c, h, w] = net.dims(map)? else { return None };
            if net.dims(to)? == [n * h * w, c] {
                self.matrices.insert(to, map);
            }
            return None;
        }
        let map = *self.matrices.get(&from)?;
        let &[n, c, h, w] = net.dims(map)? else { return None };
        if net.call(step)?.kind == "Reshape" {
            if net.dims(to)? == [n, h, w, c] {
                self.first.insert(to, map);
            }
            return None;
        }
        let Kind::Lab(Op::Linear(linear), weights) = super::linear::linear(net, step)?.pop()?.kind
        else {
            return None;
        };
        let conv = Conv2d { bias: linear.bias, ..Conv2d::new(linear.out, 1) };
        let made = net.value_like(to, Known::Dims(vec![n, linear.out, h, w]));
        self.matrices.insert(to, made);
        let node = step.instead(Kind::Lab(conv.into(), weights), &[map]);
        // The product itself stays for whoever reads the matrix.
        Some(vec![FileStep { outputs: vec![made], ..node }, step.clone()])
    }

    /// What is computed element by element of such matrices and of numbers, computed of the maps.
    fn of_matrices(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let kind = net.call(step)?.kind;
        (POINTWISE.contains(&kind) || ELEMENT_WISE.contains(&kind)).then_some(())?;
        let number = |id: Id| net.constant(id).filter(|k| k.len() == 1).map(|_| id);
        let operand = |id: &Option<Id>| {
            id.and_then(|id| self.matrices.get(&id).copied().or_else(|| number(id)))
        };
        let inputs: Vec<Id> = step.inputs.iter().map(operand).collect::<Option<_>>()?;
        let map = step.inputs.iter().flatten().find_map(|id| self.matrices.get(id))?;
        let dims = net.dims(*map)?.to_vec();
        let made = net.value_like(step.outputs[0], Known::Dims(dims));
        self.matrices.insert(step.outputs[0], made);
        let node = step.instead(step.kind.clone(), &inputs);
        Some(vec![FileStep { outputs: vec![made], ..node }, step.clone()])
    }

    /// A step's inputs, the first of which is a map.
    fn with_first(&self, step: &FileStep) -> Option<Vec<Option<Id>>> {
        let map = self.first.get(&step.input(0)?).copied();
        Some([Some(map?)].into_iter().chain(step.inputs[1..].iter().copied()).collect())
    }

    /// An operand of what is computed element by element: a map, or a constant that broadcasts to one.
    fn operand(&mut self, net: &mut FileNet, id: Id) -> Option<Option<Id>> {
        if let Some(map) = self.first.get(&id) {
            return Some(Some(*map));
        }
        let array = net.constant(id)?;
        if array.len() == 1 {
            return Some(Some(id));
        }
        let missing = 4_usize.checked_sub(array.dims.len())?;
        let dims: Vec<usize> = std::iter::repeat_n(1, missing).chain(array.dims.clone()).collect();
        if let Some(turned) = self.constants.get(&id) {
            return Some(Some(*turned));
        }
        let turned = Known::Constant(permuted(array, &dims));
        let turned = net.value_like(id, turned);
        self.constants.insert(id, turned);
        Some(Some(turned))
    }

    /// A reduction over other axes.
    fn reduction(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let call = net.call(step)?;
        let over = infer::reduce(&call)?.over;
        let keeps = call.int("keepdims", 1) != 0;
        let mut axes: Vec<i64> = over.iter().map(|&a| LAST[a] as i64).collect();
        axes.sort_unstable();
        let attributes = vec![
            Attribute { name: "axes".to_owned(), ints: axes, ..Attribute::default() },
            Attribute {
                name: "keepdims".to_owned(),
                i: Some(keeps.into()),
                ..Attribute::default()
            },
        ];
        let kind = Kind::Node { kind: call.kind.to_owned(), attributes };
        let (map, to) = (*self.first.get(&step.input(0)?)?, step.outputs[0]);
        if !keeps {
            // What is left of the axes has the same order either way where the channels stay alone.
            return (over == [1, 2]).then(|| vec![step.instead(kind, &[map])]);
        }
        let made = self.first_of(net, to)?;
        let node = FileStep { outputs: vec![made], ..step.instead(kind, &[map]) };
        Some(vec![node, turned_back(step, made, to)])
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
    let permutation = LAST.iter().map(|&a| a as i64).collect();
    let attributes =
        vec![Attribute { name: "perm".to_owned(), ints: permutation, ..Attribute::default() }];
    let kind = Kind::Node { kind: "Transpose".to_owned(), attributes };
    FileStep { outputs: vec![last], ..step.instead(kind, &[first]) }
}

/// The axes of a transpose.
fn permutation(call: &Call<'_>) -> Option<Vec<usize>> {
    call.ints("perm").iter().map(|&a| axis(a, 4)).collect()
}

/// Elements with axes `dims`, channels last, with channels first.
fn permuted(array: &Array, dims: &[usize]) -> Array {
    let strides = strides(dims);
    let turned = FIRST.map(|a| dims[a]).to_vec();
    array.picked(turned.clone(), places(turned, FIRST.map(|a| strides[a]).to_vec(), 0))
}

/// The node as it is.
fn same(call: &Call<'_>) -> Kind {
    Kind::Node { kind: call.kind.to_owned(), attributes: call.attributes.to_vec() }
}

/// The node along the same axis of a map with channels first.
fn with_axis(call: &Call<'_>, default: i64) -> Option<Kind> {
    let axis = LAST[call.axis("axis", default, 4)?] as i64;
    let others = call.attributes.iter().filter(|a| a.name != "axis").cloned();
    let axis = Attribute { name: "axis".to_owned(), i: Some(axis), ..Attribute::default() };
    Some(Kind::Node { kind: call.kind.to_owned(), attributes: others.chain([axis]).collect() })
}

/// A product of each pixel's channels with a matrix: a convolution.
fn product(call: &Call<'_>) -> Option<Kind> {
    let kernel = call.constant(1)?;
    let &[_, out] = &kernel.dims[..] else { return None };
    let weight = Weight::new("weight", kernel, [1, out, 0, 0]);
    Some(Kind::Lab(Conv2d::new(out, 1).into(), vec![weight]))
}

/// Operators that treat each element of their first input alone.
pub(super) const POINTWISE: &[&str] = &[
    "Abs",
    "Cast",
    "Celu",
    "Clip",
    "Dropout",
    "Elu",
    "Erf",
    "Exp",
    "Gelu",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "LeakyRelu",
    "Log",
    "Mish",
    "Neg",
    "Reciprocal",
    "Relu",
    "Selu",
    "Sigmoid",
    "Softplus",
    "Sqrt",
    "Tanh",
];

/// Operators whose inputs broadcast.
pub(super) const ELEMENT_WISE: &[&str] =
    &["Add", "Div", "Max", "Min", "Mul", "PRelu", "Pow", "Sub", "Sum"];

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op, weight};
    use ops::{Conv2d, LayerNorm};

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
        assert_eq!(kinds(&net), ["layer_norm", "conv2d", "gelu", "view"]);
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
        assert_eq!(kinds(&net), ["layer_norm", "view"]);
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
        assert_eq!(kinds(&net), ["conv2d", "silu", "view"]);
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
        let expected = ["channel_split", "channel_split", "concat", "global_avg_pool2d"];
        assert_eq!(kinds(&net), expected);
    }

    #[test]
    fn what_stays_turned_is_left() {
        let mut s = Sketch::new(&[1, 4, 3, 2]);
        let x = s.with("Transpose", &["input"], &TO_LAST);
        let x = s.node("Relu", &[&x]);
        assert_eq!(kinds(&s.net(&x)), ["relu", "permute"]);
    }
}
