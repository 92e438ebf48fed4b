//! G3 on a network: how many pieces its work is in, and what it costs to go from one to the next.

use super::{axis::Axis, price::Sides};
use crate::analysis::Analysis;
use profile::{Class, DeviceKind, Guideline, OpRecord};
use serde::Serialize;

/// G3 of a network.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Fragmentation {
    /// Access is that of the network over that with its branches merged; time is what dispatching
    /// operators and meeting between them costs on this device.
    #[serde(flatten)]
    pub axis: Axis,
    /// Operators of a building block, in the mean over blocks of two convolutions or more.
    pub operators_per_block: Option<f64>,
    /// Most operators that could run at once if each ran as soon as its inputs are there; unknown
    /// where a profile does not say what reads what.
    pub widest: Option<usize>,
    /// Operators per million mult-adds.
    pub dispatches_per_million_mul_adds: f64,
}

/// The axis of fragmentation.
pub fn axis(sides: &Sides<'_, '_>) -> Fragmentation {
    let network = sides.network;
    let records: Vec<&OpRecord> = network.ops.iter().map(|op| &*op.record).collect();
    let access = |a: &Analysis| a.access_elements() as f64;
    let found = Axis {
        access_over_bound: sides
            .whole(Guideline::G3)
            .map(|merged| access(network) / access(merged)),
        time_share: overhead_share(sides.network),
        ..Axis::default()
    };
    Fragmentation {
        axis: sides.axis(Guideline::G3, found),
        operators_per_block: operators_per_block(&records),
        widest: widest(&records),
        dispatches_per_million_mul_adds: records.len() as f64
            / (network.profile.mul_adds as f64 / 1e6),
    }
}

/// What the device takes for as many operators, views aside, that compute nothing, as a share of the run: dispatches on
/// a GPU, each of which waits for the one before where that was measured; elsewhere an empty parallel region, and for
/// each operator passing the barrier
/// and reading the clock.
fn overhead_share(a: &Analysis) -> Option<f64> {
    let ops = a.ops.iter().filter(|op| !op.record.is_view()).count() as f64;
    let o = &a.profile.overhead;
    let ns = match a.profile.device.kind {
        DeviceKind::Gpu => ops * o.dependent_ns.unwrap_or(o.dispatch_ns),
        _ => o.dispatch_ns + ops * o.per_op_ns,
    };
    Some(ns / a.whole.filter(|w| w.median > 0.0)?.median)
}

/// Blocks are runs of operators of one [`block`]; those with a single convolution are none.
fn operators_per_block(ops: &[&OpRecord]) -> Option<f64> {
    let convs = |run: &&[&OpRecord]| run.iter().filter(|op| op.class == Class::Conv).count();
    let blocks: Vec<usize> = ops
        .chunk_by(|a, b| block(&a.name) == block(&b.name))
        .filter(|run| convs(run) > 1)
        .map(|run| run.len())
        .collect();
    (!blocks.is_empty()).then(|| blocks.iter().sum::<usize>() as f64 / blocks.len() as f64)
}

/// The part of an operator's name that its building block has in common: its first word, and its
/// second where that counts (`stage2.0`, `block1.layer4`).
fn block(name: &str) -> &str {
    let (first, rest) = name.split_once('.').unwrap_or((name, ""));
    let second = rest.split('.').next().unwrap_or_default();
    let number = second.strip_prefix("layer").unwrap_or(second);
    match number.parse::<usize>() {
        Ok(_) => &name[..first.len() + 1 + second.len()],
        Err(_) => first,
    }
}

/// Operators of the fullest step, where each operator's step is the one after the last of its inputs.
fn widest(ops: &[&OpRecord]) -> Option<usize> {
    let mut steps: Vec<usize> = vec![0];
    for op in ops {
        let sources = Some(&op.sources).filter(|s| !s.is_empty())?;
        steps.push(sources.iter().map(|&s| steps.get(s).copied()).max()?? + 1);
    }
    let mut width = vec![0; steps.len() + 1];
    steps[1..].iter().for_each(|&step| width[step] += 1);
    width.into_iter().max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use profile::Profile;

    fn widest(ops: &[OpRecord]) -> Option<usize> {
        super::widest(&ops.iter().collect::<Vec<_>>())
    }

    fn operators_per_block(ops: &[OpRecord]) -> Option<f64> {
        super::operators_per_block(&ops.iter().collect::<Vec<_>>())
    }

    #[test]
    fn width_by_hand() {
        let mut net = fixture::Net::new(8);
        for i in 0..6 {
            net.conv(&format!("conv{i}"), 8, 1, 1, 1);
        }
        let mut ops = net.ops();
        assert_eq!(widest(&ops), Some(1), "a chain");
        // 0 → {1, 2, 3}, 3 → 4, all → 5.
        for (op, sources) in
            ops.iter_mut().zip([vec![0], vec![1], vec![1], vec![1], vec![4], vec![2, 3, 5]])
        {
            op.sources = sources;
        }
        assert_eq!(widest(&ops), Some(3));
        ops[2].sources.clear();
        assert_eq!(widest(&ops), None, "a file that does not say");
        ops[2].sources = vec![99];
        assert_eq!(widest(&ops), None, "a file that says nonsense");
    }

    #[test]
    fn blocks_by_hand() {
        // Two units of eight; what stands round them has one convolution a word.
        assert_eq!(operators_per_block(&fixture::shufflenet([1, 1, 0])), Some(8.0));
        assert_eq!(operators_per_block(&fixture::plain(6)), None);
        for (name, expected) in [
            ("stage2.0.branch2.conv1", "stage2.0"),
            ("features.4", "features.4"),
            ("block1.layer4.conv", "block1.layer4"),
            ("inception3a.branch1.conv1.relu", "inception3a"),
            ("conv1", "conv1"),
            ("", ""),
        ] {
            assert_eq!(block(name), expected);
        }
    }

    #[test]
    fn overhead_by_hand() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        profile.whole_ns = vec![100_000; 9];
        profile.overhead =
            profile::Overhead { per_op_ns: 50.0, dispatch_ns: 1000.0, dependent_ns: None };
        let ops = profile.ops.len() as f64;
        let share = |p: &Profile| overhead_share(&Analysis::of(p)).unwrap();
        assert!((share(&profile) - (1000.0 + 50.0 * ops) / 1e5).abs() < 1e-12);
        profile.device.kind = DeviceKind::Gpu;
        assert!((share(&profile) - 1000.0 * ops / 1e5).abs() < 1e-12);
        profile.overhead.dependent_ns = Some(2400.0);
        assert!((share(&profile) - 2400.0 * ops / 1e5).abs() < 1e-12);
    }
}
