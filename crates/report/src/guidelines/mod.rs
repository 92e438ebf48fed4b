//! The four guidelines of the ShuffleNetV2 paper (arXiv 1807.11164, section 3): their formulas, and
//! what an experiment or an architecture says of them on a device.

pub mod architecture;
pub mod g1;
pub mod g2;
pub mod g3;
pub mod g4;
pub mod published;
pub mod records;
pub mod study;
pub mod tables;
pub mod verdict;

use crate::{place::told_apart, visible};
use profile::Profile;
use study::Study;

/// Every study among `profiles` for a screen of `width` characters: its points, its verdict.
pub fn text(profiles: &[Profile], width: usize) -> String {
    let study = |study: &Study<'_>| {
        let title = format!("{} · grid {} · {}", study.guideline, study.grid, study.place());
        let (title, sentence) = (visible::line(&title), tables::sentence(study));
        let points = tables::points(study).text(width);
        let savings = match g4::savings(study).as_slice() {
            [] => String::new(),
            savings => format!("{}\n{}\n", tables::SAVINGS, tables::savings(savings).text(width)),
        };
        let conditions = tables::conditions(study);
        let (sentence, conditions) = (visible::line(&sentence), visible::line(&conditions));
        format!("{title}\n{points}\n{savings}{sentence}\n{conditions}\n")
    };
    Study::all(&told_apart(profiles)).iter().map(study).collect::<Vec<_>>().join("\n")
}

/// What all studies among `profiles` say together: the verdicts, and what fragments cost.
pub fn summary(profiles: &[Profile], width: usize) -> String {
    let profiles = told_apart(profiles);
    let studies = Study::all(&profiles);
    let costs = match g3::costs(&studies).as_slice() {
        [] => String::new(),
        costs => format!("\n{}\n{}\n", tables::FRAGMENTS, tables::fragments(costs).text(width)),
    };
    format!("{}\n{costs}", tables::verdicts(&studies).text(width))
}
