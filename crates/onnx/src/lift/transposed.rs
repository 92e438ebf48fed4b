//! Transposed convolutions of maps by constant kernels.

use super::conv::given_bias;
use crate::read::{
    array::Array,
    net::{FileNet, FileStep, Kind, Weight},
    transposed::transposed,
};
use ops::ConvTranspose2d;

pub(super) fn conv_transpose(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    (call.kind == "ConvTranspose").then_some(())?;
    let (source, kernel) = (step.input(0)?, call.constant(1)?);
    let &[_, outputs, ..] = &kernel.dims[..] else { return None };
    let groups = usize::try_from(call.int("group", 1)).ok()?;
    let out = outputs.checked_mul(groups)?;
    let bias = given_bias(&call, out)?;
    let op = ConvTranspose2d { out, groups, bias: !bias.is_empty(), ..transposed(&call)? };
    let shape = net.shape(source)?;
    ops::Operator::output(&op, &[shape]).ok()?;
    (kernel.dims[0] == shape.c).then_some(())?;
    let weights = [weight(kernel, groups)].into_iter().chain(bias);
    Some(vec![step.instead(Kind::Lab(op.into(), weights.collect()), &[source])])
}

/// The kernel, I×O×KH×KW in the file with the groups' inputs below each other, by output channel.
fn weight(kernel: &Array, groups: usize) -> Weight {
    let (inputs, outputs) = (kernel.dims[0] / groups, kernel.dims[1]);
    let taps: usize = kernel.dims[2..].iter().product();
    let [across, of_input] = [kernel.dims[kernel.dims.len() - 1], outputs * taps];
    if groups == 1 || inputs == 1 {
        let strides = [taps, of_input, across, 1];
        return Weight {
            name: "weight",
            array: kernel.clone(),
            strides,
            factor: 1.0,
            inverse: false,
        };
    }
    // No stride leads from a group's last output to the next one's first: they are put in order.
    let place = |i: usize| {
        let (o, i, tap) = (i / (inputs * taps), i / taps % inputs, i % taps);
        (o / outputs * inputs + i) * of_input + o % outputs * taps + tap
    };
    let dims = vec![outputs * groups, inputs, taps / across, across];
    let array = kernel.picked(dims, (0..kernel.len()).map(place));
    let strides = [inputs * taps, taps, across, 1];
    Weight { name: "weight", array, strides, factor: 1.0, inverse: false }
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op, weight};
    use ops::{ConvTranspose2d, Sides};

    fn read(kernel: &[i64], attributes: &[(&str, &[i64])]) -> Sketch {
        let mut s = Sketch::new(&[1, 4, 5, 5]);
        let count = kernel.iter().product::<i64>();
        let values: Vec<f32> = (0..count).map(|i| i as f32).collect();
        let kernel = s.floats("kernel", kernel, &values);
        s.with("ConvTranspose", &["input", &kernel], attributes);
        s
    }

    #[test]
    fn attributes_are_read() {
        let attributes: [(&str, &[i64]); 3] =
            [("strides", &[2, 2]), ("pads", &[1; 4]), ("output_padding", &[1, 1])];
        let net = read(&[4, 6, 3, 3], &attributes).net("0");
        let expected = ConvTranspose2d::new(6, 3).stride(2).padding(1).output_padding(1);
        assert_eq!(op(&net, 0), &expected.into());
        // Output 2 of input 3, row 1, column 0: the file has inputs first.
        assert_eq!(weight(&net, 0, "weight").at([2, 3, 1, 0]), (3 * 54 + 2 * 9 + 3) as f32);
    }

    #[test]
    fn groups_are_put_in_order() {
        let net = read(&[4, 3, 2, 2], &[("group", &[2]), ("strides", &[2, 2])]).net("0");
        assert_eq!(op(&net, 0), &ConvTranspose2d::new(6, 2).stride(2).groups(2).into());
        // Output 4 is the second of the second group, whose first input is the file's third.
        let expected = (2 * 12 + 4 + 3) as f32;
        assert_eq!(weight(&net, 0, "weight").at([4, 0, 1, 1]), expected);
        let depthwise = read(&[4, 1, 2, 2], &[("group", &[4])]).net("0");
        assert_eq!(weight(&depthwise, 0, "weight").at([3, 0, 1, 0]), 14.0);
    }

    #[test]
    fn sizes_that_are_said_become_padding() {
        let padding = |attributes: &[(&str, &[i64])]| {
            let net = read(&[4, 6, 3, 3], attributes).net("0");
            match op(&net, 0) {
                ops::Op::ConvTranspose2d(conv) => (conv.padding, conv.output_padding),
                other => panic!("it is {other:?}"),
            }
        };
        let strides: (&str, &[i64]) = ("strides", &[2, 2]);
        // 11 pixels of which 10 are wanted: more is cut off in front, but for SAME_UPPER.
        let front = Sides { vertical: (1, 0), horizontal: (1, 0) };
        assert_eq!(padding(&[strides, ("output_shape", &[10, 10])]), (front, (0, 0)));
        assert_eq!(padding(&[strides, ("output_shape", &[12, 12])]), (Sides::NONE, (1, 1)));
    }

    #[test]
    fn impossible_ones_are_left() {
        for attribute in [("strides", [0, 1]), ("output_padding", [1, 1]), ("dilations", [0, 1])] {
            let net = read(&[4, 6, 3, 3], &[(attribute.0, &attribute.1)]).net("0");
            assert_eq!(kinds(&net), ["ConvTranspose"], "{attribute:?}");
        }
        assert_eq!(kinds(&read(&[3, 6, 3, 3], &[]).net("0")), ["ConvTranspose"]);
    }
}
