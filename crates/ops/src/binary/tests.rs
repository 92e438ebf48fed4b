//! Element-wise functions of two inputs: every kernel against the reference, laws, shape rule and cost.

use super::{Binary, BinaryFn};
use crate::{
    Epilogue, UnaryFn,
    cpu::testing::{check, check_ending, cost, random, refusal, run},
    input_tensor,
};
use profile::Shape;

const ALL: [Binary; 8] = [
    Binary::ADD,
    Binary::MUL,
    Binary(BinaryFn::Sub),
    Binary(BinaryFn::ReverseSub),
    Binary(BinaryFn::Div),
    Binary(BinaryFn::ReverseDiv),
    Binary(BinaryFn::Max),
    Binary(BinaryFn::Min),
];

/// The shapes that a second operand may have.
fn seconds(a: Shape) -> [Shape; 8] {
    let one = a.with_channels(1);
    [
        a,
        a.with_size(1, 1),
        a.with_size(a.h, 1),
        a.with_size(1, a.w),
        one,
        one.with_size(1, 1),
        one.with_size(a.h, 1),
        one.with_size(1, a.w),
    ]
}

#[test]
fn random_shapes_and_all_broadcasts_are_right() {
    random(40, |dice| {
        let a = dice.shape();
        for b in seconds(a) {
            check(dice.pick(&ALL), &[a, b]);
        }
    });
}

#[test]
fn operands_that_are_both_broadcast_are_right() {
    random(16, |dice| {
        let whole = dice.shape();
        for a in seconds(whole) {
            check(dice.pick(&ALL), &[a, whole]);
            check(dice.pick(&ALL), &[a, dice.pick(&seconds(whole))]);
        }
    });
}

#[test]
fn maps_that_are_shared_by_workers_are_right() {
    let a = Shape::new(2, 24, 13, 5);
    for b in seconds(a) {
        ALL.into_iter().for_each(|op| check(op, &[a, b]));
    }
}

#[test]
fn results_are_clamped_where_an_activation_was_taken_in() {
    let a = Shape::new(2, 21, 5, 3);
    for b in seconds(a) {
        for function in [UnaryFn::Relu, UnaryFn::Relu6] {
            let epilogue = Epilogue { add: false, function: Some(function) };
            check_ending(Binary::ADD, epilogue, &[a, b]);
            check_ending(Binary::MUL, epilogue, &[a, b]);
        }
    }
}

#[test]
fn a_difference_or_quotient_turned_round_is_that_of_the_operands_turned_round() {
    let shape = Shape::new(1, 21, 4, 3);
    let (a, b) = (input_tensor(1, shape), input_tensor(2, shape));
    for (f, reverse) in
        [(BinaryFn::Sub, BinaryFn::ReverseSub), (BinaryFn::Div, BinaryFn::ReverseDiv)]
    {
        assert_eq!(run(Binary(f), &[&a, &b]), run(Binary(reverse), &[&b, &a]));
    }
}

#[test]
fn addition_and_multiplication_commute() {
    let shape = Shape::new(1, 21, 4, 3);
    let (a, b) = (input_tensor(1, shape), input_tensor(2, shape));
    for op in [Binary::ADD, Binary::MUL] {
        assert_eq!(run(op, &[&a, &b]), run(op, &[&b, &a]));
    }
}

#[test]
fn a_broadcast_is_a_map_of_copies() {
    let a = input_tensor(1, Shape::new(2, 13, 3, 4));
    for shape in seconds(a.shape()) {
        let b = input_tensor(2, shape);
        let spread = crate::Tensor::from_fn(a.shape(), |[n, c, h, w]| {
            b.at([n, c.min(shape.c - 1), h.min(shape.h - 1), w.min(shape.w - 1)]) as f32
        });
        assert_eq!(run(Binary::MUL, &[&a, &b]), run(Binary::MUL, &[&a, &spread]), "{shape}");
    }
}

#[test]
fn a_column_and_a_row_make_a_map() {
    let (column, row) = (Shape::new(1, 2, 3, 1), Shape::new(1, 1, 1, 4));
    let (a, b) = (input_tensor(1, column), input_tensor(2, row));
    let both = run(Binary::MUL, &[&a, &b]);
    assert_eq!(both.shape(), Shape::new(1, 2, 3, 4));
    assert_eq!(both.at([0, 1, 2, 3]), f64::from((a.at([0, 1, 2, 0]) * b.at([0, 0, 0, 3])) as f32));
    let cost = cost(Binary::MUL, &[column, row]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (24, 10, 24));
}

#[test]
fn cost_counts_each_element_once() {
    let a = Shape::new(1, 3, 4, 5);
    let same = cost(Binary::ADD, &[a, a]);
    assert_eq!((same.flops, same.access.read, same.access.written), (60, 120, 60));
    let gate = cost(Binary::MUL, &[a, a.with_size(1, 1)]);
    assert_eq!((gate.flops, gate.access.read, gate.access.written), (60, 63, 60));
    let row = cost(Binary::MUL, &[a, a.with_size(1, 5)]);
    assert_eq!((row.flops, row.access.read, row.access.written), (60, 75, 60));
}

#[test]
fn other_shapes_are_refused() {
    let a = Shape::new(1, 3, 4, 5);
    for b in [a.with_channels(2), a.with_size(4, 2), Shape::new(2, 3, 4, 5)] {
        let reason = refusal(Binary::ADD, &[a, b]);
        assert!(reason.contains("as many or 1"), "{reason}");
    }
    assert_eq!(refusal(Binary::ADD, &[a]), "takes 2 inputs, got 1");
}
