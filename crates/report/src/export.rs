//! The measurements for other programs: a table for spreadsheets, a trace for Perfetto.

use crate::analysis::{Analysis, Operator, timed};
use profile::{Class, DeviceKind, Level, Profile, Rendering};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::Write;

/// A line of `ops.csv`: its fields are the columns. Times are nanoseconds.
#[derive(Serialize)]
struct Row<'a> {
    model: &'a str,
    level: Level,
    input: String,
    batch: usize,
    device: &'a str,
    kind: DeviceKind,
    arch: &'a str,
    rendering: Rendering,
    threads: usize,
    index: usize,
    name: &'a str,
    operator: &'a str,
    class: Class,
    output: String,
    params: u64,
    mul_adds: u64,
    flops: u64,
    executed_flops: u64,
    access_read: u64,
    access_written: u64,
    access_weights: u64,
    access_bytes: u64,
    kernel: &'a str,
    samples: usize,
    median_ns: Option<f64>,
    low_ns: Option<f64>,
    high_ns: Option<f64>,
    mad_ns: Option<f64>,
    share: Option<f64>,
    gflops: Option<f64>,
    gbytes_per_s: Option<f64>,
    bound: &'a str,
    bound_ns: Option<f64>,
    of_bound: Option<f64>,
    at_hand_ns: Option<f64>,
    at_hand_of_bound: Option<f64>,
    noisy: bool,
    ceilings_noisy: bool,
}

impl<'a> Row<'a> {
    fn of(profile: &'a Profile, index: usize, op: &'a Operator<'a>) -> Self {
        let (r, device) = (op.record, &profile.device);
        let interval = op.time.and_then(|t| t.interval);
        Self {
            model: &profile.model,
            level: profile.level,
            input: profile.input.to_string(),
            batch: profile.batch,
            device: &device.name,
            kind: device.kind,
            arch: &device.arch,
            rendering: device.rendering,
            threads: profile.threads,
            index,
            name: &r.name,
            operator: &r.kind,
            class: r.class,
            output: r.output.to_string(),
            params: r.params,
            mul_adds: r.mul_adds,
            flops: r.flops,
            executed_flops: r.executed_flops.unwrap_or(r.flops),
            access_read: r.access.read,
            access_written: r.access.written,
            access_weights: r.access.weights,
            access_bytes: r.access.bytes(),
            kernel: &r.kernel,
            samples: op.time.map_or(0, |t| t.samples),
            median_ns: op.ns(),
            low_ns: interval.map(|(low, _)| low),
            high_ns: interval.map(|(_, high)| high),
            mad_ns: op.time.map(|t| t.mad),
            share: op.share,
            gflops: op.gflops(),
            gbytes_per_s: op.gbytes_per_s(),
            bound: op.bound.as_ref().map_or("", |b| &b.limit),
            bound_ns: op.bound.as_ref().map(|b| b.ns),
            of_bound: op.of_bound(),
            at_hand_ns: op.at_hand_ns(),
            at_hand_of_bound: op.at_hand_of_bound(),
            noisy: !profile.noise.reasons.is_empty(),
            ceilings_noisy: profile.calibration.as_ref().is_some_and(|c| !c.reasons.is_empty()),
        }
    }
}

/// Writes a row an operator of every profile. Times of emulated devices are left empty.
///
/// # Errors
/// Where `out` refuses.
pub fn csv(profiles: &[Profile], out: impl Write) -> Result<(), csv::Error> {
    let mut table = csv::Writer::from_writer(out);
    for profile in profiles {
        for (index, op) in Analysis::of(profile).ops.iter().enumerate() {
            table.serialize(Row::of(profile, index, op))?;
        }
    }
    Ok(table.flush()?)
}

/// The profiles as a trace in Chrome's trace-event format, which <https://ui.perfetto.dev> opens:
/// one process a measurement, its operators laid end to end by their medians. Emulated devices
/// have no times and are left out.
pub fn trace(profiles: &[Profile]) -> Value {
    let mut events = Vec::new();
    for (i, profile) in profiles.iter().enumerate().filter(|(_, p)| timed(p)) {
        let a = Analysis::of(profile);
        let pid = i + 1;
        let process = format!("{} · {}", a.network(), a.place());
        events.push(
            json!({"ph": "M", "name": "process_name", "pid": pid, "args": {"name": process}}),
        );
        let thread = json!({"name": "operators, laid end to end by their medians"});
        events
            .push(json!({"ph": "M", "name": "thread_name", "pid": pid, "tid": 1, "args": thread}));
        let mut start_ns = 0.0;
        for op in &a.ops {
            let Some(ns) = op.ns() else { continue };
            let r = op.record;
            events.push(json!({
                "ph": "X", "name": r.name, "cat": r.class.name(), "pid": pid, "tid": 1,
                "ts": start_ns / 1e3, "dur": ns / 1e3,
                "args": {
                    "operator": op.what(),
                    "output": r.output.to_string(),
                    "kernel": r.kernel,
                    "executed FLOPs": r.executed_flops.unwrap_or(r.flops),
                    "mul_adds": r.mul_adds,
                    "flops": r.flops,
                    "access_bytes": r.access.bytes(),
                    "gflops": op.gflops(),
                    "gbytes_per_s": op.gbytes_per_s(),
                },
            }));
            start_ns += ns;
        }
    }
    json!({"displayTimeUnit": "ns", "traceEvents": events})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn profiles() -> [Profile; 2] {
        [fixture::shufflenet_on(fixture::core(), 1), fixture::shufflenet_on(fixture::emulated(), 1)]
    }

    #[test]
    fn the_table_has_a_row_an_operator_and_no_emulated_times() {
        let profiles = profiles();
        let mut out = Vec::new();
        csv(&profiles, &mut out).unwrap();
        let mut reader = csv::Reader::from_reader(out.as_slice());
        let column =
            |reader: &csv::StringRecord, name: &str| reader.iter().position(|h| h == name).unwrap();
        let headers = reader.headers().unwrap().clone();
        let (median, rendering) = (column(&headers, "median_ns"), column(&headers, "rendering"));
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), profiles.iter().map(|p| p.ops.len()).sum::<usize>());
        for row in rows {
            assert_eq!(row[median].is_empty(), &row[rendering] == "emulated");
        }
    }

    #[test]
    fn the_trace_lays_operators_end_to_end() {
        let profiles = profiles();
        let trace = trace(&profiles);
        let events = trace["traceEvents"].as_array().unwrap();
        let slices: Vec<_> = events.iter().filter(|e| e["ph"] == "X").collect();
        assert_eq!(slices.len(), profiles[0].ops.len(), "the emulator is left out");
        let mut end = 0.0;
        for slice in slices {
            assert!((slice["ts"].as_f64().unwrap() - end).abs() < 1e-6);
            end += slice["dur"].as_f64().unwrap();
        }
        let name = &events[0]["args"]["name"];
        assert!(name.as_str().unwrap().contains("real"), "{name}");
    }
}
