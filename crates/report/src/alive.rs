//! Activations that are alive at once along a network: what it needs memory for, by formula.
//!
//! A map is alive from the operator that writes it to the last that reads it; an input of the network from the start,
//! an output to the end. Each counts once, and none shares memory with another, except an output that takes the
//! place of an input. A runtime that keeps splits and concatenations as views needs less.

use crate::analysis::Operator;
use profile::{OpRecord, Shape};

/// Bytes of an element.
const ELEMENT: u64 = 4;

/// What is alive while each operator runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alive {
    /// Bytes, an operator each.
    pub bytes: Vec<u64>,
    /// The operator at which they are most, the first of several.
    pub peak: usize,
}

/// A map: how large it is, and from which operator to which it is alive.
struct Map {
    bytes: u64,
    from: usize,
    to: usize,
}

impl Alive {
    /// Along `ops`; `None` where they do not say where their inputs come from.
    pub fn of(ops: &[Operator]) -> Option<Self> {
        let records: Vec<&OpRecord> = ops.iter().map(|op| &*op.record).collect();
        let known = |(i, op): (usize, &&OpRecord)| {
            op.sources.len() == op.inputs.len() && op.sources.iter().all(|&source| source <= i)
        };
        if records.is_empty() || !records.iter().enumerate().all(known) {
            return None;
        }
        // Maps begin and end: sums of what begins less what ended are what is alive.
        let mut change = vec![0_i128; records.len() + 1];
        for map in maps(&records) {
            change[map.from] += i128::from(map.bytes);
            change[map.to + 1] -= i128::from(map.bytes);
        }
        let sums = change.iter().scan(0_i128, |sum, change| {
            *sum += change;
            Some(*sum)
        });
        // An output in the place of an input is no second map.
        let shared = |op: &OpRecord| if op.in_place { bytes(op.output) } else { 0 };
        let each = sums.zip(&records).map(|(sum, op)| sum - i128::from(shared(op)));
        let bytes: Vec<u64> =
            each.map(|bytes| u64::try_from(bytes.max(0)).unwrap_or(u64::MAX)).collect();
        let most = bytes.iter().copied().max()?;
        let peak = bytes.iter().position(|&bytes| bytes == most)?;
        Some(Self { bytes, peak })
    }

    /// The most that is alive at once, bytes.
    pub fn most(&self) -> u64 {
        self.bytes[self.peak]
    }
}

/// The inputs of the network, and what each operator writes.
fn maps(records: &[&OpRecord]) -> Vec<Map> {
    let last = records.len() - 1;
    let mut read: Vec<Option<usize>> = vec![None; records.len() + 1];
    let mut inputs: Vec<Map> = Vec::new();
    for (i, op) in records.iter().enumerate() {
        for (&source, &shape) in op.sources.iter().zip(&op.inputs) {
            read[source] = Some(i);
            // Records do not tell inputs of the network apart: those of one shape are taken for one.
            let bytes = bytes(shape);
            match inputs.iter_mut().find(|map| map.bytes == bytes).filter(|_| source == 0) {
                Some(known) => known.to = i,
                None if source == 0 => inputs.push(Map { bytes, from: 0, to: i }),
                None => {}
            }
        }
    }
    let output = |(i, op): (usize, &&OpRecord)| Map {
        bytes: bytes(op.output),
        from: i,
        to: read[i + 1].unwrap_or(last),
    };
    inputs.into_iter().chain(records.iter().enumerate().map(output)).collect()
}

/// Bytes of a map.
fn bytes(shape: Shape) -> u64 {
    [shape.n, shape.c, shape.h, shape.w]
        .iter()
        .fold(ELEMENT, |product, &length| product.saturating_mul(length as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{analysis::Analysis, fixture};
    use profile::Profile;

    /// Operators of maps of so many elements, each reading those that it names (0: the input).
    fn network(ops: &[(usize, &[usize])]) -> Profile {
        let mut profile = fixture::profile("net", fixture::plain(12), fixture::core(), 1);
        profile.ops.truncate(ops.len());
        let map = |c| Shape { n: 1, c, h: 1, w: 1 };
        let size = |source: usize| if source == 0 { 10 } else { ops[source - 1].0 };
        for (op, (c, sources)) in profile.ops.iter_mut().zip(ops) {
            op.output = map(*c);
            op.inputs = sources.iter().map(|&source| map(size(source))).collect();
            (op.sources, op.in_place) = (sources.to_vec(), false);
        }
        profile
    }

    fn alive(profile: &Profile) -> Option<Alive> {
        Alive::of(&Analysis::of(profile).ops)
    }

    #[test]
    fn maps_live_until_they_were_read_for_the_last_time() {
        // A residual: the second operator's input is read again by the third.
        let mut profile = network(&[(7, &[0]), (5, &[1]), (3, &[2, 1]), (1, &[3])]);
        let found = alive(&profile).unwrap();
        assert_eq!(found.bytes, [17, 12, 15, 4].map(|elements| 4 * elements));
        assert_eq!((found.peak, found.most()), (0, 68));
        // In place of an input of its size: the third takes 7 less.
        profile.ops[2].output.c = 5;
        let [wide, narrow] = [false, true].map(|in_place| {
            profile.ops[2].in_place = in_place;
            alive(&profile).unwrap().bytes[2]
        });
        assert_eq!((wide, narrow), (4 * 17, 4 * 12));
    }

    #[test]
    fn outputs_live_to_the_end_and_inputs_from_the_start() {
        let found = alive(&network(&[(2, &[0]), (3, &[1]), (4, &[0])])).unwrap();
        assert_eq!(found.bytes, [12, 15, 17].map(|elements| 4 * elements));
        assert_eq!(found.peak, 2);
    }

    #[test]
    fn files_that_do_not_say_where_inputs_come_from_have_none() {
        let mut profile = network(&[(2, &[0]), (3, &[1])]);
        profile.ops[1].sources.clear();
        assert_eq!(alive(&profile), None);
        profile.ops[1].sources = vec![9];
        assert_eq!(alive(&profile), None);
    }
}
