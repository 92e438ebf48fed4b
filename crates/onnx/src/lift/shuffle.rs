//! Channel shuffle: channels reshaped to groups × (C/groups), transposed, and reshaped back.

use super::{named::SHUFFLE, view::root};
use crate::{
    proto::Attribute,
    read::net::{FileNet, FileStep, Kind},
};
use ops::ChannelShuffle;

/// A shuffle of channels that stand last.
pub(super) fn of_last(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    (net.call(step)?.kind == "Reshape").then_some(())?;
    let turned = net.node(step.input(0)?, "Transpose")?;
    let split = net.node(turned.input(0)?, "Reshape")?;
    let source = split.input(0)?;
    let (&[_, _, _, channels], &[.., groups, rest]) =
        (net.dims(source)?, net.dims(turned.input(0)?)?)
    else {
        return None;
    };
    let mut order = net.call(turned)?.ints("perm").to_vec();
    let len = order.len();
    (len == net.dims(turned.input(0)?)?.len()).then_some(())?;
    order.swap(len - 2, len - 1);
    let fits = net.dims(source) == net.dims(step.outputs[0])
        && groups.checked_mul(rest) == Some(channels)
        && order.iter().copied().eq(0..len as i64);
    let name = "groups".to_owned();
    let groups = Attribute { name, i: Some(groups as i64), ..Attribute::default() };
    let kind = Kind::Node { kind: SHUFFLE.to_owned(), attributes: vec![groups] };
    fits.then(|| vec![step.instead(kind, &[source])])
}

pub(super) fn shuffle(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    if call.kind == SHUFFLE {
        let groups = usize::try_from(call.int("groups", 1)).ok()?;
        return Some(vec![step.lab(ChannelShuffle { groups }, &[step.input(0)?])]);
    }
    (call.kind == "Reshape").then_some(())?;
    let turned = net.node(step.input(0)?, "Transpose")?;
    let split = turned.input(0)?;
    let source = root(net, split);
    let (map, parts) = (net.dims(source)?, net.dims(split)?);
    (map == net.dims(step.outputs[0])? && map.len() == 4).then_some(())?;
    let &[n, groups, rest, ref pixels @ ..] = parts else { return None };
    let order: Vec<i64> = [0, 2, 1].into_iter().chain(3..parts.len() as i64).collect();
    let fits = n == map[0]
        && groups.checked_mul(rest) == Some(map[1])
        && pixels.iter().product::<usize>() == map[2] * map[3]
        && net.call(turned)?.ints("perm") == order;
    fits.then(|| vec![step.lab(ChannelShuffle { groups }, &[source])])
}

#[cfg(test)]
mod tests {
    use crate::{
        lift::testing::{Sketch, kinds, op},
        read::net::FileNet,
    };
    use ops::ChannelShuffle;

    fn shuffled(parts: &[i64], perm: &[i64]) -> FileNet {
        let mut s = Sketch::new(&[1, 12, 5, 7]);
        let (parts, whole) = (s.ints("parts", parts), s.ints("whole", &[1, 12, 5, 7]));
        let x = s.node("Reshape", &["input", &parts]);
        let x = s.with("Transpose", &[&x], &[("perm", perm)]);
        let x = s.node("Reshape", &[&x, &whole]);
        s.net(&x)
    }

    #[test]
    fn groups_are_those_of_the_first_reshape() {
        let five = shuffled(&[1, 3, 4, 5, 7], &[0, 2, 1, 3, 4]);
        assert_eq!(op(&five, 0), &ChannelShuffle { groups: 3 }.into());
        let four = shuffled(&[1, 4, 3, 35], &[0, 2, 1, 3]);
        assert_eq!(op(&four, 0), &ChannelShuffle { groups: 4 }.into());
    }

    #[test]
    fn channels_that_stand_last_are_shuffled_too() {
        let shuffled = |perm: &[i64]| {
            let mut s = Sketch::new(&[1, 12, 5, 5]);
            let (parts, map) = (s.ints("parts", &[1, 5, 5, 3, 4]), s.ints("map", &[1, 5, 5, 12]));
            let x = s.with("Transpose", &["input"], &[("perm", &[0, 2, 3, 1])]);
            let x = s.node("Reshape", &[&x, &parts]);
            let x = s.with("Transpose", &[&x], &[("perm", perm)]);
            let x = s.node("Reshape", &[&x, &map]);
            s.net(&x)
        };
        let net = shuffled(&[0, 1, 2, 4, 3]);
        assert_eq!((kinds(&net).len(), op(&net, 0)), (1, &ChannelShuffle { groups: 3 }.into()));
        assert!(!kinds(&shuffled(&[0, 2, 1, 3, 4])).contains(&"channel_shuffle"));
    }

    #[test]
    fn a_transpose_of_pixels_is_none() {
        let net = shuffled(&[1, 3, 4, 5, 7], &[0, 1, 2, 4, 3]);
        assert_eq!(kinds(&net), ["permute"]);
    }
}
