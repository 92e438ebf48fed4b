//! What the harness itself costs: an operator that does nothing, timed and untimed, and an empty
//! parallel region.
//!
//! `cargo bench -p benches --bench overhead`. Throughput of the null device is in operators a second.

#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::unwrap_used, reason = "a bench may panic")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ops::{
    Session,
    ceiling::Ceilings,
    cpu::{CpuCeilings, CpuOptions, CpuSession},
    simd::Isa,
};
use profile::Level;
use std::time::Duration;
use zoo::Options;

const THREADS: [usize; 2] = [1, 2];

fn null_device(c: &mut Criterion) {
    let raw = zoo::build("shufflenet_v2", Options::default()).expect("a published network");
    let graph = raw.at(Level::Folded);
    let mut group = c.benchmark_group("null_device");
    group.throughput(Throughput::Elements(graph.nodes.len() as u64));
    for threads in THREADS {
        let processors = (0..threads).collect();
        let options = CpuOptions { threads, processors, ..CpuOptions::default() };
        let mut session = CpuSession::null(&graph, options).unwrap();
        group.bench_function(BenchmarkId::new("untimed", threads), |b| b.iter(|| session.run()));
        let mut times = vec![0; graph.nodes.len()];
        group.bench_function(BenchmarkId::new("timed", threads), |b| {
            b.iter(|| session.run_timed(&mut times));
        });
    }
    group.finish();
}

fn empty_region(c: &mut Criterion) {
    let mut group = c.benchmark_group("empty_region");
    for threads in THREADS {
        let processors: Vec<usize> = (0..threads).collect();
        let mut ceilings = CpuCeilings::new(Isa::best(), threads, &processors, 0).unwrap();
        group.bench_function(BenchmarkId::from_parameter(threads), |b| {
            b.iter_custom(|times| {
                let ns = |_| ceilings.empty_ns().expect("a processor is never lost");
                Duration::from_nanos((0..times).map(ns).sum::<f64>() as u64)
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600));
    targets = null_device, empty_region
}
criterion_main!(benches);
