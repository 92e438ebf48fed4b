//! Local response normalisation: every kernel against the reference, laws, shape rule and cost.

use super::LocalResponseNorm;
use crate::{
    Tensor,
    cpu::testing::{check, check_on, cost, random, refusal, run},
    input_tensor,
};
use profile::Shape;

#[test]
fn random_windows_and_powers_are_right() {
    random(40, |dice| {
        let op = LocalResponseNorm {
            size: dice.within(1..=9),
            alpha: dice.pick(&[1e-4, 0.1, 1.0]),
            beta: dice.pick(&[0.75, 0.5, 1.0]),
            k: dice.pick(&[1.0, 2.0]),
        };
        check(op, &[dice.shape()]);
    });
}

#[test]
fn a_map_that_is_shared_by_workers_is_right() {
    check(LocalResponseNorm::default(), &[Shape::new(2, 96, 9, 7)]);
}

#[test]
fn large_activations_are_divided_by_much() {
    let x = input_tensor(0, Shape::new(1, 33, 2, 2));
    let large = Tensor::from_nhwc(x.shape(), x.data().iter().map(|v| v * 1e4).collect());
    check_on(LocalResponseNorm::default(), &[&large]);
}

#[test]
fn beyond_the_numbers_neighbours_stay_finite_and_nan_spreads_over_its_window() {
    let op = LocalResponseNorm::default();
    let normalised = |x: f32| {
        let mut values = vec![1.0; 32];
        values[9] = x;
        run(op, &[&Tensor::from_nhwc(Shape::features(1, 32), values)]).data().to_vec()
    };
    assert!(normalised(1e30).iter().all(|y| y.is_finite()));
    let nan: Vec<usize> = (0..32).filter(|&c| normalised(f32::NAN)[c].is_nan()).collect();
    assert_eq!(nan, [7, 8, 9, 10, 11]);
}

#[test]
fn a_window_of_one_channel_sees_no_neighbour() {
    let op = LocalResponseNorm { size: 1, alpha: 1.0, beta: 0.75, k: 0.0 };
    // x / (x²)^0.75 = x^−0.5
    let x = Tensor::from_nhwc(Shape::features(1, 3), vec![1.0, 4.0, 16.0]);
    assert_eq!(run(op, &[&x]).data(), [1.0, 0.5, 0.25]);
}

#[test]
fn the_window_is_half_before_and_the_rest_from_the_channel_on() {
    let windows = |size, c| LocalResponseNorm { size, ..Default::default() }.window(c, 8);
    assert_eq!([windows(5, 0), windows(5, 4), windows(5, 7)], [0..3, 2..7, 5..8]);
    assert_eq!([windows(4, 0), windows(4, 4), windows(4, 7)], [0..2, 2..6, 5..8]);
}

#[test]
fn cost_counts_the_window_the_power_and_the_division() {
    let cost = cost(LocalResponseNorm::default(), &[Shape::new(1, 3, 4, 5)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (60 * 12, 60, 60));
}

#[test]
fn windows_of_none_or_endless_channels_are_refused() {
    let message =
        |size| refusal(LocalResponseNorm { size, ..Default::default() }, &[Shape::new(1, 3, 4, 5)]);
    assert!(message(0).contains("window of 0 channels"));
    message(usize::MAX);
}
