//! EfficientNetV2: dense convolutions in the early stages, EfficientNet's blocks in the late ones
//! (paper's table 4; torchvision's three networks).

use super::efficientnet::{head, mb_conv};
use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, FusedInvertedResidual},
    family::presets,
    net::{Net, Result},
};
use ops::{BatchNorm, Conv2d, UnaryFn::Silu, Value};

pub(crate) static FAMILY: Family = Family {
    name: "efficientnet_v2",
    paper: Paper {
        authors: "Tan and Le",
        title: "EfficientNetV2: Smaller Models and Faster Training",
        year: 2021,
        arxiv: "2104.00298",
    },
    introduced: "depthwise convolutions replaced by dense ones where those are faster",
    taxonomy: &[Taxon::Efficiency, Taxon::FeatureMapExploitation],
    parameters: &[Parameter::word("size", &["s", "m", "l"], "the paper's networks"), CLASSES],
    presets: presets![
        "efficientnet_v2_s" = "size=s",
        "efficientnet_v2_m" = "size=m",
        "efficientnet_v2_l" = "size=l",
    ],
    input: |args| match args.word("size") {
        "s" => [3, 384, 384],
        _ => [3, 480, 480],
    },
    build,
};

/// Whether dense, expansion factor, stride of the first block, output channels, blocks.
type Stage = (bool, usize, usize, usize, usize);

/// Table 4; the others are torchvision's.
const S: [Stage; 6] = [
    (true, 1, 1, 24, 2),
    (true, 4, 2, 48, 4),
    (true, 4, 2, 64, 4),
    (false, 4, 2, 128, 6),
    (false, 6, 1, 160, 9),
    (false, 6, 2, 256, 15),
];

const M: [Stage; 7] = [
    (true, 1, 1, 24, 3),
    (true, 4, 2, 48, 5),
    (true, 4, 2, 80, 5),
    (false, 4, 2, 160, 7),
    (false, 6, 1, 176, 14),
    (false, 6, 2, 304, 18),
    (false, 6, 1, 512, 5),
];

const L: [Stage; 7] = [
    (true, 1, 1, 32, 4),
    (true, 4, 2, 64, 7),
    (true, 4, 2, 96, 7),
    (false, 4, 2, 192, 10),
    (false, 6, 1, 224, 19),
    (false, 6, 2, 384, 25),
    (false, 6, 1, 640, 7),
];

fn build(net: &mut Net, args: &Arguments) -> Result {
    net.norm = Some(BatchNorm { epsilon: 1e-3, ..BatchNorm::default() });
    let stages: &[Stage] = match args.word("size") {
        "m" => &M,
        "l" => &L,
        _ => &S,
    };
    let (_, _, _, channels, _) = stages[0];
    let stem = Conv2d::new(channels, 3).stride(2).padding(1);
    let mut x = net.conv_bn_act("conv_stem", Value::INPUT, stem, Silu)?;
    for (stage, &(dense, factor, stride, out, blocks)) in (1..).zip(stages) {
        for i in 0..blocks {
            let stride = if i == 0 { stride } else { 1 };
            let input = net.channels(x);
            let expanded = (factor > 1).then_some(factor * input);
            x = net.scope(format!("stage{stage}.{i}"), |net| match dense {
                true => {
                    let activation = Silu;
                    FusedInvertedResidual { expanded, stride, out, activation }.draw(net, x)
                }
                false => mb_conv(input, expanded, 3, stride, out).draw(net, x),
            })?;
        }
    }
    head(net, x, 1280, args.whole("classes"))
}
