//! Where a falling curve is flat: caches, read off a memory mountain.

use std::ops::Range;

/// Most plateaus that are looked for: more levels of memory than any machine has.
const MOST: usize = 7;

/// What a plateau more must save of the squared errors of logarithms. Two plateaus of four points
/// each, a fifth apart, save as much.
const PENALTY: f64 = 0.05;

/// Points below which a flat piece is a slope's or a disturbance's, unless there is no other.
const FEWEST: usize = 4;

/// Neighbours that differ by less are one plateau.
const APART: f64 = 1.2;

/// A flat piece of a curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Plateau {
    /// Its points; between two plateaus the curve falls.
    pub points: Range<usize>,
    /// The last point that belongs to it rather than to the next plateau: the curve falls below the
    /// geometric mean of both behind it.
    pub knee: usize,
}

/// The plateaus of `values`, which must be positive, in their order; none of an empty curve.
///
/// The curve is [made to fall](falling), then cut into the flat pieces that fit it best, each piece more at
/// a price. Pieces whose own heights are alike are one again: a single point that is too high, further on,
/// has raised the first of them. Points of a piece before the first that comes up to the next piece's height
/// do not count: there it was too little to do.
pub fn plateaus(values: &[f64]) -> Vec<Plateau> {
    let level = falling(values);
    let height = |piece: &Range<usize>, next: f64| {
        let from = piece.clone().find(|&at| APART * values[at] >= next).unwrap_or(piece.start);
        middle(values, &(from..piece.end))
    };
    let pieces = flat_pieces(&level);
    let long = |piece: &&Range<usize>| piece.len() >= FEWEST;
    let only = if pieces.iter().any(|piece| long(&piece)) { None } else { pieces.last() };
    let mut kept: Vec<Range<usize>> = Vec::new();
    for piece in pieces.iter().filter(long).chain(only).cloned() {
        let own = middle(values, &piece);
        match kept.last_mut() {
            Some(before) if height(before, own) < APART * own => before.end = piece.end,
            _ => kept.push(piece),
        }
    }
    let knee = |i: usize| {
        let Some(next) = kept.get(i + 1) else { return values.len() - 1 };
        let between = (middle(&level, &kept[i]) * middle(&level, next)).sqrt();
        let below = (kept[i].start..next.end).find(|&at| level[at] < between);
        below.unwrap_or(next.start) - 1
    };
    (0..kept.len()).map(|i| Plateau { points: kept[i].clone(), knee: knee(i) }).collect()
}

/// `values`, each raised to the highest behind it: what a device can do with much it can do with less, and
/// what kept it from it there (too little to do) is not the memory.
pub fn falling(values: &[f64]) -> Vec<f64> {
    let mut level = values.to_vec();
    for i in (1..level.len()).rev() {
        level[i - 1] = level[i - 1].max(level[i]);
    }
    level
}

/// The median of `values` within `points`.
pub fn middle(values: &[f64], points: &Range<usize>) -> f64 {
    let mut sorted = values[points.clone()].to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// The cut into pieces for which squared errors plus penalties are least (dynamic programming over
/// the last piece).
fn flat_pieces(values: &[f64]) -> Vec<Range<usize>> {
    let n = values.len();
    let logs: Vec<f64> = values.iter().map(|v| v.ln()).collect();
    // Of any piece as fast: sums of logarithms and of their squares up to each point.
    let up_to = |of: fn(f64) -> f64| {
        let sums = logs.iter().scan(0.0, move |sum, &x| {
            *sum += of(x);
            Some(*sum)
        });
        std::iter::once(0.0).chain(sums).collect::<Vec<f64>>()
    };
    let (sums, squares) = (up_to(|x| x), up_to(|x| x * x));
    let error = |piece: Range<usize>| {
        let [sum, square] = [&sums, &squares].map(|all| all[piece.end] - all[piece.start]);
        (square - sum * sum / piece.len() as f64).max(0.0)
    };
    // cost[j]: the least for the first j points in so many pieces; from[k][j]: where the last of
    // the k + 1 pieces begins.
    let mut cost: Vec<f64> = (0..=n).map(|j| if j == 0 { 0.0 } else { error(0..j) }).collect();
    let mut from = vec![vec![0; n + 1]];
    let mut best = (cost[n], 0);
    for pieces in 1..MOST.min(n) {
        let mut starts = vec![0; n + 1];
        let longer: Vec<f64> = (0..=n)
            .map(|j| {
                let candidates = (pieces..j).map(|i| (cost[i] + error(i..j), i));
                let (least, start) =
                    candidates.fold((f64::INFINITY, 0), |a, b| if b.0 < a.0 { b } else { a });
                starts[j] = start;
                least
            })
            .collect();
        cost = longer;
        from.push(starts);
        let total = cost[n] + PENALTY * pieces as f64;
        if total < best.0 {
            best = (total, pieces);
        }
    }
    let mut found = Vec::new();
    let mut end = n;
    for starts in from[..=best.1].iter().rev() {
        if end > 0 {
            found.push(starts[end]..end);
            end = starts[end];
        }
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::{
        ChaCha8Rng,
        rand_core::{Rng, SeedableRng},
    };

    /// A curve of `steps` (points, height), with noise of up to ± `noise` and `slope` points between
    /// two steps on which it falls evenly.
    fn curve(steps: &[(usize, f64)], noise: f64, slope: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let mut clean = Vec::new();
        for (i, &(points, height)) in steps.iter().enumerate() {
            clean.extend(vec![height; points]);
            if let Some(&(_, next)) = steps.get(i + 1) {
                let part = |k: usize| (k + 1) as f64 / (slope + 1) as f64;
                clean.extend((0..slope).map(|k| height * (next / height).powf(part(k))));
            }
        }
        let mut jitter = || 1.0 + noise * (f64::from(rng.next_u32()) / 2f64.powi(31) - 1.0);
        clean.into_iter().map(|v| v * jitter()).collect()
    }

    #[test]
    fn known_steps_are_found_through_noise() {
        let seed = 7;
        println!("seed {seed}");
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let steps = [(9, 200.0), (16, 110.0), (20, 50.0), (9, 14.0)];
        for _ in 0..200 {
            let values = curve(&steps, 0.04, 0, &mut rng);
            let knees: Vec<usize> = plateaus(&values).iter().map(|p| p.knee).collect();
            assert_eq!(knees, [8, 24, 44, 53]);
        }
    }

    /// A GPU starts work so slowly that small sets show nothing of its nearest cache.
    #[test]
    fn a_cache_that_is_reached_only_by_much_work_is_a_plateau_of_its_own() {
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        let rising = (0..25).map(|i| 50.0 * 1.19f64.powi(i));
        let flat = curve(&[(6, 3800.0), (14, 2200.0)], 0.04, 0, &mut rng);
        let values: Vec<f64> = rising.chain(flat).collect();
        let knees: Vec<usize> = plateaus(&values).iter().map(|p| p.knee).collect();
        assert_eq!(knees, [30, 44]);
    }

    #[test]
    fn a_point_that_is_too_high_makes_no_plateau_of_its_own() {
        for at in 0..24 {
            let mut values = [vec![100.0; 24], vec![30.0; 12]].concat();
            values[at] = 130.0;
            assert_eq!(plateaus(&values).len(), 2, "{at}");
        }
    }

    #[test]
    fn slopes_between_steps_move_a_knee_by_no_more_than_themselves() {
        let seed = 8;
        println!("seed {seed}");
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let steps = [(9, 200.0), (14, 100.0), (16, 20.0)];
        for _ in 0..200 {
            let values = curve(&steps, 0.03, 3, &mut rng);
            let found = plateaus(&values);
            let knees: Vec<usize> = found.iter().map(|p| p.knee).collect();
            assert_eq!(found.len(), 3, "{found:?}");
            assert!((8..12).contains(&knees[0]) && (25..29).contains(&knees[1]), "{knees:?}");
            let heights = found.iter().map(|p| middle(&values, &p.points));
            for (height, (_, truth)) in heights.zip(steps) {
                assert!((height / truth - 1.0).abs() < 0.1, "{height} for {truth}");
            }
        }
    }

    #[test]
    fn a_flat_curve_is_one_plateau() {
        let seed = 9;
        println!("seed {seed}");
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        for _ in 0..500 {
            let values = curve(&[(40, 30.0)], 0.08, 0, &mut rng);
            let found = plateaus(&values);
            assert_eq!((found.len(), found[0].points.clone(), found[0].knee), (1, 0..40, 39));
        }
    }

    #[test]
    fn what_is_slow_because_it_is_little_hides_nothing() {
        let mut values = vec![10.0, 20.0, 40.0, 80.0];
        values.extend([100.0; 10]);
        values.extend([30.0; 8]);
        let knees: Vec<usize> = plateaus(&values).iter().map(|p| p.knee).collect();
        assert_eq!(knees, [13, 21]);
    }

    #[test]
    fn a_point_that_is_too_high_makes_no_plateau_before_it() {
        let mut values = vec![100.0; 10];
        values.extend([57.0; 16]);
        values[20] = 85.0;
        values.extend([14.0; 8]);
        let found = plateaus(&values);
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(found[1].knee, 25);
    }

    /// A try that was slow over the largest working set is no memory behind memory.
    #[test]
    fn a_last_point_that_is_too_low_makes_no_plateau() {
        let mut values = vec![100.0; 10];
        values.extend([30.0; 12]);
        values.push(23.0);
        let found = plateaus(&values);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((found[0].knee, found[1].knee), (9, 22));
        assert_eq!(middle(&values, &found[1].points), 30.0);
    }

    #[test]
    fn short_curves_are_no_trouble() {
        assert_eq!(plateaus(&[]), []);
        assert_eq!(plateaus(&[5.0]), [Plateau { points: 0..1, knee: 0 }]);
        assert_eq!(plateaus(&[5.0, 1.0]).last().unwrap().knee, 1);
    }
}
