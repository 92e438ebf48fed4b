//! Means of parts of a map, as this crate writes them: A·X·B, where each row of A and each column of B
//! averages one part.

use crate::{
    emit::share,
    read::{
        array::Array,
        net::{FileNet, FileStep},
    },
};
use ops::Pool2d;

pub(super) fn parts(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    (net.call(step)?.kind == "MatMul").then_some(())?;
    let (strips, beside) = (step.input(0)?, net.constant(step.input(1)?)?);
    let before = net.node(strips, "MatMul")?;
    let (above, source) = (net.constant(before.input(0)?)?, before.input(1)?);
    let &[_, _, h, w] = net.dims(source)? else { return None };
    let (&[rows, _], &[_, columns]) = (&above.dims[..], &beside.dims[..]) else { return None };
    let averages = is_mean(above, |part, p| share(part, rows, p, h), |i| (i / h, i % h))
        && is_mean(beside, |part, p| share(part, columns, p, w), |i| (i % columns, i / columns));
    let pool = Pool2d { parts: (rows, columns), ..Pool2d::global_average() };
    averages.then(|| vec![step.lab(pool, &[source])])
}

/// Whether each element has the share that its part and its pixel say.
fn is_mean(
    matrix: &Array,
    expected: impl Fn(usize, usize) -> f32,
    place: impl Fn(usize) -> (usize, usize),
) -> bool {
    (0..matrix.len()).all(|i| {
        let (part, pixel) = place(i);
        matrix.float(i).is_some_and(|x| (x - expected(part, pixel)).abs() < 1e-6)
    })
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds};

    #[test]
    fn matrices_that_are_no_means_are_left() {
        let products = |beside: &[f32]| {
            let mut s = Sketch::new(&[1, 6, 2, 2]);
            let (a, b) = (s.floats("a", &[1, 2], &[0.5; 2]), s.floats("b", &[2, 1], beside));
            let x = s.node("MatMul", &[&a, "input"]);
            let x = s.node("MatMul", &[&x, &b]);
            s.net(&x)
        };
        assert_eq!(kinds(&products(&[0.5, 0.5])), ["global_avg_pool2d"]);
        assert_eq!(kinds(&products(&[0.5, 0.25])), ["MatMul", "MatMul"]);
    }
}
