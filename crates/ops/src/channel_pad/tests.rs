//! Channel pad: every kernel against the reference, laws, shape rule and cost.

use super::ChannelPad;
use crate::{
    ChannelSplit,
    cpu::testing::{check, cost, random, refusal, run},
    input_tensor,
};
use profile::Shape;

#[test]
fn random_shapes_are_right() {
    random(40, |dice| {
        let shape = dice.shape();
        check(ChannelPad { out: shape.c + dice.within(0..=20) }, &[shape]);
    });
}

#[test]
fn a_map_that_is_shared_by_workers_is_right() {
    check(ChannelPad { out: 100 }, &[Shape::new(2, 61, 9, 7)]);
}

#[test]
fn pad_then_split_changes_nothing_and_the_rest_is_zero() {
    let x = input_tensor(0, Shape::new(2, 11, 3, 5));
    let padded = run(ChannelPad { out: 30 }, &[&x]);
    assert_eq!(run(ChannelSplit { start: 0, len: 11 }, &[&padded]), x);
    assert_eq!(run(ChannelSplit { start: 11, len: 19 }, &[&padded]).max_abs(), 0.0);
}

#[test]
fn cost_reads_the_map_and_writes_the_wider_one() {
    let cost = cost(ChannelPad { out: 8 }, &[Shape::new(1, 3, 4, 5)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (0, 60, 160));
}

#[test]
fn fewer_channels_are_refused() {
    let reason = refusal(ChannelPad { out: 2 }, &[Shape::new(1, 3, 4, 5)]);
    assert_eq!(reason, "pads 3 channels to 2, which are fewer");
}
