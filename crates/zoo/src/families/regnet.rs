//! RegNet: stages whose widths follow from three numbers, so that a whole network is a point of a
//! small space (paper's equations 2 to 4). RegNetX has ResNeXt's bottlenecks without a bottleneck;
//! RegNetY (`se=true`) gates them.
//!
//! A stage's width must be a multiple of its groups' width. torchvision rounds it as the MobileNet
//! papers do; the paper and timm take the nearest multiple (`rule=paper`).

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, SqueezeExcite, divisible, imagenet},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, UnaryFn::*, Value};

pub(crate) static FAMILY: Family = Family {
    name: "regnet",
    paper: Paper {
        authors: "Radosavovic et al.",
        title: "Designing Network Design Spaces",
        year: 2020,
        arxiv: "2003.13678",
    },
    introduced: "a space of networks instead of one: widths quantised from a line",
    taxonomy: &[Taxon::Width, Taxon::MultiPath, Taxon::Efficiency],
    parameters: &[
        Parameter::whole("depth", 22, [1, 1000], "blocks"),
        Parameter::whole("initial", 24, [1, 4096], "w₀: the first block's width on the line"),
        Parameter::real("slope", 24.48, [0.0, 4096.0], "wₐ: what each block adds to it"),
        Parameter::real("step", 2.54, [1.1, 16.0], "wₘ: a stage's width over the one's before"),
        Parameter::whole("group_width", 16, [1, 4096], "channels of each group"),
        Parameter::flag("se", false, "squeeze-and-excitation: RegNetY"),
        Parameter::word("rule", &["torchvision", "paper"], "how widths become multiples of groups"),
        CLASSES,
    ],
    presets: presets![
        "regnet_x_200mf" = "depth=13, initial=24, slope=36.44, step=2.49, group_width=8",
        "regnet_x_400mf" = "depth=22, initial=24, slope=24.48, step=2.54, group_width=16",
        "regnet_x_800mf" = "depth=16, initial=56, slope=35.73, step=2.28, group_width=16",
        "regnet_x_1_6gf" = "depth=18, initial=80, slope=34.01, step=2.25, group_width=24",
        "regnet_x_3_2gf" = "depth=25, initial=88, slope=26.31, step=2.25, group_width=48",
        "regnet_y_200mf" = "depth=13, initial=24, slope=36.44, step=2.49, group_width=8, se=true",
        "regnet_y_400mf" = "depth=16, initial=48, slope=27.89, step=2.09, group_width=8, se=true",
        "regnet_y_800mf" = "depth=14, initial=56, slope=38.84, step=2.4, group_width=16, se=true",
        "regnet_y_1_6gf" = "depth=27, initial=48, slope=20.71, step=2.65, group_width=24, se=true",
        "regnet_y_3_2gf" = "depth=21, initial=80, slope=42.63, step=2.66, group_width=24, se=true",
    ],
    input: imagenet,
    build,
};

fn build(net: &mut Net, args: &Arguments) -> Result {
    let stem = Conv2d::new(32, 3).stride(2).padding(1);
    let mut x = net.conv_bn_relu("stem", Value::INPUT, stem)?;
    let widths = block_widths(args);
    for (stage, blocks) in (1..).zip(widths.chunk_by(|a, b| a == b)) {
        let group_width = args.whole("group_width").min(blocks[0]);
        let width = match args.word("rule") {
            "paper" => nearest(blocks[0] as f64, group_width),
            _ => divisible(blocks[0] as f64, group_width),
        };
        for i in 0..blocks.len() {
            let stride = if i == 0 { 2 } else { 1 };
            let block = Block { width, groups: width / group_width, stride, se: args.flag("se") };
            x = net.scope(format!("stage{stage}.{i}"), |net| block.draw(net, x))?;
        }
    }
    net.classify(x, args.whole("classes"))
}

/// Every block's width, before groups: on the line w₀ + wₐ·j, then moved to w₀·wₘˢ for the nearest
/// whole s, then to a multiple of 8.
fn block_widths(args: &Arguments) -> Vec<usize> {
    let (initial, step) = (args.whole("initial") as f64, args.real("step"));
    let width = |block: usize| {
        let line = initial + args.real("slope") * block as f64;
        let stage = (line / initial).log(step).round_ties_even();
        nearest(initial * step.powf(stage), 8)
    };
    (0..args.whole("depth")).map(width).collect()
}

/// The multiple of `divisor` that is nearest to `width`, at least one.
fn nearest(width: f64, divisor: usize) -> usize {
    ((width / divisor as f64).round_ties_even() as usize).max(1) * divisor
}

/// What a stage's blocks share.
struct Block {
    width: usize,
    groups: usize,
    stride: usize,
    se: bool,
}

impl Block {
    /// Shortcut + 1×1, grouped 3×3 and 1×1 of one width; then a ReLU.
    fn draw(&self, net: &mut Net, x: Value) -> Result {
        let input = net.channels(x);
        let pointwise = Conv2d::new(self.width, 1);
        let shortcut = match (self.stride, input) == (1, self.width) {
            true => x,
            false => net.conv_bn("downsample", x, pointwise.stride(self.stride))?,
        };
        let middle = Conv2d::new(self.width, 3).padding(1);
        let y = net.conv_bn_relu("conv1", x, pointwise)?;
        let y = net.conv_bn_relu("conv2", y, middle.stride(self.stride).groups(self.groups))?;
        let y = match self.se {
            true => gate(input).draw(net, "se", y)?,
            false => y,
        };
        let y = net.conv_bn("conv3", y, pointwise)?;
        let sum = net.add("add", y, shortcut)?;
        net.relu("relu", sum)
    }
}

/// Squeezed to a quarter of the block's input.
fn gate(input: usize) -> SqueezeExcite {
    SqueezeExcite { squeezed: nearest(input as f64 / 4.0, 1), activations: [Relu, Sigmoid] }
}
