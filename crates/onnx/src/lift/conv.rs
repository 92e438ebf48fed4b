//! Convolutions of maps by constant kernels, with a `Pad` or a bias that was written beside them.

use super::{pool::padded, view::sole_maker};
use crate::read::{
    array::Array,
    call::Call,
    infer::Window,
    net::{FileNet, FileStep, Kind, Weight},
};
use ops::{Conv2d, ConvTranspose2d, Op};

pub(super) fn conv(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    (call.kind == "Conv").then_some(())?;
    let kernel = call.constant(1)?;
    let &[out, inputs, ref taps @ ..] = &kernel.dims[..] else { return None };
    let &[_, channels, ref size @ ..] = net.dims(step.input(0)?)? else { return None };
    let window = Window::of(&call, size, taps)?;
    let [h, w] = window.kernel[..] else { return None };
    let (source, window) = padded(net, step.input(0)?, window, 0.0);
    let groups = usize::try_from(call.int("group", 1)).ok()?;
    (groups.checked_mul(inputs) == Some(channels)).then_some(())?;
    let bias = given_bias(&call, out)?;
    let conv = Conv2d {
        out,
        kernel: (h, w),
        stride: (window.stride[0], window.stride[1]),
        padding: window.sides()?,
        dilation: (window.dilation[0], window.dilation[1]),
        groups,
        bias: !bias.is_empty(),
    };
    let strides = [inputs * h * w, h * w, w, 1];
    let kernel = Weight::new("weight", kernel, strides);
    let weights = [kernel].into_iter().chain(bias).collect();
    Some(vec![step.instead(Kind::Lab(conv.into(), weights), &[source])])
}

/// The bias that a convolution is given, one or none; `None` where it has not a value for each output.
pub(super) fn given_bias(call: &Call<'_>, out: usize) -> Option<Vec<Weight>> {
    if !call.has(2) {
        return Some(Vec::new());
    }
    let bias = call.constant(2).filter(|b| b.len() == out)?;
    Some(if bias.is_blank() { Vec::new() } else { vec![Weight::vector("bias", bias)] })
}

/// An addition of a value a channel is the bias of the convolution before it.
pub(super) fn bias(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    (net.call(step)?.kind == "Add").then_some(())?;
    let (id, array) = net.with_constant(step)?;
    let before = sole_maker(net, id)?;
    let Kind::Lab(op, weights) = &before.kind else { return None };
    let (out, op): (usize, Op) = match *op {
        Op::Conv2d(conv @ Conv2d { bias: false, out, .. }) => (out, conv.bias().into()),
        Op::ConvTranspose2d(conv @ ConvTranspose2d { bias: false, out, .. }) => {
            (out, conv.bias().into())
        }
        _ => return None,
    };
    a_channel(array, out).then_some(())?;
    let mut weights = weights.clone();
    weights.push(Weight::vector("bias", array));
    let kind = Kind::Lab(op, weights);
    Some(vec![FileStep { name: before.name.clone(), ..step.instead(kind, &[before.input(0)?]) }])
}

/// Whether a constant has a value for each of the channels of a map.
fn a_channel(array: &Array, channels: usize) -> bool {
    let dims = &array.dims[..];
    matches!(dims, [.., c, 1, 1] if *c == channels) && array.len() == channels
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op};
    use ops::{Conv2d, Sides};

    /// As exporters that optimise nothing write a convolution without a bias.
    #[test]
    fn a_bias_of_computed_zeros_is_none() {
        let biased = |k: f32| {
            let mut s = Sketch::new(&[1, 2, 3, 3]);
            let (number, many) = (s.floats("number", &[], &[k]), s.ints("many", &[6]));
            let kernel = s.floats("kernel", &[6, 2, 1, 1], &[0.5; 12]);
            let bias = s.node("CastLike", &[&number, "input"]);
            let bias = s.node("Expand", &[&bias, &many]);
            let x = s.node("Conv", &["input", &kernel, &bias]);
            op(&s.net(&x), 0).clone()
        };
        assert_eq!(biased(0.0), Conv2d::new(6, 1).into());
        assert_eq!(biased(1.0), Conv2d::new(6, 1).bias().into());
    }

    #[test]
    fn a_bias_of_zeros_that_the_file_has_is_one() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let kernel = s.floats("kernel", &[6, 2, 1, 1], &[0.5; 12]);
        let bias = s.floats("bias", &[6], &[0.0; 6]);
        let x = s.node("Conv", &["input", &kernel, &bias]);
        assert_eq!(op(&s.net(&x), 0), &Conv2d::new(6, 1).bias().into());
    }

    #[test]
    fn a_pad_and_a_bias_are_taken_in() {
        let mut s = Sketch::new(&[1, 4, 9, 9]);
        let pads = s.ints("pads", &[0, 0, 1, 2, 0, 0, 1, 2]);
        let kernel = s.floats("kernel", &[6, 2, 3, 3], &[0.5; 108]);
        let bias = s.floats("bias", &[1, 6, 1, 1], &[1.0; 6]);
        let x = s.node("Pad", &["input", &pads]);
        let x = s.with("Conv", &[&x, &kernel], &[("group", &[2]), ("strides", &[2, 1])]);
        let x = s.node("Add", &[&bias, &x]);
        let conv = Conv2d { stride: (2, 1), ..Conv2d::new(6, 3) };
        let conv = conv.padding_hw(1, 2).groups(2).bias();
        assert_eq!(op(&s.net(&x), 0), &conv.into());
    }

    #[test]
    fn padding_may_differ_by_side() {
        let mut s = Sketch::new(&[1, 1, 9, 9]);
        let kernel = s.floats("kernel", &[1, 1, 3, 3], &[0.5; 9]);
        let x = s.with("Conv", &["input", &kernel], &[("pads", &[0, 0, 1, 2])]);
        let padding = Sides { vertical: (0, 1), horizontal: (0, 2) };
        assert_eq!(op(&s.net(&x), 0), &Conv2d { padding, ..Conv2d::new(1, 3) }.into());
    }

    #[test]
    fn convolutions_beside_their_channels_run_along_a_row() {
        let mut s = Sketch::new(&[1, 8]);
        let (row, rows) = (s.ints("row", &[1, 1, 8]), s.ints("rows", &[1, 8]));
        let kernel = s.floats("kernel", &[1, 1, 3], &[0.5; 3]);
        let x = s.node("Reshape", &["input", &row]);
        let x = s.with("Conv", &[&x, &kernel], &[("pads", &[0, 2])]);
        let x = s.node("Reshape", &[&x, &rows]);
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["reshape", "conv2d", "flatten"]);
        let padding = Sides { vertical: (0, 0), horizontal: (0, 2) };
        let conv = Conv2d { padding, ..Conv2d::new(1, 1).kernel(1, 3) };
        assert_eq!(op(&net, 1), &conv.into());
    }

    #[test]
    fn same_padding_is_counted_out() {
        let mut s = Sketch::new(&[1, 1, 9, 9]);
        let kernel = s.floats("kernel", &[1, 1, 3, 3], &[0.5; 9]);
        let x = s.same("Conv", &["input", &kernel]);
        assert_eq!(op(&s.net(&x), 0), &Conv2d::new(1, 3).padding(1).into());
    }
}
