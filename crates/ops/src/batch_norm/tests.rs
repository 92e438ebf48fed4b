//! Batch norm: every kernel against the reference, laws, shape rule and cost.

use super::BatchNorm;
use crate::{
    Epilogue, Operator, Tensor, UnaryFn,
    cpu::testing::{check, check_ending, cost, random, refusal},
    draw,
};
use profile::Shape;

#[test]
fn random_shapes_are_right() {
    random(40, |dice| {
        let op = BatchNorm { scale: dice.pick(&[true, false]), ..BatchNorm::default() };
        check(op, &[dice.shape()]);
    });
}

#[test]
fn a_map_that_is_shared_by_workers_is_right() {
    check(BatchNorm { epsilon: 1e-3, ..BatchNorm::default() }, &[Shape::new(2, 116, 9, 7)]);
}

#[test]
fn results_are_clamped_where_an_activation_was_taken_in() {
    let epilogue = Epilogue { add: false, function: Some(UnaryFn::Relu) };
    check_ending(BatchNorm::default(), epilogue, &[Shape::new(2, 21, 5, 3)]);
}

#[test]
fn the_mean_maps_to_beta() {
    let shape = Shape::new(1, 5, 1, 1);
    let norm: Vec<Tensor> = BatchNorm::default()
        .weights(&[shape])
        .iter()
        .map(|w| draw::weight_tensor(3, "bn", w))
        .collect();
    for c in 0..shape.c {
        let (a, b) = BatchNorm::default().at(&norm, c);
        let [beta, mean] = [1, 2].map(|i: usize| norm[i].at([0, c, 0, 0]));
        assert!((a * mean + b - beta).abs() < 1e-12);
    }
}

#[test]
fn gamma_is_one_and_no_parameter_where_it_is_not_trained() {
    let shape = Shape::new(1, 6, 4, 4);
    let fixed = BatchNorm { scale: false, ..BatchNorm::default() };
    assert_eq!(cost(fixed, &[shape]).params, 6);
    let gamma = draw::weight_tensor(0, "bn", &fixed.weights(&[shape])[0]);
    assert!(gamma.data().iter().all(|&g| g == 1.0));
}

#[test]
fn cost_is_a_multiply_and_an_add_an_element() {
    let cost = cost(BatchNorm::default(), &[Shape::new(1, 6, 4, 4)]);
    assert_eq!((cost.flops, cost.params, cost.mul_adds), (192, 12, 0));
    assert_eq!((cost.access.read, cost.access.written, cost.access.weights), (96, 96, 12));
}

#[test]
fn no_input_is_refused() {
    assert_eq!(refusal(BatchNorm::default(), &[]), "takes 1 input, got 0");
}
