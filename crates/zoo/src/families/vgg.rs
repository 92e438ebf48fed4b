//! VGG: stacks of 3×3 convolutions between poolings (paper's table 1, columns A, B, D and E).

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, average_to, dense_classifier, imagenet},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, Pool2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "vgg",
    paper: Paper {
        authors: "Simonyan and Zisserman",
        title: "Very Deep Convolutional Networks for Large-Scale Image Recognition",
        year: 2014,
        arxiv: "1409.1556",
    },
    introduced: "depth by stacks of 3×3 convolutions only",
    taxonomy: &[Taxon::SpatialExploitation, Taxon::Depth],
    parameters: &[
        Parameter::whole_of("depth", 16, &[11, 13, 16, 19], "weight layers"),
        Parameter::flag("batch_norm", false, "a batch norm after each convolution"),
        CLASSES,
    ],
    presets: presets![
        "vgg11" = "depth=11",
        "vgg13" = "depth=13",
        "vgg16" = "depth=16",
        "vgg19" = "depth=19",
        "vgg11_bn" = "depth=11, batch_norm=true",
        "vgg13_bn" = "depth=13, batch_norm=true",
        "vgg16_bn" = "depth=16, batch_norm=true",
        "vgg19_bn" = "depth=19, batch_norm=true",
    ],
    input: imagenet,
    build,
};

/// Channels of the five stages.
const CHANNELS: [usize; 5] = [64, 128, 256, 512, 512];

/// Convolutions of each stage.
const fn convolutions(depth: usize) -> [usize; 5] {
    match depth {
        11 => [1, 1, 2, 2, 2],
        13 => [2, 2, 2, 2, 2],
        16 => [2, 2, 3, 3, 3],
        _ => [2, 2, 4, 4, 4],
    }
}

fn build(net: &mut Net, args: &Arguments) -> Result {
    let mut x = Value::INPUT;
    let stages = convolutions(args.whole("depth")).into_iter().zip(CHANNELS);
    for (stage, (count, channels)) in (1..).zip(stages) {
        for i in 1..=count {
            let conv = Conv2d::new(channels, 3).padding(1).bias();
            let name = format!("conv{stage}_{i}");
            x = match args.flag("batch_norm") {
                true => net.conv_bn_relu(&name, x, conv)?,
                false => net.conv_relu(&name, x, conv)?,
            };
        }
        x = net.pool(&format!("pool{stage}"), x, Pool2d::max(2, 2))?;
    }
    let x = average_to(net, "avgpool", x, 7)?;
    dense_classifier(net, x, args.whole("classes"))
}
