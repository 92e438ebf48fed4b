//! Resizing: every kernel against the reference, known values, shape rule and cost.

use super::{Coordinates, Interpolation, Resize, Rounding};
use crate::{
    Operator, Tensor,
    cpu::testing::{Dice, check, cost, random, refusal, run},
};
use profile::Shape;

fn drawn(dice: &mut Dice) -> Resize {
    let rounding =
        dice.pick(&[Rounding::Floor, Rounding::Ceil, Rounding::HalfDown, Rounding::HalfUp]);
    Resize {
        size: (dice.within(1..=17), dice.within(1..=17)),
        scale: None,
        method: dice.pick(&[
            Interpolation::Nearest(rounding),
            Interpolation::Linear,
            Interpolation::Cubic(-0.75),
        ]),
        coordinates: dice.pick(&[
            Coordinates::HalfPixel,
            Coordinates::PytorchHalfPixel,
            Coordinates::AlignCorners,
            Coordinates::Asymmetric,
        ]),
    }
}

#[test]
fn random_sizes_are_right() {
    random(60, |dice| check(drawn(dice), &[dice.shape()]));
}

#[test]
fn maps_that_are_shared_by_workers_are_right() {
    let x = Shape::new(1, 70, 13, 9);
    check(Resize::nearest(26, 18), &[x]);
    check(Resize::bilinear(26, 18), &[x]);
}

#[test]
fn few_channels_and_whole_factors_are_right() {
    for channels in [1, 2, 3, 5] {
        let x = Shape::new(2, channels, 5, 13);
        for op in [Resize::bilinear(10, 26), Resize::bicubic(9, 39), Resize::bicubic(20, 52)] {
            check(op, &[x]);
            check(op.align_corners(), &[x]);
        }
    }
}

#[test]
fn rows_of_several_strips_are_right() {
    let x = Shape::new(1, 3, 3, 250);
    check(Resize::bilinear(6, 500), &[x]);
    check(Resize::bicubic(6, 499), &[x]);
}

/// A map of one row.
fn row(values: &[f32]) -> Tensor {
    Tensor::from_nhwc(Shape::new(1, 1, 1, values.len()), values.to_vec())
}

/// What becomes of a row. The values expected are PyTorch's and ONNX Runtime's.
fn made(op: Resize, x: &[f32]) -> Vec<f32> {
    run(op, &[&row(x)]).data().to_vec()
}

fn assert_close(got: &[f32], expected: &[f32]) {
    let near = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-5;
    assert!(got.len() == expected.len() && got.iter().zip(expected).all(near), "{got:?}");
}

#[test]
fn nearest_pixels_are_those_of_other_engines() {
    let x = [1.0, 2.0, 3.0];
    assert_eq!(made(Resize::nearest(1, 6), &x), [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]);
    assert_eq!(made(Resize::nearest(1, 5), &x), [1.0, 1.0, 2.0, 2.0, 3.0]);
    assert_eq!(made(Resize::nearest(1, 2), &x), [1.0, 2.0]);
    let half = |rounding| Resize {
        method: Interpolation::Nearest(rounding),
        coordinates: Coordinates::HalfPixel,
        ..Resize::nearest(1, 2)
    };
    // Places ½ and 2½.
    let x = [1.0, 2.0, 3.0, 4.0];
    assert_eq!(made(half(Rounding::HalfDown), &x), [1.0, 3.0]);
    assert_eq!(made(half(Rounding::HalfUp), &x), [2.0, 4.0]);
    assert_eq!(made(half(Rounding::Ceil), &x), [2.0, 4.0]);
    assert_eq!(made(half(Rounding::Floor), &x), [1.0, 3.0]);
}

#[test]
fn mixed_pixels_are_those_of_other_engines() {
    let x = [1.0, 2.0, 4.0];
    assert_close(&made(Resize::bilinear(1, 6), &x), &[1.0, 1.25, 1.75, 2.5, 3.5, 4.0]);
    assert_close(&made(Resize::bilinear(1, 5).align_corners(), &x), &[1.0, 1.5, 2.0, 3.0, 4.0]);
    let x = [1.0, 2.0, 4.0, 8.0];
    assert_close(
        &made(Resize::bicubic(1, 8), &x),
        &[0.89453, 1.15625, 1.5625, 2.41797, 3.16016, 5.11719, 7.16406, 8.42188],
    );
    // A scale that the sizes do not say: ⌊4 · 1.6⌋ is 6.
    let scaled = Resize { scale: Some((1.0, 1.6)), ..Resize::bilinear(1, 6) };
    assert_close(&made(scaled, &x), &[1.0, 1.4375, 2.125, 3.375, 5.25, 7.75]);
}

#[test]
fn one_pixel_is_repeated_and_costs_nothing() {
    let x = Shape::new(2, 5, 1, 1);
    for op in [Resize::bilinear(7, 9), Resize::bicubic(7, 9)] {
        check(op, &[x]);
        let cost = cost(op, &[x]);
        assert_eq!((cost.flops, cost.access.read, cost.access.written), (0, 10, 630));
    }
}

#[test]
fn cost_counts_what_is_mixed_and_what_is_read() {
    let x = Shape::new(1, 3, 4, 4);
    let flops = |op| cost(op, &[x]).flops;
    assert_eq!(flops(Resize::nearest(8, 8)), 0);
    assert_eq!(flops(Resize::bilinear(8, 8)), 2 * 4 * 192);
    assert_eq!(flops(Resize::bicubic(8, 8)), 2 * 16 * 192);
    assert_eq!(cost(Resize::nearest(2, 2), &[x]).access.read, 12);
    assert_eq!(cost(Resize::bilinear(8, 8), &[x]).access.read, 48);
}

#[test]
fn sizes_that_cannot_be_are_refused() {
    let x = Shape::new(1, 3, 4, 4);
    assert!(refusal(Resize::nearest(0, 4), &[x]).contains("resizes 4 pixels to 0"));
    refusal(Resize::nearest(4, 1 << 21), &[x]);
    refusal(Resize::nearest(4, 4), &[x.with_size(0, 4)]);
    for scale in [1.0, f32::NAN, f32::INFINITY, -2.0] {
        let op = Resize { scale: Some((2.0, scale)), ..Resize::nearest(8, 8) };
        assert!(refusal(op, &[x]).contains("× 4"), "{scale}");
    }
    refusal(Resize { method: Interpolation::Cubic(f32::NAN), ..Resize::nearest(8, 8) }, &[x]);
    assert_eq!(Resize::nearest(8, 2).output(&[x]), Ok(x.with_size(8, 2)));
}
