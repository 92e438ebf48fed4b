//! ZFNet: AlexNet with a smaller first kernel and stride, found by looking at what the filters had
//! learnt (paper's figure 3). `zfnetb` has 512, 1024 and 512 maps in layers 3 to 5.
//!
//! Normalisation stands before the pooling, as in AlexNet.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, dense_classifier, imagenet},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, LocalResponseNorm, Pool2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "zfnet",
    paper: Paper {
        authors: "Zeiler and Fergus",
        title: "Visualizing and Understanding Convolutional Networks",
        year: 2013,
        arxiv: "1311.2901",
    },
    introduced: "design by visualising what layers respond to",
    taxonomy: &[Taxon::SpatialExploitation],
    parameters: &[
        Parameter::word("variant", &["a", "b"], "a: 384, 384, 256 maps at the end; b: wider ones"),
        CLASSES,
    ],
    presets: presets!["zfnet" = "", "zfnetb" = "variant=b"],
    input: imagenet,
    build,
};

fn build(net: &mut Net, args: &Arguments) -> Result {
    let last = match args.word("variant") {
        "b" => [512, 1024, 512],
        _ => [384, 384, 256],
    };
    let early = [Conv2d::new(96, 7).stride(2).padding(1), Conv2d::new(256, 5).stride(2)];
    let convs = early.into_iter().chain(last.map(|out| Conv2d::new(out, 3).padding(1)));
    let mut x = Value::INPUT;
    for (i, conv) in (1..).zip(convs) {
        x = net.conv_relu(&format!("conv{i}"), x, conv)?;
        if i <= 2 {
            x = net.push(&format!("norm{i}"), LocalResponseNorm::default(), &[x])?;
        }
        if i != 3 && i != 4 {
            x = net.pool(&format!("pool{i}"), x, Pool2d::max(3, 2).ceil())?;
        }
    }
    dense_classifier(net, x, args.whole("classes"))
}
