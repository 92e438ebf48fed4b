//! StarNet: two 1×1 convolutions of one map, multiplied element by element: the star of the paper.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, imagenet},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, UnaryFn::Relu6, Value};

pub(crate) static FAMILY: Family = Family {
    name: "starnet",
    paper: Paper {
        authors: "Ma et al.",
        title: "Rewrite the Stars",
        year: 2024,
        arxiv: "2403.19967",
    },
    introduced: "element-wise products of two branches in place of activations and attention",
    taxonomy: &[Taxon::Efficiency, Taxon::MultiPath],
    parameters: &[
        Parameter::word("size", &["s1", "s2", "s3", "s4", "s050", "s100", "s150"], "published ones"),
        CLASSES,
    ],
    presets: presets![
        "starnet_s050" = "size=s050",
        "starnet_s1" = "size=s1",
        "starnet_s2" = "size=s2",
        "starnet_s3" = "size=s3",
        "starnet_s4" = "size=s4",
    ],
    input: imagenet,
    build,
};

/// Channels of the first stage, expansion factor, blocks of each stage.
fn size(args: &Arguments) -> (usize, usize, [usize; 4]) {
    match args.word("size") {
        "s2" => (32, 4, [1, 2, 6, 2]),
        "s3" => (32, 4, [2, 2, 8, 4]),
        "s4" => (32, 4, [3, 3, 12, 5]),
        "s050" => (16, 3, [1, 1, 3, 1]),
        "s100" => (20, 4, [1, 2, 4, 1]),
        "s150" => (24, 3, [1, 2, 4, 2]),
        _ => (24, 4, [2, 2, 8, 3]),
    }
}

fn build(net: &mut Net, args: &Arguments) -> Result {
    let (channels, factor, blocks) = size(args);
    let down = |out| Conv2d::new(out, 3).stride(2).padding(1).bias();
    let mut x = net.conv_bn_act("stem", Value::INPUT, down(32), Relu6)?;
    for (stage, blocks) in blocks.into_iter().enumerate() {
        x = net.conv_bn(&format!("stage{}.down", stage + 1), x, down(channels << stage))?;
        for i in 0..blocks {
            x = net.scope(format!("stage{}.{i}", stage + 1), |net| block(net, x, factor))?;
        }
    }
    let x = net.bn("norm", x)?;
    net.classify(x, args.whole("classes"))
}

/// Of γ after a product: a factor is up to 6, and three convolutions without an activation before
/// and after it add to that.
const GAIN: f32 = 1.0 / 64.0;

/// x + filter(project(relu6(a) · b)), where a and b expand what a first filter makes of x.
fn block(net: &mut Net, x: Value, factor: usize) -> Result {
    let channels = net.channels(x);
    let filter = Conv2d::depthwise(channels, 7).bias();
    let expand = Conv2d::new(factor * channels, 1).bias();
    let y = net.conv_bn("dw1", x, filter)?;
    let a = net.conv("f1", y, expand)?;
    let b = net.conv("f2", y, expand)?;
    let a = net.act("f1.relu6", Relu6, a)?;
    let star = net.mul("star", a, b)?;
    let project = Conv2d::new(channels, 1).bias();
    let y = net.conv_bn_calm("g", star, project, GAIN)?;
    let y = net.conv("dw2", y, filter)?;
    net.add("add", y, x)
}
