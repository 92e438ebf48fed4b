//! What it costs to have every thread of a pool do nothing once: ours against a work-stealing pool and
//! a low-latency fork-join crate. The figures stand in benches/record/pools.csv.
//!
//! `cargo bench -p benches --bench pools`.

#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::unwrap_used, reason = "a bench may panic")]

use criterion::{Criterion, criterion_group, criterion_main};
use ops::{ceiling::Ceilings, cpu::CpuCeilings, simd::Isa};
use std::{hint::black_box, num::NonZero, time::Duration};

const THREADS: usize = 2;

fn pools(c: &mut Criterion) {
    let mut group = c.benchmark_group("two_threads");
    let processors: Vec<usize> = (0..THREADS).collect();
    let mut team = CpuCeilings::new(Isa::best(), THREADS, &processors, 0).unwrap();
    group.bench_function("team", |b| {
        b.iter_custom(|times| {
            let ns = |_| team.empty_ns().expect("a processor is never lost");
            Duration::from_nanos((0..times).map(ns).sum::<f64>() as u64)
        });
    });
    let rayon = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build().expect("a pool");
    group.bench_function("rayon_broadcast", |b| {
        b.iter(|| rayon.broadcast(|context| black_box(context.index())));
    });
    group.bench_function("rayon_join", |b| {
        b.iter(|| rayon.join(|| black_box(0), || black_box(1)));
    });
    let config = chili::Config { thread_count: NonZero::new(THREADS), ..chili::Config::default() };
    let chili = chili::ThreadPool::with_config(config);
    let mut scope = chili.scope();
    group.bench_function("chili_join", |b| {
        b.iter(|| scope.join(|_| black_box(0), |_| black_box(1)));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600));
    targets = pools
}
criterion_main!(benches);
