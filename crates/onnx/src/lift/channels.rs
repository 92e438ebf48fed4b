//! Channels joined, cut apart and appended; maps joined by rows or columns.

use crate::read::{
    array::strides,
    geometry::{Strided, strided},
    infer,
    net::{FileNet, FileStep, Id},
};
use ops::{ChannelPad, ChannelSlice, ChannelSplit, Concat, Concat2d, Op};

pub(super) fn concat(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    (call.kind == "Concat").then_some(())?;
    let rank = net.dims(step.outputs[0])?.len();
    let op: Op = match (rank, call.axis("axis", 1, rank)?) {
        (2..=4, 1) => Concat.into(),
        (4, 2) => Concat2d::Height.into(),
        (4, 3) => Concat2d::Width.into(),
        _ => return None,
    };
    let computed = |id: &Option<Id>| id.filter(|&id| net.constant(id).is_none());
    let inputs: Vec<Id> = step.inputs.iter().map(computed).collect::<Option<_>>()?;
    Some(vec![step.lab(op, &inputs)])
}

/// `Split`, or a `Slice`: an operator for each part.
pub(super) fn split(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
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
        let apart = part.strides[1] / own[1];
        let others = (0..dims.len()).all(|a| a == 1 || part.strides[a] == own[a]);
        (others && part.dims == whole && start < channels).then_some(())?;
        let name = if several { &net.infos[output].name } else { &step.name };
        let op: Op = match apart {
            1 => ChannelSplit { start, len }.into(),
            apart => ChannelSlice { start, step: apart, len }.into(),
        };
        op.output(&[net.shape(input)?]).ok()?;
        Some(FileStep { name: name.clone(), outputs: vec![output], ..step.lab(op, &[input]) })
    };
    parts.into_iter().zip(&step.outputs).map(part).collect()
}

/// Zeros behind the channels.
pub(super) fn pad(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
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
    use ops::{ChannelPad, ChannelSlice, ChannelSplit, Concat2d};

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
    fn maps_are_joined_by_rows_and_columns_too() {
        let joined = |axis: i64| {
            let mut s = Sketch::new(&[1, 6, 3, 3]);
            let x = s.with("Concat", &["input", "input"], &[("axis", &[axis])]);
            s.net(&x)
        };
        assert_eq!(op(&joined(2), 0), &Concat2d::Height.into());
        assert_eq!(op(&joined(-1), 0), &Concat2d::Width.into());
        assert_eq!(kinds(&joined(0)), ["Concat"]);
    }

    #[test]
    fn channels_a_step_apart_are_read() {
        let sliced = |start: i64, end: i64, step: i64| {
            let mut s = Sketch::new(&[1, 6, 3, 3]);
            let all = [("start", start), ("end", end), ("axis", 1), ("step", step)];
            let given = all.map(|(name, value)| s.ints(name, &[value]));
            let x = s.node("Slice", &["input", &given[0], &given[1], &given[2], &given[3]]);
            op(&s.net(&x), 0).clone()
        };
        let expected = |start, step, len| ChannelSlice { start, step, len }.into();
        assert_eq!(sliced(1, 6, 2), expected(1, 2, 3));
        assert_eq!(sliced(-1, i64::MIN, -1), expected(5, -1, 6));
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
