//! Values a channel that are multiplied, divided by, added or subtracted, also behind a norm that has none yet; slopes
//! of a PReLU.

use super::{beside::a_channel, view::sole_maker};
use crate::read::net::{FileNet, FileStep, Id, Kind, Weight};
use ops::{ChannelAffine, GroupNorm, LayerNorm, Op, PRelu};

pub(super) fn affine(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let (id, array) = net.with_constant(step)?;
    let all = a_channel(array, net.dims(id)?);
    (all && net.dims(id) == net.dims(step.outputs[0])).then_some(())?;
    let first = step.input(0) == Some(id);
    let weight = match net.call(step)?.kind {
        "Mul" => Weight::vector("scale", array),
        "Div" if first => Weight { inverse: true, ..Weight::vector("scale", array) },
        "Add" => Weight::vector("shift", array),
        "Sub" if first => Weight { factor: -1.0, ..Weight::vector("shift", array) },
        _ => return None,
    };
    Some(vec![behind(net, step, id, &weight).unwrap_or_else(|| {
        let op = if weight.name == "scale" { ChannelAffine::SCALE } else { ChannelAffine::SHIFT };
        step.instead(Kind::Lab(op.into(), vec![weight]), &[id])
    })])
}

/// Slopes below 0, a value a channel or one for all.
pub(super) fn prelu(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    (net.call(step)?.kind == "PRelu").then_some(())?;
    let (id, array) = net.with_constant(step)?;
    let dims = net.dims(id)?;
    let shared = array.len() == 1 && array.dims.len() <= dims.len();
    let fits = shared || a_channel(array, dims);
    (fits && step.input(0) == Some(id)).then(|| {
        let slopes = vec![Weight::vector("slope", array)];
        vec![step.instead(Kind::Lab(PRelu { shared }.into(), slopes), &[id])]
    })
}

/// The operator that makes `id`, for this alone, with `weight` as its own.
fn behind(net: &FileNet, step: &FileStep, id: Id, weight: &Weight) -> Option<FileStep> {
    let before = sole_maker(net, id)?;
    let Kind::Lab(op, weights) = &before.kind else { return None };
    let op = match op {
        Op::ChannelAffine(affine) => with(*affine, weight)?.into(),
        Op::LayerNorm(norm) => LayerNorm { affine: with(norm.affine, weight)?, ..*norm }.into(),
        Op::GroupNorm(norm) => GroupNorm { affine: with(norm.affine, weight)?, ..*norm }.into(),
        _ => return None,
    };
    let weights = [&weights[..], std::slice::from_ref(weight)].concat();
    Some(step.instead(Kind::Lab(op, weights), &[before.input(0)?]))
}

/// The affine part with one more weight, where that stands last.
fn with(affine: ChannelAffine, weight: &Weight) -> Option<ChannelAffine> {
    match (affine, weight.name) {
        (ChannelAffine::NEITHER, "scale") => Some(ChannelAffine::SCALE),
        (ChannelAffine { shift: false, .. }, "shift") => {
            Some(ChannelAffine { shift: true, ..affine })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op, weight};
    use ops::{ChannelAffine, PRelu};

    #[test]
    fn a_scale_and_a_shift_in_a_row_are_one_operator() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let a = s.floats("a", &[1, 2, 1, 1], &[2.0, 4.0]);
        let b = s.floats("b", &[2, 1, 1], &[1.0, 3.0]);
        let x = s.node("Div", &["input", &a]);
        let x = s.node("Sub", &[&x, &b]);
        let net = s.net(&x);
        assert_eq!((kinds(&net).len(), op(&net, 0)), (1, &ChannelAffine::BOTH.into()));
        assert_eq!(weight(&net, 0, "scale").at([0, 1, 0, 0]), 0.25);
        assert_eq!(weight(&net, 0, "shift").at([0, 1, 0, 0]), -3.0);
    }

    #[test]
    fn a_shift_before_a_scale_is_an_operator_of_its_own() {
        let mut s = Sketch::new(&[1, 2]);
        let a = s.floats("a", &[2], &[2.0, 4.0]);
        let x = s.node("Add", &["input", &a]);
        let x = s.node("Mul", &[&a, &x]);
        assert_eq!(kinds(&s.net(&x)), ["channel_affine", "channel_affine"]);
    }

    #[test]
    fn slopes_are_shared_or_a_value_a_channel() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let (one, two) = (s.floats("one", &[1], &[0.5]), s.floats("two", &[2, 1, 1], &[0.5, 1.5]));
        let x = s.node("PRelu", &["input", &one]);
        let x = s.node("PRelu", &[&x, &two]);
        let net = s.net(&x);
        assert_eq!(op(&net, 0), &PRelu { shared: true }.into());
        assert_eq!(op(&net, 1), &PRelu { shared: false }.into());
        assert_eq!(weight(&net, 1, "slope").at([0, 1, 0, 0]), 1.5);
    }

    #[test]
    fn values_along_other_axes_are_others() {
        let written = |kind: &str, dims: &[i64], data: &[f32]| {
            let mut s = Sketch::new(&[1, 2, 3, 2]);
            let k = s.floats("k", dims, data);
            let x = s.node(kind, &["input", &k]);
            kinds(&s.net(&x))[0].to_owned()
        };
        assert_eq!(written("Add", &[2], &[1.0, 2.0]), "add_map");
        assert_eq!(written("Mul", &[1, 1, 1, 2], &[1.0, 2.0]), "mul_map");
        assert_eq!(written("Div", &[2, 1, 1], &[1.0, 2.0]), "channel_affine");
    }
}
