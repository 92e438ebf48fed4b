//! Channel shuffle: every kernel against the reference, laws, shape rule and cost.

use super::ChannelShuffle;
use crate::{
    Tensor,
    cpu::testing::{check, cost, random, refusal, run},
    input_tensor,
};
use profile::Shape;

#[test]
fn the_shufflenets_shapes_are_right() {
    for (c, groups) in
        [(116, 2), (232, 2), (60, 3), (24, 4), (96, 8), (116, 58), (34, 17), (10, 10), (7, 1)]
    {
        check(ChannelShuffle { groups }, &[Shape::new(1, c, 3, 5)]);
    }
}

#[test]
fn a_map_that_is_shared_by_workers_is_right() {
    check(ChannelShuffle { groups: 2 }, &[Shape::new(2, 116, 9, 7)]);
    check(ChannelShuffle { groups: 3 }, &[Shape::new(2, 60, 9, 11)]);
}

#[test]
fn random_shapes_are_right() {
    random(24, |dice| {
        let shape = dice.shape();
        let groups = dice.pick(&[1, 2, 3, 4, 5, 8]);
        let channels = shape.with_channels(shape.c * groups);
        check(ChannelShuffle { groups }, &[channels]);
        check(ChannelShuffle { groups: shape.c }, &[channels]);
    });
}

#[test]
fn a_shuffle_and_its_inverse_change_nothing() {
    random(40, |dice| {
        let (groups, per_group) = (dice.within(1..=8), dice.channels());
        let x = input_tensor(0, dice.shape().with_channels(groups * per_group));
        let shuffled = run(ChannelShuffle { groups }, &[&x]);
        assert_eq!(run(ChannelShuffle { groups: per_group }, &[&shuffled]), x);
    });
}

#[test]
fn two_groups_of_three_interleave() {
    let x = Tensor::from_nhwc(Shape::features(1, 6), vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    let y = run(ChannelShuffle { groups: 2 }, &[&x]);
    assert_eq!(y.data(), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
}

#[test]
fn cost_moves_every_element_once() {
    let cost = cost(ChannelShuffle { groups: 2 }, &[Shape::new(1, 4, 4, 5)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (0, 80, 80));
}

#[test]
fn groups_that_do_not_divide_are_refused() {
    let x = Shape::new(1, 10, 4, 4);
    let reason = refusal(ChannelShuffle { groups: 3 }, &[x]);
    assert_eq!(reason, "has 3 groups, which do not divide its 10 channels");
    refusal(ChannelShuffle { groups: 0 }, &[x]);
}
