//! Rows of features from maps of more than one pixel: any chain of reshapes that ends in N×(C·H·W).

use super::view::{root, seen};
use crate::read::net::{FileNet, FileStep};
use ops::Flatten;

pub(super) fn flatten(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let source = root(net, seen(net, step)?);
    let (map, rows) = (net.shape(source)?, net.dims(step.outputs[0])?);
    let flat = map.area() > 1 && rows == [map.n, map.c * map.area()];
    flat.then(|| vec![step.lab(Flatten, &[source])])
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds};

    #[test]
    fn reshapes_in_between_are_one_flatten() {
        let mut s = Sketch::new(&[2, 8, 3, 3]);
        let tokens = s.ints("tokens", &[2, 8, -1]);
        let x = s.node("Reshape", &["input", &tokens]);
        let x = s.with("Flatten", &[&x], &[("axis", &[1])]);
        assert_eq!(kinds(&s.net(&x)), ["flatten"]);
    }

    #[test]
    fn rows_of_another_number_of_images_are_none() {
        let mut s = Sketch::new(&[2, 8, 3, 3]);
        let x = s.with("Flatten", &["input"], &[("axis", &[0])]);
        assert_eq!(kinds(&s.net(&x)), ["view"]);
    }
}
