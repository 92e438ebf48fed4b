//! Group and instance norms: an operator, or an instance norm of channels that were reshaped to one a group.

use super::{named::GROUP_NORM, norm::positive, view::root};
use crate::read::net::{FileNet, FileStep, Kind, Weight};
use ops::{ChannelAffine, GroupNorm, Op};

pub(super) fn groups(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    match call.kind {
        "Reshape" => reshaped(net, step),
        "InstanceNormalization" => {
            let &[_, channels, _, _] = net.dims(step.input(0)?)? else { return None };
            with_weights(net, step, channels)
        }
        // Before operator set 21 its weights are those of groups.
        "GroupNormalization" if call.opset >= 21 => {
            with_weights(net, step, usize::try_from(call.int("num_groups", 0)).ok()?)
        }
        GROUP_NORM => with_weights(net, step, usize::try_from(call.int("num_groups", 0)).ok()?),
        _ => None,
    }
}

/// A norm with a weight a channel for each of γ and β that is given.
fn with_weights(net: &FileNet, step: &FileStep, groups: usize) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    let input = step.input(0)?;
    let &[_, channels, _, _] = net.dims(input)? else { return None };
    (groups > 0 && channels.is_multiple_of(groups)).then_some(())?;
    let vector = |(i, name)| {
        let array = call.constant(i).filter(|a| a.len() == channels)?;
        Some(Weight::vector(name, array))
    };
    let given = [(1, "scale"), (2, "shift")].into_iter().filter(|(i, _)| call.has(*i));
    let weights = given.map(vector).collect::<Option<_>>()?;
    let affine = ChannelAffine { scale: call.has(1), shift: call.has(2) };
    let norm = GroupNorm { groups, epsilon: positive(call.float("epsilon", 1e-5))?, affine };
    Some(vec![step.instead(Kind::Lab(norm.into(), weights), &[input])])
}

/// An instance norm between two reshapes.
fn reshaped(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let norm = net.maker(root(net, step.input(0)?))?;
    let Kind::Lab(Op::GroupNorm(GroupNorm { groups, epsilon, .. }), weights) = &norm.kind else {
        return None;
    };
    let source = root(net, norm.input(0)?);
    let (&[n, channels, h, w], rows) = (net.dims(source)?, net.shape(norm.input(0)?)?) else {
        return None;
    };
    let whole = net.dims(step.outputs[0])? == [n, channels, h, w];
    let fits = (rows.n, rows.c) == (n, *groups) && channels.is_multiple_of(*groups);
    let all = |weight: &Weight, k: f32| weight.array.all(|x| x == k);
    let plain = matches!(&weights[..], [one, zero] if all(one, 1.0) && all(zero, 0.0));
    let norm = GroupNorm { affine: ChannelAffine::NEITHER, ..GroupNorm::new(*groups) };
    let norm = GroupNorm { epsilon: *epsilon, ..norm };
    (whole && fits && plain).then(|| vec![step.lab(norm, &[source])])
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op};
    use ops::{ChannelAffine, GroupNorm};

    #[test]
    fn an_instance_norm_of_reshaped_channels_is_a_group_norm_with_what_follows() {
        let grouped = |ones: f32| {
            let mut s = Sketch::new(&[1, 6, 2, 2]);
            let (split, whole) = (s.ints("split", &[0, 3, -1]), s.ints("whole", &[1, 6, 2, 2]));
            let (one, zero) =
                (s.floats("one", &[3], &[ones; 3]), s.floats("zero", &[3], &[0.0; 3]));
            let gamma = s.floats("gamma", &[6, 1, 1], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
            let x = s.node("Reshape", &["input", &split]);
            let x = s.node("InstanceNormalization", &[&x, &one, &zero]);
            let x = s.node("Reshape", &[&x, &whole]);
            let x = s.node("Mul", &[&x, &gamma]);
            let x = s.node("Add", &[&x, &gamma]);
            s.net(&x)
        };
        assert_eq!(op(&grouped(1.0), 0), &GroupNorm::new(3).into());
        assert_eq!(kinds(&grouped(1.0)).len(), 1);
        assert_eq!(kinds(&grouped(2.0))[..2], ["reshape", "group_norm"]);
    }

    #[test]
    fn an_instance_norm_has_a_group_a_channel() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let gamma = s.floats("gamma", &[2], &[1.0, 2.0]);
        let x = s.node("InstanceNormalization", &["input", &gamma, &gamma]);
        let net = s.net(&x);
        assert_eq!(op(&net, 0), &GroupNorm::new(2).into());
        assert_eq!(GroupNorm::new(2).affine, ChannelAffine::BOTH);
    }
}
