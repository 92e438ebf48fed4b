//! Global L2 pool: every kernel against the reference, laws and cost.

use super::GlobalL2Pool;
use crate::{
    Tensor,
    cpu::testing::{check, cost, random, run},
};
use profile::Shape;

#[test]
fn random_shapes_are_right() {
    random(24, |dice| check(GlobalL2Pool, &[dice.shape()]));
}

#[test]
fn channels_shared_by_workers_are_right() {
    check(GlobalL2Pool, &[Shape::new(2, 150, 5, 7)]);
}

#[test]
fn a_map_of_threes_and_fours_has_their_length() {
    let x = Tensor::from_fn(Shape::new(1, 2, 2, 1), |[_, c, h, _]| (3 + h) as f32 * (1 + c) as f32);
    assert_eq!(run(GlobalL2Pool, &[&x]).data(), [5.0, 10.0]);
}

#[test]
fn cost_is_two_operations_an_element_and_a_root_a_channel() {
    let cost = cost(GlobalL2Pool, &[Shape::new(1, 6, 4, 5)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (246, 120, 6));
}
