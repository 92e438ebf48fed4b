//! An exact result, and how large its rounding errors can be.

/// An output element as the reference sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exact {
    /// Its value.
    pub value: f64,
    /// Σ of the magnitudes of the terms it was summed from: the scale of rounding errors.
    pub magnitude: f64,
    /// Number of those terms.
    pub terms: u32,
}

impl Exact {
    /// A value that was not summed from anything.
    pub const fn of(value: f64) -> Self {
        Self { value, magnitude: value.abs(), terms: 1 }
    }

    /// This with one term more.
    pub fn plus(self, term: f64) -> Self {
        Self {
            value: self.value + term,
            magnitude: self.magnitude + term.abs(),
            terms: self.terms + 1,
        }
    }

    /// The sum of `terms`.
    pub fn sum(terms: impl Iterator<Item = f64>) -> Self {
        terms.fold(Self { value: 0.0, magnitude: 0.0, terms: 0 }, Self::plus)
    }
}
