//! Rows and columns exchanged: every kernel against the reference, a law, and cost.

use super::Transpose2d;
use crate::{
    cpu::testing::{check, cost, random, run},
    input_tensor,
};
use profile::Shape;

#[test]
fn random_maps_are_right() {
    random(40, |dice| check(Transpose2d, &[dice.shape()]));
    check(Transpose2d, &[Shape::new(2, 61, 19, 1)]);
    check(Transpose2d, &[Shape::new(1, 61, 19, 17)]);
}

#[test]
fn twice_changes_nothing() {
    let x = input_tensor(0, Shape::new(2, 11, 6, 5));
    let turned = run(Transpose2d, &[&x]);
    assert_eq!(turned.shape(), Shape::new(2, 11, 5, 6));
    assert_eq!(turned.at([1, 7, 4, 2]), x.at([1, 7, 2, 4]));
    assert_eq!(run(Transpose2d, &[&turned]), x);
}

#[test]
fn cost_moves_every_element_once() {
    let cost = cost(Transpose2d, &[Shape::new(1, 3, 4, 5)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (0, 60, 60));
}
