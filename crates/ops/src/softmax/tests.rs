//! Softmax: every kernel against the reference, laws, shape rule and cost.

use super::{Along, Softmax};
use crate::{
    Tensor,
    cpu::testing::{check, check_on, cost, random, run},
    input_tensor,
};
use profile::Shape;

#[test]
fn random_shapes_are_right() {
    random(40, |dice| check(Softmax(Along::Channels), &[dice.shape()]));
}

#[test]
fn a_thousand_wide_scores_are_right() {
    let x = input_tensor(0, Shape::features(3, 1000));
    let wide = Tensor::from_nhwc(x.shape(), x.data().iter().map(|v| v * 30.0).collect());
    check_on(Softmax(Along::Channels), &[&wide]);
}

#[test]
fn scores_too_low_to_count_are_right() {
    check_on(
        Softmax(Along::Channels),
        &[&Tensor::from_nhwc(Shape::features(1, 4), vec![100.0, -100.0, 12.6, -300.0])],
    );
}

#[test]
fn a_pixel_sums_to_one_and_a_shift_changes_nothing() {
    let x = input_tensor(0, Shape::features(1, 37));
    let shifted = Tensor::from_nhwc(x.shape(), x.data().iter().map(|v| v + 64.0).collect());
    let (a, b) = (run(Softmax(Along::Channels), &[&x]), run(Softmax(Along::Channels), &[&shifted]));
    assert!((a.data().iter().sum::<f32>() - 1.0).abs() < 1e-6);
    for (a, b) in a.data().iter().zip(b.data()) {
        // Adding 64 rounds x itself to multiples of 2⁻¹⁸.
        assert!((a - b).abs() <= 1e-5 * a, "{a} and {b}");
    }
}

#[test]
fn equal_scores_share_equally() {
    let x = Tensor::from_fn(Shape::features(1, 8), |_| -300.0);
    assert!(run(Softmax(Along::Channels), &[&x]).data().iter().all(|&y| y == 0.125));
}

#[test]
fn sums_along_pixels_are_right() {
    random(24, |dice| {
        let shape = dice.shape();
        for along in [Along::Height, Along::Width, Along::Map] {
            check(Softmax(along), &[shape]);
        }
    });
    check(Softmax(Along::Map), &[Shape::new(2, 130, 9, 7)]);
}

#[test]
fn rows_columns_and_maps_sum_to_one() {
    let x = input_tensor(0, Shape::new(1, 3, 4, 5));
    let sum = |along, places: fn(usize) -> [usize; 2], len: usize| {
        let y = run(Softmax(along), &[&x]);
        (0..len)
            .map(|i| {
                let [h, w] = places(i);
                y.at([0, 1, h, w])
            })
            .sum::<f64>()
    };
    for total in [
        sum(Along::Height, |i| [i, 2], 4),
        sum(Along::Width, |i| [2, i], 5),
        sum(Along::Map, |i| [i / 5, i % 5], 20),
    ] {
        assert!((total - 1.0).abs() < 1e-6, "{total}");
    }
}

#[test]
fn cost_is_five_operations_an_element() {
    let cost = cost(Softmax(Along::Channels), &[Shape::features(2, 10)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (100, 20, 20));
}
