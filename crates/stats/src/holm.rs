//! Many comparisons at once: Holm's procedure.
//!
//! Of sixty operators that nobody changed, three differ at the 5 % level by chance. Holm's procedure keeps the
//! chance of a single false one among all at 5 %, however they depend on each other
//! (Scandinavian Journal of Statistics 6, 1979).

/// The level at which Holm's procedure tests each of `p`, which are chances under its null hypothesis. A
/// hypothesis is refused where its chance is at most its level. All that are refused together include a
/// true one with a chance of at most `alpha`.
///
/// The smallest chance is held against `alpha` over their number, the next against `alpha` over one less, and
/// so on; once one is not refused, the others are held against its level.
pub fn holm_levels(p: &[f64], alpha: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&i, &j| p[i].total_cmp(&p[j]));
    let mut levels = vec![0.0; p.len()];
    let (mut level, mut left) = (0.0, p.len());
    for i in order {
        if left > 0 {
            level = alpha / left as f64;
            left = if p[i] <= level { left - 1 } else { 0 };
        }
        levels[i] = level;
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Wright, Biometrics 48 (1992): 0.01, 0.015 and 0.005 are refused at 5 %, 0.03 is not.
    #[test]
    fn levels_by_hand() {
        let p = [0.01, 0.04, 0.03, 0.005, 0.015];
        let levels = holm_levels(&p, 0.05);
        assert_eq!(levels, [4.0, 2.0, 2.0, 5.0, 3.0].map(|left| 0.05 / left));
        let refused: Vec<bool> = p.iter().zip(&levels).map(|(p, level)| p <= level).collect();
        assert_eq!(refused, [true, false, false, true, true]);
    }

    #[test]
    fn one_hypothesis_needs_no_correction_and_none_has_no_level() {
        assert_eq!(holm_levels(&[0.5], 0.05), [0.05]);
        assert!(holm_levels(&[], 0.05).is_empty());
    }

    #[test]
    fn after_the_first_that_is_not_refused_none_is() {
        // The second is just above 0.05/3: the third, below 0.05/2, is not refused either.
        let levels = holm_levels(&[0.001, 0.017, 0.02, 0.9], 0.05);
        assert_eq!(levels, [0.05 / 4.0, 0.05 / 3.0, 0.05 / 3.0, 0.05 / 3.0]);
    }
}
