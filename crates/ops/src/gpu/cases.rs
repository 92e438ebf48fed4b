//! Nodes that every GPU kernel is tested on: random shapes round the widths that kernels care about,
//! and the large ones that a rasteriser's limits break.

use super::{Candidate, Site};
use crate::{
    Along, BatchNorm, Binary, BinaryFn, BlockOrder, ChannelAffine, ChannelConv, ChannelPad,
    ChannelPool, ChannelShuffle, ChannelSlice, ChannelSplit, Concat, Concat2d, ConcatShuffle,
    Conv2d, ConvTranspose2d, Epilogue, Flatten, GlobalL2Pool, Graph, GraphBuilder, GroupNorm,
    LayerNorm, Linear, LocalResponseNorm, LogSoftmax, MapConstant, MapFn, Op, PRelu, Pad2d,
    PadMode, Permute, PixelShuffle, Pool2d, Reshape, Resize, Sides, Softmax, Transpose2d, Unary,
    UnaryFn, Value, dice::Dice,
};
use profile::Shape;

/// An operator with an epilogue, and the shapes of its inputs, that of the added map last.
pub(super) struct Case {
    pub op: Op,
    pub epilogue: Epilogue,
    pub inputs: Vec<Shape>,
}

impl Case {
    /// The shape it makes.
    pub fn output(&self) -> Shape {
        let own = self.inputs.len() - usize::from(self.epilogue.add);
        self.op.output(&self.inputs[..own]).expect("the operator takes it")
    }

    /// The kernels that can take it.
    pub fn candidates<'a>(&'a self, site: &'a Site<'a>) -> Vec<Candidate<'a>> {
        let mut candidates = self.op.gpu(site);
        candidates.iter_mut().for_each(|c| c.plan.finish(self.epilogue, site));
        candidates
    }

    /// The same with an end drawn.
    fn ending(mut self, d: &mut Dice) -> Self {
        let function =
            d.pick(&[None, Some(UnaryFn::Relu), Some(UnaryFn::Relu6), Some(UnaryFn::Silu)]);
        self.epilogue = Epilogue { add: d.within(0..=1) == 1, function };
        self.inputs.extend(self.epilogue.add.then(|| self.op.output(&self.inputs).ok()).flatten());
        self
    }
}

/// Channels at or next to multiples of four.
fn channels(d: &mut Dice) -> usize {
    d.pick(&[1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 30, 58, 64])
}

fn shape(d: &mut Dice) -> Shape {
    Shape::new(d.within(1..=3), channels(d), d.within(1..=14), d.within(1..=14))
}

/// Up to so many pixels on each side.
fn sides(d: &mut Dice, most: usize) -> Sides {
    let mut pair = || (d.within(0..=most), d.within(0..=most));
    Sides { vertical: pair(), horizontal: pair() }
}

/// A case, where the operator takes the inputs.
fn case(op: impl Into<Op>, inputs: &[Shape]) -> Option<Case> {
    let op = op.into();
    op.output(inputs).ok()?;
    Some(Case { op, epilogue: Epilogue::NONE, inputs: inputs.to_vec() })
}

/// A random convolution; `None` where the draw does not fit together.
fn conv(d: &mut Dice) -> Option<Case> {
    let x = shape(d);
    let groups = d.pick(&[1, 1, 1, 2, 3, x.c]);
    let out = match d.within(0..=3) {
        0 => x.c,
        1 => 2 * x.c,
        _ => groups * channels(d),
    };
    let op = Conv2d {
        out,
        kernel: (d.within(1..=5), d.within(1..=5)),
        stride: (d.within(1..=3), d.within(1..=3)),
        padding: sides(d, 2),
        dilation: (d.pick(&[1, 1, 2]), d.pick(&[1, 1, 2])),
        groups,
        bias: d.within(0..=1) == 1,
    };
    case(op, &[x])
}

/// A random convolution that Winograd's algorithm takes, of whole quads where it has groups; `None` where the
/// draw does not fit together.
fn winograd(d: &mut Dice) -> Option<Case> {
    let groups = d.pick(&[1, 1, 2, 3]);
    let mut own = || match groups {
        1 => channels(d),
        _ => 4 * d.within(1..=6),
    };
    let (inputs, outputs) = (own(), own());
    let x = shape(d).with_channels(groups * inputs);
    let conv = Conv2d { bias: d.within(0..=1) == 1, ..Conv2d::new(groups * outputs, 3) };
    case(Conv2d { groups, padding: sides(d, 2), ..conv }, &[x])
}

/// A random transposed convolution; `None` where the draw does not fit together.
fn conv_transpose(d: &mut Dice) -> Option<Case> {
    let x = shape(d);
    let groups = d.pick(&[1, 1, 2, 3, x.c]);
    let stride = (d.within(1..=3), d.within(1..=3));
    let op = ConvTranspose2d {
        out: if groups == x.c { x.c } else { groups * channels(d) },
        kernel: (d.within(1..=4), d.within(1..=4)),
        stride,
        padding: sides(d, 1),
        output_padding: (d.within(0..=stride.0 - 1), d.within(0..=stride.1 - 1)),
        dilation: (d.pick(&[1, 1, 2]), d.pick(&[1, 1, 2])),
        groups,
        bias: d.within(0..=1) == 1,
    };
    case(op, &[Shape { h: x.h.min(7), w: x.w.min(7), ..x }])
}

/// A random pooling.
fn pool(d: &mut Dice) -> Option<Case> {
    let (k, s) = (d.within(1..=4), d.within(1..=3));
    let mut op = match d.within(0..=4) {
        0 => Pool2d::average(k, s),
        1 => Pool2d::average(k, s).without_padding_count(),
        2 => Pool2d::global_average().padding(d.within(0..=1)),
        3 => Pool2d::average_parts(d.within(2..=9)),
        _ => Pool2d::max(k, s).dilation(d.within(1..=2)),
    };
    if op.kernel.is_some() {
        op.padding = sides(d, k / 2);
        op.ceil = d.within(0..=1) == 1;
    }
    case(op, &[shape(d)])
}

/// Maps resized, padded, cropped and shuffled.
fn moved(d: &mut Dice) -> Vec<Case> {
    let (x, h, w) = (shape(d), d.within(1..=20), d.within(1..=20));
    let resized = [
        Resize::nearest(h, w),
        Resize::bilinear(h, w),
        Resize::bilinear(h, w).align_corners(),
        Resize::bicubic(h, w),
    ];
    let mut cases: Vec<Case> =
        resized.into_iter().filter_map(|op| Some(case(op, &[x])?.ending(d))).collect();
    let mut side = || d.within(0..=4) as isize - 1;
    let zeros =
        Pad2d { vertical: (side(), side()), horizontal: (side(), side()), ..Pad2d::zeros(0) };
    for mode in [PadMode::Constant(0.25), PadMode::Reflect, PadMode::Edge] {
        cases.extend(case(Pad2d { mode, ..zeros }, &[x]));
    }
    cases.extend(case(Transpose2d, &[x]));
    let permute = |axes: &[usize], order: &[usize], to| Permute {
        axes: axes.to_vec(),
        order: order.to_vec(),
        to,
    };
    cases.extend(case(permute(&[x.c, x.h, x.w], &[2, 0, 1], (x.w, x.c, x.h)), &[x]));
    let (rows, columns) = (d.within(1..=3), d.within(1..=3));
    let windows = permute(
        &[x.c, rows, x.h, columns, x.w],
        &[1, 3, 2, 4, 0],
        (rows * columns, x.h * x.w, x.c),
    );
    cases.extend(case(windows, &[x.with_size(rows * x.h, columns * x.w)]));
    cases.extend(case(Reshape { c: x.h, h: x.c, w: x.w }, &[x]));
    cases.extend(case(Reshape { c: 1, h: x.w, w: x.h * x.c }, &[x]));
    cases.extend(case(ChannelSlice { start: 0, step: 2, len: x.c.div_ceil(2) }, &[x]));
    cases.extend(case(ChannelSlice { start: x.c - 1, step: -1, len: x.c }, &[x]));
    cases.extend(case(Concat2d::Height, &[x, x.with_size(h, x.w)]));
    cases.extend(case(Concat2d::Width, &[x, x.with_size(x.h, w), x]));
    for order in [BlockOrder::Dcr, BlockOrder::Crd, BlockOrder::Focus] {
        let b = d.within(1..=3);
        let (wide, deep) = (x.with_size(h * b, w * b), x.with_channels(x.c * b * b));
        cases.extend(case(PixelShuffle { order, ..PixelShuffle::to_space(b) }, &[deep]));
        cases.extend(case(PixelShuffle { order, ..PixelShuffle::to_depth(b) }, &[wide]));
    }
    cases
}

/// A few random nodes of every operator.
pub(super) fn random(d: &mut Dice) -> Vec<Case> {
    let mut cases = Vec::new();
    for _ in 0..12 {
        cases.extend(conv(d));
        cases.extend(conv(d).map(|case| case.ending(d)));
    }
    for _ in 0..4 {
        cases.extend(winograd(d).map(|case| case.ending(d)));
        cases.extend(conv_transpose(d));
        cases.extend(conv_transpose(d).map(|case| case.ending(d)));
    }
    let (x, n, c) = (shape(d), d.within(1..=9), channels(d));
    cases.extend(case(Conv2d { bias: true, ..Conv2d::new(c, 1) }, &[x]));
    cases.extend(case(Conv2d::depthwise(x.c, d.pick(&[3, 5])).stride(d.within(1..=2)), &[x]));
    for _ in 0..4 {
        cases.extend(pool(d));
    }
    cases.extend(
        case(Linear { out: c, bias: n % 2 == 0 }, &[Shape::features(n, x.c * 9)])
            .map(|case| case.ending(d)),
    );
    let norms: [Op; 3] =
        [BatchNorm::default().into(), ChannelAffine::BOTH.into(), LayerNorm::default().into()];
    for op in norms {
        cases.extend(case(op, &[x]).map(|case| case.ending(d)));
    }
    cases.extend(case(GlobalL2Pool, &[x]));
    cases.extend(case(ChannelConv { kernel: d.pick(&[1, 3, 5, 9]) }, &[x.with_size(1, 1)]));
    [true, false].into_iter().for_each(|shared| cases.extend(case(PRelu { shared }, &[x])));
    for groups in [1, 3, x.c] {
        let grouped = x.with_channels(x.c.next_multiple_of(groups));
        cases.extend(case(GroupNorm::new(groups), &[grouped]).map(|case| case.ending(d)));
    }
    for f in [
        UnaryFn::Relu,
        UnaryFn::Relu6,
        UnaryFn::Sigmoid,
        UnaryFn::Tanh,
        UnaryFn::Silu,
        UnaryFn::HardSigmoid,
        UnaryFn::HardSwish,
        UnaryFn::OneMinus,
        UnaryFn::Scale(0.17),
        UnaryFn::Offset(2.5),
        UnaryFn::Clip(f32::NEG_INFINITY, 0.5),
        UnaryFn::LeakyRelu(0.1),
        UnaryFn::Gelu,
        UnaryFn::GeluTanh,
        UnaryFn::QuickGelu,
        UnaryFn::Elu(1.5),
        UnaryFn::Selu,
        UnaryFn::Celu(0.5),
        UnaryFn::Softplus,
        UnaryFn::Mish,
        UnaryFn::Abs,
        UnaryFn::Exp,
        UnaryFn::Square,
        UnaryFn::Reciprocal,
        UnaryFn::KMinus(-2.5),
        UnaryFn::KOver(2.5),
        UnaryFn::Pow(-3.0),
        UnaryFn::Pow(0.3),
        UnaryFn::Log,
        UnaryFn::Erf,
        UnaryFn::Softsign,
        UnaryFn::Swish(0.7),
        UnaryFn::Ramp(0.2, 0.5),
        UnaryFn::ThresholdedRelu(0.25),
        UnaryFn::Sign,
        UnaryFn::Floor,
        UnaryFn::Ceil,
        UnaryFn::Round,
    ] {
        cases.extend(case(Unary(f), &[x]));
    }
    for op in [
        Binary::ADD,
        Binary::MUL,
        Binary(BinaryFn::Sub),
        Binary(BinaryFn::ReverseSub),
        Binary(BinaryFn::Div),
        Binary(BinaryFn::ReverseDiv),
        Binary(BinaryFn::Max),
        Binary(BinaryFn::Min),
    ] {
        for b in
            [x, x.with_size(1, 1), x.with_size(x.h, 1), x.with_size(1, x.w), x.with_channels(1)]
        {
            cases.extend(case(op, &[x, b]).map(|case| case.ending(d)));
        }
        let (one, pixel) = (x.with_channels(1), x.with_size(1, 1));
        cases.extend(case(op, &[x, one.with_size(1, x.w)]));
        cases.extend(case(op, &[pixel, one]));
        cases.extend(case(op, &[one.with_size(x.h, 1), x.with_size(1, x.w)]));
    }
    for function in [MapFn::Add, MapFn::Mul, MapFn::Slope] {
        let whole = MapConstant::whole(function);
        cases.extend(case(whole, &[x]).map(|case| case.ending(d)));
        cases.extend(case(MapConstant { channels: false, ..whole }, &[x]));
        cases.extend(case(MapConstant { rows: false, ..whole }, &[x]));
    }
    let start = d.within(0..=x.c - 1);
    cases.extend(case(ChannelSplit { start, len: d.within(1..=x.c - start) }, &[x]));
    cases.extend(case(ChannelPad { out: x.c + d.within(0..=9) }, &[x]).map(|case| case.ending(d)));
    let others = [x, x.with_channels(channels(d)), x.with_channels(channels(d)), x];
    cases.extend(case(Concat, &others[..d.within(1..=4)]));
    for groups in [2, 3] {
        let shuffled = x.with_channels(groups * d.within(1..=30));
        cases.extend(case(ChannelShuffle { groups }, &[shuffled]));
    }
    for groups in [2, x.c] {
        cases.extend(case(ConcatShuffle { groups }, &[x, x]));
    }
    cases.extend(case(LocalResponseNorm { size: d.within(1..=7), ..Default::default() }, &[x]));
    cases.extend(case(LocalResponseNorm { beta: 0.6, ..Default::default() }, &[x]));
    cases.extend(case(ChannelPool::Mean, &[x]));
    cases.extend(case(ChannelPool::Max, &[x]));
    for along in [Along::Channels, Along::Height, Along::Width, Along::Map] {
        cases.extend(case(Softmax(along), &[x]));
        cases.extend(case(LogSoftmax(along), &[x]));
    }
    [ChannelPool::L2, ChannelPool::Sum].iter().for_each(|op| cases.extend(case(*op, &[x])));
    cases.extend(case(Flatten, &[x]));
    cases.extend(moved(d));
    cases
}

/// A depthwise convolution whose map may lie in a wider one, and a pointwise one behind it that may add a map, and may
/// be concatenated with another.
pub(super) fn separable(d: &mut Dice) -> Graph {
    std::iter::repeat_with(|| drawn_separable(d)).flatten().next().expect("some draws fit together")
}

/// The same; `None` where the draw does not fit together.
fn drawn_separable(d: &mut Dice) -> Option<Graph> {
    let c = d.within(1..=45);
    let input = Shape::new(d.within(1..=2), 2 * c, d.within(1..=13), d.within(1..=13));
    let mut b = GraphBuilder::new("separable", input);
    let mut x = b.push("stem", Conv2d::new(2 * c, 1), &[Value::INPUT]).ok()?;
    let start = d.pick(&[0, c]);
    x = b.push("part", ChannelSplit { start, len: c }, &[x]).ok()?;
    let padding = sides(d, 2);
    let depthwise = Conv2d {
        kernel: d.pick(&[(3, 3), (5, 5), (7, 7), (2, 3), (1, 1)]),
        stride: (d.within(1..=2), d.within(1..=2)),
        dilation: (d.pick(&[1, 1, 2]), 1),
        padding,
        bias: d.within(0..=1) == 1,
        ..Conv2d::depthwise(c, 1)
    };
    x = b.push("depthwise", depthwise, &[x]).ok()?;
    let clamp = d.pick(&[None, Some(UnaryFn::Relu), Some(UnaryFn::Relu6)]);
    if let Some(clamp) = clamp {
        x = b.push("clamp", Unary(clamp), &[x]).ok()?;
    }
    let pointwise = Conv2d { bias: d.within(0..=1) == 1, ..Conv2d::new(d.within(1..=70), 1) };
    x = b.push("pointwise", pointwise, &[x]).ok()?;
    let made = b.shape(x);
    if d.within(0..=1) == 1 {
        let other = b.input(made);
        x = b.push("add", Binary::ADD, &[x, other]).ok()?;
    }
    if let Some(function) = d.pick(&[None, Some(UnaryFn::Relu), Some(UnaryFn::Silu)]) {
        x = b.push("function", Unary(function), &[x]).ok()?;
    }
    if d.within(0..=1) == 1 {
        let other = b.input(made.with_channels(4 * d.within(1..=5)));
        x = b.push("concat", Concat, &[other, x]).ok()?;
    }
    Some(b.finish(x))
}

/// Nodes whose loops are longer than the 65,535 iterations after which llvmpipe ends an invocation.
pub(super) fn long() -> Vec<Case> {
    let features = |n, c| Shape::features(n, c);
    [
        case(Pool2d::global_average(), &[Shape::new(1, 5, 300, 300)]),
        case(Pool2d { kernel: None, ..Pool2d::max(1, 1) }, &[Shape::new(1, 4, 270, 260)]),
        case(Pool2d::max(260, 1), &[Shape::new(1, 3, 262, 261)]),
        case(Linear::new(6), &[features(1, 300_001)]),
        case(Linear::new(3), &[features(9, 270_000)]),
        case(Conv2d::new(9, 1), &[Shape::new(1, 230_000, 1, 2)]),
        case(Conv2d::new(9, 1), &[Shape::new(1, 99_000, 1, 2)]),
        case(Conv2d::new(5, 160), &[Shape::new(1, 2, 160, 161)]),
        case(Softmax(Along::Channels), &[features(2, 300_002)]),
        case(Softmax(Along::Map), &[Shape::new(1, 3, 300, 300)]),
        case(Conv2d::depthwise(3, 1).kernel(5400, 9), &[Shape::new(1, 3, 5402, 10)]),
    ]
    .into_iter()
    .map(|c| c.expect("the operator takes it"))
    .collect()
}
