//! Rows or columns that are repeated by way of a fifth axis: a map gets one beside them, is tiled along it, and has four
//! axes again. That is a resize.

use super::view::seen;
use crate::{
    proto::Attribute,
    read::{
        array::Array,
        call::Known,
        geometry::lengths,
        net::{FileNet, FileStep, Id, Kind},
    },
};
use std::collections::HashMap;

/// `net` with such repetitions as resizes.
pub(super) fn repeats(net: FileNet) -> FileNet {
    let mut repeats = Repeats::default();
    net.written_anew(|net, step| repeats.written(net, step))
}

#[derive(Default)]
struct Repeats {
    /// The map that each value of five axes shows.
    shown: HashMap<Id, Id>,
    all: HashMap<Id, Repeat>,
}

/// A map whose elements are repeated along a new axis.
#[derive(Clone)]
struct Repeat {
    map: Id,
    /// The new axis, among five.
    new: usize,
    times: usize,
    /// Of each other axis, which one of the map's it is.
    order: Vec<usize>,
}

impl Repeats {
    /// What a step becomes.
    fn written(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let (from, to) = (step.input(0)?, step.outputs[0]);
        match net.call(step)?.kind {
            "Transpose" => {
                let turned =
                    self.all.get(&from)?.turned(&lengths(net.call(step)?.ints("perm"))?)?;
                self.all.insert(to, turned);
                None
            }
            "Tile" | "Expand" => {
                let repeat = self.begun(net, from, to)?;
                self.all.insert(to, repeat);
                None
            }
            "Reshape" if self.all.contains_key(&from) => self.resized(net, step),
            _ => {
                let source = seen(net, step)?;
                let grows = (net.dims(source)?.len(), net.dims(to)?.len()) == (4, 5);
                grows.then(|| self.shown.insert(to, source));
                None
            }
        }
    }

    /// What makes `to` of `from` by repeating it along an axis that its map lacks.
    fn begun(&self, net: &FileNet, from: Id, to: Id) -> Option<Repeat> {
        let (map, before, after) = (*self.shown.get(&from)?, net.dims(from)?, net.dims(to)?);
        (before.len() == after.len()).then_some(())?;
        let mut axes = (0..before.len()).filter(|&a| before.get(a) != after.get(a));
        let (new, None) = (axes.next()?, axes.next()) else { return None };
        let others = [&before[..new], &before[new + 1..]].concat();
        let fits = new > 0 && net.dims(map)? == others;
        let order = (0..others.len()).collect();
        fits.then_some(Repeat { map, new, times: after[new], order })
    }

    /// The resize that a reshape to four axes ends, and a transpose where axes were moved before.
    fn resized(&self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let Repeat { map, new, times, order } = self.all.get(&step.input(0)?)?;
        let along = order[new - 1];
        let mut dims = net.dims(*map)?.to_vec();
        dims[along] = dims[along].checked_mul(*times)?;
        let made: Vec<usize> = order.iter().map(|&a| dims[a]).collect();
        (net.dims(step.outputs[0])? == made).then_some(())?;
        let sizes = net.value_like(*map, Known::Constant(Array::lengths(&dims)));
        let large = net.value_like(step.outputs[0], Known::Dims(dims));
        let (inputs, outputs) = (vec![Some(*map), None, None, Some(sizes)], vec![large]);
        let resize = FileStep { name: step.name.clone(), kind: nearest(), inputs, outputs };
        Some(vec![resize, step.instead(Kind::transpose(order), &[large])])
    }
}

impl Repeat {
    /// The same with axis `i` the old axis `perm[i]`, where the new one stays behind that along which it repeats.
    fn turned(&self, perm: &[usize]) -> Option<Self> {
        let new = perm.iter().position(|&a| a == self.new)?;
        (new > 0 && perm[new - 1] == self.new - 1).then_some(())?;
        let old = |&a: &usize| self.order.get(a - usize::from(a > self.new)).copied();
        let order = perm.iter().filter(|&&a| a != self.new).map(old).collect::<Option<_>>()?;
        Some(Self { new, order, ..self.clone() })
    }
}

/// A resize that repeats elements.
fn nearest() -> Kind {
    let words = [
        ("mode", "nearest"),
        ("coordinate_transformation_mode", "asymmetric"),
        ("nearest_mode", "floor"),
    ];
    let word = |(name, text): (&str, &'static str)| Attribute {
        name: name.to_owned(),
        s: text.into(),
        ..Attribute::default()
    };
    Kind::Node { kind: "Resize".to_owned(), attributes: words.map(word).to_vec() }
}

#[cfg(test)]
mod tests {
    use crate::{
        lift::testing::{Sketch, kinds, op},
        read::net::FileNet,
    };
    use ops::Resize;

    /// A map of 2 × 3 × 5 with a new axis, tiled, turned and reshaped.
    fn tiled(at: i64, perm: &[i64], made: &[i64]) -> FileNet {
        let mut s = Sketch::new(&[1, 2, 3, 5]);
        let mut times = [1; 5];
        times[at as usize] = 2;
        let (at, times, made) =
            (s.ints("at", &[at]), s.ints("times", &times), s.ints("made", made));
        let x = s.node("Unsqueeze", &["input", &at]);
        let x = s.node("Tile", &[&x, &times]);
        let x = s.with("Transpose", &[&x], &[("perm", perm)]);
        let x = s.node("Reshape", &[&x, &made]);
        s.net(&x)
    }

    #[test]
    fn a_tiled_axis_behind_rows_repeats_rows() {
        let net = tiled(3, &[0, 2, 3, 4, 1], &[1, 6, 5, 2]);
        assert_eq!(kinds(&net), ["resize"]);
        let ops::Op::Resize(Resize { size, .. }) = op(&net, 0) else { panic!("{:?}", op(&net, 0)) };
        assert_eq!(*size, (6, 5));
    }

    #[test]
    fn an_axis_that_stands_elsewhere_repeats_no_rows() {
        let net = tiled(3, &[0, 3, 2, 4, 1], &[1, 6, 5, 2]);
        assert!(kinds(&net).contains(&"Tile"));
    }
}
