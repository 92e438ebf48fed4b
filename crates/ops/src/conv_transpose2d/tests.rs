//! Every kernel over cases that networks have and over random shapes; known values, shape rule and cost.

use super::ConvTranspose2d;
use crate::{
    Epilogue, Operator, Sides, Tensor, UnaryFn,
    cpu::testing::{Dice, check, check_ending, check_shared, cost, random, refusal, run},
};
use profile::Shape;

fn drawn(dice: &mut Dice, groups: usize) -> ConvTranspose2d {
    let stride = (dice.within(1..=3), dice.within(1..=3));
    let dilation = (dice.pick(&[1, 1, 2]), dice.pick(&[1, 1, 3]));
    let kernel = (dice.within(1..=5), dice.within(1..=5));
    let more = |dice: &mut Dice, s: usize, d: usize| dice.within(0..=s.max(d) - 1);
    let side = |dice: &mut Dice| (dice.within(0..=2), dice.within(0..=2));
    ConvTranspose2d {
        out: groups * dice.channels().div_ceil(groups),
        kernel,
        stride,
        padding: Sides { vertical: side(dice), horizontal: side(dice) },
        output_padding: (more(dice, stride.0, dilation.0), more(dice, stride.1, dilation.1)),
        dilation,
        groups,
        bias: dice.pick(&[true, false]),
    }
}

/// Checks those of the draws that have an output.
fn check_drawn(groups: fn(&mut Dice, usize) -> usize) {
    random(40, |dice| {
        let shape = dice.shape();
        let groups = groups(dice, shape.c);
        let shape = shape.with_channels(shape.c.next_multiple_of(groups));
        let op = drawn(dice, groups);
        if op.output(&[shape]).is_ok() {
            check(op, &[shape]);
        }
    });
}

#[test]
fn random_dense() {
    check_drawn(|_, _| 1);
}

#[test]
fn random_groups() {
    check_drawn(|dice, _| dice.within(2..=4));
}

#[test]
fn random_depthwise() {
    random(40, |dice| {
        let shape = dice.shape();
        let op = ConvTranspose2d { out: shape.c, ..drawn(dice, shape.c) };
        if op.output(&[shape]).is_ok() {
            check(op, &[shape]);
        }
    });
}

#[test]
fn those_of_networks() {
    // U-Net; DCGAN; a kernel smaller than its stride; depthwise, bilinear.
    check(ConvTranspose2d::new(32, 2).stride(2).bias(), &[Shape::new(1, 64, 14, 14)]);
    check(ConvTranspose2d::new(17, 4).stride(2).padding(1), &[Shape::new(2, 130, 8, 8)]);
    check(ConvTranspose2d::new(9, 2).stride(3).bias(), &[Shape::new(1, 8, 7, 5)]);
    // Far more phases than pixels.
    check(ConvTranspose2d::new(9, 2).stride(100_000), &[Shape::new(1, 8, 1, 1)]);
    check(ConvTranspose2d::new(24, 4).stride(2).padding(1).groups(24), &[Shape::new(1, 24, 9, 8)]);
}

#[test]
fn ends_are_those_of_the_epilogue() {
    let x = Shape::new(1, 12, 9, 7);
    let op = ConvTranspose2d::new(20, 3).stride(2).padding(1).output_padding(1).bias();
    let y = op.output(&[x]).unwrap();
    for function in [None, Some(UnaryFn::Relu), Some(UnaryFn::Silu)] {
        check_ending(op, Epilogue { add: true, function }, &[x, y]);
        check_ending(op, Epilogue { add: false, function }, &[x]);
    }
    let depthwise = ConvTranspose2d::new(12, 2).stride(2).groups(12);
    let clamps = Epilogue { add: false, function: Some(UnaryFn::Relu6) };
    check_ending(depthwise, clamps, &[x]);
    assert!(!depthwise.fuses(Epilogue { add: true, function: None }, &[x]));
}

#[test]
fn tasks_are_shared_by_rows_and_panels() {
    let op = ConvTranspose2d::new(160, 3).stride(2).padding(1);
    for workers in [2, 5, 16] {
        check_shared(op, &[Shape::new(1, 64, 5, 12)], workers);
    }
}

#[test]
fn each_pixel_is_spread_by_the_kernel() {
    let x = Tensor::from_nhwc(Shape::new(1, 1, 1, 3), vec![1.0, 0.0, 0.0]);
    let op = ConvTranspose2d { kernel: (1, 3), stride: (1, 2), ..ConvTranspose2d::new(1, 1) };
    let spread = run(op, &[&x]);
    // The kernel where the first pixel is, and nothing else.
    assert_eq!(spread.shape(), Shape::new(1, 1, 1, 7));
    assert!(spread.data()[..3].iter().all(|&y| y != 0.0));
    assert!(spread.data()[3..].iter().all(|&y| y == 0.0));
}

#[test]
fn sizes_are_pytorchs() {
    let size = |op: ConvTranspose2d, h| op.output(&[Shape::new(1, 8, h, h)]).map(|s| s.h);
    assert_eq!(size(ConvTranspose2d::new(8, 2).stride(2), 7), Ok(14));
    assert_eq!(size(ConvTranspose2d::new(8, 3).stride(2).padding(1).output_padding(1), 7), Ok(14));
    assert_eq!(size(ConvTranspose2d::new(8, 4).stride(2).padding(1), 7), Ok(14));
    assert_eq!(size(ConvTranspose2d::new(8, 3).dilation(2), 7), Ok(11));
}

#[test]
fn cost_is_each_weight_at_each_input_pixel() {
    let op = ConvTranspose2d::new(6, 2).stride(2).groups(2).bias();
    let cost = cost(op, &[Shape::new(1, 4, 5, 5)]);
    assert_eq!((cost.params, cost.mul_adds, cost.flops), (6 * 2 * 4 + 6, 48 * 25, 96 * 25));
    let access = cost.access;
    assert_eq!((access.read, access.written, access.weights), (100, 600, 48));
}

#[test]
fn impossible_ones_are_refused() {
    let x = Shape::new(1, 8, 4, 4);
    assert!(refusal(ConvTranspose2d::new(8, 2).stride(0), &[x]).contains("stride 0"));
    assert!(refusal(ConvTranspose2d::new(8, 2).padding(4), &[x]).contains("none are left"));
    assert!(
        refusal(ConvTranspose2d::new(8, 2).output_padding(1), &[x]).contains("output padding 1")
    );
    assert!(refusal(ConvTranspose2d::new(8, 2).groups(3), &[x]).contains("3 groups"));
    refusal(ConvTranspose2d::new(8, usize::MAX), &[x]);
    refusal(ConvTranspose2d::new(8, 2).padding(usize::MAX), &[x]);
}
