//! SENet: squeeze-and-excitation in every residual unit (paper's figures 2 and 3).
//!
//! `body=resnet` gates ResNet's or, with groups, ResNeXt's units. `body=senet` is the paper's
//! appendix (SENet-154): three 3×3 convolutions for a stem, half as many channels in a bottleneck's
//! first convolution, 3×3 convolutions in the shortcuts that halve the map.
//!
//! timm's `seresnet50` strides in the 3×3 convolution; `se_resnet50_v1` and timm's `legacy_…` do so
//! in the first 1×1, the latter with a stem pooling that is not padded but rounded up.

use super::resnet::{Residual, Unit, imagenet_units};
use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, SqueezeExcite, imagenet},
    family::presets,
    net::{BuildError, Net, Result},
};
use ops::{Conv2d, Pool2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "senet",
    paper: Paper {
        authors: "Hu et al.",
        title: "Squeeze-and-Excitation Networks",
        year: 2017,
        arxiv: "1709.01507",
    },
    introduced: "channels reweighted by gates computed from their means",
    taxonomy: &[Taxon::FeatureMapExploitation, Taxon::Attention],
    parameters: &[
        Parameter::whole("depth", 50, [1, 200], "weight layers of the body"),
        Parameter::word("body", &["resnet", "senet"], "ResNet's units or SENet-154's"),
        Parameter::word("version", &["v1.5", "v1"], "stride in the 3×3 or in the first 1×1"),
        Parameter::whole("groups", 1, [1, 4096], "groups of the 3×3 convolutions"),
        Parameter::whole("group_width", 64, [1, 4096], "channels of each group, first stage"),
        Parameter::whole_of("divisor", 8, &[8, 1], "squeezed channels are multiples of it"),
        Parameter::word("stem_pool", &["padded", "ceil"], "how the stem's pooling meets the edge"),
        CLASSES,
    ],
    presets: presets![
        "seresnet18" = "depth=18",
        "seresnet34" = "depth=34",
        "seresnet50" = "depth=50",
        "seresnet101" = "depth=101",
        "seresnet152" = "depth=152",
        "se_resnet50_v1" = "depth=50, version=v1",
        "se_resnet101_v1" = "depth=101, version=v1",
        "se_resnet152_v1" = "depth=152, version=v1",
        "seresnext50_32x4d" = "depth=50, groups=32, group_width=4",
        "seresnext101_32x4d" = "depth=101, groups=32, group_width=4",
        "senet16" = "body=senet, depth=16, groups=32, group_width=4",
        "senet28" = "body=senet, depth=28, groups=32, group_width=4",
        "senet154" = "body=senet, depth=154, groups=64, group_width=4",
        "legacy_seresnet50" = "depth=50, version=v1, divisor=1, stem_pool=ceil",
        "legacy_seresnet101" = "depth=101, version=v1, divisor=1, stem_pool=ceil",
        "legacy_seresnet152" = "depth=152, version=v1, divisor=1, stem_pool=ceil",
        "legacy_seresnext50_32x4d" = "depth=50, groups=32, group_width=4, divisor=1, stem_pool=ceil",
        "legacy_seresnext101_32x4d" = "depth=101, groups=32, group_width=4, divisor=1, stem_pool=ceil",
        "legacy_senet154" = "body=senet, depth=154, groups=64, group_width=4, divisor=1, stem_pool=ceil",
    ],
    input: imagenet,
    build,
};

fn build(net: &mut Net, args: &Arguments) -> Result {
    let depth = args.whole("depth");
    let senet = args.word("body") == "senet";
    let (unit, units) = if senet { senet_units(depth)? } else { imagenet_units(depth)? };
    let residual = Residual {
        stride_first: args.word("version") == "v1",
        down_kernel: if senet { 3 } else { 1 },
        groups: args.whole("groups"),
        group_width: args.whole("group_width"),
        halve_first: senet,
        attention: Some(match args.whole("divisor") {
            1 => squeeze_excite::<1>,
            _ => squeeze_excite::<8>,
        }),
        ..Residual::new(unit)
    };
    let x = if senet { deep_stem(net)? } else { stem(net)? };
    let pool = match args.word("stem_pool") {
        "ceil" => Pool2d::max(3, 2).ceil(),
        _ => Pool2d::max(3, 2).padding(1),
    };
    let x = net.pool("maxpool", x, pool)?;
    let x = residual.stages(net, x, 64, &units)?;
    net.classify(x, args.whole("classes"))
}

/// The bodies by their number of weight layers.
fn senet_units(depth: usize) -> Result<(Unit, Vec<usize>)> {
    let units = match depth {
        16 => [1, 1, 1, 1],
        28 => [2, 2, 2, 2],
        40 => [3, 3, 3, 3],
        52 => [3, 4, 6, 3],
        103 => [3, 4, 23, 3],
        154 => [3, 8, 36, 3],
        _ => {
            let expected = "16, 28, 40, 52, 103 or 154 for this body";
            return Err(BuildError::parameter("depth", expected));
        }
    };
    Ok((Unit::Bottleneck, units.to_vec()))
}

fn stem(net: &mut Net) -> Result {
    net.conv_bn_relu("conv1", Value::INPUT, Conv2d::new(64, 7).stride(2).padding(3))
}

fn deep_stem(net: &mut Net) -> Result {
    let x = net.conv_bn_relu("conv1", Value::INPUT, Conv2d::new(64, 3).stride(2).padding(1))?;
    let x = net.conv_bn_relu("conv2", x, Conv2d::new(64, 3).padding(1))?;
    net.conv_bn_relu("conv3", x, Conv2d::new(128, 3).padding(1))
}

fn squeeze_excite<const DIVISOR: usize>(net: &mut Net, x: Value) -> Result {
    SqueezeExcite::sixteenth(net.channels(x), DIVISOR).draw(net, "se", x)
}
