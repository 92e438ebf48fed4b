//! MobileNetV4, the convolutional networks: universal inverted bottlenecks, which filter before the
//! expansion, after it, both or not at all, as a search chose (paper's figure 4; timm's rows).

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, FusedInvertedResidual, InvertedResidual, WIDTH, divisible},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, Linear, Pool2d, UnaryFn::Relu, Value};

pub(crate) static FAMILY: Family = Family {
    name: "mobilenet_v4",
    paper: Paper {
        authors: "Qin et al.",
        title: "MobileNetV4: Universal Models for the Mobile Ecosystem",
        year: 2024,
        arxiv: "2404.10518",
    },
    introduced: "universal inverted bottlenecks, chosen for many devices at once",
    taxonomy: &[Taxon::Efficiency],
    parameters: &[
        Parameter::word("size", &["small", "medium", "large"], "the paper's networks"),
        WIDTH,
        CLASSES,
    ],
    presets: presets![
        "mobilenetv4_conv_small_050" = "size=small, width=0.5",
        "mobilenetv4_conv_small" = "size=small",
        "mobilenetv4_conv_medium" = "size=medium",
        "mobilenetv4_conv_large" = "size=large",
    ],
    input: |args| match args.word("size") {
        "large" => [3, 384, 384],
        "medium" => [3, 256, 256],
        _ => [3, 224, 224],
    },
    build,
};

#[derive(Clone, Copy)]
enum Block {
    /// A convolution: kernel, stride, output channels.
    Conv(usize, usize, usize),
    /// A fused inverted bottleneck: stride, expansion factor, output channels.
    Fused(usize, usize, usize),
    /// A universal one: kernels before and after the expansion (0 for none), stride, expansion
    /// factor, output channels.
    Universal([usize; 2], usize, usize, usize),
}
use Block::{Conv, Fused, Universal};

/// Blocks, each with how often it stands there.
type Blocks = &'static [(usize, Block)];

const SMALL: Blocks = &[
    (1, Conv(3, 2, 32)),
    (1, Conv(1, 1, 32)),
    (1, Conv(3, 2, 96)),
    (1, Conv(1, 1, 64)),
    (1, Universal([5, 5], 2, 3, 96)),
    (4, Universal([0, 3], 1, 2, 96)),
    (1, Universal([3, 0], 1, 4, 96)),
    (1, Universal([3, 3], 2, 6, 128)),
    (1, Universal([5, 5], 1, 4, 128)),
    (1, Universal([0, 5], 1, 4, 128)),
    (1, Universal([0, 5], 1, 3, 128)),
    (2, Universal([0, 3], 1, 4, 128)),
    (1, Conv(1, 1, 960)),
];

const MEDIUM: Blocks = &[
    (1, Fused(2, 4, 48)),
    (1, Universal([3, 5], 2, 4, 80)),
    (1, Universal([3, 3], 1, 2, 80)),
    (1, Universal([3, 5], 2, 6, 160)),
    (2, Universal([3, 3], 1, 4, 160)),
    (1, Universal([3, 5], 1, 4, 160)),
    (1, Universal([3, 3], 1, 4, 160)),
    (1, Universal([3, 0], 1, 4, 160)),
    (1, Universal([0, 0], 1, 2, 160)),
    (1, Universal([3, 0], 1, 4, 160)),
    (1, Universal([5, 5], 2, 6, 256)),
    (1, Universal([5, 5], 1, 4, 256)),
    (2, Universal([3, 5], 1, 4, 256)),
    (1, Universal([0, 0], 1, 4, 256)),
    (1, Universal([3, 0], 1, 4, 256)),
    (1, Universal([3, 5], 1, 2, 256)),
    (1, Universal([5, 5], 1, 4, 256)),
    (2, Universal([0, 0], 1, 4, 256)),
    (1, Universal([5, 0], 1, 2, 256)),
    (1, Conv(1, 1, 960)),
];

const LARGE: Blocks = &[
    (1, Fused(2, 4, 48)),
    (1, Universal([3, 5], 2, 4, 96)),
    (1, Universal([3, 3], 1, 4, 96)),
    (1, Universal([3, 5], 2, 4, 192)),
    (3, Universal([3, 3], 1, 4, 192)),
    (1, Universal([3, 5], 1, 4, 192)),
    (5, Universal([5, 3], 1, 4, 192)),
    (1, Universal([3, 0], 1, 4, 192)),
    (1, Universal([5, 5], 2, 4, 512)),
    (3, Universal([5, 5], 1, 4, 512)),
    (1, Universal([5, 0], 1, 4, 512)),
    (1, Universal([5, 3], 1, 4, 512)),
    (2, Universal([5, 0], 1, 4, 512)),
    (1, Universal([5, 3], 1, 4, 512)),
    (1, Universal([5, 5], 1, 4, 512)),
    (3, Universal([5, 0], 1, 4, 512)),
    (1, Conv(1, 1, 960)),
];

fn build(net: &mut Net, args: &Arguments) -> Result {
    let width = args.real("width");
    let (stem, blocks) = match args.word("size") {
        "large" => (24.0, LARGE),
        "medium" => (32.0, MEDIUM),
        _ => (32.0, SMALL),
    };
    // timm does not shrink the stem of narrow networks.
    let stem = divisible(stem * width.max(1.0), 8);
    let stem = Conv2d::new(stem, 3).stride(2).padding(1);
    let mut x = net.conv_bn_relu("conv_stem", Value::INPUT, stem)?;
    let blocks = blocks.iter().flat_map(|&(times, block)| std::iter::repeat_n(block, times));
    for (i, block) in blocks.enumerate() {
        x = net.scope(format!("blocks.{i}"), |net| block.draw(net, x, width))?;
    }
    let x = net.pool("avgpool", x, Pool2d::global_average())?;
    let x = net.conv_bn_relu("conv_head", x, Conv2d::new(1280, 1))?;
    net.linear("fc", x, Linear::new(args.whole("classes")))
}

impl Block {
    fn draw(self, net: &mut Net, x: Value, width: f64) -> Result {
        let out = |c: usize| divisible(c as f64 * width, 8);
        let expanded = |net: &Net, factor| Some(divisible((net.channels(x) * factor) as f64, 8));
        match self {
            Conv(kernel, stride, c) => {
                let conv = Conv2d::new(out(c), kernel).padding(kernel / 2).stride(stride);
                net.conv_bn_relu("conv", x, conv)
            }
            Fused(stride, factor, c) => {
                let expanded = expanded(net, factor);
                FusedInvertedResidual { expanded, stride, out: out(c), activation: Relu }.draw(net, x)
            }
            Universal(kernels, stride, factor, c) => {
                let [start, kernel] = kernels.map(|k| (k > 0).then_some(k));
                let block = InvertedResidual {
                    start,
                    expanded: expanded(net, factor),
                    kernel,
                    stride,
                    dilation: 1,
                    out: out(c),
                    activation: Relu,
                    gate: None,
                };
                block.draw(net, x)
            }
        }
    }
}
