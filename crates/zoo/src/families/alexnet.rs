//! AlexNet: five convolutions, three of them pooled, and three linear layers (paper's figure 2).
//!
//! The plain name is torchvision's one-column network (Krizhevsky 2014, arXiv 1404.5997), without
//! local response normalisation. `alexnet_2012` is the paper's: the channels of convolutions 2, 4
//! and 5 in two groups, one a GPU of the time, and an input of 227×227. `alexnet_one_column` has
//! its channels without the groups, on 224×224.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, average_to, dense_classifier},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, LocalResponseNorm, Pool2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "alexnet",
    paper: Paper {
        authors: "Krizhevsky et al.",
        title: "ImageNet Classification with Deep Convolutional Neural Networks",
        year: 2012,
        arxiv: "",
    },
    introduced: "deep convolutional networks on ImageNet: ReLU, dropout, grouped convolution",
    taxonomy: &[Taxon::SpatialExploitation],
    parameters: &[
        Parameter::word(
            "variant",
            &["torchvision", "2012", "one_column"],
            "torchvision's network, the paper's, or the paper's channels in one column on 224×224",
        ),
        Parameter::whole("groups", 1, [1, 64], "groups of convolutions 2, 4 and 5"),
        CLASSES,
    ],
    presets: presets![
        "alexnet" = "",
        "alexnet_2012" = "variant=2012, groups=2",
        "alexnet_one_column" = "variant=one_column",
    ],
    input: |args| match args.word("variant") {
        "2012" => [3, 227, 227],
        _ => [3, 224, 224],
    },
    build,
};

fn build(net: &mut Net, args: &Arguments) -> Result {
    let variant = args.word("variant");
    let groups = args.whole("groups");
    let (channels, padding) = match variant {
        "torchvision" => ([64, 192, 384, 256, 256], 2),
        _ => ([96, 256, 384, 384, 256], 0),
    };
    let normalised = variant != "torchvision";
    let pool = match variant {
        "one_column" => Pool2d::max(3, 2).ceil(),
        _ => Pool2d::max(3, 2),
    };
    let convs = [
        Conv2d::new(channels[0], 11).stride(4).padding(padding),
        Conv2d::new(channels[1], 5).padding(2).groups(groups),
        Conv2d::new(channels[2], 3).padding(1),
        Conv2d::new(channels[3], 3).padding(1).groups(groups),
        Conv2d::new(channels[4], 3).padding(1).groups(groups),
    ];
    let mut x = Value::INPUT;
    for (i, conv) in (1..).zip(convs) {
        x = net.conv_relu(&format!("conv{i}"), x, conv)?;
        if normalised && i <= 2 {
            x = net.push(&format!("norm{i}"), LocalResponseNorm::default(), &[x])?;
        }
        if i != 3 && i != 4 {
            x = net.pool(&format!("pool{i}"), x, pool)?;
        }
    }
    if variant == "torchvision" {
        x = average_to(net, "avgpool", x, 6)?;
    }
    dense_classifier(net, x, args.whole("classes"))
}
