//! Every kernel over cases that networks have and over random shapes; the law of groups.

use super::Conv2d;
use crate::{
    Epilogue, Operands, Operator, Sides, Tensor, UnaryFn,
    cpu::testing::{Dice, check, check_ending, check_shared, random, refusal},
    draw::weight_tensor,
    input_tensor,
};
use profile::Shape;

/// The convolution with this padding.
const fn sides(vertical: (usize, usize), horizontal: (usize, usize), conv: Conv2d) -> Conv2d {
    Conv2d { padding: Sides { vertical, horizontal }, ..conv }
}

/// Shapes and convolutions at which kernels switch paths.
fn cases() -> Vec<(Shape, Conv2d)> {
    let s = Shape::new;
    vec![
        // Pointwise: one pixel, fewer pixels than a tile, a partial vector, a K longer than a block.
        (s(1, 5, 1, 1), Conv2d::new(3, 1)),
        (s(1, 24, 1, 3), Conv2d::new(58, 1).bias()),
        (s(2, 58, 7, 5), Conv2d::new(33, 1).bias()),
        (s(1, 300, 4, 4), Conv2d::new(17, 1)),
        (s(1, 530, 3, 5), Conv2d::new(8, 1).bias()),
        (s(1, 8, 9, 7), Conv2d::new(20, 1).stride(2)),
        (s(1, 8, 3, 3), Conv2d::new(20, 1).padding(1).bias()),
        // Dense: borders on all sides, more padding than map, long K.
        (s(1, 16, 6, 7), Conv2d::new(24, 3).padding(1).bias()),
        (s(1, 5, 2, 2), Conv2d::new(6, 5).padding(3)),
        (s(1, 40, 5, 5), Conv2d::new(10, 3).padding(1)),
        (s(1, 6, 9, 9), Conv2d::new(7, 3).padding(2).dilation(2)),
        (s(1, 12, 8, 8), Conv2d::new(16, 1).kernel(1, 7).padding_hw(0, 3)),
        (s(1, 12, 8, 8), Conv2d::new(16, 1).kernel(7, 1).padding_hw(3, 0).bias()),
        // 3×3 at stride 1 with channels enough for Winograd's algorithm: whole tiles and tiles that
        // stick out, borders of all widths, K in more than one block, few tiles of many channels.
        (s(1, 16, 8, 8), Conv2d::new(16, 3).padding(1).bias()),
        (s(2, 17, 7, 13), Conv2d::new(35, 3).padding(1)),
        (s(1, 20, 9, 6), Conv2d::new(16, 3).bias()),
        (s(1, 18, 5, 5), Conv2d::new(40, 3).padding_hw(2, 0)),
        (s(1, 300, 6, 6), Conv2d::new(50, 3).padding(1).bias()),
        // … of a large map; of one with so many channels, too, that it keeps its weights' values.
        (s(1, 17, 30, 23), Conv2d::new(16, 3)),
        (s(1, 107, 24, 25), Conv2d::new(19, 3).padding(1).bias()),
        // First layers.
        (s(1, 3, 15, 17), Conv2d::new(24, 3).stride(2).padding(1).bias()),
        (s(2, 3, 16, 16), Conv2d::new(20, 7).stride(2).padding(3)),
        (s(1, 3, 23, 23), Conv2d::new(9, 11).stride(4).padding(2)),
        (s(1, 1, 12, 12), Conv2d::new(6, 5).padding(2).bias()),
        (s(1, 2, 3, 2), Conv2d::new(4, 5).padding(4)),
        // Windows that lie beyond the map on either side.
        (s(1, 3, 8, 8), Conv2d::new(4, 1).padding(2)),
        (s(2, 3, 8, 1), Conv2d::new(17, 1).kernel(2, 2).padding_hw(1, 3)),
        (s(1, 16, 8, 8), Conv2d::new(16, 3).padding(3).bias()),
        (s(1, 16, 8, 8), Conv2d::new(16, 3).padding_hw(0, 4)),
        // Padding that differs by side: TensorFlow's, and more than a kernel has rows.
        (s(1, 3, 16, 14), sides((0, 1), (0, 1), Conv2d::new(24, 3).stride(2).bias())),
        (s(1, 18, 9, 8), sides((0, 1), (2, 0), Conv2d::new(20, 3).bias())),
        (s(1, 20, 9, 8), sides((0, 1), (1, 2), Conv2d::new(20, 5).stride(2).groups(20))),
        (s(1, 20, 9, 8), sides((0, 4), (0, 4), Conv2d::new(20, 3).groups(20))),
        (s(1, 9, 4, 4), sides((0, 5), (5, 0), Conv2d::new(9, 4).groups(9))),
        // Groups.
        (s(1, 24, 5, 6), Conv2d::new(60, 1).groups(3).bias()),
        (s(1, 32, 6, 6), Conv2d::new(32, 3).padding(1).groups(8)),
        (s(1, 10, 4, 4), Conv2d::new(6, 3).groups(2)),
        // Groups of few channels: fewer than a vector, a vector that overlaps, blocks and edges.
        (s(1, 8, 5, 6), Conv2d::new(8, 3).padding(1).groups(2).bias()),
        (s(2, 24, 9, 11), Conv2d::new(24, 3).padding(1).stride(2).groups(6)),
        (s(1, 40, 7, 13), Conv2d::new(40, 5).padding(2).groups(5).bias()),
        (s(1, 18, 6, 9), Conv2d::new(18, 1).groups(9)),
        // Depthwise, also with more outputs than inputs.
        (s(1, 17, 9, 8), Conv2d::depthwise(17, 3).bias()),
        (s(2, 32, 9, 8), Conv2d::depthwise(32, 3).stride(2)),
        (s(1, 9, 7, 7), Conv2d::depthwise(9, 5).bias()),
        (s(1, 20, 10, 11), Conv2d::depthwise(20, 7).stride(2)),
        (s(1, 8, 1, 1), Conv2d::depthwise(8, 3)),
        (s(1, 6, 5, 5), Conv2d::new(12, 3).padding(1).groups(6).bias()),
        // Square depthwise kernels: no edge, more padding than kernel, a map as wide as a block.
        (s(1, 16, 9, 13), Conv2d::new(16, 3).groups(16)),
        (s(1, 19, 4, 4), Conv2d::depthwise(19, 5).bias()),
        (s(1, 24, 5, 6), Conv2d::depthwise(24, 3).padding(4)),
        (s(2, 20, 11, 9), Conv2d::depthwise(20, 5).stride(2).bias()),
        (s(1, 33, 12, 15), Conv2d::depthwise(33, 7)),
        // Half a megabyte, where lines are fetched ahead.
        (s(1, 20, 59, 58), Conv2d::depthwise(20, 3).bias()),
        (s(1, 25, 70, 71), Conv2d::depthwise(25, 5).stride(2)),
    ]
}

#[test]
fn cases_of_networks() {
    for (input, conv) in cases() {
        check(conv, &[input]);
    }
}

/// A convolution that has an output over `input`.
fn drawn(dice: &mut Dice, input: Shape, groups: usize) -> Conv2d {
    let kernel = dice.pick(&[(1, 1), (3, 3), (5, 5), (7, 7), (1, 3), (4, 2)]);
    let dilation = dice.pick(&[1, 1, 2]);
    let fits = |k: usize, len: usize| ((k - 1) * dilation + 1).saturating_sub(len).div_ceil(2);
    let (ph, pw) = (fits(kernel.0, input.h), fits(kernel.1, input.w));
    // Sometimes so much that windows lie beyond the map.
    let mut extra = |kernel| {
        if dice.within(0..=3) == 0 { dice.within(0..=2 * kernel) } else { dice.within(0..=1) }
    };
    let vertical = (ph + extra(kernel.0), ph + extra(kernel.0));
    let horizontal = (pw + extra(kernel.1), pw + extra(kernel.1));
    let out = groups * dice.channels().div_ceil(groups);
    let conv = Conv2d::new(out, 1)
        .kernel(kernel.0, kernel.1)
        .dilation(dilation)
        .stride(dice.within(1..=2))
        .groups(groups);
    let conv = sides(vertical, horizontal, conv);
    if dice.within(0..=1) == 0 { conv } else { conv.bias() }
}

#[test]
fn random_dense() {
    random(40, |dice| {
        let input = dice.shape();
        check(drawn(dice, input, 1), &[input]);
    });
}

#[test]
fn random_groups() {
    random(30, |dice| {
        let groups = dice.within(2..=4);
        let input = dice.shape();
        let input = input.with_channels(groups * input.c.div_ceil(groups));
        check(drawn(dice, input, groups), &[input]);
    });
}

#[test]
fn random_groups_of_few_channels() {
    random(30, |dice| {
        let group = dice.pick(&[2, 4, 8]);
        let input = dice.shape();
        let input = input.with_channels(group * input.c.div_ceil(group));
        let conv = drawn(dice, input, input.c / group);
        check(Conv2d { out: input.c, ..conv }, &[input]);
    });
}

#[test]
fn random_depthwise() {
    random(40, |dice| {
        let input = dice.shape();
        let conv = drawn(dice, input, input.c);
        check(Conv2d { out: input.c, ..conv }, &[input]);
    });
}

/// Every kind of end.
const ENDS: [Epilogue; 6] = [
    Epilogue { add: false, function: Some(UnaryFn::Relu) },
    Epilogue { add: false, function: Some(UnaryFn::Relu6) },
    Epilogue { add: false, function: Some(UnaryFn::HardSwish) },
    Epilogue { add: true, function: None },
    Epilogue { add: true, function: Some(UnaryFn::Relu) },
    Epilogue { add: true, function: Some(UnaryFn::Sigmoid) },
];

/// Checks a convolution with an end, or with the part of it that its kernels take.
fn check_end(conv: Conv2d, input: Shape, epilogue: Epilogue) {
    let depthwise = conv.is_depthwise(input);
    let clamp = Some(UnaryFn::Relu6);
    let end = if depthwise { Epilogue { add: false, function: clamp } } else { epilogue };
    let output = conv.output(&[input]).expect("it has an output");
    check_ending(conv, end, &[input, output][..1 + usize::from(end.add)]);
}

#[test]
fn ends_of_cases_of_networks() {
    for ((input, conv), epilogue) in cases().into_iter().zip(ENDS.into_iter().cycle()) {
        check_end(conv, input, epilogue);
    }
}

/// Ends where sums are in registers in several ways: by Winograd's algorithm, in groups, and after
/// the last of several blocks of K.
#[test]
fn every_end_of_every_way_to_sum() {
    for epilogue in ENDS {
        check_end(Conv2d::new(40, 3).padding(1).bias(), Shape::new(2, 24, 13, 9), epilogue);
        check_end(Conv2d::new(33, 3).padding(1).groups(3), Shape::new(1, 12, 5, 7), epilogue);
        check_end(Conv2d::new(21, 1).bias(), Shape::new(1, 700, 3, 5), epilogue);
    }
}

#[test]
fn random_ends() {
    random(30, |dice| {
        let input = dice.shape();
        let depthwise = dice.within(0..=2) == 0;
        let conv = drawn(dice, input, if depthwise { input.c } else { 1 });
        let conv = if depthwise { Conv2d { out: input.c, ..conv } } else { conv };
        check_end(conv, input, dice.pick(&ENDS));
    });
}

/// The same weights for one group: those that tie channels of different groups are zero.
fn ungrouped(weight: &Tensor, groups: usize) -> Tensor {
    let s = weight.shape();
    Tensor::from_fn(s.with_channels(s.c * groups), |[o, i, ky, kx]| {
        let same_group = i / s.c == o / (s.n / groups);
        if same_group { weight.data()[weight.offset([o, i % s.c, ky, kx])] } else { 0.0 }
    })
}

#[test]
fn more_workers_than_tiles_or_panels() {
    for workers in [2, 7, 40] {
        check_shared(Conv2d::new(50, 3).padding(1).bias(), &[Shape::new(1, 16, 7, 8)], workers);
        check_shared(Conv2d::new(16, 3).padding(1), &[Shape::new(1, 18, 30, 5)], workers);
    }
}

#[test]
fn groups_are_a_dense_convolution_with_zeros_between_them() {
    for (groups, out) in [(1, 6), (2, 6), (3, 9), (6, 6), (6, 12)] {
        let input = input_tensor(1, Shape::new(1, 6, 5, 4));
        let conv = Conv2d::new(out, 3).padding(1).groups(groups);
        let weight = weight_tensor(1, "law", &conv.weights(&[input.shape()])[0]);
        let dense = [ungrouped(&weight, groups)];
        let (inputs, grouped) = ([input.as_map()], [weight]);
        for (y, x) in (0..5).flat_map(|y| (0..4).map(move |x| (y, x))) {
            for o in 0..out {
                let value = |conv: Conv2d, weights| {
                    conv.reference(&Operands { inputs: &inputs, weights }, [0, o, y, x]).value
                };
                assert_eq!(value(conv, &grouped), value(conv.groups(1), &dense), "{groups}, {o}");
            }
        }
    }
}

#[test]
fn attributes_that_no_network_has_are_refused() {
    let x = Shape::new(1, 4, 8, 8);
    let huge = 1 << 63;
    for conv in [
        Conv2d::new(4, 1).padding(huge),
        Conv2d::new(4, 1).dilation(huge),
        Conv2d::new(4, 1).stride(huge),
        Conv2d::new(4, 1).kernel(huge, 1).padding(huge / 2),
    ] {
        let message = refusal(conv, &[x]);
        assert!(message.contains("none may be more than"), "{message}");
    }
}
