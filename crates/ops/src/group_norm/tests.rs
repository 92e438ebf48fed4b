//! Group norm: every kernel against the reference, laws, shape rule and cost.

use super::GroupNorm;
use crate::{
    ChannelAffine, Epilogue, LayerNorm, UnaryFn,
    cpu::testing::{check, check_ending, check_shared, cost, random, refusal, run},
    input_tensor,
};
use profile::Shape;

#[test]
fn one_that_ends_with_an_activation_is_right() {
    let epilogue = Epilogue { add: false, function: Some(UnaryFn::Relu) };
    check_ending(GroupNorm::new(3), epilogue, &[Shape::new(2, 21, 5, 3)]);
}

#[test]
fn random_shapes_are_right() {
    random(24, |dice| {
        let (shape, groups) = (dice.shape(), dice.within(1..=5));
        let affine = dice.pick(&[ChannelAffine::BOTH, ChannelAffine::NEITHER]);
        let shape = shape.with_channels(groups * dice.within(1..=12));
        check(GroupNorm { affine, ..GroupNorm::new(groups) }, &[shape]);
    });
}

#[test]
fn an_instance_norm_is_right() {
    check(GroupNorm::new(19), &[Shape::new(2, 19, 5, 4)]);
}

#[test]
fn groups_shared_by_workers_are_right() {
    check_shared(GroupNorm::new(10), &[Shape::new(1, 200, 6, 5)], 3);
}

#[test]
fn one_group_of_one_pixel_is_a_layer_norm() {
    let x = input_tensor(0, Shape::features(2, 40));
    let affine = ChannelAffine::NEITHER;
    let a = run(GroupNorm { affine, ..GroupNorm::new(1) }, &[&x]);
    let b = run(LayerNorm { affine, ..LayerNorm::default() }, &[&x]);
    a.data().iter().zip(b.data()).for_each(|(a, b)| assert!((a - b).abs() < 1e-5, "{a}, {b}"));
}

#[test]
fn cost_is_five_operations_an_element_and_the_affine_part() {
    let cost = cost(GroupNorm::new(3), &[Shape::new(1, 6, 4, 4)]);
    assert_eq!((cost.flops, cost.params, cost.access.weights), (7 * 96, 12, 12));
    assert_eq!((cost.access.read, cost.access.written), (96, 96));
}

#[test]
fn groups_that_do_not_divide_the_channels_are_refused() {
    for groups in [0, 4] {
        let reason = refusal(GroupNorm::new(groups), &[Shape::new(1, 6, 4, 4)]);
        assert!(reason.contains("must divide"), "{reason}");
    }
}
