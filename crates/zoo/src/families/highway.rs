//! Highway networks: each layer mixes what it computes with what it was given,
//! y = H(x)·T(x) + x·(1 − T(x)), where the gate T is a convolution too (paper's equation 3).
//!
//! The convolutional networks of the authors' own configuration files: 19 weight layers for CIFAR,
//! 10 for MNIST. The width changes only in plain convolutions.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{WIDTH, scaled},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, Linear, Pool2d, UnaryFn::*, Value};

pub(crate) static FAMILY: Family = Family {
    name: "highway",
    paper: Paper {
        authors: "Srivastava et al.",
        title: "Highway Networks",
        year: 2015,
        arxiv: "1505.00387",
    },
    introduced: "gated shortcuts across layers",
    taxonomy: &[Taxon::Depth, Taxon::MultiPath],
    parameters: &[
        Parameter::word("dataset", &["cifar10", "cifar100", "mnist"], "decides the network"),
        WIDTH,
    ],
    presets: presets![
        "highway19_cifar10" = "dataset=cifar10",
        "highway19_cifar100" = "dataset=cifar100",
        "highway10_mnist" = "dataset=mnist",
    ],
    input: |args| match args.word("dataset") {
        "mnist" => [1, 28, 28],
        _ => [3, 32, 32],
    },
    build,
};

fn build(net: &mut Net, args: &Arguments) -> Result {
    let width = args.real("width");
    match args.word("dataset") {
        "mnist" => mnist(net, width),
        "cifar100" => cifar(net, width, 100),
        _ => cifar(net, width, 10),
    }
}

fn cifar(net: &mut Net, width: f64, classes: usize) -> Result {
    let mut x = Value::INPUT;
    for (stage, (channels, layers)) in [(32, 4), (80, 5), (128, 5)].into_iter().enumerate() {
        if stage > 0 {
            x = net.pool(&format!("pool{stage}"), x, Pool2d::max(2, 2))?;
        }
        let conv = Conv2d::new(scaled(channels, width), 3).padding(1);
        x = net.conv_relu(&format!("conv{}", stage + 1), x, conv)?;
        x = highways(net, stage + 1, layers, x)?;
    }
    let x = net.conv_relu("conv4", x, Conv2d::new(scaled(100, width), 1))?;
    net.classify(x, classes)
}

fn mnist(net: &mut Net, width: f64) -> Result {
    let mut x = net.conv_relu("conv1", Value::INPUT, Conv2d::new(scaled(32, width), 5))?;
    let stages = [(2, Pool2d::max(3, 2).ceil()), (3, Pool2d::max(3, 2).ceil()), (3, Pool2d::max(2, 2).ceil())];
    for (stage, (layers, pool)) in (1..).zip(stages) {
        x = highways(net, stage, layers, x)?;
        x = net.pool(&format!("pool{stage}"), x, pool)?;
    }
    net.linear("fc", x, Linear::new(10))
}

fn highways(net: &mut Net, stage: usize, layers: usize, mut x: Value) -> Result {
    for i in 1..=layers {
        x = net.scope(format!("highway{stage}_{i}"), |net| highway(net, x))?;
    }
    Ok(x)
}

/// Equation 3.
fn highway(net: &mut Net, x: Value) -> Result {
    let conv = Conv2d::new(net.channels(x), 3).padding(1).bias();
    let t = net.conv("t", x, conv)?;
    let t = net.act("t.sigmoid", Sigmoid, t)?;
    let h = net.conv_relu("h", x, conv)?;
    let transformed = net.mul("transform", h, t)?;
    let carry = net.act("carry", OneMinus, t)?;
    let carried = net.mul("carried", x, carry)?;
    net.add("add", transformed, carried)
}
