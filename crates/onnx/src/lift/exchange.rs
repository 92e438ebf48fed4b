//! Transposes that no other pass undid: what exchanges two neighbouring axes, or blocks of them, is a map of one channel
//! whose rows and columns are exchanged.

use super::view;
use crate::read::{
    call::Known,
    geometry::lengths,
    net::{FileNet, FileStep, Kind},
};
use ops::Transpose2d;

/// `net` with such transposes as the lab's.
pub(super) fn exchanges(net: FileNet) -> FileNet {
    net.written_anew(exchange)
}

fn exchange(net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    (call.kind == "Transpose" && view::seen(net, step).is_none()).then_some(())?;
    let order = lengths(call.ints("perm"))?;
    let dims = net.dims(step.input(0)?)?;
    let &[images, ref rest @ ..] = dims else { return None };
    // The first block ends where the order begins.
    let cut = order.get(1).copied().filter(|&cut| cut > 0)?;
    let turned = order.iter().copied().eq([0].into_iter().chain(cut..dims.len()).chain(1..cut));
    (turned && matches!(dims.len(), 3 | 4)).then_some(())?;
    let (first, second) = rest.split_at(cut - 1);
    let [rows, columns] = [first, second].map(|block| block.iter().product::<usize>());
    let (source, to) = (step.input(0)?, step.outputs[0]);
    let before = net.value_like(to, Known::Dims(vec![images, 1, rows, columns]));
    let after = net.value_like(to, Known::Dims(vec![images, 1, columns, rows]));
    let exchange = step.instead(Kind::Lab(Transpose2d.into(), Vec::new()), &[before]);
    Some(vec![
        net.reshaped(step, source, before)?,
        FileStep { outputs: vec![after], ..exchange },
        net.reshaped(step, after, to)?,
    ])
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op};
    use ops::Reshape;

    #[test]
    fn blocks_of_axes_are_exchanged() {
        let mut s = Sketch::new(&[1, 2, 3, 5]);
        let flat = s.ints("flat", &[1, 30]);
        let x = s.with("Transpose", &["input"], &[("perm", &[0, 2, 3, 1])]);
        let rows = s.ints("rows", &[1, 15, 2]);
        let x = s.node("Reshape", &[&x, &rows]);
        let x = s.node("Relu", &[&x]);
        let x = s.node("Reshape", &[&x, &flat]);
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["reshape", "transpose2d", "reshape", "relu", "flatten"]);
        assert_eq!(op(&net, 0), &Reshape { c: 1, h: 2, w: 15 }.into());
        assert_eq!(op(&net, 2), &Reshape { c: 15, h: 1, w: 2 }.into());
    }

    #[test]
    fn other_orders_are_left() {
        let mut s = Sketch::new(&[1, 2, 3, 5]);
        let x = s.with("Transpose", &["input"], &[("perm", &[1, 0, 2, 3])]);
        assert!(!kinds(&s.net(&x)).contains(&"transpose2d"));
    }
}
