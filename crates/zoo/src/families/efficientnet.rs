//! EfficientNet: B0, found by search, and its larger versions, whose width, depth and resolution
//! grow together (paper's table 1 and equation 3).

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, InvertedResidual, SqueezeExcite, WIDTH, divisible},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, UnaryFn::*, Value};

pub(crate) static FAMILY: Family = Family {
    name: "efficientnet",
    paper: Paper {
        authors: "Tan and Le",
        title: "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
        year: 2019,
        arxiv: "1905.11946",
    },
    introduced: "compound scaling of width, depth and resolution",
    taxonomy: &[Taxon::Efficiency, Taxon::FeatureMapExploitation],
    parameters: &[
        WIDTH,
        Parameter::real("depth", 1.0, [0.001, 64.0], "multiplies the blocks of every stage"),
        Parameter::whole("resolution", 224, [1, 65_536], "height and width of its own input"),
        CLASSES,
    ],
    presets: presets![
        "efficientnet_b0" = "",
        "efficientnet_b1" = "width=1, depth=1.1, resolution=240",
        "efficientnet_b2" = "width=1.1, depth=1.2, resolution=260",
        "efficientnet_b3" = "width=1.2, depth=1.4, resolution=300",
        "efficientnet_b4" = "width=1.4, depth=1.8, resolution=380",
        "efficientnet_b5" = "width=1.6, depth=2.2, resolution=456",
        "efficientnet_b6" = "width=1.8, depth=2.6, resolution=528",
        "efficientnet_b7" = "width=2, depth=3.1, resolution=600",
    ],
    input: |args| [3, args.whole("resolution"), args.whole("resolution")],
    build,
};

/// Table 1: expansion factor, kernel, stride of the first block, output channels, blocks.
const STAGES: [(usize, usize, usize, usize, usize); 7] = [
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
];

fn build(net: &mut Net, args: &Arguments) -> Result {
    let channels = |c: usize| divisible(c as f64 * args.real("width"), 8);
    let repeats = |blocks: usize| (blocks as f64 * args.real("depth")).ceil() as usize;

    let stem = Conv2d::new(channels(32), 3).stride(2).padding(1);
    let mut x = net.conv_bn_act("conv_stem", Value::INPUT, stem, Silu)?;
    for (stage, (factor, kernel, stride, out, blocks)) in (1..).zip(STAGES) {
        for i in 0..repeats(blocks) {
            let input = net.channels(x);
            let expanded = (factor > 1).then_some(factor * input);
            let stride = if i == 0 { stride } else { 1 };
            let block = mb_conv(input, expanded, kernel, stride, channels(out));
            x = net.scope(format!("stage{stage}.{i}"), |net| block.draw(net, x))?;
        }
    }
    let features = 4 * net.channels(x);
    head(net, x, features, args.whole("classes"))
}

/// The block over `input` channels, with squeeze-and-excitation to a quarter of these.
pub(super) fn mb_conv(
    input: usize,
    expanded: Option<usize>,
    kernel: usize,
    stride: usize,
    out: usize,
) -> InvertedResidual {
    InvertedResidual {
        start: None,
        expanded,
        kernel: Some(kernel),
        stride,
        dilation: 1,
        out,
        activation: Silu,
        gate: Some(SqueezeExcite {
            squeezed: (input / 4).max(1),
            activations: [Silu, Sigmoid],
        }),
    }
}

/// The end: a 1×1 convolution to `features` channels, and the classifier.
pub(super) fn head(net: &mut Net, x: Value, features: usize, classes: usize) -> Result {
    let x = net.conv_bn_act("conv_head", x, Conv2d::new(features, 1), Silu)?;
    net.classify(x, classes)
}
