//! A convolution along channels: every kernel against the reference, laws, shape rule and cost.

use super::ChannelConv;
use crate::cpu::testing::{check, cost, random, refusal};
use profile::Shape;

#[test]
fn random_shapes_are_right() {
    random(40, |dice| {
        let kernel = dice.pick(&[1, 3, 5, 9]);
        check(ChannelConv { kernel }, &[dice.shape().with_size(1, 1)]);
    });
}

#[test]
fn rows_shared_by_workers_are_right() {
    check(ChannelConv { kernel: 5 }, &[Shape::features(40, 130)]);
}

#[test]
fn cost_is_a_multiply_add_a_tap() {
    let cost = cost(ChannelConv { kernel: 3 }, &[Shape::features(2, 10)]);
    assert_eq!((cost.mul_adds, cost.flops, cost.params), (60, 120, 3));
    assert_eq!((cost.access.read, cost.access.written, cost.access.weights), (20, 20, 3));
}

#[test]
fn an_even_number_of_taps_and_several_pixels_are_refused() {
    let reason = refusal(ChannelConv { kernel: 3 }, &[Shape::new(1, 10, 2, 1)]);
    assert!(reason.contains("one pixel"), "{reason}");
    let reason = refusal(ChannelConv { kernel: 4 }, &[Shape::features(1, 10)]);
    assert!(reason.contains("must be odd"), "{reason}");
}
