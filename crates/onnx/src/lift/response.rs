//! Local response norm, as PyTorch computes it: x / (k + α · mean of x² over neighbouring channels)^β, the mean
//! a three-dimensional average pool behind a `Pad`.

use super::view::root;
use crate::read::{
    infer,
    net::{FileNet, FileStep, Id},
};
use ops::{Binary, LocalResponseNorm, Op, Unary, UnaryFn};

pub(super) fn response(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    (net.call(step)?.kind == "Div").then_some(())?;
    let (x, divisor) = net.operands(step)?;
    let (sum, beta) = power(net, divisor)?;
    let (added, Op::Unary(Unary(UnaryFn::Offset(k)))) = net.lab(sum)? else { return None };
    let scaled = added.input(0)?;
    let (scale, Op::Unary(Unary(UnaryFn::Scale(alpha)))) = net.lab(scaled)? else { return None };
    let map = net.dims(x).filter(|&dims| net.dims(scaled) == Some(dims))?;
    let (squares, size) = window(net, root(net, scale.input(0)?), map)?;
    let (square, Op::Binary(Binary::MUL)) = net.lab(root(net, squares))? else { return None };
    let norm = LocalResponseNorm { size, alpha: *alpha, beta, k: *k };
    (square.inputs == [Some(x); 2]).then(|| vec![step.lab(norm, &[x])])
}

/// What a power is of, and its exponent.
fn power(net: &FileNet, id: Id) -> Option<(Id, f32)> {
    let (power, Op::Unary(Unary(function))) = net.lab(id)? else { return None };
    let exponent = match function {
        UnaryFn::Sqrt => 0.5,
        UnaryFn::Pow(exponent) => *exponent,
        _ => return None,
    };
    Some((power.input(0)?, exponent))
}

/// Of a mean over neighbouring channels of a map, N×1×C×…: what is averaged, and over how many.
fn window(net: &FileNet, mean: Id, map: &[usize]) -> Option<(Id, usize)> {
    let pool = net.node(mean, "AveragePool")?;
    let call = net.call(pool)?;
    let &[size, 1, 1] = call.ints("kernel_shape") else { return None };
    let plain = |name: &str, value: i64| call.ints(name).iter().all(|&x| x == value);
    let pad = net.node(pool.input(0)?, "Pad")?;
    let (&[n, c, _, _], &[images, 1, channels, _, _]) = (map, net.dims(pad.input(0)?)?) else {
        return None;
    };
    let (before, after) = infer::pads(&net.call(pad)?, 5)?;
    let centred = before == [0, 0, size / 2, 0, 0] && after == [0, 0, (size - 1) / 2, 0, 0];
    let filled = net.call(pad)?;
    let zeros =
        matches!(filled.text("mode"), "" | "constant") && filled.number("value", 2, 0.0)? == 0.0;
    let unpadded = plain("pads", 0) && matches!(call.text("auto_pad"), "" | "NOTSET" | "VALID");
    let slides = plain("strides", 1) && plain("dilations", 1) && call.int("ceil_mode", 0) == 0;
    let fits = (images, channels) == (n, c) && centred && zeros && unpadded && slides;
    fits.then_some((pad.input(0)?, usize::try_from(size).ok()?))
}

#[cfg(test)]
mod tests {
    use crate::{
        lift::testing::{Sketch, kinds, op},
        read::net::FileNet,
    };
    use ops::LocalResponseNorm;

    fn written(after: i64) -> FileNet {
        written_as(after, &[1, 1, 8, 3, -1], "constant")
    }

    fn written_as(after: i64, deep: &[i64], mode: &'static str) -> FileNet {
        let mut s = Sketch::new(&[1, 8, 3, 3]);
        let (deep, flat) = (s.ints("deep", deep), s.ints("flat", &[1, 8, 3, 3]));
        let pads = s.ints("pads", &[0, 0, 2, 0, 0, 0, 0, after, 0, 0]);
        let numbers = [("alpha", 1e-3), ("beta", 0.75), ("k", 2.0)];
        let [alpha, beta, k] = numbers.map(|(name, x)| s.floats(name, &[], &[x]));
        let x = s.node("Mul", &["input", "input"]);
        let x = s.node("Reshape", &[&x, &deep]);
        let x = s.worded("Pad", &[&x, &pads], &[("mode", mode)]);
        let x = s.with("AveragePool", &[&x], &[("kernel_shape", &[4 + after / 2, 1, 1])]);
        let x = s.node("Reshape", &[&x, &flat]);
        let x = s.node("Mul", &[&x, &alpha]);
        let x = s.node("Add", &[&x, &k]);
        let x = s.node("Pow", &[&x, &beta]);
        let x = s.node("Div", &["input", &x]);
        s.net(&x)
    }

    #[test]
    fn the_mean_of_squares_is_a_norm() {
        let norm = LocalResponseNorm { size: 5, alpha: 1e-3, beta: 0.75, k: 2.0 };
        assert_eq!(op(&written(2), 0), &norm.into());
        assert_eq!(op(&written(1), 0), &LocalResponseNorm { size: 4, ..norm }.into());
    }

    #[test]
    fn a_mean_over_other_axes_or_of_reflected_channels_is_none() {
        for (deep, mode) in [([1, 1, 3, 8, 3], "constant"), ([1, 1, 8, 3, 3], "reflect")] {
            assert_eq!(kinds(&written_as(2, &deep, mode)).last(), Some(&"div"), "{mode}");
        }
    }

    #[test]
    fn a_window_beside_its_channel_is_none() {
        assert_eq!(kinds(&written(3)).last(), Some(&"Div"));
    }
}
