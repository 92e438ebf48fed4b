//! Concatenation and shuffle in one: every kernel against the reference, the law that it is both,
//! shape rule and cost.

use super::ConcatShuffle;
use crate::{
    ChannelShuffle, Concat,
    cpu::testing::{check, cost, random, refusal, run},
    input_tensor,
};
use profile::Shape;

#[test]
fn shufflenets_shapes_are_right() {
    for (half, groups) in [(58, 2), (58, 58), (116, 116), (488, 2), (29, 29), (6, 4), (5, 1)] {
        let x = Shape::new(1, half, 3, 5);
        check(ConcatShuffle { groups }, &[x, x]);
    }
}

#[test]
fn maps_that_are_shared_by_workers_are_right() {
    let x = Shape::new(2, 58, 9, 7);
    check(ConcatShuffle { groups: 2 }, &[x, x]);
    check(ConcatShuffle { groups: 58 }, &[x, x]);
}

#[test]
fn random_shapes_are_right() {
    random(24, |dice| {
        let x = dice.shape();
        let x = x.with_channels(x.c * dice.pick(&[1, 2]));
        let groups = dice.pick(&[1, 2, x.c, 2 * x.c]);
        check(ConcatShuffle { groups }, &[x, x]);
    });
}

#[test]
fn it_is_a_concatenation_and_then_a_shuffle() {
    for (half, groups) in [(58, 2), (58, 58), (9, 3)] {
        let [a, b] = [1, 2].map(|seed| input_tensor(seed, Shape::new(2, half, 3, 4)));
        let apart = run(ChannelShuffle { groups }, &[&run(Concat, &[&a, &b])]);
        assert_eq!(run(ConcatShuffle { groups }, &[&a, &b]), apart, "{half}, {groups}");
    }
}

#[test]
fn cost_moves_every_element_once() {
    let x = Shape::new(1, 2, 4, 5);
    let cost = cost(ConcatShuffle { groups: 2 }, &[x, x]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (0, 80, 80));
}

#[test]
fn maps_of_two_shapes_and_groups_that_do_not_divide_are_refused() {
    let x = Shape::new(1, 5, 4, 4);
    assert!(refusal(ConcatShuffle { groups: 2 }, &[x, x.with_channels(3)]).contains("one shape"));
    assert!(refusal(ConcatShuffle { groups: 2 }, &[x]).contains("two inputs"));
    assert!(refusal(ConcatShuffle { groups: 3 }, &[x, x]).contains("do not divide"));
}
