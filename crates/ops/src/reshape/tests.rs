//! Other axes: every kernel against the reference, laws, shape rule and cost.

use super::Reshape;
use crate::{
    cpu::testing::{check, cost, random, refusal, run},
    input_tensor,
};
use profile::Shape;

#[test]
fn random_axes_are_right() {
    random(40, |dice| {
        let (a, b, c) = (dice.channels(), dice.within(1..=6), dice.within(1..=6));
        let axes = [[a, b, c], [b, c, a], [c, a, b], [a * b, 1, c], [1, a, b * c], [a, c, b]];
        let [x, y] = [dice.pick(&axes), dice.pick(&axes)].map(|[c, h, w]| Shape::new(2, c, h, w));
        check(Reshape { c: y.c, h: y.h, w: y.w }, &[x]);
    });
}

#[test]
fn channels_become_a_row_and_are_channels_again() {
    let x = input_tensor(0, Shape::features(2, 70));
    let row = run(Reshape { c: 1, h: 1, w: 70 }, &[&x]);
    assert_eq!(row.at([1, 0, 0, 33]), x.at([1, 33, 0, 0]));
    assert_eq!(run(Reshape { c: 70, h: 1, w: 1 }, &[&row]), x);
}

#[test]
fn cost_moves_every_element_once() {
    let cost = cost(Reshape { c: 4, h: 3, w: 5 }, &[Shape::new(1, 3, 4, 5)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (0, 60, 60));
}

#[test]
fn other_elements_are_refused() {
    let x = Shape::new(1, 3, 4, 5);
    let reason = refusal(Reshape { c: 4, h: 3, w: 6 }, &[x]);
    assert_eq!(reason, "makes 4×3×6 of a map of other elements");
    refusal(Reshape { c: usize::MAX, h: 2, w: 2 }, &[x]);
    refusal(Reshape { c: 0, h: 1, w: 1 }, &[x.with_channels(0)]);
}
