//! Concatenation: every kernel against the reference, laws, shape rule and cost.

use super::Concat;
use crate::{
    ChannelSplit,
    cpu::testing::{check, cost, random, refusal, run},
    input_tensor,
};
use profile::Shape;

#[test]
fn one_to_four_random_maps_are_right() {
    random(30, |dice| {
        let shape = dice.shape();
        let inputs: Vec<Shape> =
            (0..dice.within(1..=4)).map(|_| shape.with_channels(dice.channels())).collect();
        check(Concat, &inputs);
    });
}

#[test]
fn maps_that_are_shared_by_workers_are_right() {
    let x = Shape::new(1, 58, 14, 14);
    check(Concat, &[x, x.with_channels(3), x]);
}

#[test]
fn concat_then_split_gives_each_back() {
    let shape = Shape::new(2, 9, 3, 3);
    let parts = [5, 1, 17].map(|c| input_tensor(c as u64, shape.with_channels(c)));
    let all = run(Concat, &parts.each_ref());
    let mut start = 0;
    for part in parts {
        let len = part.shape().c;
        assert_eq!(run(ChannelSplit { start, len }, &[&all]), part);
        start += len;
    }
}

#[test]
fn cost_moves_every_element_once() {
    let x = Shape::new(1, 3, 4, 5);
    let cost = cost(Concat, &[x, x.with_channels(2)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (0, 100, 100));
}

#[test]
fn maps_of_other_sizes_and_none_at_all_are_refused() {
    let x = Shape::new(1, 3, 4, 5);
    let reason = refusal(Concat, &[x, x.with_size(5, 5)]);
    assert!(reason.contains("channels only"), "{reason}");
    assert!(refusal(Concat, &[]).contains("at least 1 input"));
}
