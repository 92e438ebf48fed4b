//! What several families share.

use crate::{
    Arguments, Parameter,
    net::{BuildError, Net, Result},
};
use ops::{Conv2d, Linear, Pool2d, UnaryFn, Value};

/// The number of classes.
pub(crate) const CLASSES: Parameter =
    Parameter::whole("classes", 1000, [1, 100_000], "outputs of the classifier");

/// The width multiplier.
pub(crate) const WIDTH: Parameter =
    Parameter::real("width", 1.0, [0.001, 64.0], "multiplies the channels of every stage");

/// Channels, height and width of an ImageNet crop.
pub(crate) const fn imagenet(_: &Arguments) -> [usize; 3] {
    [3, 224, 224]
}

/// The data that a network is drawn for: it decides the input, the stem and the classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dataset {
    /// 224×224, 1000 classes.
    ImageNet,
    /// 32×32, 10 classes.
    Cifar10,
    /// 32×32, 100 classes.
    Cifar100,
}

impl Dataset {
    /// The parameter that chooses it.
    pub const PARAMETER: Parameter = Parameter::word(
        "dataset",
        &["imagenet", "cifar10", "cifar100"],
        "decides the input, the stem, the stages and the classes",
    );

    /// The one chosen.
    pub fn of(args: &Arguments) -> Self {
        match args.word("dataset") {
            "cifar10" => Self::Cifar10,
            "cifar100" => Self::Cifar100,
            _ => Self::ImageNet,
        }
    }

    /// Channels, height and width of its images.
    pub fn input(args: &Arguments) -> [usize; 3] {
        match Self::of(args) {
            Self::ImageNet => imagenet(args),
            _ => [3, 32, 32],
        }
    }

    /// Its classes.
    pub const fn classes(self) -> usize {
        match self {
            Self::ImageNet => 1000,
            Self::Cifar10 => 10,
            Self::Cifar100 => 100,
        }
    }
}

/// Units a stage of a CIFAR network that has `depth` = 3·`layers`·n + 2 weight layers in three
/// stages of n units.
pub(crate) fn cifar_units(depth: usize, layers: usize) -> Result<usize> {
    match depth.checked_sub(2) {
        Some(rest) if rest > 0 && rest.is_multiple_of(3 * layers) => Ok(rest / (3 * layers)),
        _ => Err(BuildError::parameter("depth", format!("{}·n + 2 on this dataset", 3 * layers))),
    }
}

/// `channels` rounded to a multiple of `divisor`, upwards where rounding down would take more
/// than a tenth away; never below `divisor` (the MobileNet papers' rule).
pub(crate) fn divisible(channels: f64, divisor: usize) -> usize {
    let d = divisor as f64;
    let rounded = ((channels + d / 2.0) / d).floor().max(1.0) * d;
    (if rounded < 0.9 * channels { rounded + d } else { rounded }) as usize
}

/// `channels` times `width`, rounded down.
pub(crate) fn scaled(channels: usize, width: f64) -> usize {
    (channels as f64 * width) as usize
}

/// Squeeze-and-excitation (Hu et al. 2017, arXiv 1709.01507, figure 2): each channel times a gate
/// that two 1×1 convolutions compute from the means of all channels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SqueezeExcite {
    /// Channels between the two convolutions.
    pub squeezed: usize,
    /// The functions after the first and after the second.
    pub activations: [UnaryFn; 2],
}

impl SqueezeExcite {
    /// The SENet paper's functions and its reduction by 16, rounded to a multiple of `divisor`.
    pub fn sixteenth(channels: usize, divisor: usize) -> Self {
        let activations = [UnaryFn::Relu, UnaryFn::Sigmoid];
        Self { squeezed: divisible(channels as f64 / 16.0, divisor), activations }
    }

    /// Gates `x`.
    pub fn draw(&self, net: &mut Net, name: &str, x: Value) -> Result {
        let channels = net.channels(x);
        let [inner, gate] = self.activations;
        net.scope(name, |net| {
            let mean = net.pool("avgpool", x, Pool2d::global_average())?;
            let s = net.conv("fc1", mean, Conv2d::new(self.squeezed, 1).bias())?;
            let s = net.act(&format!("fc1.{}", inner.name()), inner, s)?;
            let e = net.conv("fc2", s, Conv2d::new(channels, 1).bias())?;
            let e = net.act(&format!("fc2.{}", gate.name()), gate, e)?;
            net.mul("scale", x, e)
        })
    }
}

/// The block of MobileNetV2 (arXiv 1801.04381, figure 3b) and its heirs: expand, filter each
/// channel, gate, project; the shortcut joins the narrow ends. MobileNetV4 (arXiv 2404.10518,
/// figure 4) may filter before the expansion, after it, both or not at all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InvertedResidual {
    /// Kernel of a depthwise convolution before the expansion; `None` where there is none.
    pub start: Option<usize>,
    /// Channels after the expansion; `None` where there is none.
    pub expanded: Option<usize>,
    /// Kernel of the depthwise convolution after it; `None` where there is none.
    pub kernel: Option<usize>,
    /// Stride of the last depthwise convolution.
    pub stride: usize,
    /// Dilation of the depthwise convolution after the expansion.
    pub dilation: usize,
    /// Output channels.
    pub out: usize,
    /// The function after the expansion and after the convolution that follows it.
    pub activation: UnaryFn,
    /// Squeeze-and-excitation before the projection.
    pub gate: Option<SqueezeExcite>,
}

impl InvertedResidual {
    /// Appends the block.
    pub fn draw(&self, net: &mut Net, x: Value) -> Result {
        let mut y = x;
        if let Some(kernel) = self.start {
            let stride = if self.kernel.is_none() { self.stride } else { 1 };
            let depthwise = Conv2d::depthwise(net.channels(y), kernel).stride(stride);
            y = net.conv_bn("start", y, depthwise)?;
        }
        if let Some(channels) = self.expanded {
            y = net.conv_bn_act("expand", y, Conv2d::new(channels, 1), self.activation)?;
        }
        if let Some(kernel) = self.kernel {
            let depthwise = Conv2d::depthwise(net.channels(y), kernel)
                .stride(self.stride)
                .padding(kernel / 2 * self.dilation)
                .dilation(self.dilation);
            y = net.conv_bn_act("depthwise", y, depthwise, self.activation)?;
        }
        if let Some(gate) = self.gate {
            y = gate.draw(net, "se", y)?;
        }
        y = net.conv_bn("project", y, Conv2d::new(self.out, 1))?;
        join(net, x, y, self.stride)
    }
}

/// The block of EfficientNetV2 (arXiv 2104.00298, figure 2): one dense convolution in place of an
/// inverted residual's expansion and depthwise convolution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FusedInvertedResidual {
    /// Channels after the expansion; `None` where the convolution makes the output by itself.
    pub expanded: Option<usize>,
    /// Its stride; its kernel is 3×3.
    pub stride: usize,
    /// Output channels.
    pub out: usize,
    /// The function after it.
    pub activation: UnaryFn,
}

impl FusedInvertedResidual {
    /// Appends the block.
    pub fn draw(&self, net: &mut Net, x: Value) -> Result {
        let conv = Conv2d::new(self.expanded.unwrap_or(self.out), 3).padding(1).stride(self.stride);
        let mut y = net.conv_bn_act("conv", x, conv, self.activation)?;
        if self.expanded.is_some() {
            y = net.conv_bn("project", y, Conv2d::new(self.out, 1))?;
        }
        join(net, x, y, self.stride)
    }
}

/// The shortcut of a block from x to y: where it neither strides nor changes the channels.
fn join(net: &mut Net, x: Value, y: Value, stride: usize) -> Result {
    match (stride, net.channels(y)) == (1, net.channels(x)) {
        true => net.add("add", y, x),
        false => Ok(y),
    }
}

/// The means of `size`×`size` parts of a map; one of that size is left as it is.
pub(crate) fn average_to(net: &mut Net, name: &str, x: Value, size: usize) -> Result {
    let shape = net.shape(x);
    match (shape.h, shape.w) == (size, size) {
        true => Ok(x),
        false => net.pool(name, x, Pool2d::average_parts(size)),
    }
}

/// The classifier of the first deep networks: 4096, 4096 and `classes` outputs.
pub(crate) fn dense_classifier(net: &mut Net, x: Value, classes: usize) -> Result {
    let x = net.linear("fc6", x, Linear::new(4096))?;
    let x = net.relu("fc6.relu", x)?;
    let x = net.linear("fc7", x, Linear::new(4096))?;
    let x = net.relu("fc7.relu", x)?;
    net.linear("fc8", x, Linear::new(classes))
}
