//! How near operators that move or map data come to a copy: bytes that they must touch a second, over those of a
//! copy whose two arrays are as large.
//!
//! ```text
//! for each operator:
//!     a few times in turn: a burst of copies, a burst of the operator, a burst of a session that does nothing
//!     its time is the fastest, less what the session takes that does nothing
//! ```
//!
//! `cargo bench -p benches --bench bandwidth [FILTER]` prints CSV. One thread, the best instruction set, kernels by
//! rule; a filter names an operator's kind.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench may panic, and prints what it finds"
)]

use ops::{
    Along, BlockOrder, ConvTranspose2d, GraphBuilder, GroupNorm, LayerNorm, LogSoftmax, Op,
    PixelShuffle, Resize, Session, Softmax, Unary, UnaryFn, Value,
    ceiling::Ceilings,
    cpu::{CpuCeilings, CpuOptions, CpuSession},
    simd::Isa,
};
use profile::{Pattern, Shape};

/// Turns that the fastest of is taken.
const TURNS: usize = 12;

/// Nanoseconds of a burst of an operator.
const BURST: u64 = 2_000_000;

/// Bytes of the largest working set.
const LARGEST: u64 = 256 << 20;

/// Maps of a first-level cache, of a second-level cache, and of none.
fn maps() -> [Shape; 3] {
    [Shape::new(1, 32, 8, 8), Shape::new(1, 96, 28, 28), Shape::new(1, 96, 224, 224)]
}

fn over(op: impl Into<Op>, shapes: impl IntoIterator<Item = Shape>) -> Vec<(Op, Shape)> {
    let op = op.into();
    shapes.into_iter().map(|shape| (op.clone(), shape)).collect()
}

fn cases() -> Vec<(Op, Shape)> {
    let s = |c, h| Shape::new(1, c, h, h);
    let focus = PixelShuffle { order: BlockOrder::Focus, ..PixelShuffle::to_depth(2) };
    let dcr = PixelShuffle { order: BlockOrder::Dcr, ..PixelShuffle::to_space(2) };
    let up = |c, k, p| ConvTranspose2d::new(c, k).stride(2).padding(p).groups(c);
    let unary = [
        UnaryFn::Relu,
        UnaryFn::Sigmoid,
        UnaryFn::Gelu,
        UnaryFn::GeluTanh,
        UnaryFn::Softplus,
        UnaryFn::Mish,
    ];
    [
        over(Resize::bilinear(224, 224), [s(64, 112), s(3, 112)]),
        over(Resize::bilinear(56, 56), [s(64, 28), s(3, 28), s(1, 28)]),
        over(Resize::bilinear(520, 520), [s(21, 65)]),
        over(Resize::bilinear(224, 224), [s(3, 28), s(64, 28)]),
        over(Resize::bilinear(224, 224).align_corners(), [s(64, 112)]),
        over(Resize::bicubic(224, 224), [s(64, 112), s(3, 112), s(3, 28), s(21, 28)]),
        over(PixelShuffle::to_space(2), [s(12, 28), s(12, 256), s(256, 28)]),
        over(PixelShuffle::to_space(3), [s(27, 28), s(27, 128)]),
        over(PixelShuffle::to_space(4), [s(48, 64)]),
        over(PixelShuffle::to_depth(2), [s(3, 56), s(3, 512), s(64, 56)]),
        over(focus, [s(3, 56), s(3, 640), s(64, 56)]),
        over(dcr, [s(12, 28), s(12, 256)]),
        over(GroupNorm::new(32), [s(64, 14), s(256, 14), s(128, 28), s(256, 112)]),
        over(GroupNorm::new(64), [s(64, 56)]),
        over(LayerNorm::default(), [s(96, 7), s(96, 28), s(768, 7), s(96, 224)]),
        over(Softmax(Along::Channels), [s(1000, 1), s(21, 65)]),
        over(LogSoftmax(Along::Channels), [s(1000, 1), s(1000, 8), s(21, 65)]),
        over(up(24, 4, 1), [s(24, 28)]),
        over(up(64, 2, 0), [s(64, 28)]),
        over(up(96, 3, 1), [s(96, 112)]),
        unary.into_iter().flat_map(|f| over(Unary(f), maps())).collect(),
    ]
    .concat()
}

/// Nanoseconds of a run, by a burst of `runs`.
fn burst(session: &mut CpuSession, runs: u64) -> f64 {
    (0..runs).map(|_| session.run().unwrap()).sum::<u64>() as f64 / runs as f64
}

fn main() {
    let filter = std::env::args().skip(1).find(|arg| !arg.starts_with('-')).unwrap_or_default();
    let mut ceilings = CpuCeilings::new(Isa::best(), 1, &[], LARGEST).unwrap();
    println!("operator,attributes,input,bytes,copy GB/s,operator GB/s,operator/copy,ns/element");
    for (op, input) in cases().into_iter().filter(|(op, _)| op.kind().contains(&filter)) {
        let attrs = cell(&op);
        let mut builder = GraphBuilder::new("bandwidth", input);
        let output = builder.push("op", op.clone(), &[Value::INPUT]).unwrap();
        let graph = builder.finish(output);
        let bytes = graph.cost().access.bytes();
        let mut session = CpuSession::prepare(&graph, CpuOptions::default()).unwrap();
        let mut nothing = CpuSession::null(&graph, CpuOptions::default()).unwrap();
        session.set_inputs(&graph.drawn_inputs(0)).unwrap();
        let runs = (BURST / session.run().unwrap().max(1)).clamp(1, 10_000);
        let (mut copy, mut own, mut null) = (0.0f64, f64::INFINITY, f64::INFINITY);
        for _ in 0..TURNS {
            copy = copy.max(ceilings.stream(Pattern::Copy, bytes).unwrap().rate());
            own = own.min(burst(&mut session, runs));
            null = null.min(burst(&mut nothing, runs));
        }
        let ns = own - null;
        let rate = bytes as f64 / ns;
        println!(
            "{},{attrs},{input},{bytes},{copy:.1},{rate:.1},{:.2},{:.4}",
            op.kind(),
            rate / copy,
            ns / graph.nodes[0].output.elements() as f64
        );
    }
}

/// The attributes in one cell.
fn cell(op: &Op) -> String {
    let attrs = op.attrs().into_iter().map(|(name, value)| format!("{name} {value}"));
    format!("\"{}\"", attrs.collect::<Vec<_>>().join("; ").replace('"', ""))
}
