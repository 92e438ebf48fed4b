//! The measurements for other programs: a table for spreadsheets, a trace for Perfetto.

use crate::analysis::{Analysis, timed};
use profile::Profile;
use serde_json::{Value, json};
use std::io::Write;

/// Writes a row an operator of every profile. Times of emulated devices are left empty.
///
/// # Errors
/// Where `out` refuses.
pub fn csv(profiles: &[Profile], out: impl Write) -> Result<(), csv::Error> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record([
        "model",
        "level",
        "input",
        "batch",
        "device",
        "kind",
        "arch",
        "rendering",
        "threads",
        "index",
        "name",
        "operator",
        "class",
        "output",
        "params",
        "mul_adds",
        "flops",
        "access_read",
        "access_written",
        "access_weights",
        "access_bytes",
        "kernel",
        "samples",
        "median_ns",
        "low_ns",
        "high_ns",
        "mad_ns",
        "share",
        "gflops",
        "gbytes_per_s",
        "noisy",
    ])?;
    for profile in profiles {
        let a = Analysis::of(profile);
        for (index, op) in a.ops.iter().enumerate() {
            let (r, device) = (op.record, &profile.device);
            let number = |x: Option<f64>| x.map_or(String::new(), |x| x.to_string());
            let interval = op.time.and_then(|t| t.interval);
            table.write_record([
                profile.model.clone(),
                profile.level.to_string(),
                profile.input.to_string(),
                profile.batch.to_string(),
                device.name.clone(),
                device.kind.to_string(),
                device.arch.clone(),
                device.rendering.to_string(),
                profile.threads.to_string(),
                index.to_string(),
                r.name.clone(),
                r.kind.clone(),
                r.class.to_string(),
                r.output.to_string(),
                r.params.to_string(),
                r.mul_adds.to_string(),
                r.flops.to_string(),
                r.access.read.to_string(),
                r.access.written.to_string(),
                r.access.weights.to_string(),
                r.access.bytes().to_string(),
                r.kernel.clone(),
                op.time.map_or(0, |t| t.samples).to_string(),
                number(op.ns()),
                number(interval.map(|(low, _)| low)),
                number(interval.map(|(_, high)| high)),
                number(op.time.map(|t| t.mad)),
                number(op.share),
                number(op.gflops()),
                number(op.gbytes_per_s()),
                (!profile.noise.reasons.is_empty()).to_string(),
            ])?;
        }
    }
    table.flush()?;
    Ok(())
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
