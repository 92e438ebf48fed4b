//! Nodes that change nothing but the axes, or nothing at all: reshapes, `Identity`, `Dropout` at inference,
//! casts to 32-bit floats, transposes that move axes of one element, slices of all, x + 0, x · 1.

use crate::{
    proto,
    read::{
        call::Call,
        geometry::{self, Strided},
        infer,
        net::{FileNet, FileStep, Id, Kind},
    },
};
use ops::Reshape;

/// The node as a view of what lies behind all views before it.
pub(super) fn view(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let source = seen(net, step)?;
    let kind = Kind::View(net.call(step)?.kind.to_owned());
    Some(vec![step.instead(kind, &[root(net, source)])])
}

/// A view that shows a map in other axes than the lab has it in.
pub(super) fn reshape(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let Kind::View(_) = step.kind else { return None };
    let (source, output) = (step.input(0)?, step.outputs[0]);
    let (from, to) = (net.shape(source)?, net.shape(output)?);
    (from != to && from.n == to.n).then_some(())?;
    Some(vec![step.lab(Reshape { c: to.c, h: to.h, w: to.w }, &[source])])
}

/// The value that a view shows; of any other value itself.
pub(super) fn root(net: &FileNet, id: Id) -> Id {
    match net.maker(id) {
        Some(FileStep { kind: Kind::View(_), inputs, .. }) => inputs[0].unwrap_or(id),
        _ => id,
    }
}

/// The step that makes a value, for one reader alone; a view of the same axes is looked through.
pub(super) fn sole_maker(net: &FileNet, id: Id) -> Option<&FileStep> {
    let step = net.sole_maker(id)?;
    let same = |&source: &Id| net.dims(source) == net.dims(id);
    match (&step.kind, step.input(0).filter(same)) {
        (Kind::View(_), Some(source)) => net.sole_maker(source),
        _ => Some(step),
    }
}

/// The value whose elements, all of them and in order, a node's output has.
pub(super) fn seen(net: &FileNet, step: &FileStep) -> Option<Id> {
    let call = net.call(step)?;
    let first = step.input(0)?;
    match call.kind {
        "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => {
            geometry::reshaped(&call)?;
            Some(first)
        }
        "Identity" => Some(first),
        "Dropout" => call.is_inference().then_some(first),
        // All that the lab's operators make is 32-bit floats.
        "Cast" => (call.int("to", 0) == i64::from(proto::FLOAT)).then_some(first),
        "CastLike" => (call.has(1) && call.constant(1).is_none()).then_some(first),
        "Transpose" | "Slice" | "Split" | "Expand" if call.outputs == 1 => {
            let [only] = &geometry::strided(&call)?[..] else { return None };
            in_order(only, net.dims(first)?).then_some(first)
        }
        // As exporters write a view by strides.
        "Gather" => {
            let in_turn = |all: &[i64]| all.iter().zip(0..).all(|(&index, i)| index == i);
            let indices = call.constant(1)?.as_ints()?;
            let all = net.dims(first)? == [indices.len()] && in_turn(indices);
            all.then_some(first)
        }
        "Concat" => (step.inputs.len() == 1).then_some(first),
        "Pad" => {
            let (before, after) = infer::pads(&call, net.dims(first)?.len())?;
            before.iter().chain(&after).all(|&p| p == 0).then_some(first)
        }
        _ => neutral(net, step, &call),
    }
}

/// Whether all elements of a tensor with axes `dims` are there, in their order.
fn in_order(view: &Strided, dims: &[usize]) -> bool {
    let all = view.dims.iter().product::<usize>() == dims.iter().product::<usize>();
    let mut expected = 1;
    let mut rows = view.dims.iter().zip(&view.strides).rev().filter(|(d, _)| **d != 1);
    all && rows.all(|(&len, &stride)| {
        let follows = stride == expected;
        expected = stride * len as isize;
        follows
    })
}

/// What is computed with a constant that changes nothing.
fn neutral(net: &FileNet, step: &FileStep, call: &Call<'_>) -> Option<Id> {
    let (id, k) = net.with_scalar(step)?;
    let first = step.input(0) == Some(id);
    let nothing = match call.kind {
        "Add" => k == 0.0,
        "Sub" => first && k == 0.0,
        "Mul" => k == 1.0,
        "Div" | "Pow" => first && k == 1.0,
        _ => false,
    };
    nothing.then_some(id)
}

#[cfg(test)]
mod tests {
    use crate::{
        lift::testing::{Sketch, kinds, op},
        proto,
    };
    use ops::Reshape;

    #[test]
    fn casts_are_nothing_to_the_same_type_only() {
        let cast = |to: i32| {
            let mut s = Sketch::new(&[1, 2, 3, 3]);
            let x = s.with("Cast", &["input"], &[("to", &[i64::from(to)])]);
            let x = s.node("Relu", &[&x]);
            kinds(&s.net(&x)).first().map(|&kind| kind.to_owned())
        };
        assert_eq!(cast(proto::FLOAT).as_deref(), Some("view"));
        for to in [proto::UINT8, proto::INT32, proto::BOOL, 10, 16, proto::DOUBLE] {
            assert_eq!(cast(to).as_deref(), Some("Cast"), "{to}");
        }
    }

    #[test]
    fn a_bias_behind_a_cast_belongs_to_its_product() {
        let mut s = Sketch::new(&[1, 2]);
        let kernel = s.floats("kernel", &[2, 3], &[0.5; 6]);
        let bias = s.floats("bias", &[3], &[0.5; 3]);
        let x = s.node("MatMul", &["input", &kernel]);
        let x = s.with("Cast", &[&x], &[("to", &[1])]);
        let x = s.node("Add", &[&x, &bias]);
        assert_eq!(kinds(&s.net(&x)), ["linear"]);
    }

    #[test]
    fn a_cast_like_integers_is_left() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let whole = s.ints("whole", &[1]);
        let x = s.node("CastLike", &["input", &whole]);
        assert_eq!(kinds(&s.net(&x)), ["CastLike"]);
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let x = s.node("CastLike", &["input", "input"]);
        assert_eq!(kinds(&s.net(&x)), ["view"]);
    }

    #[test]
    fn a_dropout_in_training_is_left() {
        let dropped = |training: i64| {
            let mut s = Sketch::new(&[1, 2, 3, 3]);
            let ratio = s.floats("ratio", &[], &[0.5]);
            let training = s.ints("training", &[training]);
            let x = s.node("Dropout", &["input", &ratio, &training]);
            kinds(&s.net(&x))[0].to_owned()
        };
        assert_eq!((dropped(0).as_str(), dropped(1).as_str()), ("view", "Dropout"));
    }

    #[test]
    fn chains_that_end_in_the_same_shape_are_nothing() {
        let mut s = Sketch::new(&[1, 8, 1, 1]);
        let shape = s.ints("shape", &[1, 8]);
        let x = s.node("Identity", &["input"]);
        let x = s.node("Reshape", &[&x, &shape]);
        let axes = s.ints("axes", &[2, 3]);
        let x = s.node("Unsqueeze", &[&x, &axes]);
        let one = s.floats("one", &[], &[1.0]);
        let x = s.node("Mul", &[&x, &one]);
        let x = s.with("Transpose", &[&x], &[("perm", &[0, 2, 1, 3])]);
        let x = s.node("Relu", &[&x]);
        let squeezed = s.net(&x);
        // All become one view; the transpose puts the channels third, so the lab has another map: 1×1×8×1.
        assert_eq!(kinds(&squeezed), ["reshape", "relu"]);
        assert_eq!(op(&squeezed, 0), &Reshape { c: 1, h: 8, w: 1 }.into());
    }

    #[test]
    fn a_gather_of_all_elements_in_turn_is_a_view() {
        let gathered = |indices: &[i64]| {
            let mut s = Sketch::new(&[1, 3]);
            let (flat, row) = (s.ints("flat", &[3]), s.ints("row", &[1, 3]));
            let indices = s.ints("indices", indices);
            let x = s.node("Reshape", &["input", &flat]);
            let x = s.node("Gather", &[&x, &indices]);
            let x = s.node("Reshape", &[&x, &row]);
            let x = s.node("Relu", &[&x]);
            kinds(&s.net(&x)).contains(&"Gather")
        };
        assert!(!gathered(&[0, 1, 2]));
        assert!(gathered(&[0, 2, 1]));
    }

    #[test]
    fn an_expand_that_repeats_is_no_view() {
        let mut s = Sketch::new(&[1, 8, 1, 1]);
        let to = s.ints("to", &[1, 8, 4, 4]);
        let x = s.node("Expand", &["input", &to]);
        assert_eq!(kinds(&s.net(&x)), ["resize"]);
    }
}
