use super::ChannelShuffle;
use crate::{
    cpu::testing::{check, random, run},
    input_tensor,
};
use profile::Shape;

#[test]
fn the_shufflenets_shapes_are_right() {
    for (c, groups) in [(116, 2), (232, 2), (60, 3), (24, 4), (96, 8), (10, 10), (7, 1)] {
        check(ChannelShuffle { groups }, &[Shape::new(1, c, 3, 5)]);
    }
}

#[test]
fn random_shapes_are_right() {
    random(40, |dice| {
        let shape = dice.shape();
        let groups = dice.pick(&[1, 2, 3, 4, 5, 8]);
        check(ChannelShuffle { groups }, &[shape.with_channels(shape.c * groups)]);
    });
}

#[test]
fn a_shuffle_and_its_inverse_change_nothing() {
    random(40, |dice| {
        let (groups, per_group) = (dice.within(1..=6), dice.channels());
        let x = input_tensor(0, dice.shape().with_channels(groups * per_group));
        let shuffled = run(ChannelShuffle { groups }, &[&x]);
        assert_eq!(run(ChannelShuffle { groups: per_group }, &[&shuffled]), x);
    });
}
