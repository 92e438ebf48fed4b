//! Padding and cropping: every kernel against the reference, known values, shape rule and cost.

use super::{Pad2d, PadMode};
use crate::{
    Operator, Tensor,
    cpu::testing::{check, cost, random, refusal, run},
};
use profile::Shape;

#[test]
fn random_sides_are_right() {
    random(60, |dice| {
        let x = dice.shape();
        let x = x.with_size(x.h + 4, x.w + 4);
        let mode = dice.pick(&[PadMode::Constant(0.5), PadMode::Reflect, PadMode::Edge]);
        let least = if mode == PadMode::Constant(0.5) { 0 } else { 2 };
        let mut side = || dice.within(least..=6) as isize - 2;
        check(Pad2d { vertical: (side(), side()), horizontal: (side(), side()), mode }, &[x]);
    });
}

#[test]
fn a_map_that_is_shared_by_workers_is_right() {
    check(Pad2d::reflect(3), &[Shape::new(2, 61, 19, 17)]);
}

/// What becomes of the row 1 2 3.
fn made(before: isize, after: isize, mode: PadMode) -> Vec<f32> {
    let x = Tensor::from_nhwc(Shape::new(1, 1, 1, 3), vec![1.0, 2.0, 3.0]);
    let op = Pad2d { vertical: (0, 0), horizontal: (before, after), mode };
    run(op, &[&x]).data().to_vec()
}

#[test]
fn rows_become_what_numpy_makes_of_them() {
    assert_eq!(made(2, 1, PadMode::Constant(9.0)), [9.0, 9.0, 1.0, 2.0, 3.0, 9.0]);
    assert_eq!(made(2, 1, PadMode::Reflect), [3.0, 2.0, 1.0, 2.0, 3.0, 2.0]);
    assert_eq!(made(2, 1, PadMode::Edge), [1.0, 1.0, 1.0, 2.0, 3.0, 3.0]);
    assert_eq!(made(-1, 1, PadMode::Constant(0.0)), [2.0, 3.0, 0.0]);
}

#[test]
fn a_crop_reads_only_what_is_left_and_has_its_own_name() {
    let x = Shape::new(1, 2, 4, 5);
    let op = Pad2d::crop(1, 0, 2, 1);
    assert_eq!(op.kind(), "crop2d");
    assert_eq!(op.output(&[x]), Ok(x.with_size(3, 2)));
    let read = |op: Pad2d| cost(op, &[x]).access.read;
    assert_eq!((read(op), read(Pad2d::reflect(1)), Pad2d::reflect(1).kind()), (12, 40, "pad2d"));
    assert_eq!(cost(Pad2d::zeros(1), &[x]).access.written, 84);
}

#[test]
fn sides_that_cannot_be_are_refused() {
    let x = Shape::new(1, 2, 4, 4);
    assert_eq!(refusal(Pad2d::reflect(4), &[x]), "cannot add 4 and 4 to 4 pixels");
    refusal(Pad2d::zeros(-2), &[x]);
    refusal(Pad2d::zeros(isize::MAX), &[x]);
    refusal(Pad2d::zeros(isize::MIN), &[x]);
    refusal(Pad2d { vertical: (-1, 0), ..Pad2d::reflect(0) }, &[x]);
    refusal(Pad2d { mode: PadMode::Constant(f32::INFINITY), ..Pad2d::zeros(1) }, &[x]);
}
