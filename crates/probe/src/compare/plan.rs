//! How many sittings are held, and who begins.

/// Sittings that are always held, and those below which nothing is kept: fewer have no interval.
const FEWEST: usize = 16;
pub const FEWEST_KEPT: usize = 6;

/// Chance of a false difference, which many operators share.
const ALPHA: f64 = 0.05;

/// Sittings beyond those without which no operator could differ for certain: some may disagree with the others.
const SPARE: usize = 3;

/// The fewest sittings for so many operators: were all of them to agree on which side is slower, that has a
/// chance of 2 in 2ⁿ, which must be small for each operator's part of [`ALPHA`].
pub fn fewest(operators: usize) -> usize {
    let least = (2.0 * operators.max(1) as f64 / ALPHA).log2().ceil() as usize;
    (least + SPARE).max(FEWEST)
}

/// A before B, or after it.
pub const fn order(swapped: bool) -> [usize; 2] {
    if swapped { [1, 0] } else { [0, 1] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_operators_take_more_sittings() {
        let taken = [1, 60, 200, 2000].map(fewest);
        assert_eq!(taken, [16, 16, 16, 20]);
        for operators in [1, 7, 60, 713, 65_536] {
            let chance = 2.0 * 0.5_f64.powi((fewest(operators) - SPARE) as i32);
            assert!(chance <= ALPHA / operators as f64, "{operators}");
        }
    }
}
