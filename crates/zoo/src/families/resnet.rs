//! ResNet: units whose output is added to their input (paper's figures 2 and 5), and the frame that
//! ResNeXt, wide ResNet, SENet, CBAM and Res2Net share.
//!
//! `resnet50` and the like are torchvision's: v1.5, which strides in the 3×3 convolution of a
//! bottleneck. `version=v1` strides in the first 1×1, as the paper does; networks of basic units
//! are the same in both. On CIFAR (`dataset=cifar10`) the depth is 6n + 2, with bottlenecks 9n + 2.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{Dataset, cifar_units},
    family::presets,
    net::{BuildError, Net, Result},
};
use ops::{ChannelPad, Conv2d, Pool2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "resnet",
    paper: Paper {
        authors: "He et al.",
        title: "Deep Residual Learning for Image Recognition",
        year: 2015,
        arxiv: "1512.03385",
    },
    introduced: "residual units: identity shortcuts round two or three convolutions",
    taxonomy: &[Taxon::Depth, Taxon::MultiPath],
    parameters: &[
        Parameter::whole("depth", 50, [8, 2000], "weight layers"),
        Parameter::word("version", &["v1.5", "v1"], "stride in the 3×3 or in the first 1×1"),
        Dataset::PARAMETER,
        Parameter::flag("bottleneck", false, "bottleneck units on CIFAR"),
        Parameter::word(
            "shortcut",
            &["projection", "padding"],
            "where shapes change: a strided 1×1 convolution, or sampled and padded with zeros",
        ),
    ],
    presets: presets![
        "resnet18" = "depth=18",
        "resnet34" = "depth=34",
        "resnet50" = "depth=50",
        "resnet101" = "depth=101",
        "resnet152" = "depth=152",
        "resnet50_v1" = "depth=50, version=v1",
        "resnet101_v1" = "depth=101, version=v1",
        "resnet152_v1" = "depth=152, version=v1",
        "resnet20_cifar10" = "depth=20, dataset=cifar10",
        "resnet56_cifar10" = "depth=56, dataset=cifar10",
        "resnet110_cifar10" = "depth=110, dataset=cifar10",
    ],
    input: Dataset::input,
    build,
};

fn build(net: &mut Net, args: &Arguments) -> Result {
    let depth = args.whole("depth");
    let dataset = Dataset::of(args);
    let (unit, units) = match dataset {
        Dataset::ImageNet => imagenet_units(depth)?,
        _ if args.flag("bottleneck") => (Unit::Bottleneck, vec![cifar_units(depth, 3)?; 3]),
        _ => (Unit::Basic, vec![cifar_units(depth, 2)?; 3]),
    };
    let residual = Residual {
        stride_first: args.word("version") == "v1",
        pad_shortcut: args.word("shortcut") == "padding",
        ..Residual::new(unit)
    };
    let (mut x, width) = match dataset {
        Dataset::ImageNet => (stem(net)?, 64),
        _ => (net.conv_bn_relu("conv1", Value::INPUT, Conv2d::new(16, 3).padding(1))?, 16),
    };
    x = residual.stages(net, x, width, &units)?;
    net.classify(x, dataset.classes())
}

/// The kind of unit and the units of each stage of the paper's table 1.
pub(super) fn imagenet_units(depth: usize) -> Result<(Unit, Vec<usize>)> {
    let (unit, units) = match depth {
        18 => (Unit::Basic, [2, 2, 2, 2]),
        34 => (Unit::Basic, [3, 4, 6, 3]),
        50 => (Unit::Bottleneck, [3, 4, 6, 3]),
        101 => (Unit::Bottleneck, [3, 4, 23, 3]),
        152 => (Unit::Bottleneck, [3, 8, 36, 3]),
        _ => return Err(BuildError::parameter("depth", "18, 34, 50, 101 or 152 on this dataset")),
    };
    Ok((unit, units.to_vec()))
}

/// The ImageNet stem: 7×7 at stride 2, then pooling at stride 2.
pub(super) fn stem(net: &mut Net) -> Result {
    let conv = Conv2d::new(64, 7).stride(2).padding(3);
    let x = net.conv_bn_relu("conv1", Value::INPUT, conv)?;
    net.pool("maxpool", x, Pool2d::max(3, 2).padding(1))
}

/// The two kinds of unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Figure 5, left: two 3×3 convolutions.
    Basic,
    /// Figure 5, right: 1×1, 3×3, 1×1, the last one four times as wide.
    Bottleneck,
}

/// What all units of a residual network share.
pub(super) struct Residual {
    /// The kind of unit.
    pub unit: Unit,
    /// Whether a bottleneck strides in its first convolution.
    pub stride_first: bool,
    /// Whether shortcuts that change shape are sampled and padded with zeros.
    pub pad_shortcut: bool,
    /// Kernel of the shortcuts that halve the map.
    pub down_kernel: usize,
    /// Groups of a bottleneck's 3×3 convolution.
    pub groups: usize,
    /// Channels of each of those groups in a stage of width 64.
    pub group_width: usize,
    /// Whether a bottleneck's first convolution has half the channels of its second.
    pub halve_first: bool,
    /// How many times as many channels a bottleneck's first convolution has as its second.
    pub scales: usize,
    /// Appends a bottleneck's 3×3 convolution, given whether the unit changes shape.
    pub middle: fn(&mut Net, Value, Conv2d, bool) -> Result,
    /// What is done to a unit's result before the addition.
    pub attention: Option<fn(&mut Net, Value) -> Result>,
}

impl Residual {
    /// ResNet's own.
    pub fn new(unit: Unit) -> Self {
        Self {
            unit,
            stride_first: false,
            pad_shortcut: false,
            down_kernel: 1,
            groups: 1,
            group_width: 64,
            halve_first: false,
            scales: 1,
            middle: |net, x, conv, _| net.conv_bn_relu("conv2", x, conv),
            attention: None,
        }
    }

    /// Stages of `units` units each; every stage but the first halves the map and doubles `width`.
    pub fn stages(&self, net: &mut Net, mut x: Value, width: usize, units: &[usize]) -> Result {
        for (stage, &count) in units.iter().enumerate() {
            for unit in 0..count {
                let stride = if unit == 0 && stage > 0 { 2 } else { 1 };
                x = net.scope(format!("layer{}.{unit}", stage + 1), |net| {
                    self.unit(net, x, width << stage, stride)
                })?;
            }
        }
        Ok(x)
    }

    /// F(x) + x, then a ReLU.
    fn unit(&self, net: &mut Net, x: Value, width: usize, stride: usize) -> Result {
        let y = match self.unit {
            Unit::Basic => basic(net, x, width, stride)?,
            Unit::Bottleneck => self.bottleneck(net, x, width, stride)?,
        };
        let y = match self.attention {
            Some(attention) => attention(net, y)?,
            None => y,
        };
        let shortcut = self.shortcut(net, x, net.channels(y), stride)?;
        let sum = net.add("add", y, shortcut)?;
        net.relu("relu", sum)
    }

    fn bottleneck(&self, net: &mut Net, x: Value, width: usize, stride: usize) -> Result {
        let inner = width * self.group_width / 64 * self.groups;
        let first = if self.halve_first { inner / 2 } else { inner * self.scales };
        let [s1, s2] = if self.stride_first { [stride, 1] } else { [1, stride] };
        let middle = Conv2d::new(inner, 3).padding(1).stride(s2).groups(self.groups);
        let y = net.conv_bn_relu("conv1", x, Conv2d::new(first, 1).stride(s1))?;
        let y = (self.middle)(net, y, middle, !keeps_shape(net, x, 4 * width, stride))?;
        net.conv_bn("conv3", y, Conv2d::new(4 * width, 1))
    }

    /// x itself where its shape already fits.
    fn shortcut(&self, net: &mut Net, x: Value, out: usize, stride: usize) -> Result {
        if keeps_shape(net, x, out, stride) {
            return Ok(x);
        }
        if self.pad_shortcut {
            let x = match stride {
                1 => x,
                _ => net.pool("downsample.pool", x, Pool2d::max(1, stride))?,
            };
            return net.push("downsample.pad", ChannelPad { out }, &[x]);
        }
        let kernel = if stride == 1 { 1 } else { self.down_kernel };
        let conv = Conv2d::new(out, kernel).padding(kernel / 2).stride(stride);
        net.conv_bn("downsample", x, conv)
    }
}

fn keeps_shape(net: &Net, x: Value, out: usize, stride: usize) -> bool {
    stride == 1 && net.channels(x) == out
}

fn basic(net: &mut Net, x: Value, width: usize, stride: usize) -> Result {
    let y = net.conv_bn_relu("conv1", x, Conv2d::new(width, 3).padding(1).stride(stride))?;
    net.conv_bn("conv2", y, Conv2d::new(width, 3).padding(1))
}
