//! RepVGG: a plain stack of 3×3 convolutions at deployment, trained with a 1×1 convolution and an
//! identity beside each (paper's figures 2 and 4, table 2).

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, WIDTH, imagenet, scaled},
    family::presets,
    net::{Net, Result},
    reparameterised::{FORM, Reparameterised},
};
use ops::{Conv2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "repvgg",
    paper: Paper {
        authors: "Ding et al.",
        title: "RepVGG: Making VGG-style ConvNets Great Again",
        year: 2021,
        arxiv: "2101.03697",
    },
    introduced: "branches that training needs merged into one convolution",
    taxonomy: &[Taxon::SpatialExploitation, Taxon::MultiPath, Taxon::Efficiency],
    parameters: &[
        Parameter::word("depth", &["a", "b"], "22 or 28 blocks"),
        WIDTH,
        Parameter::real("last", 2.5, [0.001, 64.0], "multiplies the last stage's channels instead"),
        Parameter::whole_of("groups", 1, &[1, 2, 4], "groups of every second convolution"),
        FORM,
        CLASSES,
    ],
    presets: presets![
        "repvgg_a0" = "width=0.75",
        "repvgg_a1" = "",
        "repvgg_a2" = "width=1.5, last=2.75",
        "repvgg_b0" = "depth=b",
        "repvgg_b1" = "depth=b, width=2, last=4",
        "repvgg_b1g4" = "depth=b, width=2, last=4, groups=4",
        "repvgg_a0_deploy" = "width=0.75, form=deploy",
        "repvgg_a1_deploy" = "form=deploy",
        "repvgg_a2_deploy" = "width=1.5, last=2.75, form=deploy",
        "repvgg_b0_deploy" = "depth=b, form=deploy",
        "repvgg_b1_deploy" = "depth=b, width=2, last=4, form=deploy",
        "repvgg_b1g4_deploy" = "depth=b, width=2, last=4, groups=4, form=deploy",
    ],
    input: imagenet,
    build,
};

fn build(net: &mut Net, args: &Arguments) -> Result {
    let width = args.real("width");
    let blocks = match args.word("depth") {
        "b" => [4, 6, 16, 1],
        _ => [2, 4, 14, 1],
    };
    let channels = [(64, width), (128, width), (256, width), (512, args.real("last"))];

    let convolution = |out, stride| Conv2d::new(out, 3).padding(1).stride(stride);
    let block = |net: &mut Net, name: &str, x, conv| {
        net.scope(name, |net| {
            let y = Reparameterised::new(args, conv, 1).draw(net, x)?;
            net.relu("relu", y)
        })
    };
    let stem = convolution(scaled(64, width.min(1.0)), 2);
    let mut x = block(net, "stem", Value::INPUT, stem)?;
    for (stage, (blocks, (channels, width))) in (1..).zip(blocks.into_iter().zip(channels)) {
        for i in 0..blocks {
            let stride = if i == 0 { 2 } else { 1 };
            let groups = if i % 2 == 1 { args.whole("groups") } else { 1 };
            let conv = convolution(scaled(channels, width), stride).groups(groups);
            x = block(net, &format!("stage{stage}.{i}"), x, conv)?;
        }
    }
    net.classify(x, args.whole("classes"))
}
