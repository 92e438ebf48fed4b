//! Every kernel, for one row and many, over features round lane widths and long K.

use super::Linear;
use crate::{
    Epilogue, UnaryFn,
    cpu::testing::{check, check_ending, random},
};
use profile::Shape;

#[test]
fn cases_of_networks() {
    for (rows, features, out) in [(1, 400, 120), (1, 1030, 100), (3, 84, 10), (17, 33, 65)] {
        check(Linear::new(out), &[Shape::features(rows, features)]);
    }
}

#[test]
fn random_sizes() {
    random(40, |dice| {
        let input = Shape::features(dice.within(1..=8), dice.channels());
        check(Linear { out: dice.channels(), bias: dice.pick(&[true, false]) }, &[input]);
    });
}

#[test]
fn ends() {
    let [input, output] = [Shape::features(3, 70), Shape::features(3, 21)];
    for function in [None, Some(UnaryFn::Relu), Some(UnaryFn::HardSigmoid)] {
        check_ending(Linear::new(21), Epilogue { add: false, function }, &[input]);
        check_ending(Linear::new(21), Epilogue { add: true, function }, &[input, output]);
    }
}
