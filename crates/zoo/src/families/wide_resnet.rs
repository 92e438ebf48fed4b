//! Wide ResNet: fewer layers, `width` times as many channels (paper's table 1).
//!
//! On ImageNet the inner convolutions of ResNet's bottlenecks are widened; `batch_norm=false` gives
//! them biases instead. On CIFAR the units are pre-activated (batch norm and ReLU before each
//! convolution) and the depth is 6n + 4: the paper counts the three projections too.

use super::resnet::{Residual, imagenet_units, stem};
use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::Dataset,
    family::presets,
    net::{BuildError, Net, Result},
};
use ops::{Conv2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "wide_resnet",
    paper: Paper {
        authors: "Zagoruyko and Komodakis",
        title: "Wide Residual Networks",
        year: 2016,
        arxiv: "1605.07146",
    },
    introduced: "width instead of depth in residual networks",
    taxonomy: &[Taxon::Width, Taxon::MultiPath],
    parameters: &[
        Parameter::whole("depth", 50, [10, 2000], "weight layers"),
        Parameter::whole("width", 2, [1, 64], "multiplies the channels"),
        Dataset::PARAMETER,
        Parameter::flag("batch_norm", true, "batch norms, or biases in their place (ImageNet)"),
    ],
    presets: presets![
        "wide_resnet50_2" = "depth=50, width=2",
        "wide_resnet101_2" = "depth=101, width=2",
        "wrn16_10_cifar10" = "depth=16, width=10, dataset=cifar10",
        "wrn28_10_cifar10" = "depth=28, width=10, dataset=cifar10",
        "wrn28_10_cifar100" = "depth=28, width=10, dataset=cifar100",
        "wrn40_8_cifar10" = "depth=40, width=8, dataset=cifar10",
    ],
    input: Dataset::input,
    build,
};

fn build(net: &mut Net, args: &Arguments) -> Result {
    let (depth, width) = (args.whole("depth"), args.whole("width"));
    let dataset = Dataset::of(args);
    let x = match dataset {
        Dataset::ImageNet => {
            if !args.flag("batch_norm") {
                net.norm = None;
            }
            let (unit, units) = imagenet_units(depth)?;
            let residual = Residual { group_width: 64 * width, ..Residual::new(unit) };
            let x = stem(net)?;
            residual.stages(net, x, 64, &units)?
        }
        _ => cifar(net, depth, width)?,
    };
    net.classify(x, dataset.classes())
}

fn cifar(net: &mut Net, depth: usize, width: usize) -> Result {
    let units = match depth.checked_sub(4) {
        Some(rest) if rest > 0 && rest.is_multiple_of(6) => rest / 6,
        _ => return Err(BuildError::parameter("depth", "6·n + 4 on this dataset")),
    };
    let mut x = net.conv("conv1", Value::INPUT, Conv2d::new(16, 3).padding(1))?;
    for stage in 0..3 {
        let out = (16 << stage) * width;
        for i in 0..units {
            let stride = if stage > 0 && i == 0 { 2 } else { 1 };
            x = net.scope(format!("stage{}.{i}", stage + 1), |net| unit(net, x, out, stride))?;
        }
    }
    net.bn_relu("bn", x)
}

/// Figure 1c: the projection, where there is one, reads the pre-activated map.
fn unit(net: &mut Net, x: Value, out: usize, stride: usize) -> Result {
    let input = net.channels(x);
    let active = net.bn_relu("bn1", x)?;
    let y = net.conv("conv1", active, Conv2d::new(out, 3).padding(1).stride(stride))?;
    let y = net.bn_relu("bn2", y)?;
    let y = net.conv("conv2", y, Conv2d::new(out, 3).padding(1))?;
    let shortcut = match (stride, out) == (1, input) {
        true => x,
        false => net.conv("shortcut", active, Conv2d::new(out, 1).stride(stride))?,
    };
    net.add("add", y, shortcut)
}
