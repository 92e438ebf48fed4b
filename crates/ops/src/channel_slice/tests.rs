//! Channel slice: every kernel against the reference, laws, shape rule and cost.

use super::ChannelSlice;
use crate::{
    Operator,
    cpu::testing::{check, cost, random, refusal, run},
    input_tensor,
};
use profile::Shape;

#[test]
fn random_slices_are_right() {
    random(40, |dice| {
        let shape = dice.shape();
        let start = dice.within(0..=shape.c - 1);
        let step: isize = dice.pick(&[1, 2, 3, 5, -1, -2, -4]);
        let room = if step > 0 { shape.c - 1 - start } else { start };
        let len = dice.within(1..=room / step.unsigned_abs() + 1);
        check(ChannelSlice { start, step, len }, &[shape]);
    });
}

#[test]
fn reversed_twice_is_the_map() {
    let x = input_tensor(0, Shape::new(2, 11, 3, 5));
    let reverse = ChannelSlice { start: 10, step: -1, len: 11 };
    assert_eq!(run(reverse, &[&run(reverse, &[&x])]), x);
    assert_eq!(run(reverse, &[&x]).at([1, 0, 2, 3]), x.at([1, 10, 2, 3]));
}

#[test]
fn cost_reads_only_its_channels() {
    let cost = cost(ChannelSlice { start: 1, step: 2, len: 3 }, &[Shape::new(1, 8, 4, 5)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (0, 60, 60));
}

#[test]
fn channels_that_are_not_there_are_refused() {
    let x = Shape::new(1, 8, 4, 5);
    let slice = |start, step, len| ChannelSlice { start, step, len };
    assert!(refusal(slice(1, 2, 5), &[x]).contains("5 of 8 channels from 1 in steps of 2"));
    assert!(slice(1, 2, 4).output(&[x]).is_ok());
    refusal(slice(8, -1, 2), &[x]);
    refusal(slice(2, -1, 4), &[x]);
    refusal(slice(0, 0, 1), &[x]);
    refusal(slice(0, 1, 0), &[x]);
    refusal(slice(0, isize::MIN, usize::MAX), &[x]);
}
