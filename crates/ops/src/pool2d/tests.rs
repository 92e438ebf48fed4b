//! Pooling: every kernel against the reference, laws, shape rule and cost.

use super::{Pool2d, PoolFn};
use crate::{
    Operator, Sides, Tensor,
    cpu::testing::{check, cost, random, refusal, run},
};
use profile::Shape;

#[test]
fn random_windows_are_right() {
    random(80, |dice| {
        let kernel = (dice.within(1..=4), dice.within(1..=4));
        let op = Pool2d {
            function: dice.pick(&[
                PoolFn::Max,
                PoolFn::Average { count_padding: true },
                PoolFn::Average { count_padding: false },
            ]),
            kernel: dice.pick(&[Some(kernel), Some(kernel), None]),
            parts: (dice.within(1..=9), dice.within(1..=9)),
            stride: (dice.within(1..=3), dice.within(1..=3)),
            padding: Sides {
                vertical: (dice.within(0..=kernel.0 / 2), dice.within(0..=kernel.0 / 2)),
                horizontal: (dice.within(0..=kernel.1 / 2), dice.within(0..=kernel.1 / 2)),
            },
            ceil: dice.pick(&[true, false]),
            dilation: (1, 1),
        };
        let op = match (op.kernel, op.function) {
            (None, PoolFn::Max) => Pool2d { padding: Sides::NONE, parts: (1, 1), ..op },
            (None, _) => Pool2d { padding: Sides::NONE, ..op },
            _ => op,
        };
        let shape = dice.shape();
        check(op, &[shape.with_size(shape.h + 3, shape.w + 3)]);
    });
}

#[test]
fn random_dilated_windows_are_right() {
    random(40, |dice| {
        let kernel = (dice.within(1..=4), dice.within(1..=4));
        let op = Pool2d {
            kernel: Some(kernel),
            stride: (dice.within(1..=3), dice.within(1..=3)),
            padding: Sides::even(dice.within(0..=kernel.0 - 1), dice.within(0..=kernel.1 - 1)),
            dilation: (dice.within(1..=3), dice.within(1..=3)),
            ceil: dice.pick(&[true, false]),
            ..Pool2d::max(1, 1)
        };
        let shape = dice.shape();
        let shape = shape.with_size(shape.h + 9, shape.w + 9);
        if op.output(&[shape]).is_ok() {
            check(op, &[shape]);
        }
    });
}

#[test]
fn maps_that_are_shared_by_workers_are_right() {
    check(Pool2d::max(3, 2).padding(1), &[Shape::new(1, 24, 33, 31)]);
    check(Pool2d::average(3, 2).padding(1), &[Shape::new(2, 130, 9, 8)]);
    check(Pool2d::global_average(), &[Shape::new(1, 520, 7, 7)]);
}

/// Wide enough for one tile or for two that overlap, and too narrow for any.
#[test]
fn windows_of_networks_are_right_in_tiles_and_beside_them() {
    for (k, stride) in [(2, 2), (3, 1), (3, 2)] {
        for width in [6, 9, 13] {
            for op in [Pool2d::max(k, stride), Pool2d::average(k, stride).without_padding_count()] {
                check(op, &[Shape::new(1, 37, 7, width)]);
                check(op.padding(1).ceil(), &[Shape::new(2, 16, 6, width)]);
            }
        }
    }
}

#[test]
fn the_mean_of_a_large_map_stays_exact() {
    check(Pool2d::global_average(), &[Shape::new(1, 5, 112, 112)]);
}

#[test]
fn global_max_pool_is_right_and_has_its_own_name() {
    let op = Pool2d { kernel: None, ..Pool2d::max(1, 1) };
    assert_eq!(op.kind(), "global_max_pool2d");
    assert_eq!(op.output(&[Shape::new(2, 5, 6, 7)]), Ok(Shape::features(2, 5)));
    check(op, &[Shape::new(2, 67, 6, 7)]);
}

/// A single-channel map of one row.
fn row(values: &[f32]) -> Tensor {
    Tensor::from_nhwc(Shape::new(1, 1, 1, values.len()), values.to_vec())
}

/// A pool along one row.
const fn along(op: Pool2d, kernel: usize, stride: usize, padding: usize) -> Pool2d {
    Pool2d {
        kernel: Some((1, kernel)),
        stride: (1, stride),
        padding: Sides::even(0, padding),
        ..op
    }
}

#[test]
fn ceil_mode_adds_the_last_partial_window() {
    let (max, x) = (along(Pool2d::max(1, 1), 2, 2, 0), row(&[1.0, 2.0, 3.0, 4.0, 5.0]));
    assert_eq!(run(max, &[&x]).data(), [2.0, 4.0]);
    assert_eq!(run(max.ceil(), &[&x]).data(), [2.0, 4.0, 5.0]);
}

/// VoVNet's pools at 32×32: PyTorch rounds ½ + 1 windows down to one.
#[test]
fn ceil_mode_keeps_the_one_window_that_is_larger_than_the_map() {
    let op = along(Pool2d::max(1, 1), 3, 2, 0);
    assert_eq!(run(op.ceil(), &[&row(&[1.0, 2.0])]).data(), [2.0]);
    assert!(op.output(&[Shape::new(1, 1, 1, 2)]).is_err());
    assert!(along(op, 4, 2, 0).ceil().output(&[Shape::new(1, 1, 1, 2)]).is_err());
    for op in [Pool2d::max(3, 2), Pool2d::average(3, 2)] {
        check(op.ceil(), &[Shape::new(2, 37, 2, 2)]);
    }
}

#[test]
fn ceil_mode_drops_a_window_that_would_start_beyond_the_map_and_its_left_padding() {
    // Padded: 0 1 2 3 4 0, by hand ⌈(4 + 2 − 2)/3⌉ + 1 = 3 windows at 0, 3 and 6; 6 ≥ 4 + 1.
    let op = along(Pool2d::max(1, 1), 2, 3, 1).ceil();
    assert_eq!(run(op, &[&row(&[1.0, 2.0, 3.0, 4.0])]).data(), [1.0, 4.0]);
    // One pixel more: windows at 0, 3 and 6; 6 ≥ 5 + 1, dropped again.
    assert_eq!(run(op, &[&row(&[1.0, 2.0, 3.0, 4.0, 5.0])]).data(), [1.0, 4.0]);
    // Six pixels: the window at 6 starts inside (6 < 6 + 1) and holds pixel 5.
    assert_eq!(run(op, &[&row(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])]).data(), [1.0, 4.0, 6.0]);
}

#[test]
fn an_average_divides_by_the_window_clipped_to_the_padded_map() {
    let average = along(Pool2d::average(1, 1), 3, 2, 1);
    let x = row(&[6.0, 12.0, 18.0, 24.0]);
    // Windows [pad 6 12], [12 18 24] and, in ceil mode, [24 pad |beyond]: 2 pixels are counted.
    assert_eq!(run(average, &[&x]).data(), [6.0, 18.0]);
    assert_eq!(run(average.ceil(), &[&x]).data(), [6.0, 18.0, 12.0]);
    // Without padding counted, 2, 3 and 1.
    let map_only = average.without_padding_count();
    assert_eq!(run(map_only, &[&x]).data(), [9.0, 18.0]);
    assert_eq!(run(map_only.ceil(), &[&x]).data(), [9.0, 18.0, 24.0]);
}

#[test]
fn dilated_windows_skip_pixels() {
    let op = Pool2d { dilation: (1, 2), ..along(Pool2d::max(1, 1), 2, 1, 1) };
    let x = row(&[1.0, 5.0, 2.0, 4.0]);
    // Padded: 0 1 5 2 4 0: pixels 0 and 2, 1 and 3, 2 and 4, 3 and 5.
    assert_eq!(run(op, &[&x]).data(), [5.0, 2.0, 5.0, 2.0]);
    assert_eq!(op.attrs()["dilation"], serde_json::json!([1, 2]));
    let reason = refusal(Pool2d::average(2, 1).dilation(2), &[Shape::new(1, 1, 4, 4)]);
    assert_eq!(reason, "takes dilated windows only for their largest");
    let far = Pool2d { dilation: (1, 5), ..along(Pool2d::max(1, 1), 2, 1, 3) };
    assert!(refusal(far, &[row(&[1.0]).shape()]).contains("meet none"));
}

#[test]
fn padding_may_be_on_one_side_alone() {
    let behind = Sides { vertical: (0, 0), horizontal: (0, 1) };
    let x = row(&[1.0, 2.0, 3.0, 6.0]);
    let max = Pool2d { padding: behind, ..along(Pool2d::max(1, 1), 3, 2, 0) };
    assert_eq!(run(max, &[&x]).data(), [3.0, 6.0]);
    let average = Pool2d { padding: behind, ..along(Pool2d::average(1, 1), 3, 2, 0) };
    assert_eq!(run(average, &[&x]).data(), [2.0, 3.0]);
    assert_eq!(run(average.without_padding_count(), &[&x]).data(), [2.0, 4.5]);
}

#[test]
fn padding_never_wins_a_maximum() {
    let x = Tensor::from_fn(Shape::new(1, 9, 3, 3), |_| -2.0);
    assert!(run(Pool2d::max(3, 1).padding(1), &[&x]).data().iter().all(|&y| y == -2.0));
}

#[test]
fn the_average_of_a_constant_is_that_constant() {
    let x = Tensor::from_fn(Shape::new(1, 20, 6, 6), |_| 0.75);
    for op in [
        Pool2d::average(2, 2),
        Pool2d::average(3, 2).padding(1).without_padding_count(),
        Pool2d::global_average(),
    ] {
        for y in run(op, &[&x]).data() {
            assert!((y - 0.75).abs() <= 2.0 * f32::EPSILON, "{op:?} gives {y}");
        }
    }
}

#[test]
fn the_shapes_of_known_networks() {
    let size = |op: Pool2d, h| op.output(&[Shape::new(1, 64, h, h)]).map(|s| s.h);
    assert_eq!(size(Pool2d::max(3, 2).padding(1), 112), Ok(56)); // ResNet
    assert_eq!(size(Pool2d::max(3, 2), 55), Ok(27)); // AlexNet
    assert_eq!(size(Pool2d::max(3, 2).ceil(), 112), Ok(56)); // GoogLeNet
    assert_eq!(size(Pool2d::average(7, 7), 7), Ok(1));
}

#[test]
fn cost_is_one_operation_an_element_under_a_window() {
    let cost = cost(Pool2d::max(3, 2).padding(1), &[Shape::new(1, 2, 8, 8)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (2 * 16 * 9, 128, 32));
}

#[test]
fn impossible_windows_are_refused() {
    let x = Shape::new(1, 2, 4, 4);
    assert!(refusal(Pool2d::max(5, 1), &[x]).contains("at least 5 pixels"));
    assert!(refusal(Pool2d::max(2, 0), &[x]).contains("stride 0"));
    let reason = refusal(Pool2d::max(3, 1).padding(2), &[x]);
    assert_eq!(reason, "has padding 2, more than half of its kernel 3");
}

#[test]
fn parts_are_even_and_overlap_where_they_do_not_divide() {
    let parts = |n| Pool2d { parts: (1, n), ..Pool2d::global_average() };
    let x = row(&[1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(run(parts(5), &[&x]).data(), [1.0, 2.0, 3.0, 4.0, 5.0]);
    // By hand: pixels 0–1, 1–3, 3–4.
    assert_eq!(run(parts(3), &[&x]).data(), [1.5, 3.0, 4.5]);
    // More parts than pixels repeat them: 0, 0–1, 1.
    assert_eq!(run(parts(3), &[&row(&[1.0, 3.0])]).data(), [1.0, 2.0, 3.0]);
    assert_eq!(parts(3).kind(), "adaptive_avg_pool2d");
    assert_eq!(Operator::flops(&parts(3), &[x.shape()], Shape::new(1, 1, 1, 3)), 7);
}
