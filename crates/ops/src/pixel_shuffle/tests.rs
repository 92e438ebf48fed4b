//! Pixel shuffles: every kernel against the reference, known values, laws, shape rule and cost.

use super::{BlockOrder, Direction, PixelShuffle};
use crate::{
    Operator, Tensor,
    cpu::testing::{check, cost, random, refusal, run},
    input_tensor,
};
use profile::Shape;

const ORDERS: [BlockOrder; 3] = [BlockOrder::Dcr, BlockOrder::Crd, BlockOrder::Focus];

#[test]
fn random_shuffles_are_right() {
    random(40, |dice| {
        let (x, block, order) = (dice.shape(), dice.within(1..=5), dice.pick(&ORDERS));
        let deep = Shape::new(x.n, x.c * block * block, x.h, x.w);
        check(PixelShuffle { order, ..PixelShuffle::to_space(block) }, &[deep]);
        let wide = x.with_size(x.h.min(4) * block, x.w.min(4) * block);
        check(PixelShuffle { order, ..PixelShuffle::to_depth(block) }, &[wide]);
    });
}

#[test]
fn few_channels_are_right_in_any_order() {
    for (order, channels, block) in ORDERS
        .into_iter()
        .flat_map(|order| (1..=4).flat_map(move |c| (2..=4).map(move |block| (order, c, block))))
    {
        let deep = Shape::new(1, channels * block * block, 2, 21);
        let there = PixelShuffle { order, ..PixelShuffle::to_space(block) };
        check(there, &[deep]);
        let wide = there.output(&[deep]).unwrap();
        check(PixelShuffle { direction: Direction::ToDepth, ..there }, &[wide]);
    }
}

#[test]
fn rows_of_several_tiles_are_right() {
    check(PixelShuffle::to_space(2), &[Shape::new(1, 12, 1, 400)]);
    check(PixelShuffle::to_depth(2), &[Shape::new(1, 3, 2, 800)]);
}

#[test]
fn maps_that_are_shared_by_workers_are_right() {
    check(PixelShuffle::to_space(2), &[Shape::new(1, 4 * 33, 12, 9)]);
    check(PixelShuffle::to_depth(2), &[Shape::new(1, 33, 24, 18)]);
}

#[test]
fn there_and_back_changes_nothing() {
    for order in ORDERS {
        let x = input_tensor(0, Shape::new(2, 18, 3, 5));
        let there = PixelShuffle { order, ..PixelShuffle::to_space(3) };
        let back = PixelShuffle { direction: Direction::ToDepth, ..there };
        assert_eq!(run(back, &[&run(there, &[&x])]), x);
    }
}

#[test]
fn channels_go_where_other_engines_put_them() {
    // Two channels of 2 × 2 pixels: 0 1 / 2 3 and 4 5 / 6 7.
    let x = Tensor::from_fn(Shape::new(1, 2, 2, 2), |[_, c, h, w]| (4 * c + 2 * h + w) as f32);
    let deep = |order| run(PixelShuffle { order, ..PixelShuffle::to_depth(2) }, &[&x]);
    assert_eq!(deep(BlockOrder::Crd).data(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    assert_eq!(deep(BlockOrder::Dcr).data(), [0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0]);
    assert_eq!(deep(BlockOrder::Focus).data(), [0.0, 4.0, 2.0, 6.0, 1.0, 5.0, 3.0, 7.0]);
}

#[test]
fn cost_moves_every_element_once() {
    let cost = cost(PixelShuffle::to_space(2), &[Shape::new(1, 8, 4, 5)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (0, 160, 160));
}

#[test]
fn axes_that_blocks_do_not_divide_are_refused() {
    let x = Shape::new(1, 8, 4, 5);
    assert_eq!(refusal(PixelShuffle::to_space(3), &[x]), "takes channels in a multiple of 9");
    assert!(refusal(PixelShuffle::to_depth(2), &[x]).contains("rows and columns"));
    refusal(PixelShuffle::to_space(0), &[x]);
    refusal(PixelShuffle::to_space(usize::MAX), &[x]);
    assert_eq!(PixelShuffle::to_space(2).kind(), "depth_to_space");
}
