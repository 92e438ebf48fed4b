//! Res2Net: the 3×3 convolution of a bottleneck split into scales, each of which reads the result
//! of the one before (paper's figure 2b).

use super::resnet::{Residual, imagenet_units, stem};
use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, imagenet},
    family::presets,
    net::{Net, Result},
};
use ops::{ChannelSplit, Conv2d, Pool2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "res2net",
    paper: Paper {
        authors: "Gao et al.",
        title: "Res2Net: A New Multi-scale Backbone Architecture",
        year: 2019,
        arxiv: "1904.01169",
    },
    introduced: "scales within a unit: convolutions over parts of the channels, one after the other",
    taxonomy: &[Taxon::MultiPath, Taxon::Width],
    parameters: &[
        Parameter::whole_of("depth", 50, &[50, 101, 152], "weight layers"),
        Parameter::whole("base_width", 26, [1, 1024], "channels of a scale in the first stage"),
        Parameter::whole("scales", 4, [2, 64], "parts of a unit's channels"),
        Parameter::whole("groups", 1, [1, 4096], "groups of the 3×3 convolutions"),
        CLASSES,
    ],
    presets: presets![
        "res2net50_26w_4s" = "depth=50",
        "res2net50_48w_2s" = "base_width=48, scales=2",
        "res2net50_14w_8s" = "base_width=14, scales=8",
        "res2net101_26w_4s" = "depth=101",
        "res2next50" = "base_width=4, groups=8",
    ],
    input: imagenet,
    build,
};

fn build(net: &mut Net, args: &Arguments) -> Result {
    let (unit, units) = imagenet_units(args.whole("depth"))?;
    let residual = Residual {
        groups: args.whole("groups"),
        group_width: args.whole("base_width"),
        scales: args.whole("scales"),
        middle: multi_scale,
        ..Residual::new(unit)
    };
    let x = stem(net)?;
    let x = residual.stages(net, x, 64, &units)?;
    net.classify(x, args.whole("classes"))
}

/// Every scale but the last is convolved, after what the one before became is added to it. In a
/// unit that changes shape nothing is added, and the last is averaged.
fn multi_scale(net: &mut Net, x: Value, conv: Conv2d, reshapes: bool) -> Result {
    let last = net.channels(x) / conv.out - 1;
    let scale = |net: &mut Net, i: usize| {
        let split = ChannelSplit { start: i * conv.out, len: conv.out };
        net.push(&format!("split{i}"), split, &[x])
    };
    let mut scales: Vec<Value> = Vec::new();
    for i in 0..last {
        let mut y = scale(net, i)?;
        if let Some(&before) = scales.last().filter(|_| !reshapes) {
            y = net.add(&format!("conv2.{i}.add"), before, y)?;
        }
        scales.push(net.conv_bn_relu(&format!("conv2.{i}"), y, conv)?);
    }
    let mut y = scale(net, last)?;
    if reshapes {
        let pool = Pool2d::average(3, conv.stride.0).padding(1);
        y = net.pool("pool", y, pool)?;
    }
    scales.push(y);
    net.concat("concat", &scales)
}
