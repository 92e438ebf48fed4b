//! Layer norm: every kernel against the reference, laws, shape rule and cost.

use super::LayerNorm;
use crate::{
    ChannelAffine, Epilogue, Tensor, UnaryFn,
    cpu::testing::{check, check_ending, check_on, cost, random, refusal, run},
    input_tensor,
};
use profile::Shape;

/// Without γ and β.
const PLAIN: LayerNorm = LayerNorm { epsilon: 1e-6, affine: ChannelAffine::NEITHER };

#[test]
fn one_that_ends_with_an_activation_is_right() {
    let epilogue = Epilogue { add: false, function: Some(UnaryFn::Relu) };
    check_ending(LayerNorm::default(), epilogue, &[Shape::new(2, 21, 5, 3)]);
}

#[test]
fn random_shapes_are_right() {
    random(24, |dice| {
        let affine = dice.pick(&[
            ChannelAffine::BOTH,
            ChannelAffine::SCALE,
            ChannelAffine::SHIFT,
            ChannelAffine::NEITHER,
        ]);
        check(LayerNorm { affine, ..LayerNorm::default() }, &[dice.shape()]);
    });
}

#[test]
fn wide_pixels_shared_by_workers_are_right() {
    check(LayerNorm::default(), &[Shape::new(2, 389, 3, 2)]);
}

#[test]
fn pixels_far_from_zero_are_right() {
    let x = input_tensor(0, Shape::new(1, 96, 2, 2));
    let far = Tensor::from_nhwc(x.shape(), x.data().iter().map(|v| 300.0 + 0.5 * v).collect());
    check_on(LayerNorm::default(), &[&far]);
}

#[test]
fn a_pixel_has_mean_0_and_variance_1_whatever_its_scale_and_shift() {
    let x = input_tensor(0, Shape::features(1, 64));
    let moved = Tensor::from_nhwc(x.shape(), x.data().iter().map(|v| 4.0 * v + 2.0).collect());
    let (a, b) = (run(PLAIN, &[&x]), run(PLAIN, &[&moved]));
    let (mean, square) = a.data().iter().fold((0.0, 0.0), |(m, s), y| (m + y, s + y * y));
    assert!(mean.abs() < 1e-4 && (square / 64.0 - 1.0).abs() < 1e-4, "{mean}, {square}");
    a.data().iter().zip(b.data()).for_each(|(a, b)| assert!((a - b).abs() < 1e-4, "{a}, {b}"));
}

#[test]
fn equal_channels_become_beta() {
    let x = Tensor::from_fn(Shape::features(1, 8), |_| 3.0);
    assert!(run(PLAIN, &[&x]).data().iter().all(|&y| y == 0.0));
}

#[test]
fn cost_is_five_operations_an_element_and_the_affine_part() {
    let shape = Shape::new(1, 6, 4, 4);
    let both = cost(LayerNorm::default(), &[shape]);
    assert_eq!((both.flops, both.params, both.access.weights), (7 * 96, 12, 12));
    assert_eq!((both.access.read, both.access.written, both.mul_adds), (96, 96, 0));
    let plain = cost(PLAIN, &[shape]);
    assert_eq!((plain.flops, plain.params, plain.access.weights), (5 * 96, 0, 0));
}

#[test]
fn two_inputs_are_refused() {
    let x = Shape::new(1, 2, 3, 4);
    assert_eq!(refusal(LayerNorm::default(), &[x, x]), "takes 1 input, got 2");
}
