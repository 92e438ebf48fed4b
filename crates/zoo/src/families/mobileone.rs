//! MobileOne: depthwise separable convolutions that training sees as several branches each, and
//! deployment as one (paper's figure 3). S4 gates its last blocks.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, SqueezeExcite, imagenet, scaled},
    family::presets,
    net::{Net, Result},
    reparameterised::{FORM, Reparameterised},
};
use ops::{Conv2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "mobileone",
    paper: Paper {
        authors: "Vasu et al.",
        title: "MobileOne: An Improved One millisecond Mobile Backbone",
        year: 2022,
        arxiv: "2206.04040",
    },
    introduced: "branches merged in depthwise separable convolutions, for a phone's latency",
    taxonomy: &[Taxon::Efficiency, Taxon::MultiPath],
    parameters: &[
        Parameter::word("size", &["s0", "s1", "s2", "s3", "s4"], "the paper's networks"),
        FORM,
        CLASSES,
    ],
    presets: presets![
        "mobileone_s0" = "size=s0",
        "mobileone_s1" = "size=s1",
        "mobileone_s2" = "size=s2",
        "mobileone_s3" = "size=s3",
        "mobileone_s4" = "size=s4",
        "mobileone_s0_deploy" = "size=s0, form=deploy",
        "mobileone_s1_deploy" = "size=s1, form=deploy",
        "mobileone_s2_deploy" = "size=s2, form=deploy",
        "mobileone_s3_deploy" = "size=s3, form=deploy",
        "mobileone_s4_deploy" = "size=s4, form=deploy",
    ],
    input: imagenet,
    build,
};

/// Blocks and channels of each stage.
const STAGES: [(usize, usize); 4] = [(2, 64), (8, 128), (10, 256), (1, 512)];

/// What multiplies the channels, how many of the last blocks have gates, how often training has
/// each convolution.
fn size(args: &Arguments) -> ([f64; 4], [usize; 4], usize) {
    match args.word("size") {
        "s1" => ([1.5, 1.5, 2.0, 2.5], [0; 4], 1),
        "s2" => ([1.5, 2.0, 2.5, 4.0], [0; 4], 1),
        "s3" => ([2.0, 2.5, 3.0, 4.0], [0; 4], 1),
        "s4" => ([3.0, 3.5, 3.5, 4.0], [0, 0, 5, 1], 1),
        _ => ([0.75, 1.0, 1.0, 2.0], [0; 4], 4),
    }
}

fn build(net: &mut Net, args: &Arguments) -> Result {
    let (widths, gates, copies) = size(args);
    let stem = Conv2d::new(scaled(64, widths[0].min(1.0)), 3).padding(1).stride(2);
    let mut x = unit(net, "stem", Value::INPUT, Reparameterised::new(args, stem, 1), false)?;
    for (stage, (blocks, channels)) in STAGES.into_iter().enumerate() {
        let pointwise = Conv2d::new(scaled(channels, widths[stage]), 1);
        for i in 0..blocks {
            let stride = if i == 0 { 2 } else { 1 };
            let depthwise = Conv2d::depthwise(net.channels(x), 3).stride(stride);
            let gated = i + gates[stage] >= blocks;
            for (name, conv) in [("depthwise", depthwise), ("pointwise", pointwise)] {
                let name = format!("stage{}.{i}.{name}", stage + 1);
                x = unit(net, &name, x, Reparameterised::new(args, conv, copies), gated)?;
            }
        }
    }
    net.classify(x, args.whole("classes"))
}

/// A convolution, squeeze-and-excitation where it is `gated`, a ReLU.
fn unit(net: &mut Net, name: &str, x: Value, conv: Reparameterised, gated: bool) -> Result {
    net.scope(name, |net| {
        let y = conv.draw(net, x)?;
        let y = match gated {
            true => SqueezeExcite::sixteenth(net.channels(y), 8).draw(net, "se", y)?,
            false => y,
        };
        net.relu("relu", y)
    })
}
