//! Inception-ResNet: Inception modules whose scaled output is added to their input (paper's figures
//! 10 to 20).
//!
//! Both are the networks of the released code, which its authors say is what they meant: v2 has the
//! stem of Inception-v3 with one module more, 10, 20 and 10 blocks and a last 1×1 convolution,
//! where the figures have Inception-v4's stem and 5, 10 and 5 blocks. v1 ends in FaceNet's head, a
//! layer of 512 features before the classifier; `head=plain` leaves it out.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::CLASSES,
    family::presets,
    inception::{MAX_DOWN, Step, down, inception, reduce, same, sequence},
    net::{Net, Result},
};
use ops::{BatchNorm, Conv2d, Linear, Pool2d, UnaryFn::Scale, Value};

pub(crate) static FAMILY: Family = Family {
    name: "inception_resnet",
    paper: Paper {
        authors: "Szegedy et al.",
        title: "Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning",
        year: 2016,
        arxiv: "1602.07261",
    },
    introduced: "Inception modules as scaled residuals",
    taxonomy: &[Taxon::Depth, Taxon::Width, Taxon::MultiPath],
    parameters: &[
        Parameter::word("version", &["v2", "v1"], "the larger or the smaller network"),
        Parameter::word("head", &["facenet", "plain"], "FaceNet's 512 features, or none (v1)"),
        CLASSES,
    ],
    presets: presets![
        "inception_resnet_v1" = "version=v1",
        "inception_resnet_v2" = "version=v2",
    ],
    input: |_| [3, 299, 299],
    build,
};

const AVERAGE: Step<'static> =
    Step::Pool(Pool2d::average(3, 1).padding(1).without_padding_count());

fn build(net: &mut Net, args: &Arguments) -> Result {
    net.norm = Some(BatchNorm { epsilon: 1e-3, ..BatchNorm::default() });
    let classes = args.whole("classes");
    match args.word("version") {
        "v1" => v1(net, classes, args.word("head") == "facenet"),
        _ => v2(net, classes),
    }
}

/// The first layers of both, down to 73×73 pixels and 80 channels, then 71×71 and 192.
const STEM: [Step<'static>; 6] = [
    down(32),
    Step::Conv(Conv2d::new(32, 3)),
    same(64, 3, 3),
    MAX_DOWN,
    reduce(80),
    Step::Conv(Conv2d::new(192, 3)),
];

fn v1(net: &mut Net, classes: usize, facenet: bool) -> Result {
    let mut x = net.scope("stem", |net| {
        let x = sequence(net, Value::INPUT, &STEM)?;
        net.conv_bn_relu("conv7", x, Conv2d::new(256, 3).stride(2))
    })?;
    let block_a: &[&[Step<'_>]] = &[
        &[reduce(32)],
        &[reduce(32), same(32, 3, 3)],
        &[reduce(32), same(32, 3, 3), same(32, 3, 3)],
    ];
    x = residuals(net, "a", 5, 0.17, x, block_a)?;
    x = net.scope("reduction_a", |net| {
        inception(net, x, &[&[down(384)], &[reduce(192), same(192, 3, 3), down(256)], &[MAX_DOWN]])
    })?;
    let block_b: &[&[Step<'_>]] =
        &[&[reduce(128)], &[reduce(128), same(128, 1, 7), same(128, 7, 1)]];
    x = residuals(net, "b", 10, 0.1, x, block_b)?;
    x = net.scope("reduction_b", |net| {
        inception(
            net,
            x,
            &[
                &[reduce(256), down(384)],
                &[reduce(256), down(256)],
                &[reduce(256), same(256, 3, 3), down(256)],
                &[MAX_DOWN],
            ],
        )
    })?;
    let block_c: &[&[Step<'_>]] =
        &[&[reduce(192)], &[reduce(192), same(192, 1, 3), same(192, 3, 1)]];
    x = residuals(net, "c", 5, 0.2, x, block_c)?;
    x = net.scope("c6", |net| residual(net, x, 1.0, block_c))?;
    if !facenet {
        return net.classify(x, classes);
    }
    let x = net.pool("avgpool", x, Pool2d::global_average())?;
    let x = net.linear("fc1", x, Linear { out: 512, bias: false })?;
    let x = net.bn("fc1.bn", x)?;
    net.linear("fc2", x, Linear::new(classes))
}

fn v2(net: &mut Net, classes: usize) -> Result {
    let mut x = net.scope("stem", |net| {
        let x = sequence(net, Value::INPUT, &STEM)?;
        net.pool("pool7", x, Pool2d::max(3, 2))
    })?;
    x = net.scope("mixed5b", |net| {
        inception(
            net,
            x,
            &[
                &[reduce(96)],
                &[reduce(48), same(64, 5, 5)],
                &[reduce(64), same(96, 3, 3), same(96, 3, 3)],
                &[AVERAGE, reduce(64)],
            ],
        )
    })?;
    let block_a: &[&[Step<'_>]] = &[
        &[reduce(32)],
        &[reduce(32), same(32, 3, 3)],
        &[reduce(32), same(48, 3, 3), same(64, 3, 3)],
    ];
    x = residuals(net, "a", 10, 0.17, x, block_a)?;
    x = net.scope("reduction_a", |net| {
        inception(net, x, &[&[down(384)], &[reduce(256), same(256, 3, 3), down(384)], &[MAX_DOWN]])
    })?;
    let block_b: &[&[Step<'_>]] =
        &[&[reduce(192)], &[reduce(128), same(160, 1, 7), same(192, 7, 1)]];
    x = residuals(net, "b", 20, 0.1, x, block_b)?;
    x = net.scope("reduction_b", |net| {
        inception(
            net,
            x,
            &[
                &[reduce(256), down(384)],
                &[reduce(256), down(288)],
                &[reduce(256), same(288, 3, 3), down(320)],
                &[MAX_DOWN],
            ],
        )
    })?;
    let block_c: &[&[Step<'_>]] =
        &[&[reduce(192)], &[reduce(192), same(224, 1, 3), same(256, 3, 1)]];
    x = residuals(net, "c", 9, 0.2, x, block_c)?;
    x = net.scope("c10", |net| residual(net, x, 1.0, block_c))?;
    let x = net.conv_bn_relu("conv7b", x, Conv2d::new(1536, 1))?;
    net.classify(x, classes)
}

/// `count` residual blocks, each with a ReLU after it.
fn residuals(
    net: &mut Net,
    name: &str,
    count: usize,
    scale: f32,
    mut x: Value,
    branches: &[&[Step<'_>]],
) -> Result {
    for i in 1..=count {
        x = net.scope(format!("{name}{i}"), |net| {
            let x = residual(net, x, scale, branches)?;
            net.relu("relu", x)
        })?;
    }
    Ok(x)
}

/// Figure 20: the module, projected to the channels of `x` without a batch norm, scaled and added.
fn residual(net: &mut Net, x: Value, scale: f32, branches: &[&[Step<'_>]]) -> Result {
    let channels = net.channels(x);
    let y = inception(net, x, branches)?;
    let y = net.conv("project", y, Conv2d::new(channels, 1).bias())?;
    let y = net.act("scale", Scale(scale), y)?;
    net.add("add", y, x)
}
