//! Constant maps that are added, subtracted, multiplied, divided by, or slopes of a PReLU: positional embeddings,
//! coordinates, anchors.

use super::beside::along;
use crate::read::net::{FileNet, FileStep, Kind, Weight};
use ops::{MapConstant, MapFn};

pub(super) fn map(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let (id, array) = net.with_constant(step)?;
    (net.dims(id) == net.dims(step.outputs[0])).then_some(())?;
    // Images are independent of each other.
    let strides @ [0, c, h, w] = along(array, net.dims(id)?)? else { return None };
    (h > 0 || w > 0).then_some(())?;
    let first = step.input(0) == Some(id);
    let weight = Weight::new("map", array, strides);
    let (function, weight) = match net.call(step)?.kind {
        "Add" => (MapFn::Add, weight),
        "Sub" if first => (MapFn::Add, Weight { factor: -1.0, ..weight }),
        "Mul" => (MapFn::Mul, weight),
        "Div" if first => (MapFn::Mul, Weight { inverse: true, ..weight }),
        "PRelu" if first => (MapFn::Slope, weight),
        _ => return None,
    };
    let op = MapConstant { function, channels: c > 0, rows: h > 0, columns: w > 0 };
    Some(vec![step.instead(Kind::Lab(op.into(), vec![weight]), &[id])])
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op, weight};
    use ops::{MapConstant, MapFn};

    #[test]
    fn maps_of_any_axes_are_read() {
        let written = |kind: &str, dims: &[i64]| {
            let mut s = Sketch::new(&[1, 2, 3, 4]);
            let data: Vec<f32> = (1..=dims.iter().product()).map(|x| x as f32).collect();
            let k = s.floats("k", dims, &data);
            let x = s.node(kind, &["input", &k]);
            s.net(&x)
        };
        let whole = MapConstant::whole(MapFn::Add);
        for dims in [&[1, 2, 3, 4][..], &[2, 3, 4]] {
            let net = written("Add", dims);
            assert_eq!(op(&net, 0), &whole.into());
            assert_eq!(weight(&net, 0, "map").at([0, 1, 2, 3]), 24.0);
        }
        let net = written("Sub", &[3, 4]);
        assert_eq!(op(&net, 0), &MapConstant { channels: false, ..whole }.into());
        assert_eq!(weight(&net, 0, "map").at([0, 1, 2, 3]), -12.0);
        let net = written("Div", &[2, 1, 4]);
        let columns = MapConstant { rows: false, ..MapConstant::whole(MapFn::Mul) };
        assert_eq!(op(&net, 0), &columns.into());
        assert_eq!(weight(&net, 0, "map").at([0, 1, 2, 3]), 0.125);
        let net = written("PRelu", &[2, 3, 4]);
        assert_eq!(op(&net, 0), &MapConstant::whole(MapFn::Slope).into());
    }

    #[test]
    fn maps_that_differ_by_image_or_are_larger_are_left() {
        let written = |input: &[usize], dims: &[i64]| {
            let mut s = Sketch::new(input);
            let k = s.floats("k", dims, &vec![2.0; dims.iter().product::<i64>() as usize]);
            let x = s.node("Mul", &["input", &k]);
            kinds(&s.net(&x))[0].to_owned()
        };
        assert_eq!(written(&[2, 2, 3, 4], &[2, 2, 3, 4]), "Mul");
        assert_eq!(written(&[2, 2, 3, 4], &[1, 2, 3, 4]), "mul_map");
        assert_eq!(written(&[1, 2, 1, 1], &[2, 3, 4]), "Mul");
    }
}
