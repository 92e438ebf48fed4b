//! PyramidNet: residual units that widen a little at every unit instead of doubling at a few
//! (paper's figure 1, additive widening of equation 3).
//!
//! A unit has no ReLU before its first convolution and none after its addition; its shortcut is
//! pooled where the map halves and padded with zero channels, so it has no weights. On CIFAR the
//! depth is 6n + 2, with bottlenecks 9n + 2; on ImageNet bottlenecks begin at 50 layers.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{Dataset, cifar_units},
    family::presets,
    net::{BuildError, Net, Result},
};
use ops::{ChannelPad, Conv2d, Pool2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "pyramidnet",
    paper: Paper {
        authors: "Han et al.",
        title: "Deep Pyramidal Residual Networks",
        year: 2016,
        arxiv: "1610.02915",
    },
    introduced: "channels that grow at every unit; zero-padded shortcuts",
    taxonomy: &[Taxon::Width, Taxon::MultiPath],
    parameters: &[
        Parameter::whole("depth", 101, [8, 2000], "weight layers"),
        Parameter::real("alpha", 360.0, [0.0, 10_000.0], "channels that all units add together"),
        Dataset::PARAMETER,
        Parameter::flag("bottleneck", false, "bottleneck units on CIFAR"),
    ],
    presets: presets![
        "pyramidnet101_a360" = "depth=101, alpha=360",
        "pyramidnet200_a450" = "depth=200, alpha=450",
        "pyramidnet110_a48_cifar10" = "depth=110, alpha=48, dataset=cifar10",
        "pyramidnet110_a84_cifar10" = "depth=110, alpha=84, dataset=cifar10",
        "pyramidnet110_a270_cifar10" = "depth=110, alpha=270, dataset=cifar10",
        "pyramidnet110_a48_cifar100" = "depth=110, alpha=48, dataset=cifar100",
        "pyramidnet110_a84_cifar100" = "depth=110, alpha=84, dataset=cifar100",
        "pyramidnet110_a270_cifar100" = "depth=110, alpha=270, dataset=cifar100",
        "pyramidnet164_a48_bn_cifar10" = "depth=164, alpha=48, bottleneck=true, dataset=cifar10",
        "pyramidnet164_a84_bn_cifar10" = "depth=164, alpha=84, bottleneck=true, dataset=cifar10",
        "pyramidnet164_a270_bn_cifar10" = "depth=164, alpha=270, bottleneck=true, dataset=cifar10",
        "pyramidnet200_a240_bn_cifar10" = "depth=200, alpha=240, bottleneck=true, dataset=cifar10",
        "pyramidnet236_a220_bn_cifar10" = "depth=236, alpha=220, bottleneck=true, dataset=cifar10",
        "pyramidnet272_a200_bn_cifar10" = "depth=272, alpha=200, bottleneck=true, dataset=cifar10",
    ],
    input: Dataset::input,
    build,
};

fn build(net: &mut Net, args: &Arguments) -> Result {
    let depth = args.whole("depth");
    let dataset = Dataset::of(args);
    let (bottleneck, units) = match dataset {
        Dataset::ImageNet => imagenet_units(depth)?,
        _ if args.flag("bottleneck") => (true, vec![cifar_units(depth, 3)?; 3]),
        _ => (false, vec![cifar_units(depth, 2)?; 3]),
    };
    let mut x = match dataset {
        Dataset::ImageNet => {
            let conv = Conv2d::new(64, 7).stride(2).padding(3);
            let x = net.conv_bn_relu("conv1", Value::INPUT, conv)?;
            net.pool("maxpool", x, Pool2d::max(3, 2).padding(1))?
        }
        _ => net.conv_bn("conv1", Value::INPUT, Conv2d::new(16, 3).padding(1))?,
    };
    let step = args.real("alpha") / units.iter().sum::<usize>() as f64;
    let mut width = net.channels(x) as f64;
    for (stage, &count) in units.iter().enumerate() {
        for i in 0..count {
            width += step;
            let stride = if stage > 0 && i == 0 { 2 } else { 1 };
            x = net.scope(format!("layer{}.{i}", stage + 1), |net| {
                unit(net, x, width.round_ties_even() as usize, stride, bottleneck)
            })?;
        }
    }
    let x = net.bn_relu("bn_final", x)?;
    net.classify(x, dataset.classes())
}

/// Whether the units are bottlenecks, and how many each stage has.
fn imagenet_units(depth: usize) -> Result<(bool, Vec<usize>)> {
    let units = match depth {
        18 => [2, 2, 2, 2],
        34 | 50 => [3, 4, 6, 3],
        101 => [3, 4, 23, 3],
        152 => [3, 8, 36, 3],
        200 => [3, 24, 36, 3],
        _ => {
            let expected = "18, 34, 50, 101, 152 or 200 on this dataset";
            return Err(BuildError::parameter("depth", expected));
        }
    };
    Ok((depth >= 50, units.to_vec()))
}

/// Figure 6d.
fn unit(net: &mut Net, x: Value, width: usize, stride: usize, bottleneck: bool) -> Result {
    let conv3 = Conv2d::new(width, 3).padding(1);
    let y = net.bn("bn1", x)?;
    let y = match bottleneck {
        true => {
            let y = net.conv_bn_relu("conv1", y, Conv2d::new(width, 1))?;
            let y = net.conv_bn_relu("conv2", y, conv3.stride(stride))?;
            net.conv_bn("conv3", y, Conv2d::new(4 * width, 1))?
        }
        false => {
            let y = net.conv_bn_relu("conv1", y, conv3.stride(stride))?;
            net.conv_bn("conv2", y, conv3)?
        }
    };
    let out = net.channels(y);
    let mut shortcut = x;
    if stride > 1 {
        shortcut = net.pool("shortcut.pool", shortcut, Pool2d::average(2, 2).ceil())?;
    }
    if net.channels(shortcut) != out {
        shortcut = net.push("shortcut.pad", ChannelPad { out }, &[shortcut])?;
    }
    net.add("add", y, shortcut)
}
