//! MnasNet: inverted residuals searched for one phone's latency (torchvision's network, the
//! paper's B1 without squeeze-and-excitation).

use crate::{
    Arguments, Family, Paper, Taxon,
    blocks::{CLASSES, InvertedResidual, WIDTH, divisible, imagenet},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, UnaryFn::Relu, Value};

pub(crate) static FAMILY: Family = Family {
    name: "mnasnet",
    paper: Paper {
        authors: "Tan et al.",
        title: "MnasNet: Platform-Aware Neural Architecture Search for Mobile",
        year: 2018,
        arxiv: "1807.11626",
    },
    introduced: "search for accuracy and measured latency together",
    taxonomy: &[Taxon::Efficiency],
    parameters: &[WIDTH, CLASSES],
    presets: presets![
        "mnasnet0_5" = "width=0.5",
        "mnasnet0_75" = "width=0.75",
        "mnasnet1_0" = "width=1",
        "mnasnet1_3" = "width=1.3",
    ],
    input: imagenet,
    build,
};

/// Expansion factor, kernel, stride of the first block, blocks, output channels.
const STAGES: [(usize, usize, usize, usize, usize); 6] = [
    (3, 3, 2, 3, 24),
    (3, 5, 2, 3, 40),
    (6, 5, 2, 3, 80),
    (6, 3, 1, 2, 96),
    (6, 5, 2, 4, 192),
    (6, 3, 1, 1, 320),
];

fn build(net: &mut Net, args: &Arguments) -> Result {
    let channels = |c: usize| divisible(c as f64 * args.real("width"), 8);
    let stem = Conv2d::new(channels(32), 3).stride(2).padding(1);
    let x = net.conv_bn_relu("stem", Value::INPUT, stem)?;
    let depthwise = Conv2d::depthwise(net.channels(x), 3);
    let x = net.conv_bn_relu("separable.dw", x, depthwise)?;
    let mut x = net.conv_bn("separable.pw", x, Conv2d::new(channels(16), 1))?;
    for (stage, (factor, kernel, stride, blocks, out)) in (1..).zip(STAGES) {
        for i in 0..blocks {
            let block = InvertedResidual {
                start: None,
                expanded: Some(factor * net.channels(x)),
                kernel: Some(kernel),
                stride: if i == 0 { stride } else { 1 },
                dilation: 1,
                out: channels(out),
                activation: Relu,
                gate: None,
            };
            x = net.scope(format!("stage{stage}.{i}"), |net| block.draw(net, x))?;
        }
    }
    let x = net.conv_bn_relu("conv_last", x, Conv2d::new(1280, 1))?;
    net.classify(x, args.whole("classes"))
}
