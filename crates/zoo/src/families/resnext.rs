//! ResNeXt: ResNet bottlenecks whose 3×3 convolution has many groups (paper's figure 3c).

use super::resnet::{Residual, imagenet_units, stem};
use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, imagenet},
    family::presets,
    net::{Net, Result},
};

pub(crate) static FAMILY: Family = Family {
    name: "resnext",
    paper: Paper {
        authors: "Xie et al.",
        title: "Aggregated Residual Transformations for Deep Neural Networks",
        year: 2016,
        arxiv: "1611.05431",
    },
    introduced: "cardinality: many parallel transformations, as one grouped convolution",
    taxonomy: &[Taxon::Width, Taxon::MultiPath],
    parameters: &[
        Parameter::whole_of("depth", 50, &[50, 101, 152], "weight layers"),
        Parameter::whole("groups", 32, [1, 4096], "cardinality: groups of the 3×3 convolutions"),
        Parameter::whole("group_width", 4, [1, 4096], "channels of each group in the first stage"),
        CLASSES,
    ],
    presets: presets![
        "resnext50_32x4d" = "depth=50, groups=32, group_width=4",
        "resnext101_32x4d" = "depth=101, groups=32, group_width=4",
        "resnext101_32x8d" = "depth=101, groups=32, group_width=8",
        "resnext101_64x4d" = "depth=101, groups=64, group_width=4",
    ],
    input: imagenet,
    build,
};

fn build(net: &mut Net, args: &Arguments) -> Result {
    let (unit, units) = imagenet_units(args.whole("depth"))?;
    let residual = Residual {
        groups: args.whole("groups"),
        group_width: args.whole("group_width"),
        ..Residual::new(unit)
    };
    let x = stem(net)?;
    let x = residual.stages(net, x, 64, &units)?;
    net.classify(x, args.whole("classes"))
}
