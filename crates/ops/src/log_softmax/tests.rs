//! Log-softmax: every kernel against the reference, laws and cost.

use super::LogSoftmax;
use crate::{
    Along, Softmax, Tensor,
    cpu::testing::{check, check_on, cost, random, run},
    input_tensor,
};
use profile::Shape;

#[test]
fn random_shapes_are_right() {
    random(24, |dice| check(LogSoftmax(Along::Channels), &[dice.shape()]));
}

#[test]
fn scores_far_apart_are_right() {
    check_on(
        LogSoftmax(Along::Channels),
        &[&Tensor::from_nhwc(Shape::features(1, 4), vec![100.0, -100.0, 12.6, -300.0])],
    );
}

#[test]
fn it_is_the_logarithm_of_a_softmax() {
    let x = input_tensor(0, Shape::features(2, 37));
    let (a, b) = (run(LogSoftmax(Along::Channels), &[&x]), run(Softmax(Along::Channels), &[&x]));
    a.data().iter().zip(b.data()).for_each(|(a, b)| assert!((a - b.ln()).abs() < 1e-5, "{a}, {b}"));
}

#[test]
fn sums_along_pixels_are_right() {
    random(24, |dice| {
        let shape = dice.shape();
        for along in [Along::Height, Along::Width, Along::Map] {
            check(LogSoftmax(along), &[shape]);
        }
    });
    check(LogSoftmax(Along::Map), &[Shape::new(2, 130, 9, 7)]);
}

#[test]
fn cost_is_five_operations_an_element() {
    let cost = cost(LogSoftmax(Along::Channels), &[Shape::features(2, 10)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (100, 20, 20));
}
