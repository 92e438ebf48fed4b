//! Channels joined, cut apart and appended.

use crate::read::{
    array::strides,
    geometry::{Strided, strided},
    infer,
    net::{Id, Net, Step},
};
use ops::{ChannelPad, ChannelSplit, Concat};

pub(super) fn concat(net: &Net, step: &Step) -> Option<Vec<Step>> {
    let call = net.call(step)?;
    (call.kind == "Concat").then_some(())?;
    let rank = net.dims(step.outputs[0])?.len();
    (matches!(rank, 2 | 4) && call.axis("axis", 1, rank) == Some(1)).then_some(())?;
    let computed = |id: &Option<Id>| id.filter(|&id| net.constant(id).is_none());
    let inputs: Vec<Id> = step.inputs.iter().map(computed).collect::<Option<_>>()?;
    Some(vec![step.lab(Concat, &inputs)])
}

/// `Split`, or a `Slice`: an operator for each part.
pub(super) fn split(net: &Net, step: &Step) -> Option<Vec<Step>> {
    let call = net.call(step)?;
    matches!(call.kind, "Split" | "Slice").then_some(())?;
    let input = step.input(0)?;
    let dims = net.dims(input)?;
    let &[_, channels, ..] = dims else { return None };
    net.shape(input)?;
    let own = strides(dims);
    let parts = strided(&call)?;
    let several = parts.len() > 1;
    let part = |(part, &output): (Strided, &Id)| {
        let len = part.dims[1];
        let whole: Vec<usize> = [dims[0], len].iter().chain(&dims[2..]).copied().collect();
        let start = usize::try_from(part.offset / own[1]).ok()?;
        (part.strides == own && part.dims == whole && start + len <= channels).then_some(())?;
        let name = if several { &net.infos[output].name } else { &step.name };
        let op = ChannelSplit { start, len };
        Some(Step { name: name.clone(), outputs: vec![output], ..step.lab(op, &[input]) })
    };
    parts.into_iter().zip(&step.outputs).map(part).collect()
}

/// Zeros behind the channels.
pub(super) fn pad(net: &Net, step: &Step) -> Option<Vec<Step>> {
    let call = net.call(step)?;
    let input = step.input(0)?;
    (call.kind == "Pad" && matches!(call.text("mode"), "" | "constant")).then_some(())?;
    (call.number("value", 2, 0.0)? == 0.0).then_some(())?;
    let &[_, channels, _, _] = net.dims(input)? else { return None };
    let (before, after) = infer::pads(&call, 4)?;
    let (&[0, 0, 0, 0], &[0, more, 0, 0]) = (&before[..], &after[..]) else { return None };
    let out = channels.checked_add(usize::try_from(more).ok()?)?;
    Some(vec![step.lab(ChannelPad { out }, &[input])])
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op};
    use ops::{ChannelPad, ChannelSplit};

    #[test]
    fn parts_of_the_channels_have_their_places() {
        let mut s = Sketch::new(&[2, 6, 3, 3]);
        let lengths = s.ints("lengths", &[2, 4]);
        let [a, b] = s.two("Split", &["input", &lengths], &[("axis", &[1])]);
        let (start, end, axis) =
            (s.ints("start", &[-3]), s.ints("end", &[i64::MAX]), s.ints("axis", &[1]));
        let b = s.node("Slice", &[&b, &start, &end, &axis]);
        let x = s.with("Concat", &[&b, &a], &[("axis", &[1])]);
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["channel_split", "channel_split", "channel_split", "concat"]);
        assert_eq!(op(&net, 0), &ChannelSplit { start: 0, len: 2 }.into());
        assert_eq!(op(&net, 1), &ChannelSplit { start: 2, len: 4 }.into());
        assert_eq!(op(&net, 2), &ChannelSplit { start: 1, len: 3 }.into());
    }

    #[test]
    fn every_second_channel_is_left() {
        let mut s = Sketch::new(&[1, 6, 3, 3]);
        let all = [("start", 0), ("end", 6), ("axis", 1), ("step", 2)];
        let given = all.map(|(name, value)| s.ints(name, &[value]));
        let x = s.node("Slice", &["input", &given[0], &given[1], &given[2], &given[3]]);
        assert_eq!(kinds(&s.net(&x)), ["Slice"]);
    }

    #[test]
    fn zeros_are_appended_to_channels_only() {
        let padded = |pads: &[i64]| {
            let mut s = Sketch::new(&[1, 6, 3, 3]);
            let pads = s.ints("pads", pads);
            let x = s.node("Pad", &["input", &pads]);
            s.net(&x)
        };
        assert_eq!(op(&padded(&[0, 0, 0, 0, 0, 4, 0, 0]), 0), &ChannelPad { out: 10 }.into());
        assert_eq!(kinds(&padded(&[0, 0, 0, 0, 0, 4, 1, 0])), ["Pad"]);
    }
}
