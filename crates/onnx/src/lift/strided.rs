//! Rows and columns a step apart, of which no pattern made anything else. Forwards, the maps are cut to the first and
//! the last of them, and a pool over single pixels takes its steps. Backwards, they change places with the channels.

use super::anew::{Anew, ints};
use crate::read::{
    array::strides,
    geometry::strided,
    net::{FileNet, FileStep, Id, Kind},
};
use ops::{ChannelSlice, Op, Pad2d, Pool2d};

/// `net` with such slices written so.
pub(super) fn slices(net: FileNet) -> FileNet {
    net.written_anew(slice)
}

/// What is taken of an axis.
#[derive(Clone, Copy)]
struct Taken {
    first: usize,
    step: isize,
    count: usize,
    of: usize,
}

impl Taken {
    /// Pixels from the first to the last.
    fn span(self) -> Option<usize> {
        Some(self.count.checked_sub(1)? * self.step.unsigned_abs() + 1)
    }

    /// What a crop cuts off on either side, below 0.
    fn cut(self) -> Option<(isize, isize)> {
        let behind = self.of.checked_sub(self.first + self.span()?)?;
        Some((-isize::try_from(self.first).ok()?, -isize::try_from(behind).ok()?))
    }
}

fn slice(net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    (call.kind == "Slice").then_some(())?;
    let (x, part) = (step.input(0)?, strided(&call)?.pop()?);
    let &[n, c, h, w] = net.dims(x)? else { return None };
    let &[same_n, same_c, rows, columns] = &part.dims[..] else { return None };
    let own = strides(&[n, c, h, w]);
    ([same_n, same_c] == [n, c] && part.strides[..2] == own[..2] && rows * columns > 0)
        .then_some(())?;
    let offset = usize::try_from(part.offset).ok()?;
    let down = part.strides[2] / isize::try_from(w).ok()?;
    let rows = Taken { first: offset / w, step: down, count: rows, of: h };
    let columns = Taken { first: offset % w, step: part.strides[3], count: columns, of: w };
    let mut anew = Anew::new(net, step);
    let made = if rows.step > 0 && columns.step > 0 {
        forwards(&mut anew, x, [n, c], [rows, columns])?
    } else {
        let x = backwards(&mut anew, x, 2, rows)?;
        backwards(&mut anew, x, 3, columns)?
    };
    Some(anew.end(made))
}

fn lab(op: impl Into<Op>) -> Kind {
    Kind::Lab(op.into(), Vec::new())
}

/// The map cut to these rows and columns, and a pool that takes their steps.
fn forwards(
    anew: &mut Anew<'_>,
    x: Id,
    [n, c]: [usize; 2],
    [rows, columns]: [Taken; 2],
) -> Option<Id> {
    let (height, width) = (rows.span()?, columns.span()?);
    let crop = Pad2d { vertical: rows.cut()?, horizontal: columns.cut()?, ..Pad2d::zeros(0) };
    let whole = (height, width) == (rows.of, columns.of);
    let part = if whole { x } else { anew.step(lab(crop), &[x], &[n, c, height, width]) };
    let stride = (rows.step.unsigned_abs(), columns.step.unsigned_abs());
    let pool = Pool2d { stride, ..Pool2d::max(1, 1) };
    Some(anew.step(lab(pool), &[part], &[n, c, rows.count, columns.count]))
}

/// The rows or columns as channels, of which those are taken, and back.
fn backwards(anew: &mut Anew<'_>, x: Id, axis: usize, taken: Taken) -> Option<Id> {
    if taken.step == 1 && taken.count == taken.of {
        return Some(x);
    }
    let mut dims = anew.net.dims(x)?.to_vec();
    let mut perm = vec![0, 1, 2, 3];
    perm.swap(1, axis);
    let turn = || vec![ints("perm", perm.clone())];
    dims.swap(1, axis);
    let turned = anew.node("Transpose", turn(), &[x], &dims);
    dims[1] = taken.count;
    let slice = ChannelSlice { start: taken.first, step: taken.step, len: taken.count };
    let picked = anew.step(lab(slice), &[turned], &dims);
    dims.swap(1, axis);
    Some(anew.node("Transpose", turn(), &[picked], &dims))
}

#[cfg(test)]
mod tests {
    use crate::{
        lift::testing::{Sketch, kinds, op},
        read::net::FileNet,
    };
    use ops::{ChannelSlice, Pad2d, Pool2d};

    /// Rows and columns of a map of 7 × 8.
    fn sliced(start: [i64; 2], end: [i64; 2], step: [i64; 2]) -> FileNet {
        let mut s = Sketch::new(&[1, 4, 7, 8]);
        let all = [("start", start), ("end", end), ("axis", [2, 3]), ("step", step)];
        let given = all.map(|(name, values)| s.ints(name, &values));
        let x = s.node("Slice", &["input", &given[0], &given[1], &given[2], &given[3]]);
        s.net(&x)
    }

    #[test]
    fn every_second_pixel_is_a_pool_of_one() {
        let net = sliced([1, 0], [7, 8], [2, 2]);
        assert_eq!(kinds(&net), ["crop2d", "max_pool2d"]);
        assert_eq!(op(&net, 0), &Pad2d::crop(1, 1, 0, 1).into());
        assert_eq!(op(&net, 1), &Pool2d::max(1, 2).into());
    }

    #[test]
    fn a_mirrored_map_is_one_whose_channels_are_reversed() {
        let net = sliced([0, -1], [7, i64::MIN], [1, -1]);
        assert_eq!(kinds(&net), ["permute", "channel_slice", "permute"]);
        assert_eq!(op(&net, 1), &ChannelSlice { start: 7, step: -1, len: 8 }.into());
        let both = sliced([-1, -1], [i64::MIN, i64::MIN], [-1, -1]);
        assert_eq!(kinds(&both).len(), 6);
    }
}
