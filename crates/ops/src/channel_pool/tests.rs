//! Channel pool: every kernel against the reference, laws, shape rule and cost.

use super::ChannelPool;
use crate::{
    Tensor,
    cpu::testing::{check, cost, random, refusal, run},
};
use profile::Shape;

const ALL: [ChannelPool; 4] =
    [ChannelPool::Mean, ChannelPool::Max, ChannelPool::Sum, ChannelPool::L2];

#[test]
fn random_shapes_are_right() {
    random(40, |dice| {
        let shape = dice.shape();
        ALL.into_iter().for_each(|op| check(op, &[shape]));
    });
}

#[test]
fn a_map_that_is_shared_by_workers_is_right() {
    check(ChannelPool::Mean, &[Shape::new(2, 130, 9, 7)]);
    check(ChannelPool::Max, &[Shape::new(2, 130, 9, 7)]);
}

#[test]
fn the_largest_of_negative_channels_is_negative() {
    for c in 1..40 {
        let x = Tensor::from_fn(Shape::features(1, c), |[_, i, ..]| -1.0 - i as f32);
        assert_eq!(run(ChannelPool::Max, &[&x]).data(), [-1.0]);
    }
}

#[test]
fn the_mean_of_a_constant_is_that_constant() {
    let x = Tensor::from_fn(Shape::new(1, 24, 3, 3), |_| 1.5);
    assert!(run(ChannelPool::Mean, &[&x]).data().iter().all(|&y| y == 1.5));
}

#[test]
fn cost_is_one_operation_an_element() {
    let cost = cost(ChannelPool::Max, &[Shape::new(1, 6, 4, 5)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (120, 120, 20));
}

#[test]
fn a_map_without_channels_is_refused() {
    assert_eq!(refusal(ChannelPool::Mean, &[Shape::new(1, 0, 4, 5)]), "takes at least 1 channel");
}
