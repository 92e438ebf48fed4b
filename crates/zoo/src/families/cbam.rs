//! CBAM-ResNet: every residual unit's result is weighted twice, channel by channel and place by
//! place (paper's figures 1 to 3).

use super::resnet::{Residual, imagenet_units, stem};
use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, imagenet},
    family::presets,
    net::{Net, Result},
};
use ops::{ChannelPool, Conv2d, Linear, Pool2d, PoolFn, UnaryFn::*, Value};

pub(crate) static FAMILY: Family = Family {
    name: "cbam_resnet",
    paper: Paper {
        authors: "Woo et al.",
        title: "CBAM: Convolutional Block Attention Module",
        year: 2018,
        arxiv: "1807.06521",
    },
    introduced: "attention over channels, then over places",
    taxonomy: &[Taxon::Attention, Taxon::FeatureMapExploitation],
    parameters: &[
        Parameter::whole_of("depth", 50, &[18, 34, 50, 101, 152], "weight layers of the body"),
        CLASSES,
    ],
    presets: presets![
        "cbam_resnet18" = "depth=18",
        "cbam_resnet34" = "depth=34",
        "cbam_resnet50" = "depth=50",
        "cbam_resnet101" = "depth=101",
        "cbam_resnet152" = "depth=152",
    ],
    input: imagenet,
    build,
};

fn build(net: &mut Net, args: &Arguments) -> Result {
    let (unit, units) = imagenet_units(args.whole("depth"))?;
    let attention: fn(&mut Net, Value) -> Result = |net, x| {
        let x = net.scope("channel_attention", |net| channel_attention(net, x))?;
        net.scope("spatial_attention", |net| spatial_attention(net, x))
    };
    let residual = Residual { attention: Some(attention), ..Residual::new(unit) };
    let x = stem(net)?;
    let x = residual.stages(net, x, 64, &units)?;
    net.classify(x, args.whole("classes"))
}

/// Figure 2, above: σ(MLP(mean of each map) + MLP(largest of each map)), one MLP for both.
fn channel_attention(net: &mut Net, x: Value) -> Result {
    let channels = net.channels(x);
    let (squeeze, expand) = (Linear::new(channels / 16), Linear::new(channels));

    let mean = net.pool("mean", x, Pool2d::global_average())?;
    let a = net.linear("fc1", mean, squeeze)?;
    let a = net.relu("fc1.relu", a)?;
    let a = net.linear("fc2", a, expand)?;

    let max = net.pool("max", x, Pool2d { function: PoolFn::Max, ..Pool2d::global_average() })?;
    let b = net.linear_shared("fc1_max", max, squeeze, "fc1")?;
    let b = net.relu("fc1_max.relu", b)?;
    let b = net.linear_shared("fc2_max", b, expand, "fc2")?;

    let sum = net.add("add", a, b)?;
    let gate = net.act("sigmoid", Sigmoid, sum)?;
    net.mul("scale", x, gate)
}

/// Figure 2, below: σ(a 7×7 convolution over each pixel's largest and mean).
fn spatial_attention(net: &mut Net, x: Value) -> Result {
    let max = net.push("max", ChannelPool::Max, &[x])?;
    let mean = net.push("mean", ChannelPool::Mean, &[x])?;
    let both = net.concat("concat", &[max, mean])?;
    let gate = net.conv_bn("conv", both, Conv2d::new(1, 7).padding(3))?;
    let gate = net.act("sigmoid", Sigmoid, gate)?;
    net.mul("scale", x, gate)
}
