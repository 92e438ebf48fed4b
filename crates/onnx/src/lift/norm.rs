//! Norms and softmax, each a node, and a layer norm written out.

use super::{
    named::LAYER_NORM,
    view::{root, seen},
};
use crate::read::net::{FileNet, FileStep, Id, Kind, Weight};
use ops::{
    Along, BatchNorm, Binary, BinaryFn, ChannelAffine, ChannelPool, LayerNorm, LocalResponseNorm,
    LogSoftmax, Op, Softmax, Unary, UnaryFn,
};

pub(super) fn norm(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    let input = step.input(0)?;
    let shape = net.shape(input)?;
    match call.kind {
        "BatchNormalization" => {
            let vector = |(i, name)| {
                let array = call.constant(i).filter(|a| a.len() == shape.c)?;
                Some(Weight::vector(name, array))
            };
            let names = ["gamma", "beta", "mean", "variance"];
            let weights: Vec<Weight> = (1..).zip(names).map(vector).collect::<Option<_>>()?;
            // Before operator set 14, training shows in the outputs alone.
            let alone = step.outputs[1..].iter().all(|&o| net.infos[o].name.is_empty());
            (alone && call.int("training_mode", 0) == 0).then_some(())?;
            let epsilon = finite(call.float("epsilon", 1e-5))?;
            let norm = BatchNorm { epsilon, ..BatchNorm::default() };
            Some(vec![step.instead(Kind::Lab(norm.into(), weights), &[input])])
        }
        "LRN" => {
            let norm = LocalResponseNorm {
                size: usize::try_from(call.int("size", 0)).ok()?,
                alpha: call.float("alpha", 1e-4),
                beta: call.float("beta", 0.75),
                k: call.float("bias", 1.0),
            };
            let numbers = [norm.alpha, norm.beta, norm.k].iter().all(|x| x.is_finite());
            numbers.then(|| vec![step.lab(norm, &[input])])
        }
        "LayerNormalization" => {
            // Of a row of features.
            let dims = net.dims(input)?;
            let last = call.axis("axis", -1, dims.len())? == 1 && dims.len() == 2;
            last.then(|| layer_norm(net, step, shape.c)).flatten()
        }
        LAYER_NORM => layer_norm(net, step, shape.c),
        "Div" => written_out(net, step),
        "Softmax" | "LogSoftmax" => {
            // Before operator set 13 it goes over all axes from this one on.
            let old = call.opset < 13;
            let rank = net.dims(input)?.len();
            let axis = call.axis("axis", if old { 1 } else { -1 }, rank)?;
            (!old || axis + 1 == rank || axis == 1 && shape.area() == 1).then_some(())?;
            let along = match (rank, axis) {
                (_, 1) => Along::Channels,
                (4, 2) => Along::Height,
                (4, 3) => Along::Width,
                _ => return None,
            };
            Some(vec![step.lab(softmax(call.kind == "LogSoftmax", along), &[input])])
        }
        _ => None,
    }
}

fn softmax(logarithm: bool, along: Along) -> Op {
    if logarithm { LogSoftmax(along).into() } else { Softmax(along).into() }
}

/// A softmax over rows that hold all pixels of a map, with the reshapes on both sides of it.
pub(super) fn over_maps(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let rows = net.sole_maker(root(net, seen(net, step)?))?;
    let (logarithm, along) = match rows.kind {
        Kind::Lab(Op::Softmax(Softmax(along)), _) => (false, along),
        Kind::Lab(Op::LogSoftmax(LogSoftmax(along)), _) => (true, along),
        _ => return None,
    };
    let source = root(net, rows.input(0)?);
    let (map, row) = (net.shape(source)?, net.shape(rows.input(0)?)?);
    let rows_are_one = map.h > 1 && row.h == 1 && (row.c, row.w) == (map.c, map.area());
    let whole = along == Along::Width && rows_are_one;
    (whole && net.shape(step.outputs[0])? == map)
        .then(|| vec![step.lab(softmax(logarithm, Along::Map), &[source])])
}

/// A layer norm over the channels of each pixel.
fn layer_norm(net: &FileNet, step: &FileStep, channels: usize) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    let vector = |(i, name)| {
        let array = call.constant(i).filter(|a| a.len() == channels)?;
        Some(Weight::vector(name, array))
    };
    let given = [(1, "scale"), (2, "shift")].into_iter().filter(|(i, _)| call.has(*i));
    let weights: Vec<Weight> = given.map(vector).collect::<Option<_>>()?;
    let affine = ChannelAffine { scale: call.has(1), shift: call.has(2) };
    let norm = LayerNorm { epsilon: positive(call.float("epsilon", 1e-5))?, affine };
    let made = step.instead(Kind::Lab(norm.into(), weights), &[step.input(0)?]);
    (call.outputs == 1).then(|| vec![made])
}

/// What may be added to a variance.
pub(super) fn positive(epsilon: f32) -> Option<f32> {
    finite(epsilon).filter(|e| *e > 0.0)
}

/// `number`, if an operator's attribute can be such a one.
pub(super) fn finite(number: f32) -> Option<f32> {
    Some(number).filter(|x| x.is_finite())
}

/// (x − mean) / √(mean of its square + ε).
fn written_out(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let (difference, deviation) = net.operands(step)?;
    let variance = of_unary(net, deviation, |f| f == UnaryFn::Sqrt)?;
    let (added, Op::Unary(Unary(UnaryFn::Offset(epsilon)))) = net.lab(variance)? else {
        return None;
    };
    let square = mean_of(net, added.input(0)?)?;
    let product = || match net.lab(square)? {
        (step, Op::Binary(Binary::MUL)) if step.input(0) == step.input(1) => step.input(0),
        _ => None,
    };
    let squared = of_unary(net, square, |f| f == UnaryFn::Square).or_else(product)?;
    let x = centred(net, difference)?;
    let norm = LayerNorm { epsilon: positive(*epsilon)?, affine: ChannelAffine::NEITHER };
    (centred(net, squared)? == x).then(|| vec![step.lab(norm, &[x])])
}

/// The x of x − mean.
fn centred(net: &FileNet, id: Id) -> Option<Id> {
    let (step, Op::Binary(Binary(BinaryFn::Sub))) = net.lab(id)? else { return None };
    let x = step.input(0)?;
    (mean_of(net, step.input(1)?)? == x).then_some(x)
}

/// What a function is of.
fn of_unary(net: &FileNet, id: Id, is: impl Fn(UnaryFn) -> bool) -> Option<Id> {
    match net.lab(id)? {
        (step, Op::Unary(Unary(function))) if is(*function) => step.input(0),
        _ => None,
    }
}

/// Of which value's channels a mean is.
fn mean_of(net: &FileNet, id: Id) -> Option<Id> {
    match net.lab(id)? {
        (step, Op::ChannelPool(ChannelPool::Mean)) => step.input(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op, weight};
    use ops::{Along, BatchNorm, ChannelAffine, LayerNorm, LogSoftmax, Softmax};

    #[test]
    fn a_layer_norm_of_features_is_read_either_way() {
        let mut s = Sketch::new(&[1, 3]);
        let gamma = s.floats("gamma", &[3], &[1.0, 2.0, 3.0]);
        let x = s.node("LayerNormalization", &["input", &gamma, &gamma]);
        let net = s.net(&x);
        assert_eq!(op(&net, 0), &LayerNorm::default().into());
        assert_eq!(weight(&net, 0, "scale").at([0, 2, 0, 0]), 3.0);

        let mut s = Sketch::new(&[1, 3]);
        let tiny = s.floats("tiny", &[], &[1e-5]);
        let mean = s.with("ReduceMean", &["input"], &[("axes", &[-1])]);
        let x = s.node("Sub", &["input", &mean]);
        let y = s.node("Mul", &[&x, &x]);
        let y = s.with("ReduceMean", &[&y], &[("axes", &[1])]);
        let y = s.node("Add", &[&y, &tiny]);
        let y = s.node("Sqrt", &[&y]);
        let x = s.node("Div", &[&x, &y]);
        let plain = LayerNorm { affine: ChannelAffine::NEITHER, ..LayerNorm::default() };
        assert_eq!(op(&s.net(&x), 0), &plain.into());
    }

    #[test]
    fn a_layer_norm_of_a_whole_map_is_left() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let gamma = s.floats("gamma", &[2, 3, 3], &[1.0; 18]);
        let x = s.with("LayerNormalization", &["input", &gamma], &[("axis", &[1])]);
        assert_eq!(kinds(&s.net(&x)), ["LayerNormalization"]);
    }

    #[test]
    fn a_batch_norm_has_its_four_vectors() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let vectors: Vec<String> =
            (0..4).map(|i| s.floats(&format!("v{i}"), &[2], &[i as f32, 9.0])).collect();
        let inputs: Vec<&str> =
            ["input"].into_iter().chain(vectors.iter().map(String::as_str)).collect();
        let x = s.node("BatchNormalization", &inputs);
        let net = s.net(&x);
        assert_eq!(op(&net, 0), &BatchNorm::default().into());
        assert_eq!(weight(&net, 0, "mean").at([0, 0, 0, 0]), 2.0);
        assert_eq!(weight(&net, 0, "mean").at([0, 1, 0, 0]), 9.0);
    }

    #[test]
    fn a_batch_norm_that_makes_statistics_is_left() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let v = s.floats("v", &[2], &[1.0, 2.0]);
        let [x, _] = s.two("BatchNormalization", &["input", &v, &v, &v, &v], &[]);
        assert_eq!(kinds(&s.net(&x)), ["BatchNormalization"]);
    }

    #[test]
    fn a_batch_norm_whose_epsilon_is_no_number_is_left() {
        for epsilon in [f32::INFINITY, f32::NAN] {
            let mut s = Sketch::new(&[1, 2, 3, 3]);
            let v = s.floats("v", &[2], &[1.0, 2.0]);
            let x = s.real("BatchNormalization", &["input", &v, &v, &v, &v], "epsilon", epsilon);
            assert_eq!(kinds(&s.net(&x)), ["BatchNormalization"]);
        }
    }

    #[test]
    fn a_softmax_goes_along_the_axis_that_it_says() {
        let along = |axis: i64| {
            let mut s = Sketch::new(&[1, 2, 3, 3]);
            let x = s.with("Softmax", &["input"], &[("axis", &[axis])]);
            op(&s.net(&x), 0).clone()
        };
        assert_eq!(along(-3), Softmax(Along::Channels).into());
        assert_eq!(along(2), Softmax(Along::Height).into());
        assert_eq!(along(3), Softmax(Along::Width).into());
    }

    #[test]
    fn a_softmax_over_all_pixels_of_a_map_stands_between_reshapes() {
        let shown = |map: &[i64]| {
            let mut s = Sketch::new(&[1, 2, 3, 4]);
            let (rows, map) = (s.ints("rows", &[1, 2, 12]), s.ints("map", map));
            let x = s.node("Reshape", &["input", &rows]);
            let x = s.with("LogSoftmax", &[&x], &[("axis", &[2])]);
            let x = s.node("Reshape", &[&x, &map]);
            s.net(&x)
        };
        assert_eq!(op(&shown(&[1, 2, 3, 4]), 0), &LogSoftmax(Along::Map).into());
        assert_eq!(kinds(&shown(&[1, 2, 4, 3])), ["reshape", "log_softmax", "reshape"]);
    }
}
