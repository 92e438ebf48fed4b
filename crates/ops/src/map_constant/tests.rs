//! Constant maps: every kernel against the reference, shape rule and cost.

use super::{MapConstant, MapFn};
use crate::{
    Epilogue, UnaryFn,
    cpu::testing::{check, check_ending, cost, random, refusal},
};
use profile::Shape;

const FUNCTIONS: [MapFn; 3] = [MapFn::Add, MapFn::Mul, MapFn::Slope];

/// Channels, rows and columns that a constant may have.
const AXES: [[bool; 3]; 6] = [
    [true, true, true],
    [false, true, true],
    [true, true, false],
    [true, false, true],
    [false, true, false],
    [false, false, true],
];

fn all() -> impl Iterator<Item = MapConstant> {
    FUNCTIONS.into_iter().flat_map(|function| {
        AXES.map(|[channels, rows, columns]| MapConstant { function, channels, rows, columns })
    })
}

#[test]
fn random_shapes_are_right() {
    random(8, |dice| {
        let shape = dice.shape();
        all().for_each(|op| check(op, &[shape]));
    });
}

#[test]
fn maps_of_several_images_that_are_shared_by_workers_are_right() {
    all().for_each(|op| check(op, &[Shape::new(3, 24, 13, 5)]));
}

#[test]
fn results_are_clamped_where_an_activation_was_taken_in() {
    let epilogue = Epilogue { add: false, function: Some(UnaryFn::Relu) };
    all().for_each(|op| check_ending(op, epilogue, &[Shape::new(2, 21, 5, 3)]));
}

#[test]
fn cost_counts_each_value_once_for_all_images() {
    let shape = Shape::new(2, 6, 4, 5);
    let of = |op| {
        let cost = cost(op, &[shape]);
        assert_eq!((cost.access.read, cost.access.written, cost.flops), (240, 240, 240));
        (cost.params, cost.access.weights)
    };
    assert_eq!(of(MapConstant::whole(MapFn::Add)), (120, 120));
    let row = MapConstant { channels: false, rows: false, ..MapConstant::whole(MapFn::Mul) };
    assert_eq!(of(row), (5, 5));
}

#[test]
fn a_value_a_channel_is_refused_and_so_are_two_inputs() {
    let x = Shape::new(1, 2, 3, 4);
    let whole = MapConstant::whole(MapFn::Add);
    let channels = MapConstant { rows: false, columns: false, ..whole };
    assert!(refusal(channels, &[x]).contains("each row or column"));
    assert_eq!(refusal(whole, &[x, x]), "takes 1 input, got 2");
}
