//! ConvNeXt: a residual network with what transformers had shown to pay: patches, large depthwise
//! kernels, one activation and one norm a block (paper's figure 4 and section 2.7).
//!
//! The sizes below `tiny` are timm's.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, imagenet},
    family::presets,
    net::{Net, Result},
};
use ops::{ChannelAffine, Conv2d, LayerNorm, Linear, Pool2d, UnaryFn::Gelu, Value};

pub(crate) static FAMILY: Family = Family {
    name: "convnext",
    paper: Paper {
        authors: "Liu et al.",
        title: "A ConvNet for the 2020s",
        year: 2022,
        arxiv: "2201.03545",
    },
    introduced: "a transformer's macro design in a convolutional network; 7×7 depthwise kernels",
    taxonomy: &[Taxon::Width, Taxon::MultiPath],
    parameters: &[
        Parameter::word(
            "size",
            &["tiny", "atto", "femto", "pico", "nano", "small", "base"],
            "channels and blocks of the stages",
        ),
        CLASSES,
    ],
    presets: presets![
        "convnext_atto" = "size=atto",
        "convnext_femto" = "size=femto",
        "convnext_pico" = "size=pico",
        "convnext_nano" = "size=nano",
        "convnext_tiny" = "size=tiny",
        "convnext_small" = "size=small",
    ],
    input: imagenet,
    build,
};

/// Channels of the first stage, blocks of each.
fn size(args: &Arguments) -> (usize, [usize; 4]) {
    match args.word("size") {
        "atto" => (40, [2, 2, 6, 2]),
        "femto" => (48, [2, 2, 6, 2]),
        "pico" => (64, [2, 2, 6, 2]),
        "nano" => (80, [2, 2, 8, 2]),
        "small" => (96, [3, 3, 27, 3]),
        "base" => (128, [3, 3, 27, 3]),
        _ => (96, [3, 3, 9, 3]),
    }
}

/// The norm of all places.
const NORM: LayerNorm = LayerNorm { epsilon: 1e-6, affine: ChannelAffine::BOTH };

fn build(net: &mut Net, args: &Arguments) -> Result {
    let (channels, blocks) = size(args);
    let patches = |out, size| Conv2d::new(out, size).stride(size).bias();
    let x = net.conv("stem", Value::INPUT, patches(channels, 4))?;
    let mut x = net.push("stem.norm", NORM, &[x])?;
    for (stage, blocks) in blocks.into_iter().enumerate() {
        if stage > 0 {
            x = net.push(&format!("stage{}.norm", stage + 1), NORM, &[x])?;
            x = net.conv(&format!("stage{}.down", stage + 1), x, patches(channels << stage, 2))?;
        }
        for i in 0..blocks {
            x = net.scope(format!("stage{}.{i}", stage + 1), |net| block(net, x))?;
        }
    }
    let x = net.pool("avgpool", x, Pool2d::global_average())?;
    let x = net.push("norm", NORM, &[x])?;
    net.linear("fc", x, Linear::new(args.whole("classes")))
}

/// x + a depthwise convolution and two pointwise ones, with a factor a channel (figure 4).
fn block(net: &mut Net, x: Value) -> Result {
    let channels = net.channels(x);
    let y = net.conv("depthwise", x, Conv2d::depthwise(channels, 7).bias())?;
    let y = net.push("norm", NORM, &[y])?;
    let y = net.conv("expand", y, Conv2d::new(4 * channels, 1).bias())?;
    let y = net.act("expand.gelu", Gelu, y)?;
    let y = net.conv("project", y, Conv2d::new(channels, 1).bias())?;
    let y = net.push("layer_scale", ChannelAffine::SCALE, &[y])?;
    net.add("add", y, x)
}
