//! DeepLabV3 over MobileNetV3: convolutions of several dilations side by side, which see a map at
//! several scales (paper's figure 5), as torchvision has it.
//!
//! `head=lraspp` is the lighter one of MobileNetV3's paper (arXiv 1905.02244, figure 10). `aux=true`
//! counts the parameters of the auxiliary classifier, which only training runs.

use super::mobilenet_v3::Trunk;
use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, Pool2d, Resize, UnaryFn::Sigmoid, Value};
use profile::Shape;

pub(crate) static FAMILY: Family = Family {
    name: "deeplab_v3",
    paper: Paper {
        authors: "Chen et al.",
        title: "Rethinking Atrous Convolution for Semantic Image Segmentation",
        year: 2017,
        arxiv: "1706.05587",
    },
    introduced: "atrous spatial pyramid pooling with the mean of the image",
    taxonomy: &[Taxon::MultiPath, Taxon::Efficiency],
    parameters: &[
        Parameter::word("head", &["deeplab", "lraspp"], "the paper's or MobileNetV3's"),
        Parameter::flag("aux", false, "count the auxiliary classifier's parameters"),
        Parameter::whole("classes", 21, [1, 100_000], "outputs of each pixel"),
    ],
    presets: presets![
        "deeplabv3_mobilenet_v3_large" = "",
        "lraspp_mobilenet_v3_large" = "head=lraspp",
    ],
    input: |_| [3, 520, 520],
    build,
};

/// Channels of every branch of the pyramid, and of what comes of it.
const CHANNELS: usize = 256;

fn build(net: &mut Net, args: &Arguments) -> Result {
    let trunk = Trunk { rule: "torchvision", width: 1.0, small: false, dilated: true };
    let [eighth, x] = trunk.draw(net)?;
    let classes = args.whole("classes");
    if args.flag("aux") {
        auxiliary(net, net.shape(eighth), classes)?;
    }
    let x = match args.word("head") {
        "lraspp" => light(net, eighth, x, classes)?,
        _ => pyramid(net, x, classes)?,
    };
    resized(net, "resize", x, Value::INPUT)
}

/// `x` at the size of `like`.
fn resized(net: &mut Net, name: &str, x: Value, like: Value) -> Result {
    let Shape { h, w, .. } = net.shape(like);
    net.push(name, Resize::bilinear(h, w), &[x])
}

/// A convolution to [`CHANNELS`], dilated by `rate`.
const fn atrous(rate: usize) -> Conv2d {
    Conv2d::new(CHANNELS, 3).padding(rate).dilation(rate)
}

/// Figure 5 from (a) on: 1×1, three dilations and the mean of the image, side by side.
fn pyramid(net: &mut Net, x: Value, classes: usize) -> Result {
    let pointwise = Conv2d::new(CHANNELS, 1);
    let mut branches = vec![net.conv_bn_relu("aspp0", x, pointwise)?];
    for (i, rate) in (1..).zip([12, 24, 36]) {
        branches.push(net.conv_bn_relu(&format!("aspp{i}"), x, atrous(rate))?);
    }
    let mean = net.pool("aspp4.avgpool", x, Pool2d::global_average())?;
    let mean = net.conv_bn_relu("aspp4", mean, pointwise)?;
    branches.push(resized(net, "aspp4.resize", mean, x)?);
    let x = net.concat("concat", &branches)?;
    let x = net.conv_bn_relu("project", x, pointwise)?;
    let x = net.conv_bn_relu("conv", x, atrous(1))?;
    net.conv("classifier", x, Conv2d::new(classes, 1).bias())
}

/// The last map gated by the mean of its channels, and an earlier one for the details.
fn light(net: &mut Net, eighth: Value, x: Value, classes: usize) -> Result {
    let (narrow, classifier) = (Conv2d::new(128, 1), Conv2d::new(classes, 1).bias());
    let y = net.conv_bn_relu("cbr", x, narrow)?;
    let mean = net.pool("scale.avgpool", x, Pool2d::global_average())?;
    let gate = net.conv("scale", mean, narrow)?;
    let gate = net.act("scale.sigmoid", Sigmoid, gate)?;
    let y = net.mul("mul", y, gate)?;
    let y = resized(net, "mul.resize", y, eighth)?;
    let low = net.conv("low", eighth, classifier)?;
    let high = net.conv("high", y, classifier)?;
    net.add("add", low, high)
}

/// The side classifier over a map of this shape.
fn auxiliary(net: &mut Net, shape: Shape, classes: usize) -> Result<()> {
    net.training_only(shape, |head, x| {
        let conv = Conv2d::new(shape.c / 4, 3).padding(1);
        let x = head.conv_bn_relu("conv", x, conv)?;
        head.conv("classifier", x, Conv2d::new(classes, 1).bias())
    })
}
