//! Pixel shuffles: by name, as Reshape–Transpose–Reshape with six axes, and as strided slices that are joined.

use super::view::root;
use crate::{
    blocks::{self, TURNS},
    read::{
        geometry::{lengths, strided},
        net::{FileNet, FileStep, Id},
    },
};
use ops::{BlockOrder, Direction, PixelShuffle};

/// `DepthToSpace` and `SpaceToDepth`.
pub(super) fn named(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    let (direction, order) = match (call.kind, call.text("mode")) {
        ("DepthToSpace", "" | "DCR") => (Direction::ToSpace, BlockOrder::Dcr),
        ("DepthToSpace", "CRD") => (Direction::ToSpace, BlockOrder::Crd),
        ("SpaceToDepth", _) => (Direction::ToDepth, BlockOrder::Dcr),
        _ => return None,
    };
    let block = usize::try_from(call.int("blocksize", 0)).ok()?;
    fits(net, step, PixelShuffle { direction, block, order }, step.input(0)?)
}

/// The operator in place of the step, where it makes the step's output of `source`.
fn fits(net: &FileNet, step: &FileStep, op: PixelShuffle, source: Id) -> Option<Vec<FileStep>> {
    let made = ops::Operator::output(&op, &[net.shape(source)?]).ok();
    let fits = made.is_some() && made == net.shape(step.outputs[0]);
    fits.then(|| vec![step.lab(op, &[source])])
}

/// A map reshaped to six axes, transposed, and reshaped to another map.
pub(super) fn reshaped(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    matches!(net.call(step)?.kind, "Reshape" | "Squeeze").then_some(())?;
    let turned = net.node(root(net, step.input(0)?), "Transpose")?;
    let split = turned.input(0)?;
    let (source, axes) = (root(net, split), net.dims(split)?);
    let perm = lengths(net.call(turned)?.ints("perm"))?;
    let &(direction, order, _) = TURNS.iter().find(|(.., turn)| perm == turn)?;
    let (block, wide) = match direction {
        Direction::ToSpace => (*axes.get(2)?, step.outputs[0]),
        Direction::ToDepth => (*axes.get(3)?, source),
    };
    let op = PixelShuffle { direction, block, order };
    let whole = block > 0 && axes == blocks::axes(op, net.shape(wide)?);
    whole.then(|| fits(net, step, op, source))?
}

/// Every b-th row and column from each start, joined along the channels.
pub(super) fn sliced(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    (call.kind == "Concat" && call.axis("axis", 1, 4) == Some(1)).then_some(())?;
    let block = (1..=step.inputs.len()).find(|b| b * b == step.inputs.len()).filter(|&b| b > 1)?;
    let parts: Vec<(Id, Part)> =
        step.inputs.iter().map(|&id| part(net, id?)).collect::<Option<_>>()?;
    let source = parts[0].0;
    let order_is = |at: fn(usize, usize) -> [usize; 2]| {
        parts.iter().enumerate().all(|(k, &(of, part))| {
            of == source && part == Part { first: at(k, block), step: [block; 2] }
        })
    };
    let order = match () {
        () if order_is(|k, b| [k % b, k / b]) => BlockOrder::Focus,
        () if order_is(|k, b| [k / b, k % b]) => BlockOrder::Dcr,
        () => return None,
    };
    fits(net, step, PixelShuffle { direction: Direction::ToDepth, block, order }, source)
}

/// The rows and columns that slices take: the first, and from each to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Part {
    first: [usize; 2],
    step: [usize; 2],
}

/// What `Slice`s, one after the other, take of which map.
fn part(net: &FileNet, id: Id) -> Option<(Id, Part)> {
    let Some(slice) = net.node(id, "Slice") else {
        return Some((id, Part { first: [0; 2], step: [1; 2] }));
    };
    let (input, taken) = (slice.input(0)?, strided(&net.call(slice)?)?.pop()?);
    let (&[n, c, h, w], &[same_n, same_c, _, _]) = (net.dims(input)?, &taken.dims[..]) else {
        return None;
    };
    let &[of_image, of_map, rows, columns] = &taken.strides[..] else { return None };
    let whole = [same_n, same_c] == [n, c]
        && [of_image, of_map] == [(c * h * w) as isize, (h * w) as isize];
    let offset = usize::try_from(taken.offset).ok()?;
    let steps = [usize::try_from(rows).ok()? / w, usize::try_from(columns).ok()?];
    let (source, before) = part(net, input)?;
    let both = |a: usize, first: usize| before.first[a] + before.step[a] * first;
    let first = [both(0, offset / w), both(1, offset % w)];
    let step = [before.step[0] * steps[0], before.step[1] * steps[1]];
    whole.then_some((source, Part { first, step }))
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op};
    use ops::{BlockOrder, PixelShuffle};

    #[test]
    fn named_shuffles_have_their_orders() {
        let named = |kind: &str, mode: &'static str| {
            let mut s = Sketch::new(&[1, 8, 4, 6]);
            let x = s.blocks(kind, "input", 2, mode);
            op(&s.net(&x), 0).clone()
        };
        let dcr = |op| PixelShuffle { order: BlockOrder::Dcr, ..op }.into();
        assert_eq!(named("DepthToSpace", "CRD"), PixelShuffle::to_space(2).into());
        assert_eq!(named("DepthToSpace", "DCR"), dcr(PixelShuffle::to_space(2)));
        assert_eq!(named("SpaceToDepth", ""), dcr(PixelShuffle::to_depth(2)));
    }

    /// A map of 8 × 4 × 6 reshaped, transposed and reshaped.
    fn reshaped(parts: &[i64], perm: &[i64], made: &[i64]) -> Sketch {
        let mut s = Sketch::new(&[1, 8, 4, 6]);
        let (parts, made) = (s.ints("parts", parts), s.ints("made", made));
        let x = s.node("Reshape", &["input", &parts]);
        let x = s.with("Transpose", &[&x], &[("perm", perm)]);
        s.node("Reshape", &[&x, &made]);
        s
    }

    #[test]
    fn six_axes_are_blocks() {
        let of = |parts: &[i64], perm: &[i64], made: &[i64]| {
            op(&reshaped(parts, perm, made).net("2"), 0).clone()
        };
        let dcr = |op| PixelShuffle { order: BlockOrder::Dcr, ..op }.into();
        let (wide, deep) = ([1, 2, 8, 12], [1, 32, 2, 3]);
        let space = of(&[1, 2, 2, 2, 4, 6], &[0, 1, 4, 2, 5, 3], &wide);
        assert_eq!(space, PixelShuffle::to_space(2).into());
        let space = of(&[1, 2, 2, 2, 4, 6], &[0, 3, 4, 1, 5, 2], &wide);
        assert_eq!(space, dcr(PixelShuffle::to_space(2)));
        let depth = of(&[1, 8, 2, 2, 3, 2], &[0, 1, 3, 5, 2, 4], &deep);
        assert_eq!(depth, PixelShuffle::to_depth(2).into());
        let depth = of(&[1, 8, 2, 2, 3, 2], &[0, 3, 5, 1, 2, 4], &deep);
        assert_eq!(depth, dcr(PixelShuffle::to_depth(2)));
    }

    #[test]
    fn other_turns_are_no_shuffles() {
        let net = reshaped(&[1, 2, 2, 2, 4, 6], &[0, 1, 4, 3, 5, 2], &[1, 2, 8, 12]).net("2");
        assert_eq!(kinds(&net), ["permute"]);
    }

    /// Slices from these rows and columns in steps of 2, joined.
    fn sliced(starts: &[[i64; 2]]) -> Sketch {
        let mut s = Sketch::new(&[1, 3, 4, 6]);
        let (axes, steps) = ([s.ints("h", &[2]), s.ints("w", &[3])], s.ints("steps", &[2]));
        let end = s.ints("end", &[i64::MAX]);
        let mut parts = Vec::new();
        for (i, start) in starts.iter().enumerate() {
            let mut x = "input".to_owned();
            for a in 0..2 {
                let start = s.ints(&format!("start{i}{a}"), &[start[a]]);
                x = s.node("Slice", &[&x, &start, &end, &axes[a], &steps]);
            }
            parts.push(x);
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        s.with("Concat", &parts, &[("axis", &[1])]);
        s
    }

    #[test]
    fn strided_slices_are_a_focus() {
        let net = sliced(&[[0, 0], [1, 0], [0, 1], [1, 1]]).net("8");
        let focus = PixelShuffle { order: BlockOrder::Focus, ..PixelShuffle::to_depth(2) };
        assert_eq!((kinds(&net).len(), op(&net, 0)), (1, &focus.into()));
        let net = sliced(&[[0, 0], [0, 1], [1, 0], [1, 1]]).net("8");
        let rows_first = PixelShuffle { order: BlockOrder::Dcr, ..focus };
        assert_eq!(op(&net, 0), &rows_first.into());
        let net = sliced(&[[0, 0], [1, 0], [1, 0], [1, 1]]).net("8");
        assert!(!kinds(&net).contains(&"space_to_depth"));
    }
}
