//! A network on the axes of the four guidelines.

use super::{axis::Axis, g1, g2, g3, g4, price::Sides, told_apart::ToldApart};
use crate::{analysis::Analysis, place::Place};
use indexmap::IndexMap;
use profile::{Comparison, Guideline, Machine, Rendering};
use serde::Serialize;
use std::collections::HashMap;

/// A network on a device, on the four axes: a record of `guidelines.json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Architecture {
    /// The network as it was asked for.
    pub model: String,
    /// The year in which it was first published, where that is known.
    pub year: Option<u16>,
    /// The device with its rendering.
    pub device: String,
    /// How far the network was lowered.
    pub level: profile::Level,
    /// Threads that ran it.
    pub threads: usize,
    /// Images a run.
    pub batch: usize,
    /// What tells it from others of its place.
    #[serde(flatten)]
    pub apart: ToldApart,
    /// Median of its run, milliseconds; all times are absent where an emulator ran it.
    pub run_ms: Option<f64>,
    /// Its 95 % interval.
    #[serde(skip)]
    pub run_ms_ci: Option<[f64; 2]>,
    /// Multiply-adds.
    pub mul_adds: u64,
    /// Equal channels.
    pub g1: Axis,
    /// Group convolution.
    pub g2: g2::Grouped,
    /// Fragmentation.
    pub g3: g3::Fragmentation,
    /// Element-wise operators.
    pub g4: g4::ElementWise,
    /// Device, rendering and threads in one line.
    #[serde(skip)]
    pub place: String,
    /// The machine round the device.
    #[serde(skip)]
    pub machine: Machine,
    /// Whether its times are computed: its prices are no measurement.
    #[serde(skip)]
    pub modelled: bool,
    /// Why its times should not be believed; empty if they should.
    pub noise: Vec<String>,
}

impl Architecture {
    fn of<'a>(
        a: &'a Analysis,
        apart: ToldApart,
        side: &Comparison,
        sides: &[(&'a Analysis, &'a Comparison)],
    ) -> Self {
        let sides = Sides { network: a, obeys: &side.obeys, others: sides };
        let network = &a.profile;
        Self {
            model: network.model.clone(),
            year: network.year,
            device: network.device.label(),
            level: network.level,
            threads: network.threads,
            batch: network.batch,
            apart,
            run_ms: a.whole.map(|w| w.median / 1e6),
            run_ms_ci: a.whole.and_then(|w| w.interval).map(|(low, high)| [low / 1e6, high / 1e6]),
            mul_adds: network.mul_adds,
            g1: g1::axis(&sides),
            g2: g2::axis(&sides),
            g3: g3::axis(&sides),
            g4: g4::axis(&sides),
            place: a.place(),
            machine: network.machine.clone(),
            modelled: network.device.rendering == Rendering::Modelled,
            noise: network.noise.reasons.clone(),
        }
    }

    /// Where it was measured, at whatever level: device, threads, machine and batch.
    pub fn measured_at(&self) -> (&str, &Machine, usize) {
        (&self.place, &self.machine, self.batch)
    }

    /// Level and batch size, and what tells it from others measured like that.
    pub fn setting(&self) -> String {
        self.apart.behind(format!("{}, batch {}", self.apart.lowering(self.level), self.batch))
    }

    /// Where it stands among others by age: the oldest first, those of no known year last.
    pub fn age(&self) -> impl Ord + use<> {
        (self.year.is_none(), self.year)
    }

    /// Picoseconds of its run for each multiply-add; `None` where it has no time or computes nothing.
    pub fn mul_add_ps(&self) -> Option<f64> {
        let ms = self.run_ms.filter(|&ms| ms > 0.0 && self.mul_adds > 0)?;
        Some(ms * 1e9 / self.mul_adds as f64)
    }

    /// What a guideline says of it.
    pub const fn axis(&self, guideline: Guideline) -> &Axis {
        match guideline {
            Guideline::G1 => &self.g1,
            Guideline::G2 => &self.g2.axis,
            Guideline::G3 => &self.g3.axis,
            Guideline::G4 => &self.g4.axis,
        }
    }
}

/// Every network among `analyses` that was measured beside itself rewritten; of several such
/// measurements of one network at one place, with the same input and settings, the last.
/// With them how many sides have no such network behind them.
pub fn architectures(analyses: &[Analysis]) -> (Vec<Architecture>, usize) {
    let mut found = IndexMap::new();
    let mut waiting: HashMap<_, Vec<(&Analysis, &Comparison)>> = HashMap::new();
    for (analysis, side) in
        analyses.iter().filter_map(|a| Some((a, a.profile.comparison.as_ref()?)))
    {
        let profile = &analysis.profile;
        let settings = (
            profile.level,
            profile.batch,
            profile.settings.without.as_slice(),
            profile.settings.seed,
        );
        let of = (side.network.as_str(), side.input, settings, Place::of(profile));
        if !side.is_network() {
            waiting.entry(of).or_default().push((analysis, side));
            continue;
        }
        // A network's sides stand before it.
        let own = waiting.remove(&of).unwrap_or_default();
        found.insert(of, (analysis, side, own));
    }
    let apart = ToldApart::all(&found.values().map(|(network, ..)| *network).collect::<Vec<_>>());
    let with_apart = found.into_values().zip(apart);
    let all = with_apart.map(|((a, side, own), apart)| Architecture::of(a, apart, side, &own));
    (all.collect(), waiting.into_values().map(|sides| sides.len()).sum())
}

/// An invented network on an invented device: no price, no figure.
#[cfg(test)]
pub(crate) fn fixture(model: &str) -> Architecture {
    let (device, _) = crate::fixture::rasteriser();
    Architecture {
        model: model.to_owned(),
        year: None,
        device: device.label(),
        level: profile::Level::Folded,
        threads: 1,
        batch: 1,
        apart: ToldApart::default(),
        run_ms: Some(1.0),
        run_ms_ci: Some([1.0, 1.0]),
        mul_adds: 1,
        g1: Axis::default(),
        g2: g2::Grouped::default(),
        g3: g3::Fragmentation::default(),
        g4: g4::ElementWise::default(),
        place: device.label(),
        machine: Machine::default(),
        modelled: false,
        noise: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, measurements::Measurements};
    use profile::Profile;

    fn all(profiles: &[Profile]) -> Vec<Architecture> {
        architectures(Measurements::of(profiles).all()).0
    }

    #[test]
    fn the_keys_are_fixed() {
        let profiles = fixture::compared("shufflenet_v2", fixture::core());
        let json = serde_json::to_value(all(&profiles)).unwrap();
        assert_eq!(json.as_array().map(Vec::len), Some(1));
        let record = &json[0];
        for key in ["model", "device", "level", "threads"] {
            assert!(!record[key].is_null(), "{key}");
        }
        for axis in ["g1", "g2", "g3", "g4"] {
            for key in ["access_over_bound", "time_share", "price_ms", "price_share"] {
                assert!(record[axis].get(key).is_some(), "{axis}.{key}");
            }
        }
        for (axis, key) in [("g1", "access_over_bound"), ("g4", "price_ms"), ("g4", "time_share")] {
            assert!(record[axis][key].is_number(), "{axis}.{key}");
        }
    }

    #[test]
    fn a_price_is_the_network_s_own_against_itself() {
        let profiles = fixture::compared("shufflenet_v2", fixture::core());
        let found = &all(&profiles)[0];
        // The fixture's network without element-wise operators takes 80 % of the time.
        assert!((found.g4.axis.price_share.unwrap() - 0.2).abs() < 0.02, "{found:#?}");
        assert_eq!(found.g2.axis.price_ms, Some(0.0), "it has no groups");
        assert!(found.g4.flop_share < 0.05 && found.g4.axis.time_share.unwrap() > 0.05);
    }

    #[test]
    fn the_last_measurement_counts_and_sides_belong_to_the_network_after_them() {
        let mut profiles = fixture::compared("shufflenet_v2", fixture::core());
        let mut again = fixture::compared("shufflenet_v2", fixture::core());
        for profile in &mut again {
            profile.whole_ns.iter_mut().for_each(|ns| *ns *= 2);
        }
        let once = all(&profiles)[0].g4.axis.price_ms.unwrap();
        profiles.extend(again);
        profiles.extend(fixture::compared("shufflenet_v2", fixture::adapter()));
        let found = all(&profiles);
        assert_eq!(found.len(), 2);
        assert!((found[0].g4.axis.price_ms.unwrap() / once - 2.0).abs() < 1e-9);
    }

    /// The labels and the extra keys of studies of one network, the second changed.
    fn told_apart(change: fn(&mut Profile)) -> [(String, serde_json::Value); 2] {
        let first = fixture::compared("shufflenet_v2", fixture::core());
        let mut second = first.clone();
        second.iter_mut().for_each(change);
        let found = all(&[first, second].concat());
        let told = |a: &Architecture| (a.setting(), serde_json::to_value(&a.apart).unwrap());
        found.iter().map(told).collect::<Vec<_>>().try_into().unwrap()
    }

    #[test]
    fn studies_with_other_settings_are_all_kept_and_say_what_differs() {
        let [small, large] = told_apart(|p| {
            (p.input.h, p.input.w) = (64, 64);
            p.comparison.as_mut().unwrap().input = p.input;
        });
        assert!(small.0.contains(", input "), "{small:?}");
        assert_eq!(large.0, "folded, batch 1, input 64×64");
        assert_eq!(large.1, serde_json::json!({ "input": [1, 3, 64, 64] }));
        let [_, seeded] = told_apart(|p| p.settings.seed = 99);
        assert_eq!(seeded.0, "folded, batch 1, seed 99");
        let [whole, part] = told_apart(|p| p.settings.without = vec!["fuse_activation".into()]);
        assert_eq!(whole.0, "folded, batch 1");
        assert_eq!(part.0, "folded without fuse_activation, batch 1");
        assert_eq!(part.1, serde_json::json!({ "without": ["fuse_activation"] }));
        let alone = &all(&fixture::compared("shufflenet_v2", fixture::core()))[0];
        assert_eq!(alone.apart, ToldApart::default());
    }

    #[test]
    fn emulated_times_are_not_shown() {
        let found = all(&fixture::compared("shufflenet_v2", fixture::emulated()));
        assert_eq!((found.len(), found[0].run_ms), (1, None));
        for guideline in Guideline::ALL {
            let axis = found[0].axis(guideline);
            assert_eq!((axis.price_ms, axis.price_share, axis.time_share), (None, None, None));
        }
    }
}
