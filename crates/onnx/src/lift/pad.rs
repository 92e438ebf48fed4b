//! Rows and columns that move: padding and cropping that no convolution or pool takes in (`Pad`, `Slice`, `Split`),
//! and `Transpose` of both.

use crate::read::{
    array::strides,
    call::Call,
    geometry::{Strided, strided},
    infer,
    net::{FileNet, FileStep, Id, Kind},
};
use ops::{Op, Pad2d, PadMode, Transpose2d};

pub(super) fn pad(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    fits(net, step, message(net, step)?)
}

/// What a value is made of by padding, and how.
pub(super) fn made(net: &FileNet, id: Id) -> Option<(Id, Pad2d)> {
    let step = net.maker(id)?;
    let pad = match &step.kind {
        Kind::Lab(Op::Pad2d(pad), _) => *pad,
        _ => message(net, step)?,
    };
    Some((step.input(0)?, pad))
}

/// What a `Pad` of rows and columns says, whether or not the lab's operator takes it.
fn message(net: &FileNet, step: &FileStep) -> Option<Pad2d> {
    let call = net.call(step)?;
    (call.kind == "Pad").then_some(())?;
    (net.dims(step.input(0)?)?.len() == 4).then_some(())?;
    let (before, after) = infer::pads(&call, 4)?;
    ([before[0], before[1], after[0], after[1]] == [0; 4]).then_some(())?;
    let sides =
        |a: usize| Some((isize::try_from(before[a]).ok()?, isize::try_from(after[a]).ok()?));
    Some(Pad2d { vertical: sides(2)?, horizontal: sides(3)?, mode: mode(&call)? })
}

fn mode(call: &Call<'_>) -> Option<PadMode> {
    Some(match call.text("mode") {
        "" | "constant" => PadMode::Constant(call.number("value", 2, 0.0)?),
        "reflect" => PadMode::Reflect,
        "edge" => PadMode::Edge,
        _ => return None,
    })
}

/// The operator in place of the step, where it takes the map.
fn fits(net: &FileNet, step: &FileStep, op: Pad2d) -> Option<Vec<FileStep>> {
    let input = step.input(0)?;
    ops::Operator::output(&op, &[net.shape(input)?]).ok()?;
    Some(vec![step.lab(op, &[input])])
}

/// `Split` or `Slice` of rows or columns: an operator for each part.
pub(super) fn crop(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    matches!(call.kind, "Split" | "Slice").then_some(())?;
    let input = step.input(0)?;
    let &[n, c, h, w] = net.dims(input)? else { return None };
    let parts = strided(&call)?;
    let several = parts.len() > 1;
    let part = |(part, &output): (Strided, &Id)| {
        let &[same_n, same_c, rows, columns] = &part.dims[..] else { return None };
        (part.strides == strides(&[n, c, h, w]) && [same_n, same_c] == [n, c]).then_some(())?;
        let offset = usize::try_from(part.offset).ok()?;
        let (top, left) = (offset / w, offset % w);
        let cut = |first: usize, len: usize, of: usize| {
            Some((
                -isize::try_from(first).ok()?,
                -isize::try_from(of.checked_sub(first + len)?).ok()?,
            ))
        };
        let (vertical, horizontal) = (cut(top, rows, h)?, cut(left, columns, w)?);
        let op = Pad2d { vertical, horizontal, ..Pad2d::zeros(0) };
        let name = if several { &net.infos[output].name } else { &step.name };
        let lab = fits(net, step, op)?.remove(0);
        Some(FileStep { name: name.clone(), outputs: vec![output], ..lab })
    };
    parts.into_iter().zip(&step.outputs).map(part).collect()
}

/// `Transpose` of rows and columns.
pub(super) fn transpose(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    (call.kind == "Transpose" && call.ints("perm") == [0, 1, 3, 2]).then_some(())?;
    Some(vec![step.lab(Transpose2d, &[step.input(0)?])])
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op};
    use ops::{Pad2d, PadMode};

    #[test]
    fn pads_keep_their_modes_and_sides() {
        let padded = |mode: &'static str, pads: &[i64]| {
            let mut s = Sketch::new(&[1, 2, 5, 6]);
            let pads = s.ints("pads", pads);
            let value = s.floats("value", &[], &[-1.0]);
            let x = s.worded("Pad", &["input", &pads, &value], &[("mode", mode)]);
            s.net(&x)
        };
        let pads = [0, 0, 1, 2, 0, 0, 3, 4];
        let expected = |mode| Pad2d { vertical: (1, 3), horizontal: (2, 4), mode }.into();
        assert_eq!(op(&padded("constant", &pads), 0), &expected(PadMode::Constant(-1.0)));
        assert_eq!(op(&padded("reflect", &pads), 0), &expected(PadMode::Reflect));
        assert_eq!(op(&padded("edge", &pads), 0), &expected(PadMode::Edge));
        assert_eq!(kinds(&padded("wrap", &pads)), ["Pad"]);
        assert_eq!(kinds(&padded("reflect", &[0, 0, 5, 0, 0, 0, 0, 0])), ["Pad"]);
        assert_eq!(kinds(&padded("constant", &[0, 0, -2, 0, 0, 0, 0, -1])), ["crop2d"]);
        assert_eq!(kinds(&padded("constant", &[1, 0, 1, 1, 0, 0, 1, 1])), ["Pad"]);
    }

    #[test]
    fn slices_of_rows_and_columns_are_crops() {
        let mut s = Sketch::new(&[2, 3, 5, 6]);
        let (start, end, axes) =
            (s.ints("start", &[1, 2]), s.ints("end", &[-1, 5]), s.ints("axes", &[2, 3]));
        let x = s.node("Slice", &["input", &start, &end, &axes]);
        let [a, _] = s.two("Split", &[&x], &[("axis", &[2])]);
        let net = s.net(&a);
        assert_eq!(op(&net, 0), &Pad2d::crop(1, 1, 2, 1).into());
        assert_eq!(op(&net, 1), &Pad2d::crop(0, 1, 0, 0).into());
    }

    #[test]
    fn rows_and_columns_are_exchanged() {
        let mut s = Sketch::new(&[1, 3, 6, 1]);
        let x = s.with("Transpose", &["input"], &[("perm", &[0, 1, 3, 2])]);
        assert_eq!(kinds(&s.net(&x)), ["transpose2d"]);
    }

    #[test]
    fn a_step_down_is_a_pool_of_one() {
        let mut s = Sketch::new(&[1, 3, 6, 6]);
        let all = [("start", 0), ("end", 6), ("axis", 2), ("step", 2)];
        let given = all.map(|(name, value)| s.ints(name, &[value]));
        let x = s.node("Slice", &["input", &given[0], &given[1], &given[2], &given[3]]);
        assert_eq!(kinds(&s.net(&x)), ["crop2d", "max_pool2d"]);
    }
}
