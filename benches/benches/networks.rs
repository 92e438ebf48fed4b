//! Whole networks on the CPU, at both levels and on one and two threads.
//!
//! `cargo bench -p benches --bench networks [FILTER]`. The best instruction set, kernels by rule.
//! Throughput is in nominal FLOP/s (criterion prints elements a second).

#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::unwrap_used, reason = "a bench may panic")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ops::{
    Session,
    cpu::{CpuOptions, CpuSession},
};
use profile::Level;
use std::time::Duration;
use zoo::Options;

const NETWORKS: [&str; 7] = [
    "lenet5",
    "shufflenet_v2_x1_0",
    "shufflenet_v1(groups=3)",
    "mobilenet_v1",
    "mobilenet_v2",
    "resnet18",
    "resnet50",
];

fn networks(c: &mut Criterion) {
    for name in NETWORKS {
        let raw = zoo::build(name, Options::default()).expect("a published network");
        let mut group = c.benchmark_group(name);
        for level in [Level::Folded, Level::Fused] {
            let graph = raw.at(level);
            group.throughput(Throughput::Elements(graph.cost().flops));
            for threads in [1, 2] {
                group.bench_function(BenchmarkId::new(level.name(), threads), |b| {
                    let processors = (0..threads).collect();
                    let options = CpuOptions { threads, processors, ..CpuOptions::default() };
                    let mut session = CpuSession::prepare(&graph, options).unwrap();
                    let inputs = graph.drawn_inputs(0);
                    session.set_inputs(&inputs).expect("the input has the graph's shape");
                    b.iter(|| session.run());
                });
            }
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = networks
}
criterion_main!(benches);
