//! Maps side by side: every kernel against the reference, laws, shape rule and cost.

use super::Concat2d;
use crate::{
    Pad2d,
    cpu::testing::{check, cost, random, refusal, run},
    input_tensor,
};
use profile::Shape;

#[test]
fn random_maps_are_right() {
    random(40, |dice| {
        let x = dice.shape();
        let count = dice.within(1..=4);
        let mut more = |h: bool| {
            let len = dice.within(1..=7);
            if h { x.with_size(len, x.w) } else { x.with_size(x.h, len) }
        };
        check(Concat2d::Height, &(0..count).map(|_| more(true)).collect::<Vec<_>>());
        check(Concat2d::Width, &(0..count).map(|_| more(false)).collect::<Vec<_>>());
    });
}

#[test]
fn maps_that_are_shared_by_workers_are_right() {
    let x = Shape::new(2, 61, 9, 7);
    check(Concat2d::Height, &[x, x.with_size(11, 7)]);
    check(Concat2d::Width, &[x, x.with_size(9, 13)]);
}

#[test]
fn crops_put_together_are_the_map() {
    let x = input_tensor(0, Shape::new(2, 11, 6, 5));
    let (top, rest) = (Pad2d::crop(0, 4, 0, 0), Pad2d::crop(2, 0, 0, 0));
    assert_eq!(run(Concat2d::Height, &[&run(top, &[&x]), &run(rest, &[&x])]), x);
    let (left, rest) = (Pad2d::crop(0, 0, 0, 2), Pad2d::crop(0, 0, 3, 0));
    assert_eq!(run(Concat2d::Width, &[&run(left, &[&x]), &run(rest, &[&x])]), x);
}

#[test]
fn cost_moves_every_element_once() {
    let x = Shape::new(1, 3, 4, 5);
    let cost = cost(Concat2d::Height, &[x, x.with_size(2, 5)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (0, 90, 90));
}

#[test]
fn maps_that_do_not_fit_and_none_at_all_are_refused() {
    let x = Shape::new(1, 3, 4, 5);
    let reason = refusal(Concat2d::Height, &[x, x.with_size(4, 6)]);
    assert_eq!(reason, "takes inputs that differ in their rows only");
    assert!(refusal(Concat2d::Width, &[x, x.with_channels(4)]).contains("columns only"));
    assert!(refusal(Concat2d::Width, &[]).contains("at least 1 input"));
    refusal(Concat2d::Width, &[x.with_size(1, 1 << 20), x.with_size(1, 1)]);
}
