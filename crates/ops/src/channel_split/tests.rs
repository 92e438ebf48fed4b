//! Channel split: every kernel against the reference, laws, shape rule and cost.

use super::ChannelSplit;
use crate::{
    Concat,
    cpu::testing::{check, cost, random, refusal, run},
    input_tensor,
};
use profile::Shape;

#[test]
fn random_parts_are_right() {
    random(40, |dice| {
        let shape = dice.shape();
        let start = dice.within(0..=shape.c - 1);
        let len = dice.within(1..=shape.c - start);
        check(ChannelSplit { start, len }, &[shape]);
    });
}

#[test]
fn a_map_that_is_shared_by_workers_is_right() {
    check(ChannelSplit { start: 58, len: 58 }, &[Shape::new(2, 116, 9, 7)]);
}

#[test]
fn split_then_concat_changes_nothing() {
    random(20, |dice| {
        let x = input_tensor(0, dice.shape().with_channels(dice.channels() + 1));
        let len = dice.within(1..=x.shape().c - 1);
        let left = run(ChannelSplit { start: 0, len }, &[&x]);
        let right = run(ChannelSplit { start: len, len: x.shape().c - len }, &[&x]);
        assert_eq!(run(Concat, &[&left, &right]), x);
    });
}

#[test]
fn cost_reads_only_its_part() {
    let cost = cost(ChannelSplit { start: 2, len: 3 }, &[Shape::new(1, 8, 4, 5)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (0, 60, 60));
}

#[test]
fn channels_beyond_the_last_are_refused() {
    let x = Shape::new(1, 8, 4, 5);
    let reason = refusal(ChannelSplit { start: 6, len: 3 }, &[x]);
    assert_eq!(reason, "takes channels 6 to 9 of 8");
    refusal(ChannelSplit { start: 6, len: 0 }, &[x]);
    refusal(ChannelSplit { start: usize::MAX, len: 1 }, &[x]);
}
