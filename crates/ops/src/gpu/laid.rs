//! Maps that lie in wider ones, for tests: drawn layouts, memory that holds them, and what was written there.

use super::{
    Layout, Layouts,
    quads::{gathered, quads},
};
use crate::{Tensor, dice::Dice, draw::input_tensor};
use profile::Shape;

/// How the maps of a node lie, and what is written beside its output.
pub(super) struct Laid {
    pub layouts: Layouts,
    pub beside: Option<Tensor>,
}

impl Laid {
    /// Each alone.
    pub fn apart(inputs: &[Shape], output: Shape) -> Self {
        let layouts = Layouts {
            inputs: inputs.iter().map(|&s| Layout::whole(s)).collect(),
            output: Layout::whole(output),
            in_place: vec![false; inputs.len()],
            beside: None,
        };
        Self { layouts, beside: None }
    }

    /// In wider ones, with another map written beside the output, before it or between its channels, or none; or, in
    /// buffers, shuffled.
    pub fn draw(d: &mut Dice, inputs: &[Shape], output: Shape, textures: bool) -> Self {
        let own = quads(output.c);
        let (before, spare) = (d.within(0..=2), d.within(0..=1));
        let map = |c| input_tensor(9, output.with_channels(c));
        let lying = |wide, first, step| Layout {
            own,
            pitch: before + wide + spare,
            first,
            step,
            round: usize::MAX,
        };
        let (beside, output) = match d.within(0..=if textures { 2 } else { 3 }) {
            0 => (None, lying(own, 4 * before, 1)),
            1 => {
                let other = d.within(1..=own);
                (Some(map(4 * other)), lying(other + own, 4 * (before + other), 1))
            }
            2 => (Some(map(output.c)), lying(quads(2 * output.c), 4 * before + 1, 2)),
            _ => {
                let groups: Vec<usize> =
                    (1..=output.c).filter(|groups| output.c.is_multiple_of(*groups)).collect();
                let along = lying(own, 4 * before, d.pick(&groups));
                (None, Layout { round: output.c, ..along })
            }
        };
        let layouts = Layouts {
            inputs: inputs.iter().map(|&s| readable(d, s)).collect(),
            output,
            in_place: vec![false; inputs.len()],
            beside: beside.as_ref().map(|x| readable(d, x.shape())),
        };
        Self { layouts, beside }
    }

    /// Whether `data` has what is written beside the output, and elsewhere what it had before.
    pub fn is_kept(&self, data: &[f32], before: f32) -> bool {
        let layout = self.layouts.output;
        let Layout { own, pitch, first, step, round } = layout;
        let other = self.beside.as_ref().map(Tensor::shape);
        let (start, written) = match other {
            None if layout.is_shuffled() => (first, round),
            None => (first, 4 * own),
            Some(s) if step == 1 => (first - s.c, s.c + 4 * own),
            Some(s) => (first - 1, 4 * quads(2 * s.c)),
        };
        let elsewhere = |pixel: &[f32]| {
            let parts = [&pixel[..start], &pixel[start + written..]];
            parts.iter().all(|part| part.iter().all(|x| *x == before))
        };
        let beside = |x: &Tensor| {
            let got = gathered(x.shape(), pitch, |c| start + step * c, data);
            got.data() == x.data()
        };
        data.chunks_exact(4 * pitch).all(elsewhere) && self.beside.as_ref().is_none_or(beside)
    }
}

/// Where shaders can read a map: at any channel, and every second one.
fn readable(d: &mut Dice, shape: Shape) -> Layout {
    let (before, spare) = (d.within(0..=2), d.within(0..=1));
    let (first, step) = match d.within(0..=2) {
        0 => (4 * before, 1),
        1 => (4 * before + d.within(1..=3), 1),
        _ => (4 * before + d.within(0..=1), 2),
    };
    let pitch = quads(first + step * (shape.c - 1) + 1) + spare;
    Layout { own: quads(shape.c), pitch, first, step, round: usize::MAX }
}

/// Memory with `x` in it, and `filler` elsewhere: a quad more than its pixels take.
pub(super) fn holding(x: &Tensor, layout: Layout, filler: f32) -> Vec<f32> {
    let (shape, run) = (x.shape(), 4 * layout.pitch);
    let mut data = vec![filler; shape.pixels() * run + 4];
    for (pixel, from) in data.chunks_exact_mut(run).zip(x.data().chunks_exact(shape.c)) {
        for (c, value) in from.iter().enumerate() {
            pixel[layout.first + c * layout.step] = *value;
        }
    }
    data
}
