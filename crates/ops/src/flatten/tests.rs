//! Flatten: every kernel against the reference, laws, shape rule and cost.

use super::Flatten;
use crate::{
    cpu::testing::{check, cost, random, run},
    input_tensor,
};
use profile::Shape;

#[test]
fn random_shapes_are_right() {
    random(60, |dice| {
        let shape = dice.shape();
        check(Flatten, &[shape]);
        check(Flatten, &[shape.with_size(1, 1)]);
        check(Flatten, &[shape.with_channels(1)]);
    });
}

#[test]
fn maps_that_are_shared_by_workers_are_right() {
    for shape in [Shape::new(1, 256, 6, 6), Shape::new(2, 50, 7, 9)] {
        check(Flatten, &[shape]);
    }
}

#[test]
fn features_are_numbered_as_other_engines_number_them() {
    let x = input_tensor(0, Shape::new(2, 5, 3, 4));
    assert_eq!(run(Flatten, &[&x]).data(), x.to_nchw());
}

#[test]
fn cost_moves_every_element_once() {
    let cost = cost(Flatten, &[Shape::new(1, 4, 4, 5)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (0, 80, 80));
}
