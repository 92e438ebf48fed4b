//! MobileNetV3: inverted residuals with squeeze-and-excitation and hard-swish, found by search
//! (paper's tables 1 and 2).
//!
//! Packages scale it differently. `rule=torchvision` multiplies every channel of the tables by the
//! width and rounds; so does its last layer. `rule=timm` rounds a block's input first and keeps the
//! expansion's ratio to it; its last layer is not scaled. `rule=pytorchcv` has 1280 features in the
//! last layer of both sizes, without a bias.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, InvertedResidual, SqueezeExcite, WIDTH, divisible, imagenet},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, Linear, Pool2d, UnaryFn::*, Value};

pub(crate) static FAMILY: Family = Family {
    name: "mobilenet_v3",
    paper: Paper {
        authors: "Howard et al.",
        title: "Searching for MobileNetV3",
        year: 2019,
        arxiv: "1905.02244",
    },
    introduced: "hard-swish; a network searched for one phone's latency",
    taxonomy: &[Taxon::Efficiency, Taxon::FeatureMapExploitation],
    parameters: &[
        Parameter::word("size", &["large", "small"], "the paper's two networks"),
        WIDTH,
        Parameter::word("rule", &["torchvision", "timm", "pytorchcv"], "how widths scale"),
        CLASSES,
    ],
    presets: presets![
        "mobilenet_v3_large" = "size=large",
        "mobilenet_v3_small" = "size=small",
        "mobilenetv3_large_100" = "size=large, rule=timm",
        "mobilenetv3_large_075" = "size=large, width=0.75, rule=timm",
        "mobilenetv3_small_100" = "size=small, rule=timm",
        "mobilenetv3_small_075" = "size=small, width=0.75, rule=timm",
    ],
    input: imagenet,
    build,
};

/// Kernel, expanded channels, output channels, squeeze-and-excitation, hard-swish, stride.
type Row = (usize, usize, usize, bool, bool, usize);

/// Table 1.
const LARGE: [Row; 15] = [
    (3, 16, 16, false, false, 1),
    (3, 64, 24, false, false, 2),
    (3, 72, 24, false, false, 1),
    (5, 72, 40, true, false, 2),
    (5, 120, 40, true, false, 1),
    (5, 120, 40, true, false, 1),
    (3, 240, 80, false, true, 2),
    (3, 200, 80, false, true, 1),
    (3, 184, 80, false, true, 1),
    (3, 184, 80, false, true, 1),
    (3, 480, 112, true, true, 1),
    (3, 672, 112, true, true, 1),
    (5, 672, 160, true, true, 2),
    (5, 960, 160, true, true, 1),
    (5, 960, 160, true, true, 1),
];

/// Table 2.
const SMALL: [Row; 11] = [
    (3, 16, 16, true, false, 2),
    (3, 72, 24, false, false, 2),
    (3, 88, 24, false, false, 1),
    (5, 96, 40, true, true, 2),
    (5, 240, 40, true, true, 1),
    (5, 240, 40, true, true, 1),
    (5, 120, 48, true, true, 1),
    (5, 144, 48, true, true, 1),
    (5, 288, 96, true, true, 2),
    (5, 576, 96, true, true, 1),
    (5, 576, 96, true, true, 1),
];

fn build(net: &mut Net, args: &Arguments) -> Result {
    let (rule, width) = (args.word("rule"), args.real("width"));
    let channels = |c: usize| divisible(c as f64 * width, 8);
    let (rows, last, features): (&[Row], _, _) = match args.word("size") {
        "small" => (&SMALL, 576, 1024),
        _ => (&LARGE, 960, 1280),
    };
    let features = match rule {
        "torchvision" => channels(features),
        "timm" => features,
        _ => 1280,
    };

    // timm does not shrink the stem of very narrow networks.
    let stem = if rule == "timm" && width < 0.75 { 16 } else { channels(16) };
    let stem = Conv2d::new(stem, 3).stride(2).padding(1);
    let mut x = net.conv_bn_act("conv_stem", Value::INPUT, stem, HardSwish)?;
    let mut nominal = 16;
    for (i, &(kernel, expanded, out, se, hard_swish, stride)) in rows.iter().enumerate() {
        let input = net.channels(x);
        let mid = match rule {
            "timm" => divisible(input as f64 * (expanded as f64 / nominal as f64), 8),
            _ => channels(expanded),
        };
        let block = InvertedResidual {
            start: None,
            expanded: (mid != input).then_some(mid),
            kernel: Some(kernel),
            stride,
            out: channels(out),
            activation: if hard_swish { HardSwish } else { Relu },
            gate: se.then(|| SqueezeExcite {
                squeezed: divisible(mid as f64 / 4.0, 8),
                activations: [Relu, HardSigmoid],
            }),
        };
        x = net.scope(format!("blocks.{i}"), |net| block.draw(net, x))?;
        nominal = out;
    }
    let x = net.conv_bn_act("conv_last", x, Conv2d::new(channels(last), 1), HardSwish)?;
    let x = net.pool("avgpool", x, Pool2d::global_average())?;
    let x = net.linear("fc1", x, Linear { out: features, bias: rule != "pytorchcv" })?;
    let x = net.act("fc1.hard_swish", HardSwish, x)?;
    net.linear("fc2", x, Linear::new(args.whole("classes")))
}
