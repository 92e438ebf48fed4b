//! Axes exchanged: every kernel against the reference, laws, shape rule and cost.

use super::Permute;
use crate::{
    Transpose2d,
    cpu::testing::{check, cost, random, refusal, run},
    input_tensor,
};
use profile::Shape;

fn permute(axes: &[usize], order: &[usize], to: (usize, usize, usize)) -> Permute {
    Permute { axes: axes.to_vec(), order: order.to_vec(), to }
}

#[test]
fn random_orders_are_right() {
    random(40, |dice| {
        let lens: Vec<usize> = (0..dice.within(2..=5)).map(|_| dice.within(1..=5)).collect();
        let mut order: Vec<usize> = (0..lens.len()).collect();
        order.rotate_left(dice.within(0..=lens.len() - 1));
        let at = dice.within(0..=lens.len() - 1);
        order.swap(0, at);
        let all: usize = lens.iter().product();
        let cuts = [dice.within(0..=lens.len()), dice.within(0..=lens.len())];
        let map = |lens: &[usize]| {
            let (a, b) = (cuts[0].min(cuts[1]), cuts[0].max(cuts[1]));
            let part = |lens: &[usize]| lens.iter().product::<usize>();
            (part(&lens[..a]), part(&lens[a..b]), part(&lens[b..]))
        };
        let turned: Vec<usize> = order.iter().map(|&a| lens[a]).collect();
        let (c, h, w) = map(&lens);
        // Whole axes of either map, and one that straddles them.
        for to in [map(&turned), (all, 1, 1), (1, all, 1)] {
            check(permute(&lens, &order, to), &[Shape::new(2, c, h, w)]);
        }
    });
}

#[test]
fn blocks_and_axes_that_straddle_are_right() {
    let x = Shape::new(2, 37, 1, 45);
    check(permute(&[37, 45], &[1, 0], (45, 1, 37)), &[x]);
    check(permute(&[37, 5, 9], &[1, 0, 2], (5, 9, 37)), &[x]);
    check(permute(&[37, 5, 9], &[2, 1, 0], (3, 15, 37)), &[x]);
}

#[test]
fn rows_and_columns_are_what_a_transposition_makes() {
    let x = input_tensor(0, Shape::new(2, 11, 6, 5));
    let turned = run(permute(&[11, 6, 5], &[0, 2, 1], (11, 5, 6)), &[&x]);
    assert_eq!(turned, run(Transpose2d, &[&x]));
    let last = run(permute(&[11, 6, 5], &[1, 2, 0], (6, 5, 11)), &[&x]);
    assert_eq!(last.at([1, 2, 3, 7]), x.at([1, 7, 2, 3]));
}

#[test]
fn cost_moves_every_element_once() {
    let cost = cost(permute(&[3, 20], &[1, 0], (20, 1, 3)), &[Shape::new(1, 3, 4, 5)]);
    assert_eq!((cost.flops, cost.access.read, cost.access.written), (0, 60, 60));
}

#[test]
fn other_elements_and_orders_are_refused() {
    let x = Shape::new(1, 3, 4, 5);
    let other = refusal(permute(&[3, 21], &[1, 0], (21, 1, 3)), &[x]);
    assert_eq!(other, "makes 21×1×3 of axes [3, 21] of a map of other elements");
    refusal(permute(&[3, 20], &[1, 0], (20, 1, 4)), &[x]);
    refusal(permute(&[3, usize::MAX], &[1, 0], (usize::MAX, 1, 3)), &[x]);
    let twice = refusal(permute(&[3, 20], &[1, 1], (20, 1, 3)), &[x]);
    assert_eq!(twice, "puts axes [3, 20] in the order [1, 1]");
    refusal(permute(&[60], &[0], (60, 1, 1)), &[x]);
    refusal(permute(&[3, 20], &[1, 0, 2], (20, 1, 3)), &[x]);
    refusal(permute(&[1, 1, 1, 1, 1, 3, 20], &[0, 1, 2, 3, 4, 6, 5], (20, 1, 3)), &[x]);
}
