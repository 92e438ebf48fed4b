//! Norms as TensorFlow writes them out: x · s + (β − mean · s), where s = γ / √(variance + ε). Group norms stand
//! between two reshapes.

use super::{
    named::{GROUP_NORM, LAYER_NORM},
    norm::positive,
    view::seen,
};
use crate::{
    proto::Attribute,
    read::{
        array::Array,
        infer,
        net::{FileNet, FileStep, Id, Kind},
    },
};

pub(super) fn moments(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    match net.call(step)?.kind {
        "Add" => layer_norm(net, step),
        "Reshape" => group_norm(net, step),
        _ => None,
    }
}

/// A norm over the channels of a map, first or last, or over features.
fn layer_norm(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let norm = Norm::of(net, step)?;
    let dims = net.dims(norm.x)?;
    let (kind, behind) = match (dims.len(), &norm.over[..]) {
        (4, [1]) => (LAYER_NORM, 2),
        (4, [3]) | (2, [1]) => ("LayerNormalization", 0),
        _ => return None,
    };
    norm.has_axis(net, norm.over[0], behind).then_some(())?;
    Some(vec![norm.node(step, kind, norm.x, Vec::new())])
}

/// A norm of N×H×W×G×K, whose channels are G·K.
fn group_norm(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let norm = Norm::of(net, net.node(step.input(0)?, "Add")?)?;
    let map = net.node(norm.x, "Reshape")?.input(0)?;
    let (&[n, h, w, channels], parts) = (net.dims(map)?, net.dims(norm.x)?) else { return None };
    let &[_, _, _, groups, each] = parts else { return None };
    let whole = parts == [n, h, w, groups, each]
        && groups.checked_mul(each) == Some(channels)
        && net.dims(step.outputs[0])? == [n, h, w, channels];
    let weights = norm.weights(net).all(|array| array.len() == channels);
    (whole && weights && norm.over == [1, 2, 4]).then_some(())?;
    let groups =
        Attribute { name: "num_groups".to_owned(), i: Some(groups as i64), ..Attribute::default() };
    Some(vec![norm.node(step, GROUP_NORM, map, vec![groups])])
}

/// A norm that is written out.
struct Norm {
    x: Id,
    over: Vec<usize>,
    epsilon: f32,
    scale: Option<Id>,
    shift: Option<Id>,
}

impl Norm {
    /// The norm whose last addition this is.
    fn of(net: &FileNet, add: &FileStep) -> Option<Self> {
        let (a, b) = net.operands(add)?;
        Self::sum(net, a, b).or_else(|| Self::sum(net, b, a))
    }

    /// The norm x · s + rest.
    fn sum(net: &FileNet, scaled: Id, rest: Id) -> Option<Self> {
        let scaled = net.node(scaled, "Mul")?;
        let (shift, product) = match net.node(rest, "Add").and_then(|add| apart(net, add)) {
            Some((product, shift)) => (Some(shift), product),
            None => (None, rest),
        };
        let product = net.node(product, "Mul")?;
        let (x, s) = net.operands(scaled)?;
        let (x, s) = if product.inputs.contains(&Some(s)) { (x, s) } else { (s, x) };
        let (a, b) = net.operands(product)?;
        let less = if b == s { a } else { b };
        let (mean, over) = mean(net, net.node(less, "Neg")?.input(0)?)?;
        let (scale, inverse) = match net.node(s, "Mul") {
            Some(mul) => apart(net, mul).map(|(inverse, scale)| (Some(scale), inverse))?,
            None => (None, s),
        };
        let root = net.node(net.node(inverse, "Reciprocal")?.input(0)?, "Sqrt")?;
        let (variance, epsilon) = net.with_scalar(net.node(root.input(0)?, "Add")?)?;
        let (square, over_too) = self::mean(net, variance)?;
        let square = net.node(square, "Mul")?;
        let difference = net.node(square.input(0)?, "Sub")?;
        let (from, away) = net.operands(difference)?;
        let centred = from == x
            && self::mean(net, plain(net, away))? == (x, over.clone())
            && square.input(0) == square.input(1);
        let epsilon = positive(epsilon)?;
        (mean == x && over == over_too && centred && (a == s || b == s)).then_some(Self {
            x,
            over,
            epsilon,
            scale,
            shift,
        })
    }

    fn weights<'a>(&self, net: &'a FileNet) -> impl Iterator<Item = &'a Array> {
        [self.scale, self.shift].into_iter().flatten().filter_map(|id| net.constant(id))
    }

    /// Whether each weight has a value for each element of one axis, with so many axes `behind` it.
    fn has_axis(&self, net: &FileNet, axis: usize, behind: usize) -> bool {
        let len = net.dims(self.x).and_then(|dims| dims.get(axis)).copied();
        self.weights(net).all(|array| {
            let at = array.dims.len().checked_sub(behind + 1);
            Some(array.len()) == len && at.and_then(|at| array.dims.get(at)).copied() == len
        })
    }

    /// The node of this norm in place of a step.
    fn node(
        &self,
        step: &FileStep,
        kind: &str,
        input: Id,
        mut attributes: Vec<Attribute>,
    ) -> FileStep {
        let (name, f) = ("epsilon".to_owned(), Some(self.epsilon));
        attributes.push(Attribute { name, f, ..Attribute::default() });
        let kind = Kind::Node { kind: kind.to_owned(), attributes };
        FileStep { inputs: vec![Some(input), self.scale, self.shift], ..step.instead(kind, &[]) }
    }
}

/// The two operands of a node, the second of which is a constant.
fn apart(net: &FileNet, step: &FileStep) -> Option<(Id, Id)> {
    let &[Some(a), Some(b)] = &step.inputs[..] else { return None };
    match (net.constant(a), net.constant(b)) {
        (None, Some(_)) => Some((a, b)),
        (Some(_), None) => Some((b, a)),
        _ => None,
    }
}

/// Of what a mean is that keeps its axes, and over which.
fn mean(net: &FileNet, id: Id) -> Option<(Id, Vec<usize>)> {
    let step = net.node(id, "ReduceMean")?;
    let call = net.call(step)?;
    (call.int("keepdims", 1) != 0).then_some((step.input(0)?, infer::reduce(&call)?.over))
}

/// The value behind reshapes that change nothing.
fn plain(net: &FileNet, id: Id) -> Id {
    let behind = || {
        let source = seen(net, net.maker(id)?)?;
        (net.dims(source)? == net.dims(id)?).then_some(source)
    };
    behind().unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op, weight};
    use ops::{ChannelAffine, GroupNorm, LayerNorm};

    /// A norm of `x` over some axes, with weights of these axes.
    fn written(s: &mut Sketch, x: &str, over: &[i64], weights: &[i64], of: &str) -> String {
        let (tiny, len) = (s.floats("tiny", &[], &[1e-3]), weights.iter().product::<i64>());
        let values: Vec<f32> = (0..len).map(|i| i as f32).collect();
        let (gamma, beta) =
            (s.floats("gamma", weights, &values), s.floats("beta", weights, &values));
        let over: [(&str, &[i64]); 1] = [("axes", over)];
        let mean = s.with("ReduceMean", &[x], &over);
        let less = s.node("Neg", &[&mean]);
        let d = s.node("Sub", &[of, &mean]);
        let d = s.node("Mul", &[&d, &d]);
        let d = s.with("ReduceMean", &[&d], &over);
        let d = s.node("Add", &[&d, &tiny]);
        let d = s.node("Sqrt", &[&d]);
        let d = s.node("Reciprocal", &[&d]);
        let d = s.node("Mul", &[&d, &gamma]);
        let y = s.node("Mul", &[x, &d]);
        let z = s.node("Mul", &[&less, &d]);
        let z = s.node("Add", &[&z, &beta]);
        s.node("Add", &[&y, &z])
    }

    #[test]
    fn a_norm_over_channels_is_one_operator() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let x = written(&mut s, "input", &[1], &[1, 2, 1, 1], "input");
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["layer_norm"]);
        assert_eq!(op(&net, 0), &LayerNorm { epsilon: 1e-3, affine: ChannelAffine::BOTH }.into());
        assert_eq!(weight(&net, 0, "shift").at([0, 1, 0, 0]), 1.0);
    }

    #[test]
    fn another_variance_or_weights_of_other_axes_are_left() {
        let mut s = Sketch::new(&[1, 2, 3, 2]);
        let other = s.node("Relu", &["input"]);
        let x = written(&mut s, "input", &[1], &[1, 2, 1, 1], &other);
        assert!(!kinds(&s.net(&x)).contains(&"layer_norm"));
        let mut s = Sketch::new(&[1, 2, 3, 2]);
        let x = written(&mut s, "input", &[1], &[1, 1, 1, 2], "input");
        assert!(!kinds(&s.net(&x)).contains(&"layer_norm"));
    }

    #[test]
    fn a_norm_of_groups_of_last_channels_is_one_operator() {
        let normed = |over: &[i64]| {
            let mut s = Sketch::new(&[1, 4, 3, 3]);
            let (parts, map) = (s.ints("parts", &[1, 3, 3, 2, 2]), s.ints("map", &[1, 3, 3, 4]));
            let x = s.with("Transpose", &["input"], &[("perm", &[0, 2, 3, 1])]);
            let x = s.node("Reshape", &[&x, &parts]);
            let x = written(&mut s, &x, over, &[1, 1, 1, 2, 2], &x);
            let x = s.node("Reshape", &[&x, &map]);
            s.net(&x)
        };
        let net = normed(&[1, 2, 4]);
        assert_eq!(kinds(&net), ["group_norm"]);
        assert_eq!(op(&net, 0), &GroupNorm { epsilon: 1e-3, ..GroupNorm::new(2) }.into());
        assert_eq!(weight(&net, 0, "scale").at([0, 3, 0, 0]), 3.0);
        assert!(!kinds(&normed(&[1, 2, 3])).contains(&"group_norm"));
    }
}
