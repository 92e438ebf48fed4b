//! Convolutions along channels: rows of features that are written with a third axis, N×1×C or N×C×1, for the time of
//! a one-dimensional convolution.

use super::{elements::POINTWISE, view::seen};
use crate::read::{
    call::{Call, Known},
    infer::Window,
    net::{FileNet, FileStep, Id, Kind, Weight},
};
use ops::ChannelConv;
use std::collections::HashMap;

/// `net` with what happens to such rows written for N×C features.
pub(super) fn rows(net: FileNet) -> FileNet {
    let mut rows = Rows::default();
    net.written_anew(|net, step| rows.written(net, step))
}

#[derive(Default)]
struct Rows {
    /// The features, of two axes or of four, for each row of three.
    plain: HashMap<Id, Id>,
}

impl Rows {
    /// What a step becomes.
    fn written(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let call = net.call(step)?;
        if let Some(source) = seen(net, step) {
            return self.view(net, source, step);
        }
        let row = *self.plain.get(&step.input(0)?)?;
        let (kind, inputs) = match call.kind {
            "Conv" => (conv(&call)?, vec![Some(row)]),
            kind if POINTWISE.contains(&kind) => {
                let others = step.inputs[1..].iter().copied();
                (step.kind.clone(), [Some(row)].into_iter().chain(others).collect())
            }
            _ => return None,
        };
        let made = net.value_like(row, Known::Dims(net.dims(row)?.to_vec()));
        self.plain.insert(step.outputs[0], made);
        let node = FileStep { name: step.name.clone(), kind, inputs, outputs: vec![made] };
        Some(vec![node, net.reshaped(step, made, step.outputs[0])?])
    }

    /// Remembers features that get a third axis, or lose it.
    fn view(&mut self, net: &mut FileNet, input: Id, step: &FileStep) -> Option<Vec<FileStep>> {
        let (from, to) = (net.dims(input)?, net.dims(step.outputs[0])?);
        let features = |dims: &[usize]| match *dims {
            [n, c] | [n, c, 1, 1] | [n, 1, c] | [n, c, 1] => Some((n, c)),
            _ => None,
        };
        (features(from)? == features(to)?).then_some(())?;
        let row = if from.len() == 3 { *self.plain.get(&input)? } else { input };
        if to.len() == 3 {
            self.plain.insert(step.outputs[0], row);
        }
        (from.len() == 3).then_some(())?;
        Some(vec![net.reshaped(step, row, step.outputs[0])?])
    }
}

/// A convolution of one channel that keeps the length.
fn conv(call: &Call<'_>) -> Option<Kind> {
    let kernel = call.constant(1)?;
    let (&[1, 1, taps], &[_, 1, length]) = (&kernel.dims[..], call.dims(0)?) else { return None };
    let window = Window::of(call, &[length], &[taps])?;
    let centred = window.before == [taps / 2] && window.after == [taps / 2];
    let dense = window.stride == [1] && window.dilation == [1] && call.int("group", 1) == 1;
    let weight = Weight::new("weight", kernel, [0, 1, 0, 0]);
    (taps % 2 == 1 && centred && dense && !call.has(2))
        .then(|| Kind::Lab(ChannelConv { kernel: taps }.into(), vec![weight]))
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op};
    use ops::ChannelConv;

    fn attention(pads: &[i64]) -> Sketch {
        let mut s = Sketch::new(&[1, 6, 3, 3]);
        let (row, map) = (s.ints("row", &[1, 1, 6]), s.ints("map", &[1, 6, 1, 1]));
        let kernel = s.floats("kernel", &[1, 1, 3], &[1.0, 2.0, 3.0]);
        let x = s.with("ReduceMean", &["input"], &[("axes", &[2, 3]), ("keepdims", &[0])]);
        let x = s.node("Reshape", &[&x, &row]);
        let x = s.with("Conv", &[&x, &kernel], &[("pads", pads)]);
        let x = s.node("Sigmoid", &[&x]);
        let x = s.node("Reshape", &[&x, &map]);
        s.node("Mul", &["input", &x]);
        s
    }

    #[test]
    fn an_attention_over_channels_is_read() {
        let net = attention(&[1, 1]).net("5");
        let expected = ["global_avg_pool2d", "channel_conv", "sigmoid", "view", "mul"];
        assert_eq!(kinds(&net), expected);
        assert_eq!(op(&net, 1), &ChannelConv { kernel: 3 }.into());
    }

    #[test]
    fn rows_that_are_turned_are_others() {
        let mut s = Sketch::new(&[2, 2]);
        let column = s.ints("column", &[2, 2, 1]);
        let row = s.ints("row", &[2, 1, 2]);
        let kernel = s.floats("kernel", &[1, 1, 1], &[1.0]);
        let x = s.node("Reshape", &["input", &column]);
        let x = s.with("Transpose", &[&x], &[("perm", &[1, 0, 2])]);
        let x = s.node("Reshape", &[&x, &row]);
        let x = s.node("Conv", &[&x, &kernel]);
        assert!(!kinds(&s.net(&x)).contains(&"channel_conv"));
    }

    #[test]
    fn a_convolution_beside_its_channel_is_another() {
        let net = attention(&[0, 2]).net("5");
        assert!(kinds(&net).contains(&"conv2d") && !kinds(&net).contains(&"channel_conv"));
    }
}
