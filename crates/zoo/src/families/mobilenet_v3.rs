//! MobileNetV3: inverted residuals with squeeze-and-excitation and hard-swish, found by search
//! (paper's tables 1 and 2).
//!
//! Packages scale it differently. `rule=torchvision` multiplies every channel of the tables by the
//! width and rounds; so does its last layer. `rule=timm` rounds a block's input first and keeps the
//! expansion's ratio to it; its last layer is not scaled. `rule=pytorchcv` has 1280 features in the
//! last layer of both sizes, without a bias.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, InvertedResidual, SqueezeExcite, WIDTH, divisible, imagenet},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, Linear, Pool2d, UnaryFn::*, Value};

pub(crate) static FAMILY: Family = Family {
    name: "mobilenet_v3",
    paper: Paper {
        authors: "Howard et al.",
        title: "Searching for MobileNetV3",
        year: 2019,
        arxiv: "1905.02244",
    },
    introduced: "hard-swish; a network searched for one phone's latency",
    taxonomy: &[Taxon::Efficiency, Taxon::FeatureMapExploitation],
    parameters: &[
        Parameter::word("size", &["large", "small"], "the paper's two networks"),
        WIDTH,
        Parameter::word("rule", &["torchvision", "timm", "pytorchcv"], "how widths scale"),
        CLASSES,
    ],
    presets: presets![
        "mobilenet_v3_large" = "size=large",
        "mobilenet_v3_small" = "size=small",
        "mobilenetv3_large_100" = "size=large, rule=timm",
        "mobilenetv3_large_075" = "size=large, width=0.75, rule=timm",
        "mobilenetv3_small_100" = "size=small, rule=timm",
        "mobilenetv3_small_075" = "size=small, width=0.75, rule=timm",
    ],
    input: imagenet,
    build,
};

/// Kernel, expanded channels, output channels, squeeze-and-excitation, hard-swish, stride.
type Row = (usize, usize, usize, bool, bool, usize);

/// Table 1.
const LARGE: [Row; 15] = [
    (3, 16, 16, false, false, 1),
    (3, 64, 24, false, false, 2),
    (3, 72, 24, false, false, 1),
    (5, 72, 40, true, false, 2),
    (5, 120, 40, true, false, 1),
    (5, 120, 40, true, false, 1),
    (3, 240, 80, false, true, 2),
    (3, 200, 80, false, true, 1),
    (3, 184, 80, false, true, 1),
    (3, 184, 80, false, true, 1),
    (3, 480, 112, true, true, 1),
    (3, 672, 112, true, true, 1),
    (5, 672, 160, true, true, 2),
    (5, 960, 160, true, true, 1),
    (5, 960, 160, true, true, 1),
];

/// Table 2.
const SMALL: [Row; 11] = [
    (3, 16, 16, true, false, 2),
    (3, 72, 24, false, false, 2),
    (3, 88, 24, false, false, 1),
    (5, 96, 40, true, true, 2),
    (5, 240, 40, true, true, 1),
    (5, 240, 40, true, true, 1),
    (5, 120, 48, true, true, 1),
    (5, 144, 48, true, true, 1),
    (5, 288, 96, true, true, 2),
    (5, 576, 96, true, true, 1),
    (5, 576, 96, true, true, 1),
];

fn build(net: &mut Net, args: &Arguments) -> Result {
    let trunk = Trunk {
        rule: args.word("rule"),
        width: args.real("width"),
        small: args.word("size") == "small",
        dilated: false,
    };
    let features = if trunk.small { 1024 } else { 1280 };
    let features = match trunk.rule {
        "torchvision" => trunk.channels(features),
        "timm" => features,
        _ => 1280,
    };
    let [_, x] = trunk.draw(net)?;
    let x = net.pool("avgpool", x, Pool2d::global_average())?;
    let x = net.linear("fc1", x, Linear { out: features, bias: trunk.rule != "pytorchcv" })?;
    let x = net.act("fc1.hard_swish", HardSwish, x)?;
    net.linear("fc2", x, Linear::new(args.whole("classes")))
}

/// All before the classifier.
pub(super) struct Trunk {
    /// How widths scale.
    pub rule: &'static str,
    /// Multiplies all channels.
    pub width: f64,
    /// Which of the tables.
    pub small: bool,
    /// Whether the last stage dilates where it would stride, so that maps are a 16th of the input
    /// (paper's section 6.4).
    pub dilated: bool,
}

impl Trunk {
    fn channels(&self, channels: usize) -> usize {
        divisible(channels as f64 * self.width, 8)
    }

    /// The first block's map that is an eighth of the input, and the last map.
    pub fn draw(&self, net: &mut Net) -> Result<[Value; 2]> {
        let (rows, last): (&[Row], _) = match self.small {
            true => (&SMALL, 576),
            false => (&LARGE, 960),
        };
        // timm does not shrink the stem of very narrow networks.
        let narrow = self.rule == "timm" && self.width < 0.75;
        let stem = if narrow { 16 } else { self.channels(16) };
        let stem = Conv2d::new(stem, 3).stride(2).padding(1);
        let mut x = net.conv_bn_act("conv_stem", Value::INPUT, stem, HardSwish)?;
        let (mut eighth, mut reduction, mut nominal) = (x, 2, 16);
        for (i, &(kernel, expanded, out, se, hard_swish, stride)) in rows.iter().enumerate() {
            reduction *= stride;
            let dilates = self.dilated && reduction > 16;
            let input = net.channels(x);
            let mid = match self.rule {
                "timm" => divisible(input as f64 * (expanded as f64 / nominal as f64), 8),
                _ => self.channels(expanded),
            };
            let block = InvertedResidual {
                start: None,
                expanded: (mid != input).then_some(mid),
                kernel: Some(kernel),
                stride: if dilates { 1 } else { stride },
                dilation: if dilates { 2 } else { 1 },
                out: self.channels(out),
                activation: if hard_swish { HardSwish } else { Relu },
                gate: se.then(|| SqueezeExcite {
                    squeezed: divisible(mid as f64 / 4.0, 8),
                    activations: [Relu, HardSigmoid],
                }),
            };
            x = net.scope(format!("blocks.{i}"), |net| block.draw(net, x))?;
            nominal = out;
            if (reduction, stride) == (8, 2) {
                eighth = x;
            }
        }
        let x = net.conv_bn_act("conv_last", x, Conv2d::new(self.channels(last), 1), HardSwish)?;
        Ok([eighth, x])
    }
}
