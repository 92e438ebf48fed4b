//! Which pixel of the input each pixel of the output is.

/// The row or column of the input that one of the output is; `None` where it is filled.
pub(crate) type Source = Option<usize>;

/// Output pixel (y, x) is input pixel (`rows[y]`, `columns[x]`), or `fill` where there is none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pick {
    /// The rows.
    pub rows: Vec<Source>,
    /// The columns.
    pub columns: Vec<Source>,
    /// What stands where there is none.
    pub fill: f32,
}

/// Neighbouring output columns that are neighbours in the input, too, or are all filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first one.
    pub to: usize,
    /// What it is in the input.
    pub from: Source,
    /// How many.
    pub len: usize,
}

impl Pick {
    /// How many different rows and columns of the input are picked.
    pub fn distinct(&self) -> (usize, usize) {
        let count = |all: &[Source]| distinct(all.iter().flatten().copied());
        (count(&self.rows), count(&self.columns))
    }

    /// The columns in runs.
    pub fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (to, &from) in self.columns.iter().enumerate() {
            match runs.last_mut() {
                Some(run) if run.from.map(|first| first + run.len) == from => run.len += 1,
                _ => runs.push(Run { to, from, len: 1 }),
            }
        }
        runs
    }
}

/// How many different places these are.
pub(crate) fn distinct(places: impl Iterator<Item = usize>) -> usize {
    let mut places: Vec<usize> = places.collect();
    places.sort_unstable();
    places.dedup();
    places.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_neighbours_on_both_sides() {
        let columns = vec![None, None, Some(0), Some(1), Some(1), Some(0), None];
        let pick = Pick { rows: vec![Some(3), Some(3)], columns, fill: 0.0 };
        let runs: Vec<_> = pick.runs().iter().map(|r| (r.to, r.from, r.len)).collect();
        assert_eq!(
            runs,
            [(0, None, 2), (2, Some(0), 2), (4, Some(1), 1), (5, Some(0), 1), (6, None, 1)]
        );
        assert_eq!(pick.distinct(), (1, 2));
    }
}
