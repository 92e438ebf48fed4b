//! A network on a GPU beside an ARM core: operators that matter on one of them and not on the other.

use crate::{
    analysis::{Analysis, Operator},
    formula::Formula,
};
use profile::{DeviceKind, Rendering};
use stats::spearman;
use std::{cmp::Reverse, collections::HashMap};

/// An operator that has less of the time on both devices is in no table.
const LEAST_SHARE: f64 = 0.01;

/// A network's operators on two devices.
#[derive(Clone, Debug)]
pub struct Beside<'a> {
    /// On the GPU.
    pub gpu: &'a Analysis,
    /// On the ARM core.
    pub arm: &'a Analysis,
    /// Spearman's rank correlation of the operators' times on both; `None` where it has none.
    pub correlation: Option<f64>,
    /// Operators of some weight by how far their ranks differ, the farthest first.
    pub moves: Vec<Move<'a>>,
}

/// An operator with its place by time on either device: 1 takes longest there.
#[derive(Clone, Debug)]
pub struct Move<'a> {
    /// On the GPU.
    pub on_gpu: &'a Operator,
    /// On the ARM core.
    pub on_arm: &'a Operator,
    /// Its ranks on both, the GPU's first.
    pub ranks: [usize; 2],
    /// Its shares of mult-adds and of memory access cost, 0 to 1.
    pub formula: [f64; 2],
}

impl<'a> Beside<'a> {
    /// Of measurements of one network the one on a GPU and the one on an ARM core that are most of all real, of
    /// equals the last; `None` where either kind is missing.
    pub fn of(group: &[&'a Analysis]) -> Option<Self> {
        let gpu = most_real(group, DeviceKind::Gpu)?;
        let arm = most_real(group, DeviceKind::Arm)?;
        let on_arm: HashMap<&str, &'a Operator> =
            arm.ops.iter().map(|op| (op.record.name.as_str(), op)).collect();
        let both = |op: &'a Operator| Some([op, *on_arm.get(op.record.name.as_str())?]);
        let pairs: Vec<[&'a Operator; 2]> = gpu.ops.iter().filter_map(both).collect();
        let times = pairs.iter().filter_map(|[gpu, arm]| Some((gpu.ns()?, arm.ns()?)));
        let correlation = spearman(&times.collect::<Vec<_>>());
        let orders = [order(gpu), order(arm)];
        let totals = Formula::ALL.map(|formula| formula.total(gpu).max(1) as f64);
        let moves = pairs.into_iter().filter_map(|pair| Move::of(pair, &orders, totals));
        let mut moves: Vec<Move<'a>> = moves.filter(Move::weighs).collect();
        moves.sort_by_key(|m| Reverse(m.distance()));
        Some(Self { gpu, arm, correlation, moves })
    }
}

impl<'a> Move<'a> {
    /// An operator on both devices, whose operators take so long, of a network that must do so much.
    fn of(
        [on_gpu, on_arm]: [&'a Operator; 2],
        [gpu, arm]: &[Vec<f64>; 2],
        totals: [f64; 2],
    ) -> Option<Self> {
        let ranks = [rank(gpu, on_gpu)?, rank(arm, on_arm)?];
        let formula = [0, 1].map(|i: usize| Formula::ALL[i].of(on_gpu) as f64 / totals[i]);
        Some(Self { on_gpu, on_arm, ranks, formula })
    }

    /// Whether it matters on either device.
    fn weighs(&self) -> bool {
        [self.on_gpu, self.on_arm].iter().any(|op| op.share >= Some(LEAST_SHARE))
    }

    /// By how many places the ranks differ.
    const fn distance(&self) -> usize {
        self.ranks[0].abs_diff(self.ranks[1])
    }
}

/// The measurement with times on that kind of device that is most of all real, of equals the last.
fn most_real<'a>(group: &[&'a Analysis], kind: DeviceKind) -> Option<&'a Analysis> {
    let of_kind = |a: &&Analysis| a.profile.device.kind == kind && a.has_times();
    // Of equals `min_by_key` takes the first.
    group.iter().copied().rev().filter(of_kind).min_by_key(|a| unreal(a))
}

/// How far a device is from being what its kind says.
const fn unreal(a: &Analysis) -> u8 {
    match a.profile.device.rendering {
        Rendering::Real => 0,
        Rendering::SoftwareRendered => 1,
        Rendering::Modelled | Rendering::Emulated => 2,
    }
}

/// The times of all operators, the longest first.
fn order(a: &Analysis) -> Vec<f64> {
    let mut times: Vec<f64> = a.ops.iter().filter_map(Operator::ns).collect();
    times.sort_by(|a, b| b.total_cmp(a));
    times
}

/// One more than the number of operators that take longer.
fn rank(order: &[f64], op: &Operator) -> Option<usize> {
    let ns = op.ns()?;
    Some(1 + order.partition_point(|&other| other > ns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, measurements::Measurements};

    #[test]
    fn ranks_are_places_by_time_on_each_device() {
        let mut gpu = fixture::shufflenet_on(fixture::adapter(), 1);
        let mut arm = fixture::shufflenet_on(fixture::modelled(), 1);
        for profile in [&mut gpu, &mut arm] {
            profile.ops.truncate(4);
        }
        let mut give = |times: [[u64; 4]; 2]| {
            for (profile, times) in [&mut gpu, &mut arm].into_iter().zip(times) {
                profile.ops.iter_mut().zip(times).for_each(|(op, ns)| op.samples_ns = vec![ns]);
            }
        };
        // The second moves from the first place to the last, the third weighs nothing on either.
        give([[300, 400, 1, 200], [500, 90, 0, 400]]);
        let measured = Measurements::of(&[gpu, arm]);
        let group: Vec<&Analysis> = measured.all().iter().collect();
        let found = Beside::of(&group).unwrap();
        let ranks: Vec<_> = found.moves.iter().map(|m| m.ranks).collect();
        assert_eq!(ranks, [[1, 3], [2, 1], [3, 2]]);
        assert_eq!(found.moves[0].on_gpu.record.name, "conv1.relu");
        assert_eq!(found.moves[0].formula[0], 0.0, "no mult-adds");
        assert!((found.correlation.unwrap() - 0.4).abs() < 1e-12);
        assert!(Beside::of(&group[..1]).is_none(), "one alone moves nothing");
    }

    #[test]
    fn a_core_that_is_at_hand_stands_for_its_kind() {
        let on = |device| fixture::shufflenet_on(device, 1);
        let mut native = on(fixture::modelled());
        native.device.rendering = Rendering::Real;
        let profiles = [
            on(fixture::adapter()),
            on(fixture::rasteriser()),
            native,
            on(fixture::modelled()),
            on(fixture::emulated()),
        ];
        let measured = Measurements::of(&profiles);
        let group: Vec<&Analysis> = measured.all().iter().collect();
        let found = Beside::of(&group).unwrap();
        let is_real = |a: &Analysis| a.profile.device.rendering == Rendering::Real;
        assert!(is_real(found.gpu) && is_real(found.arm));
        assert!(Beside::of(&group[1..2]).is_none());
        let emulated = [group[0], group[4]];
        assert!(Beside::of(&emulated).is_none(), "no times of an emulator");
    }
}
