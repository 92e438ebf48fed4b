//! What the ShuffleNetV2 paper published, to stand beside what was measured.

use profile::{Class, DeviceKind, Profile};
use serde::{Deserialize, de::IgnoredAny};
use std::collections::BTreeMap;

/// The paper's tables and figure 2, with their sources.
pub(crate) const TABLES: &str = include_str!("../../../experiments/paper/shufflenet_v2.json");

/// One pie of the paper's figure 2.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Pie {
    /// The network as the paper names it.
    pub net: String,
    /// Its family as the zoo names it.
    pub family: String,
    /// Its multiply-adds for one image, which tell it from its relatives.
    pub mul_adds: u64,
    /// Where it ran.
    pub platform: DeviceKind,
    /// Share of run time by class, per cent; a class that the pie lacks is 0.
    pub percent: BTreeMap<Class, f64>,
}

/// A network's speed on the ARM core, as table 8 has it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Speed {
    /// The network as the paper names it.
    pub model: String,
    /// The same as the zoo names it.
    pub zoo: String,
    /// Height and width of its input.
    pub input: usize,
    /// Images a second, one at a time.
    pub arm_images_per_s: f64,
}

#[derive(Deserialize)]
struct Tables {
    figure2: Figure2,
    table8: Table8,
}

#[derive(Deserialize)]
struct Table8 {
    rows: Vec<Row8>,
}

/// A row of table 8: of a network that the zoo has, or of another.
#[derive(Deserialize)]
#[serde(untagged)]
enum Row8 {
    Known(Speed),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct Figure2 {
    bars: Vec<Pie>,
}

impl Pie {
    /// The platform in words, with what it was.
    pub fn place(&self) -> &'static str {
        match self.platform {
            DeviceKind::Gpu => "GTX 1080 Ti (gpu, cuDNN 7.0, real)",
            _ => "Snapdragon 810 (arm, neon, real), 1 thread",
        }
    }
}

/// The pies of the very network that `profile` ran; none for most networks.
pub fn figure2(profile: &Profile) -> Vec<Pie> {
    let batch = profile.batch as u128;
    let same = |pie: &Pie| {
        profile.model.starts_with(&pie.family)
            && u128::from(profile.mul_adds) == u128::from(pie.mul_adds) * batch
    };
    pies().into_iter().filter(same).collect()
}

/// All pies.
pub fn pies() -> Vec<Pie> {
    tables().figure2.bars
}

/// The rows of table 8 whose networks the zoo has, with the paper's own counts.
pub fn table8() -> Vec<Speed> {
    let known = |row| match row {
        Row8::Known(speed) => Some(speed),
        Row8::Other(_) => None,
    };
    tables().table8.rows.into_iter().filter_map(known).collect()
}

fn tables() -> Tables {
    serde_json::from_str(TABLES).expect("the tests below read this file")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn pies_are_whole() {
        assert_eq!(pies().len(), 4);
        for pie in pies() {
            let sum: f64 = pie.percent.values().sum();
            assert!((sum - 100.0).abs() < 1e-9, "{}: {sum}", pie.net);
        }
    }

    #[test]
    fn table_8_has_eighteen_networks_of_the_zoo() {
        let speeds = table8();
        assert_eq!(speeds.len(), 18);
        let last = speeds.last().unwrap();
        assert_eq!(
            (last.zoo.as_str(), last.arm_images_per_s),
            ("shufflenet_v1(groups=3,width=2)", 6.4)
        );
    }

    #[test]
    fn only_the_paper_s_networks_have_pies() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        assert_eq!(figure2(&profile), []);
        (profile.model, profile.mul_adds) = ("shufflenet_v1(groups=3)".into(), 137_460_672);
        let platforms: Vec<_> = figure2(&profile).iter().map(|p| p.platform).collect();
        assert_eq!(platforms, [DeviceKind::Gpu, DeviceKind::Arm]);
        (profile.batch, profile.mul_adds) = (8, 8 * 137_460_672);
        assert_eq!(figure2(&profile).len(), 2);
        profile.mul_adds += 1;
        assert_eq!(figure2(&profile), [], "a relative is not the paper's network");
    }
}
