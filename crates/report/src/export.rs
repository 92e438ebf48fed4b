//! The measurements for other programs: a table for spreadsheets.

use crate::analysis::{Analysis, Operator};
use profile::{Class, DeviceKind, Level, Profile, Rendering};
use serde::Serialize;
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
    os: &'a str,
    kernel_version: &'a str,
    cpu: &'a str,
    cpu_model: &'a str,
    cores: usize,
    memory_bytes: u64,
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
        let (r, device, machine) = (op.record, &profile.device, &profile.machine);
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
            os: &machine.os,
            kernel_version: &machine.kernel,
            cpu: &machine.cpu,
            cpu_model: &machine.model,
            cores: machine.cores,
            memory_bytes: machine.memory_bytes,
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
}
