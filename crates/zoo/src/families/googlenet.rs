//! GoogLeNet: inception modules, which look at a map through kernels of several sizes at once
//! (paper's figure 2b and table 1).
//!
//! The plain name is torchvision's network: batch norm, and a 3×3 kernel where the paper has 5×5.
//! `googlenet_2014` is the paper's: 5×5, biases, local response normalisation. `aux=true` counts
//! the parameters of the two auxiliary classifiers, which only training runs.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, imagenet},
    family::presets,
    inception::{Step, inception, reduce, same},
    net::{Net, Result},
};
use ops::{BatchNorm, Conv2d, Linear, LocalResponseNorm, Pool2d, Value};
use profile::Shape;

pub(crate) static FAMILY: Family = Family {
    name: "googlenet",
    paper: Paper {
        authors: "Szegedy et al.",
        title: "Going Deeper with Convolutions",
        year: 2014,
        arxiv: "1409.4842",
    },
    introduced: "inception modules; 1×1 convolutions that reduce channels; auxiliary classifiers",
    taxonomy: &[Taxon::SpatialExploitation, Taxon::Width],
    parameters: &[
        Parameter::word("variant", &["torchvision", "original"], "torchvision's or the paper's"),
        Parameter::flag("aux", false, "count the auxiliary classifiers' parameters"),
        CLASSES,
    ],
    presets: presets!["googlenet" = "", "googlenet_2014" = "variant=original"],
    input: imagenet,
    build,
};

/// Table 1: 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool projection.
const MODULES: [(&str, [usize; 6]); 9] = [
    ("3a", [64, 96, 128, 16, 32, 32]),
    ("3b", [128, 128, 192, 32, 96, 64]),
    ("4a", [192, 96, 208, 16, 48, 64]),
    ("4b", [160, 112, 224, 24, 64, 64]),
    ("4c", [128, 128, 256, 24, 64, 64]),
    ("4d", [112, 144, 288, 32, 64, 64]),
    ("4e", [256, 160, 320, 32, 128, 128]),
    ("5a", [256, 160, 320, 32, 128, 128]),
    ("5b", [384, 192, 384, 48, 128, 128]),
];

fn build(net: &mut Net, args: &Arguments) -> Result {
    let original = args.word("variant") == "original";
    net.norm = (!original).then_some(BatchNorm { epsilon: 1e-3, ..BatchNorm::default() });
    let normalise = |net: &mut Net, name: &str, x| match original {
        true => net.push(name, LocalResponseNorm::default(), &[x]),
        false => Ok(x),
    };
    // Kernel of the branch that the paper calls 5×5, and the pooling before modules 5.
    let (kernel, pool4) = if original { (5, 3) } else { (3, 2) };

    let stem = Conv2d::new(64, 7).stride(2).padding(3);
    let x = net.conv_bn_relu("conv1", Value::INPUT, stem)?;
    let x = net.pool("pool1", x, Pool2d::max(3, 2).ceil())?;
    let x = normalise(net, "norm1", x)?;
    let x = net.conv_bn_relu("conv2_reduce", x, Conv2d::new(64, 1))?;
    let x = net.conv_bn_relu("conv2", x, Conv2d::new(192, 3).padding(1))?;
    let x = normalise(net, "norm2", x)?;
    let mut x = net.pool("pool2", x, Pool2d::max(3, 2).ceil())?;
    for (name, channels) in MODULES {
        x = match name {
            "4a" => net.pool("pool3", x, Pool2d::max(3, 2).ceil())?,
            "5a" => net.pool("pool4", x, Pool2d::max(pool4, 2).ceil())?,
            _ => x,
        };
        x = net.scope(format!("inception{name}"), |net| module(net, x, channels, kernel))?;
        if args.flag("aux") && matches!(name, "4a" | "4d") {
            auxiliary(net, x, args.whole("classes"))?;
        }
    }
    net.classify(x, args.whole("classes"))
}

/// Figure 2b.
fn module(net: &mut Net, x: Value, [c1, r3, c3, r5, c5, p]: [usize; 6], kernel: usize) -> Result {
    inception(
        net,
        x,
        &[
            &[reduce(c1)],
            &[reduce(r3), same(c3, 3, 3)],
            &[reduce(r5), same(c5, kernel, kernel)],
            &[Step::Pool(Pool2d::max(3, 1).padding(1)), reduce(p)],
        ],
    )
}

/// The side classifier of section 5, over a map that is 14×14 in training.
fn auxiliary(net: &mut Net, x: Value, classes: usize) -> Result<()> {
    net.training_only(Shape::new(1, net.channels(x), 14, 14), |head, x| {
        let x = head.pool("pool", x, Pool2d::average(5, 3))?;
        let x = head.conv_bn_relu("conv", x, Conv2d::new(128, 1))?;
        let x = head.linear("fc1", x, Linear::new(1024))?;
        head.linear("fc2", x, Linear::new(classes))
    })
}
