//! PReLU: every kernel against the reference, and cost.

use super::PRelu;
use crate::cpu::testing::{check, cost, random};
use profile::Shape;

#[test]
fn random_shapes_are_right() {
    random(16, |dice| {
        let shape = dice.shape();
        [true, false].into_iter().for_each(|shared| check(PRelu { shared }, &[shape]));
    });
}

#[test]
fn a_map_that_is_shared_by_workers_is_right() {
    check(PRelu { shared: false }, &[Shape::new(2, 116, 9, 7)]);
}

#[test]
fn cost_is_one_operation_an_element_and_a_parameter_a_slope() {
    let counts = [true, false].map(|shared| {
        let cost = cost(PRelu { shared }, &[Shape::new(1, 6, 4, 4)]);
        (cost.flops, cost.params, cost.access.weights)
    });
    assert_eq!(counts, [(96, 1, 1), (96, 6, 6)]);
}
