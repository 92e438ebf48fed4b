//! MobileNetV2: inverted residuals with linear bottlenecks (paper's table 2).
//!
//! The first block has factor 1 and no expansion, as in the paper, torchvision and timm. Widths are
//! rounded to multiples of 8; the last convolution never has fewer than 1280 channels.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, InvertedResidual, WIDTH, divisible, imagenet},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, Linear, Pool2d, UnaryFn::*, Value};

pub(crate) static FAMILY: Family = Family {
    name: "mobilenet_v2",
    paper: Paper {
        authors: "Sandler et al.",
        title: "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
        year: 2018,
        arxiv: "1801.04381",
    },
    introduced: "inverted residuals; linear bottlenecks",
    taxonomy: &[Taxon::Efficiency, Taxon::MultiPath],
    parameters: &[
        WIDTH,
        Parameter::whole("rounding", 8, [1, 1024], "channels are multiples of it"),
        Parameter::flag("first_expansion", false, "a 1×1 convolution in the first block as well"),
        Parameter::flag("bias", true, "a bias in the classifier"),
        CLASSES,
    ],
    presets: presets![
        "mobilenet_v2" = "",
        "mobilenetv2_035" = "width=0.35",
        "mobilenetv2_050" = "width=0.5",
        "mobilenetv2_075" = "width=0.75",
        "mobilenetv2_100" = "width=1",
        "mobilenetv2_140" = "width=1.4",
    ],
    input: imagenet,
    build,
};

/// Expansion factor, output channels, blocks, stride of the first.
const STAGES: [(usize, usize, usize, usize); 7] = [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
];

fn build(net: &mut Net, args: &Arguments) -> Result {
    let width = args.real("width");
    let channels = |c: usize, width: f64| divisible(c as f64 * width, args.whole("rounding"));

    let stem = Conv2d::new(channels(32, width), 3).stride(2).padding(1);
    let mut x = net.conv_bn_act("features.0", Value::INPUT, stem, Relu6)?;
    let mut block = 1;
    for (expansion, out, blocks, stride) in STAGES {
        for i in 0..blocks {
            let expands = expansion > 1 || args.flag("first_expansion");
            let unit = InvertedResidual {
                start: None,
                expanded: expands.then(|| expansion * net.channels(x)),
                kernel: Some(3),
                stride: if i == 0 { stride } else { 1 },
                dilation: 1,
                out: channels(out, width),
                activation: Relu6,
                gate: None,
            };
            x = net.scope(format!("features.{block}"), |net| unit.draw(net, x))?;
            block += 1;
        }
    }
    let last = Conv2d::new(channels(1280, width.max(1.0)), 1);
    let x = net.conv_bn_act(&format!("features.{block}"), x, last, Relu6)?;
    let x = net.pool("avgpool", x, Pool2d::global_average())?;
    net.linear("classifier", x, Linear { out: args.whole("classes"), bias: args.flag("bias") })
}
