//! DenseNet: every layer reads the maps of all layers before it (paper's figure 1 and table 1).
//!
//! On CIFAR the depth is 3n + 4, with bottlenecks (`bottleneck=true`, DenseNet-BC) 6n + 4.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::Dataset,
    family::presets,
    net::{BuildError, Net, Result},
};
use ops::{Conv2d, Pool2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "densenet",
    paper: Paper {
        authors: "Huang et al.",
        title: "Densely Connected Convolutional Networks",
        year: 2016,
        arxiv: "1608.06993",
    },
    introduced: "every layer connected to every later one of its block",
    taxonomy: &[Taxon::MultiPath, Taxon::Depth],
    parameters: &[
        Parameter::whole("depth", 121, [7, 2000], "weight layers"),
        Parameter::whole("growth", 32, [1, 1024], "maps that each layer adds"),
        Parameter::real("compression", 0.5, [0.01, 1.0], "share of maps that a transition keeps"),
        Dataset::PARAMETER,
        Parameter::flag("bottleneck", true, "a 1×1 convolution before each 3×3 (CIFAR)"),
    ],
    presets: presets![
        "densenet121" = "depth=121",
        "densenet161" = "depth=161, growth=48",
        "densenet169" = "depth=169",
        "densenet201" = "depth=201",
        "densenet40_k12_cifar10" = "depth=40, growth=12, dataset=cifar10, bottleneck=false",
        "densenet100_k12_cifar10" = "depth=100, growth=12, dataset=cifar10, bottleneck=false",
        "densenet100_k12_bc_cifar10" = "depth=100, growth=12, dataset=cifar10",
    ],
    input: Dataset::input,
    build,
};

fn build(net: &mut Net, args: &Arguments) -> Result {
    let (depth, growth) = (args.whole("depth"), args.whole("growth"));
    let dataset = Dataset::of(args);
    let bottleneck = dataset == Dataset::ImageNet || args.flag("bottleneck");
    let (blocks, mut x) = match dataset {
        Dataset::ImageNet => {
            let conv = Conv2d::new(2 * growth, 7).stride(2).padding(3);
            let x = net.conv_bn_relu("conv0", Value::INPUT, conv)?;
            (imagenet_blocks(depth)?, net.pool("pool0", x, Pool2d::max(3, 2).padding(1))?)
        }
        _ => {
            let conv = Conv2d::new(2 * growth, 3).padding(1);
            (cifar_blocks(depth, bottleneck)?, net.conv("conv0", Value::INPUT, conv)?)
        }
    };
    for (i, &layers) in (1..).zip(&blocks) {
        x = net.scope(format!("block{i}"), |net| block(net, x, layers, growth, bottleneck))?;
        if i < blocks.len() {
            let out = (net.channels(x) as f64 * args.real("compression")) as usize;
            x = net.scope(format!("transition{i}"), |net| transition(net, x, out))?;
        }
    }
    let x = net.bn_relu("bn", x)?;
    net.classify(x, dataset.classes())
}

/// Layers of each block.
fn imagenet_blocks(depth: usize) -> Result<Vec<usize>> {
    Ok(match depth {
        121 => vec![6, 12, 24, 16],
        161 => vec![6, 12, 36, 24],
        169 => vec![6, 12, 32, 32],
        201 => vec![6, 12, 48, 32],
        264 => vec![6, 12, 64, 48],
        _ => {
            let expected = "121, 161, 169, 201 or 264 on this dataset";
            return Err(BuildError::parameter("depth", expected));
        }
    })
}

fn cifar_blocks(depth: usize, bottleneck: bool) -> Result<Vec<usize>> {
    let convolutions = if bottleneck { 6 } else { 3 };
    match depth.checked_sub(4) {
        Some(rest) if rest > 0 && rest.is_multiple_of(convolutions) => {
            Ok(vec![rest / convolutions; 3])
        }
        _ => {
            let expected = format!("{convolutions}·n + 4 on this dataset");
            Err(BuildError::parameter("depth", expected))
        }
    }
}

/// Layer l reads x₀, x₁, …, x₍l−1₎ side by side.
fn block(net: &mut Net, x: Value, layers: usize, growth: usize, bottleneck: bool) -> Result {
    let mut features = vec![x];
    let mut all = x;
    for i in 1..=layers {
        let y = net.scope(format!("layer{i}"), |net| layer(net, all, growth, bottleneck))?;
        features.push(y);
        all = net.concat(&format!("layer{i}.concat"), &features)?;
    }
    Ok(all)
}

fn layer(net: &mut Net, x: Value, growth: usize, bottleneck: bool) -> Result {
    let mut x = net.bn_relu("bn1", x)?;
    if bottleneck {
        x = net.conv("conv1", x, Conv2d::new(4 * growth, 1))?;
        x = net.bn_relu("bn2", x)?;
    }
    net.conv("conv", x, Conv2d::new(growth, 3).padding(1))
}

fn transition(net: &mut Net, x: Value, out: usize) -> Result {
    let x = net.bn_relu("bn", x)?;
    let x = net.conv("conv", x, Conv2d::new(out, 1))?;
    net.pool("pool", x, Pool2d::average(2, 2))
}
