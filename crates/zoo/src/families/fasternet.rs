//! FasterNet: convolutions over a quarter of the channels, which leave the others as they are
//! (paper's figures 1 and 4). The smaller two have GELU, the others ReLU.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, imagenet},
    family::presets,
    net::{Net, Result},
};
use ops::{
    ChannelSplit, Conv2d, Linear, Pool2d,
    UnaryFn::{self, Gelu, Relu},
    Value,
};

pub(crate) static FAMILY: Family = Family {
    name: "fasternet",
    paper: Paper {
        authors: "Chen et al.",
        title: "Run, Don't Walk: Chasing Higher FLOPS for Faster Neural Networks",
        year: 2023,
        arxiv: "2303.03667",
    },
    introduced: "partial convolutions: fewer FLOPs and less memory access at high FLOPS",
    taxonomy: &[Taxon::Efficiency, Taxon::MultiPath],
    parameters: &[
        Parameter::word("size", &["t2", "t0", "t1", "s", "m", "l"], "the paper's networks"),
        CLASSES,
    ],
    presets: presets![
        "fasternet_t0" = "size=t0",
        "fasternet_t1" = "size=t1",
        "fasternet_t2" = "size=t2",
        "fasternet_s" = "size=s",
        "fasternet_m" = "size=m",
    ],
    input: imagenet,
    build,
};

/// Channels of the first stage, blocks of each, the activation.
fn size(args: &Arguments) -> (usize, [usize; 4], UnaryFn) {
    match args.word("size") {
        "t0" => (40, [1, 2, 8, 2], Gelu),
        "t1" => (64, [1, 2, 8, 2], Gelu),
        "s" => (128, [1, 2, 13, 2], Relu),
        "m" => (144, [3, 4, 18, 3], Relu),
        "l" => (192, [3, 4, 18, 3], Relu),
        _ => (96, [1, 2, 8, 2], Relu),
    }
}

fn build(net: &mut Net, args: &Arguments) -> Result {
    let (channels, blocks, activation) = size(args);
    let mut x = Value::INPUT;
    for (stage, blocks) in blocks.into_iter().enumerate() {
        let (name, patch) = if stage == 0 { ("embed", 4) } else { ("merge", 2) };
        let patches = Conv2d::new(channels << stage, patch).stride(patch);
        x = net.conv_bn(&format!("stage{}.{name}", stage + 1), x, patches)?;
        for i in 0..blocks {
            x = net.scope(format!("stage{}.{i}", stage + 1), |net| block(net, x, activation))?;
        }
    }
    let x = net.pool("avgpool", x, Pool2d::global_average())?;
    let x = net.conv("conv_head", x, Conv2d::new(1280, 1))?;
    let x = net.act(&format!("conv_head.{}", activation.name()), activation, x)?;
    net.linear("fc", x, Linear::new(args.whole("classes")))
}

/// x + a partial convolution and two pointwise ones (figure 4).
fn block(net: &mut Net, x: Value, activation: UnaryFn) -> Result {
    let channels = net.channels(x);
    let y = partial(net, x, channels / 4)?;
    let y = net.conv_bn_calm("expand", y, Conv2d::new(2 * channels, 1), 0.25)?;
    let y = net.act(&format!("expand.{}", activation.name()), activation, y)?;
    let y = net.conv("project", y, Conv2d::new(channels, 1))?;
    net.add("add", y, x)
}

/// A 3×3 convolution over the first `channels` of x, beside the others.
fn partial(net: &mut Net, x: Value, channels: usize) -> Result {
    let others = ChannelSplit { start: channels, len: net.channels(x) - channels };
    let some = net.push("split1", ChannelSplit { start: 0, len: channels }, &[x])?;
    let others = net.push("split2", others, &[x])?;
    let some = net.conv("partial", some, Conv2d::new(channels, 3).padding(1))?;
    net.concat("concat", &[some, others])
}
