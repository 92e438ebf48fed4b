//! Networks that were measured at several batches or sizes of input: what varies, and a line for each place.

use crate::{analysis::Analysis, group::grouped, place::Place};
use profile::Profile;

/// What varies along a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Images a run.
    Batch,
    /// Pixels of the input.
    Input,
}

/// A network at one level, measured at several values of an axis.
#[derive(Clone, Debug)]
pub struct Sweep<'a> {
    /// What varies.
    pub axis: Axis,
    /// Lines of two points or more.
    pub lines: Vec<Line<'a>>,
}

/// One place, and one value of what does not vary.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// The measurements, in the order of the axis; the last one of each value.
    pub points: Vec<&'a Analysis>,
}

impl Axis {
    /// Its value of a measurement, as it is drawn.
    pub fn value(self, p: &Profile) -> String {
        match self {
            Self::Batch => p.batch.to_string(),
            Self::Input => format!("{}×{}", p.input.h, p.input.w),
        }
    }

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Batch => "images a run",
            Self::Input => "height × width of the input",
        }
    }

    /// What does not vary, as a legend has it.
    pub fn other(self, p: &Profile) -> String {
        match self {
            Self::Batch => format!("input {}", Self::Input.value(p)),
            Self::Input => format!("batch {}", p.batch),
        }
    }

    /// What measurements are ordered by.
    fn key(self, p: &Profile) -> (usize, usize, usize) {
        match self {
            Self::Batch => (p.batch, 0, 0),
            Self::Input => (p.input.area(), p.input.h, p.input.w),
        }
    }
}

impl<'a> Sweep<'a> {
    /// The sweeps of `analyses`: over batches, and over inputs.
    pub fn all(analyses: &[&'a Analysis]) -> Vec<Self> {
        let timed = analyses.iter().copied().filter(|a| a.whole.is_some());
        let networks = grouped(timed, |a| {
            let p = &a.profile;
            (&p.model, p.level, &p.settings.without)
        });
        let of = |group: &Vec<&'a Analysis>| {
            [Axis::Batch, Axis::Input].map(|axis| Self::along(axis, group))
        };
        networks.iter().flat_map(of).flatten().collect()
    }

    /// The sweep of one network along `axis`; `None` where nothing varies.
    fn along(axis: Axis, group: &[&'a Analysis]) -> Option<Self> {
        let alike =
            grouped(group.iter().copied(), |a| (Place::of(&a.profile), axis.other(&a.profile)));
        let lines: Vec<Line<'a>> =
            alike.iter().filter_map(|points| Line::of(axis, points)).collect();
        (!lines.is_empty()).then_some(Self { axis, lines })
    }

    /// Any of its measurements.
    pub fn first(&self) -> &'a Analysis {
        self.lines[0].points[0]
    }

    /// Every value that a line has, in their order, each as it is drawn.
    pub fn values(&self) -> Vec<String> {
        let points = self.lines.iter().flat_map(|line| &line.points);
        let mut values: Vec<_> =
            points.map(|a| (self.axis.key(&a.profile), self.axis.value(&a.profile))).collect();
        values.sort();
        values.dedup();
        values.into_iter().map(|(_, value)| value).collect()
    }
}

impl<'a> Line<'a> {
    fn of(axis: Axis, points: &[&'a Analysis]) -> Option<Self> {
        let mut sorted = points.to_vec();
        // Of equal values the last measurement counts: it comes first here, and stays.
        sorted.reverse();
        sorted.sort_by_key(|a| axis.key(&a.profile));
        sorted.dedup_by_key(|a| axis.key(&a.profile));
        (sorted.len() > 1).then_some(Self { points: sorted })
    }

    /// Where it was measured, and what does not vary.
    pub fn label(&self, axis: Axis) -> String {
        let a = self.points[0];
        format!("{}, {}", a.place(), axis.other(&a.profile))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn at(batch: usize, h: usize) -> Profile {
        let mut profile = fixture::shufflenet_on(fixture::core(), batch as u64);
        profile.batch = batch;
        profile.input = profile::Shape::new(batch, 3, h, 224);
        profile
    }

    #[test]
    fn a_sweep_is_what_differs_in_one_thing() {
        let profiles = [at(8, 224), at(1, 224), at(1, 160), at(1, 224)];
        let analyses = profiles.each_ref().map(Analysis::of);
        let sweeps = Sweep::all(&analyses.iter().collect::<Vec<_>>());
        assert_eq!(sweeps.iter().map(|s| s.axis).collect::<Vec<_>>(), [Axis::Batch, Axis::Input]);
        assert_eq!(sweeps[0].values(), ["1", "8"]);
        assert_eq!(sweeps[1].values(), ["160×224", "224×224"]);
        let last = &sweeps[0].lines[0].points;
        assert!(std::ptr::eq(last[0], &raw const analyses[3]), "the last measurement counts");
        assert!(Sweep::all(&[&analyses[1], &analyses[3]]).is_empty());
    }
}
