//! What the numbers of a profile can be, as one table: what physics allows, and sums that stay exact.
//!
//! A count is at most [`EXACT`], and so is its sum over a profile's operators: then no sum overflows, not
//! even of bytes (four an element), and each is exact as a float.

use crate::{
    Calibration, Profile, Shape,
    range::{RATE, between, plain},
};
use serde_json::Value;
use std::fmt;

/// The largest whole number up to which floats have all: 2⁵³. As nanoseconds it is 104 days.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A field, and the least and the largest number in it. `[]` stands for every item of a list, `*` for every
/// key of an object.
type Limit = (&'static str, f64, f64);

/// Longest that one sample can be, nanoseconds: eleven days.
const SAMPLE: f64 = 1e15;
/// Longest that all operators of a run can take together, nanoseconds: 26 days. A time line of nanoseconds
/// can be told in microseconds up to there.
const RUN: f64 = EXACT / 4.0;
/// Longest that waiting for a device or for a clock's step can be, nanoseconds: a quarter of an hour.
const WAIT: f64 = 1e12;
/// Years of four digits, from before the first neural network on.
const YEARS: (f64, f64) = (1900.0, 9999.0);
/// Ends of a shape's axis; its elements are counted, too.
const AXIS: (f64, f64) = (1.0, 1_099_511_627_776.0);
/// Ratios and seconds that nothing is added up of, as long as they can be printed.
const LARGE: f64 = 1e18;
/// Most threads, processors, repeats.
const MANY: f64 = 1_048_576.0;
/// A clock's frequency, MHz.
const CLOCK: (f64, f64) = (1e-3, 1e6);
/// Most bytes of a memory: 2⁶⁰.
const MEMORY: f64 = 1_152_921_504_606_846_976.0;

const LIMITS: &[Limit] = &[
    ("schema", 0.0, MANY),
    ("year", YEARS.0, YEARS.1),
    ("input[]", AXIS.0, AXIS.1),
    ("more_inputs[][]", AXIS.0, AXIS.1),
    ("batch", AXIS.0, AXIS.1),
    ("threads", 1.0, MANY),
    ("machine.cores", 1.0, MANY),
    ("machine.memory_bytes", 0.0, MEMORY),
    ("workers[].cpu", 0.0, MANY),
    ("workers[].package", 0.0, MANY),
    ("workers[].cluster", 0.0, MANY),
    ("workers[].siblings[]", 0.0, MANY),
    ("workers[].capacity", 0.0, MANY),
    ("workers[].max_mhz", CLOCK.0, CLOCK.1),
    ("workers[].measured_mhz", CLOCK.0, CLOCK.1),
    ("settings.seed", 0.0, f64::MAX),
    // Whatever was asked for.
    ("settings.warmup", 0.0, f64::MAX),
    ("settings.iters", 0.0, f64::MAX),
    ("settings.max_secs", 0.0, LARGE),
    ("settings.precision", 0.0, LARGE),
    ("params", 0.0, EXACT),
    ("mul_adds", 0.0, EXACT),
    ("verification.ops", 0.0, EXACT),
    ("verification.elements", 0.0, EXACT),
    ("verification.worst_share", 0.0, LARGE),
    ("verification.against_cpu", 0.0, LARGE),
    ("timing.resolution_ns", 0.0, WAIT),
    ("timing.prepare_ns", 0.0, SAMPLE),
    ("overhead.per_op_ns", 0.0, WAIT),
    ("overhead.dispatch_ns", 0.0, WAIT),
    ("overhead.dependent_ns", 0.0, WAIT),
    ("memory.weights", 0.0, MEMORY),
    ("memory.activations", 0.0, MEMORY),
    ("memory.scratch", 0.0, MEMORY),
    ("calibration.peaks[].threads", 1.0, MANY),
    ("calibration.peaks[].gflops", *RATE.start(), *RATE.end()),
    ("calibration.mountain.bytes[]", 1.0, MEMORY),
    ("calibration.mountain.read[]", *RATE.start(), *RATE.end()),
    ("calibration.mountain.copy[]", *RATE.start(), *RATE.end()),
    ("calibration.mountain.triad[]", *RATE.start(), *RATE.end()),
    ("calibration.mountain.update[]", *RATE.start(), *RATE.end()),
    ("calibration.caches[].bytes", 0.0, MEMORY),
    ("calibration.dispatch_ns", 0.0, WAIT),
    ("calibration.dependent_ns", 0.0, WAIT),
    ("calibration.workgroups.counts[]", 1.0, MANY),
    ("calibration.workgroups.ns[]", 0.0, WAIT),
    ("calibration.resolution_ns", 0.0, WAIT),
    ("noise.load[]", 0.0, 1e9),
    ("noise.steal", 0.0, 1e3),
    ("noise.others", 0.0, 1e3),
    ("noise.rival", 0.0, 1e3),
    ("noise.preempted", 0.0, EXACT),
    ("noise.throttled[]", 0.0, EXACT),
    ("noise.frequency_mhz[]", CLOCK.0, CLOCK.1),
    ("noise.temperature[]", -274.0, 1e4),
    ("noise.drift", 1.0, LARGE),
    ("noise.spread", 0.0, LARGE),
    ("experiment.dose", 0.0, LARGE),
    ("experiment.multiplier", 1e-9, 1e9),
    ("experiment.runs", 1.0, MANY),
    ("comparison.input[]", AXIS.0, AXIS.1),
    ("comparison.times", 1.0, MANY),
    ("side.rounds", 1.0, MANY),
    ("whole_ns[]", 0.0, SAMPLE),
    ("gpu_ns[]", 0.0, SAMPLE),
    ("encode_ns[]", 0.0, SAMPLE),
    ("submit_ns[]", 0.0, SAMPLE),
    ("instrumented_ns[]", 0.0, SAMPLE),
    ("ops[].inputs[][]", AXIS.0, AXIS.1),
    ("ops[].sources[]", 0.0, MANY),
    ("ops[].output[]", AXIS.0, AXIS.1),
    ("ops[].attrs.groups", 1.0, AXIS.1),
    ("ops[].attrs.kernel[]", 1.0, 65_536.0),
    ("ops[].attrs.*", -1e12, 1e12),
    ("ops[].attrs.*[]", -1e12, 1e12),
    ("ops[].params", 0.0, EXACT),
    ("ops[].mul_adds", 0.0, EXACT),
    ("ops[].flops", 0.0, EXACT),
    ("ops[].access.read", 0.0, EXACT),
    ("ops[].access.written", 0.0, EXACT),
    ("ops[].access.weights", 0.0, EXACT),
    ("ops[].executed_flops", 0.0, EXACT),
    ("ops[].samples_ns[]", 0.0, SAMPLE),
    ("ops[].warm_ns[]", 0.0, SAMPLE),
    ("ops[].at_hand_ns[]", 0.0, SAMPLE),
    ("ops[].repeated_ns[]", 0.0, SAMPLE),
    ("ops[].modelled.instructions.*", 0.0, EXACT),
    ("ops[].modelled.issued_bytes", 0.0, EXACT),
    ("ops[].modelled.traffic_bytes.*", 0.0, EXACT),
    ("ops[].modelled.resource_ns.*", 0.0, SAMPLE),
];

/// A field, and the least number in it that is not 0: quotients of smaller ones leave what floats hold.
const LEAST: &[(&str, f64)] = &[("experiment.dose", 1e-9)];

/// A list, and the most items in it.
const LENGTHS: &[(&str, usize)] = &[
    ("more_inputs", 1024),
    ("calibration.peaks", 256),
    ("calibration.mountain.bytes", 1024),
    ("calibration.caches", 64),
    ("calibration.workgroups.counts", 256),
    ("calibration.reasons", 64),
    ("noise.reasons", 64),
    ("settings.without", 64),
    ("workers", 1 << 20),
    ("workers[].siblings", 1 << 10),
    ("ops", 1 << 20),
    ("ops[].attrs.*", 16),
];

/// A list that has so many items, neither more nor fewer.
const TUPLES: &[(&str, usize)] = &[
    ("input", 4),
    ("more_inputs[]", 4),
    ("comparison.input", 4),
    ("noise.load", 2),
    ("noise.throttled", 2),
    ("noise.frequency_mhz", 2),
    ("noise.temperature", 2),
    ("ops[].inputs[]", 4),
    ("ops[].output", 4),
];

/// Longest text, bytes.
const TEXT: usize = 1 << 14;

/// What no measurement leaves behind in `profile`, which was read from `line`, if there is such a thing: the
/// field, what stands there, and what was expected.
pub(crate) fn flaw(line: &Value, profile: &Profile) -> Option<String> {
    let calibration = || {
        let flaw = profile.calibration.as_ref().and_then(Calibration::flaw)?;
        Some(format!("field `calibration`: {flaw}"))
    };
    flaw_of_part(line)
        .or_else(|| shape(profile))
        .or_else(|| batch(profile))
        .or_else(|| sum(profile))
        .or_else(calibration)
}

/// The same of a `part`, which has some keys of a profile with what is to stand there. It is asked of what comes
/// in from elsewhere, before anything is measured with it.
pub fn flaw_of_part(part: &Value) -> Option<String> {
    let found = |value: &Value, is: &dyn Fn(f64) -> bool| value.as_f64().is_some_and(is);
    let number = |&(field, least, most): &Limit| {
        let outside = |number: f64| !(least..=most).contains(&number);
        let (at, value) = first(part, field, &|value| found(value, &outside))?;
        Some(format!("field `{at}`: {value}, expected {}", between(&(least..=most))))
    };
    let small = |&(field, least): &(&str, f64)| {
        let too_small = |number: f64| number > 0.0 && number < least;
        let (at, value) = first(part, field, &|value| found(value, &too_small))?;
        Some(format!("field `{at}`: {value}, expected 0, or {} or more", plain(least)))
    };
    let list = |&(field, most): &(&str, usize)| {
        let too_long = |value: &Value| value.as_array().is_some_and(|items| items.len() > most);
        let (at, value) = first(part, field, &too_long)?;
        let items = value.as_array().map_or(0, Vec::len);
        Some(format!("field `{at}`: {items} items, expected at most {most}"))
    };
    LIMITS
        .iter()
        .find_map(number)
        .or_else(|| LEAST.iter().find_map(small))
        .or_else(|| LENGTHS.iter().find_map(list))
        .or_else(|| long_text(part, String::new()))
}

/// The first list in `line` that has too many or too few items for a profile: the field, how many it has, and
/// how many were expected.
pub(crate) fn misfit(line: &Value) -> Option<String> {
    TUPLES.iter().find_map(|&(field, expected)| {
        let misfits = |value: &Value| value.as_array().is_some_and(|items| items.len() != expected);
        let (at, found) = first(line, field, &misfits)?;
        let items = found.as_array().map_or(0, Vec::len);
        Some(format!("field `{at}`: {items} items, expected {expected}"))
    })
}

/// The first value at `field` of `value` that `is` so, and where it is.
fn first<'v>(
    value: &'v Value,
    field: &str,
    is: &dyn Fn(&Value) -> bool,
) -> Option<(String, &'v Value)> {
    let field = field.strip_prefix('.').unwrap_or(field);
    if field.is_empty() {
        return is(value).then(|| (String::new(), value));
    }
    // Written only where something is found: a profile has thousands of numbers.
    let under = |key: &dyn fmt::Display, value: &'v Value, rest: &str| {
        let (at, found) = first(value, rest, is)?;
        let dot = if at.is_empty() || at.starts_with('[') { "" } else { "." };
        Some((format!("{key}{dot}{at}"), found))
    };
    if let Some(rest) = field.strip_prefix("[]") {
        let mut items = value.as_array()?.iter().enumerate();
        return items.find_map(|(i, item)| under(&format_args!("[{i}]"), item, rest));
    }
    let (key, rest) = field.split_at(field.find(['.', '[']).unwrap_or(field.len()));
    match key {
        "*" => value.as_object()?.iter().find_map(|(key, value)| under(key, value, rest)),
        key => under(&key, value.get(key)?, rest),
    }
}

/// The first text that is too long.
fn long_text(value: &Value, at: String) -> Option<String> {
    match value {
        Value::String(text) if text.len() > TEXT => {
            let bytes = text.len();
            Some(format!("field `{at}`: a text of {bytes} bytes, expected at most {TEXT}"))
        }
        Value::Array(items) => {
            let texts = items.iter().enumerate().filter(|(_, item)| !item.is_number());
            texts.into_iter().find_map(|(i, item)| long_text(item, format!("{at}[{i}]")))
        }
        Value::Object(keys) => keys.iter().find_map(|(key, value)| {
            if value.is_number() {
                return None;
            }
            let dot = if at.is_empty() { "" } else { "." };
            long_text(value, format!("{at}{dot}{key}"))
        }),
        _ => None,
    }
}

/// The first shape with more elements than [`EXACT`].
fn shape(profile: &Profile) -> Option<String> {
    let large = |shape: Shape| {
        let elements = <[usize; 4]>::from(shape).map(|axis| axis as u128);
        elements.into_iter().product::<u128>() > EXACT as u128
    };
    let compared =
        profile.comparison.as_ref().map(|side| ("comparison.input".to_owned(), side.input));
    let ops = profile.ops.iter().enumerate().flat_map(|(i, op)| {
        let inputs = op.inputs.iter().enumerate();
        let inputs = inputs.map(move |(j, input)| (format!("ops[{i}].inputs[{j}]"), *input));
        inputs.chain([(format!("ops[{i}].output"), op.output)])
    });
    let more = profile.more_inputs.iter().enumerate();
    let more = more.map(|(i, input)| (format!("more_inputs[{i}]"), *input));
    let inputs = [("input".to_owned(), profile.input)].into_iter().chain(more);
    let shapes = inputs.chain(compared).chain(ops);
    let (at, shape) = shapes.into_iter().find(|(_, shape)| large(*shape))?;
    Some(format!("field `{at}`: {shape} elements, expected at most {}", plain(EXACT)))
}

/// A batch that is not the one of the input.
fn batch(profile: &Profile) -> Option<String> {
    let (batch, n) = (profile.batch, profile.input.n);
    (batch != n).then(|| format!("field `batch`: {batch}, expected {n}, the N of `input`"))
}

/// The first sum over all operators that is larger than it can be.
fn sum(profile: &Profile) -> Option<String> {
    let largest = |samples: &[u64]| samples.iter().copied().max().unwrap_or(0);
    type Of<'s> = &'s dyn Fn(&crate::OpRecord) -> u128;
    let sums: [(&str, f64, Of<'_>); 7] = [
        ("params", EXACT, &|op| u128::from(op.params)),
        ("mul_adds", EXACT, &|op| u128::from(op.mul_adds)),
        ("flops", EXACT, &|op| u128::from(op.flops)),
        ("executed_flops", EXACT, &|op| u128::from(op.executed_flops.unwrap_or(0))),
        ("access", EXACT, &|op| {
            [op.access.read, op.access.written, op.access.weights].map(u128::from).iter().sum()
        }),
        ("samples_ns", RUN, &|op| u128::from(largest(&op.samples_ns))),
        ("warm_ns", RUN, &|op| u128::from(largest(&op.warm_ns))),
    ];
    sums.into_iter().find_map(|(field, most, of)| {
        let sum: u128 = profile.ops.iter().map(of).sum();
        (sum > most as u128).then(|| {
            format!("field `ops`: {field} sum up to {sum}, expected at most {}", plain(most))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_found_by_their_path() {
        let value = json!({"a": [{"b": [1, 2]}, {"b": [3, 9]}], "c": {"x": 1, "y": [7, 8]}});
        let at =
            |field, most: u64| first(&value, field, &|v| v.as_u64() > Some(most)).map(|(at, _)| at);
        assert_eq!(at("a[].b[]", 8).as_deref(), Some("a[1].b[1]"));
        assert_eq!(at("c.*", 0).as_deref(), Some("c.x"));
        assert_eq!(at("c.*[]", 7).as_deref(), Some("c.y[1]"));
        assert_eq!((at("a[].b[]", 9), at("none.b", 0), at("c.*[]", 8)), (None, None, None));
    }
}
