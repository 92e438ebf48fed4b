//! The four guidelines of the ShuffleNetV2 paper (arXiv 1807.11164, section 3): their formulas, and
//! what an experiment or an architecture says of them on a device.

pub mod g1;
pub mod g2;
pub mod g3;
pub mod published;
pub mod records;
pub mod study;
pub mod tables;
pub mod verdict;

use profile::Profile;
use study::Study;

/// Every study among `profiles` for a screen of `width` characters: its points, its verdict.
pub fn text(profiles: &[Profile], width: usize) -> String {
    let study = |study: &Study<'_>| {
        let costs = g3::costs(study).map_or(String::new(), |c| tables::fragments(&c) + "\n");
        format!(
            "{} · grid {} · {}\n{}\n{}\n{costs}",
            study.guideline,
            study.grid,
            study.place(),
            tables::points(study).text(width),
            tables::sentence(study, &study.judge()),
        )
    };
    Study::all(profiles).iter().map(study).collect::<Vec<_>>().join("\n")
}
