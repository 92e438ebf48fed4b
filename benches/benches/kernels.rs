//! Kernels by shape family, with shapes of ShuffleNetV2, MobileNet, ResNet, VGG and LeNet; beside
//! them what they are judged by: the peak of fused multiply-adds and of reading memory.
//!
//! `cargo bench -p benches --bench kernels [FILTER]`. One thread, the best instruction set.
//! Throughput is in FLOP/s (criterion prints elements a second) or, where memory binds, in bytes/s.

#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::unwrap_used, reason = "a bench may panic")]

use criterion::{Bencher, Criterion, Throughput, criterion_group, criterion_main};
use ops::{
    ChannelShuffle, ChannelSplit, Conv2d, GraphBuilder, Linear, Op, Pool2d, Session, SessionError,
    Unary, UnaryFn, Value,
    ceiling::{Burst, Ceilings},
    cpu::{CpuCeilings, CpuOptions, CpuSession},
    simd::Isa,
};
use profile::{Pattern, Shape};
use std::time::Duration;

/// What a bench's throughput is counted in.
#[derive(Clone, Copy)]
enum Bound {
    Compute,
    Memory,
}

type Case = (&'static str, Shape, Op);

fn conv(out: usize, k: usize) -> Conv2d {
    Conv2d::new(out, k).bias()
}

fn pointwise() -> Vec<Case> {
    let s = |c, h| Shape::new(1, c, h, h);
    vec![
        ("dense_512_14", s(512, 14), conv(512, 1).into()),
        ("shufflenet_v2_58_28", s(58, 28), conv(58, 1).into()),
        ("shufflenet_v2_116_14", s(116, 14), conv(116, 1).into()),
        ("shufflenet_v2_464_1024_7", s(464, 7), conv(1024, 1).into()),
        ("mobilenet_v2_24_144_56", s(24, 56), conv(144, 1).into()),
        ("mobilenet_v2_144_24_56", s(144, 56), conv(24, 1).into()),
        ("resnet50_64_256_56", s(64, 56), conv(256, 1).into()),
        ("resnet50_256_512_56_s2", s(256, 56), conv(512, 1).stride(2).into()),
        ("resnet50_2048_512_7", s(2048, 7), conv(512, 1).into()),
    ]
}

fn dense() -> Vec<Case> {
    let s = |c, h| Shape::new(1, c, h, h);
    let k3 = |out| conv(out, 3).padding(1);
    vec![
        ("resnet_64_56", s(64, 56), k3(64).into()),
        ("resnet_128_28", s(128, 28), k3(128).into()),
        ("resnet_256_14", s(256, 14), k3(256).into()),
        ("resnet_512_7", s(512, 7), k3(512).into()),
        ("vgg_64_224", s(64, 224), k3(64).into()),
        ("vgg_256_56", s(256, 56), k3(256).into()),
        ("vgg_512_28", s(512, 28), k3(512).into()),
        ("vgg_512_14", s(512, 14), k3(512).into()),
        ("cifar_16_32", s(16, 32), k3(16).into()),
        ("inception_192_17_1x7", s(192, 17), conv(192, 1).kernel(1, 7).padding_hw(0, 3).into()),
    ]
}

fn first_layers() -> Vec<Case> {
    let image = Shape::new(1, 3, 224, 224);
    vec![
        ("resnet_7x7_s2", image, conv(64, 7).stride(2).padding(3).into()),
        ("alexnet_11x11_s4", image, conv(64, 11).stride(4).padding(2).into()),
        ("vgg_3x3", image, conv(64, 3).padding(1).into()),
        ("shufflenet_v2_3x3_s2", image, conv(24, 3).stride(2).padding(1).into()),
        ("lenet_5x5", Shape::new(1, 1, 28, 28), conv(6, 5).padding(2).into()),
    ]
}

fn depthwise() -> Vec<Case> {
    let case = |name, c, h, k, stride| {
        (name, Shape::new(1, c, h, h), Conv2d::depthwise(c, k).stride(stride).bias().into())
    };
    vec![
        case("shufflenet_v2_58_28", 58, 28, 3, 1),
        case("shufflenet_v2_116_14", 116, 14, 3, 1),
        case("shufflenet_v2_232_7", 232, 7, 3, 1),
        case("mobilenet_v1_32_112", 32, 112, 3, 1),
        case("mobilenet_v1_64_112_s2", 64, 112, 3, 2),
        case("mobilenet_v1_512_14", 512, 14, 3, 1),
        case("mobilenet_v2_144_56", 144, 56, 3, 1),
        case("efficientnet_240_14_5x5", 240, 14, 5, 1),
        case("wide_96_56_7x7", 96, 56, 7, 1),
    ]
}

fn grouped() -> Vec<Case> {
    let s = |c, h| Shape::new(1, c, h, h);
    vec![
        ("shufflenet_v1_g3_240_60_28", s(240, 28), conv(60, 1).groups(3).into()),
        ("shufflenet_v1_g3_60_240_28", s(60, 28), conv(240, 1).groups(3).into()),
        ("resnext_g32_128_56", s(128, 56), conv(128, 3).padding(1).groups(32).into()),
        ("alexnet_g2_96_256_27", s(96, 27), conv(256, 5).padding(2).groups(2).into()),
    ]
}

fn linear() -> Vec<Case> {
    let case = |name, n, c, out| (name, Shape::features(n, c), Linear::new(out).into());
    vec![
        case("shufflenet_v2_1024_1000", 1, 1024, 1000),
        case("vgg_4096_4096", 1, 4096, 4096),
        case("vgg_25088_4096", 1, 25088, 4096),
        case("vgg_4096_4096_batch_8", 8, 4096, 4096),
    ]
}

/// Element-wise operators, moves of data and pools: bound by memory.
fn light() -> Vec<Case> {
    let s = |c, h| Shape::new(1, c, h, h);
    let half = |start| ChannelSplit { start, len: 116 }.into();
    vec![
        ("relu_116_28", s(116, 28), Unary(UnaryFn::Relu).into()),
        ("relu_64_112", s(64, 112), Unary(UnaryFn::Relu).into()),
        ("hard_swish_240_14", s(240, 14), Unary(UnaryFn::HardSwish).into()),
        ("split_232_14", s(232, 14), half(0)),
        ("split_232_14_second", s(232, 14), half(116)),
        ("shuffle_g3_240_28", s(240, 28), ChannelShuffle { groups: 3 }.into()),
        ("shuffle_g2_232_14", s(232, 14), ChannelShuffle { groups: 2 }.into()),
        ("max_pool_3x3_s2_64_112", s(64, 112), Pool2d::max(3, 2).padding(1).into()),
    ]
}

/// Benches one operator in a session of its own.
fn bench_family(c: &mut Criterion, family: &str, bound: Bound, cases: Vec<Case>) {
    let mut group = c.benchmark_group(family);
    for (name, input, op) in cases {
        let mut builder = GraphBuilder::new(name, input);
        let output = builder.push("op", op, &[Value::INPUT]).expect("the shape fits the operator");
        let graph = builder.finish(output);
        let cost = graph.cost();
        group.throughput(match bound {
            Bound::Compute => Throughput::Elements(cost.flops),
            Bound::Memory => Throughput::Bytes(cost.access.bytes()),
        });
        group.bench_function(name, |b| {
            let mut session = CpuSession::prepare(&graph, CpuOptions::default()).unwrap();
            session.set_inputs(&graph.drawn_inputs(0)).expect("the input has the graph's shape");
            b.iter(|| session.run());
        });
    }
    group.finish();
}

/// Ceilings: what the lab's calibration measures, on one thread. FLOPs or bytes that criterion is told
/// of a burst; about what a burst does.
const UNIT: u64 = 32 << 20;

/// Benches bursts: each is told as the time that [`UNIT`] takes at its rate.
fn bench_bursts(b: &mut Bencher<'_>, mut burst: impl FnMut() -> Result<Burst, SessionError>) {
    b.iter_custom(|times| {
        let ns = |_| UNIT as f64 / burst().expect("a processor is never lost").rate();
        Duration::from_nanos((0..times).map(ns).sum::<f64>() as u64)
    });
}

fn ceilings(c: &mut Criterion) {
    let mut group = c.benchmark_group("ceiling");
    group.throughput(Throughput::Elements(UNIT));
    for isa in Isa::available() {
        let mut ceilings = CpuCeilings::new(isa, 1, &[], 0).unwrap();
        group.bench_function(format!("fma_{isa}"), |b| bench_bursts(b, || ceilings.compute()));
    }
    group.throughput(Throughput::Bytes(UNIT));
    let mut ceilings = CpuCeilings::new(Isa::best(), 1, &[], 256 << 20).unwrap();
    for (level, bytes) in [("l1", 16 << 10), ("l2", 256 << 10), ("dram", 256 << 20)] {
        for pattern in Pattern::ALL {
            let name = format!("{}_{level}", pattern.name());
            group.bench_function(name, |b| bench_bursts(b, || ceilings.stream(pattern, bytes)));
        }
    }
    group.finish();
}

fn kernels(c: &mut Criterion) {
    bench_family(c, "pointwise", Bound::Compute, pointwise());
    bench_family(c, "dense", Bound::Compute, dense());
    bench_family(c, "first_layer", Bound::Compute, first_layers());
    bench_family(c, "depthwise", Bound::Compute, depthwise());
    bench_family(c, "grouped", Bound::Compute, grouped());
    bench_family(c, "linear", Bound::Memory, linear());
    bench_family(c, "light", Bound::Memory, light());
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600));
    targets = ceilings, kernels
}
criterion_main!(benches);
