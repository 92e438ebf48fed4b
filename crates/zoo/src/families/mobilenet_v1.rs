//! MobileNetV1: a stack of depthwise separable convolutions (paper's table 1).

use crate::{
    Arguments, Family, Paper, Taxon,
    blocks::{CLASSES, WIDTH, imagenet, scaled},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "mobilenet_v1",
    paper: Paper {
        authors: "Howard et al.",
        title: "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
        year: 2017,
        arxiv: "1704.04861",
    },
    introduced: "networks of depthwise separable convolutions; width and resolution multipliers",
    taxonomy: &[Taxon::Efficiency],
    parameters: &[WIDTH, CLASSES],
    presets: presets![
        "mobilenet_v1" = "",
        "mobilenet_v1_0_75" = "width=0.75",
        "mobilenet_v1_0_5" = "width=0.5",
        "mobilenet_v1_0_25" = "width=0.25",
        "mobilenetv1_100" = "width=1",
        "mobilenetv1_125" = "width=1.25",
    ],
    input: imagenet,
    build,
};

/// Output channels and stride of each depthwise separable convolution.
const LAYERS: [(usize, usize); 13] = [
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (1024, 2),
    (1024, 1),
];

fn build(net: &mut Net, args: &Arguments) -> Result {
    let width = args.real("width");
    let stem = Conv2d::new(scaled(32, width), 3).stride(2).padding(1);
    let mut x = net.conv_bn_relu("conv1", Value::INPUT, stem)?;
    for (i, (out, stride)) in LAYERS.into_iter().enumerate() {
        x = net.scope(format!("layers.{i}"), |net| {
            let depthwise = Conv2d::depthwise(net.channels(x), 3).stride(stride);
            let y = net.conv_bn_relu("conv_dw", x, depthwise)?;
            net.conv_bn_relu("conv_pw", y, Conv2d::new(scaled(out, width), 1))
        })?;
    }
    net.classify(x, args.whole("classes"))
}
