//! A value a channel: every kernel against the reference, laws, shape rule and cost.

use super::ChannelAffine;
use crate::{
    Epilogue, UnaryFn,
    cpu::testing::{check, check_ending, cost, random, refusal},
};
use profile::Shape;

const ALL: [ChannelAffine; 3] = [ChannelAffine::SCALE, ChannelAffine::SHIFT, ChannelAffine::BOTH];

#[test]
fn random_shapes_are_right() {
    random(16, |dice| {
        let shape = dice.shape();
        ALL.into_iter().for_each(|op| check(op, &[shape]));
    });
}

#[test]
fn a_map_that_is_shared_by_workers_is_right() {
    check(ChannelAffine::BOTH, &[Shape::new(2, 116, 9, 7)]);
}

#[test]
fn results_are_clamped_where_an_activation_was_taken_in() {
    let epilogue = Epilogue { add: false, function: Some(UnaryFn::Relu) };
    check_ending(ChannelAffine::BOTH, epilogue, &[Shape::new(2, 21, 5, 3)]);
}

#[test]
fn cost_counts_what_is_there() {
    let shape = Shape::new(1, 6, 4, 4);
    let counts = ALL.map(|op| {
        let cost = cost(op, &[shape]);
        assert_eq!((cost.access.read, cost.access.written, cost.mul_adds), (96, 96, 0));
        (cost.flops, cost.params, cost.access.weights)
    });
    assert_eq!(counts, [(96, 6, 6), (96, 6, 6), (192, 12, 12)]);
}

#[test]
fn two_inputs_are_refused() {
    let x = Shape::new(1, 2, 3, 4);
    assert_eq!(refusal(ChannelAffine::SCALE, &[x, x]), "takes 1 input, got 2");
}
