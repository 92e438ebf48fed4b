//! SqueezeNet: fire modules, a narrow 1×1 layer that feeds 1×1 and 3×3 ones (paper's figure 1).
//! Version 1.1 is the authors' later network with 2.4 times fewer mult-adds.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, imagenet},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, Pool2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "squeezenet",
    paper: Paper {
        authors: "Iandola et al.",
        title: "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
        year: 2016,
        arxiv: "1602.07360",
    },
    introduced: "fire modules: squeeze, then expand",
    taxonomy: &[Taxon::Efficiency],
    parameters: &[Parameter::word("version", &["1.0", "1.1"], "the authors' release"), CLASSES],
    presets: presets!["squeezenet1_0" = "version=1.0", "squeezenet1_1" = "version=1.1"],
    input: imagenet,
    build,
};

/// Squeeze and expand channels of fire2 to fire9.
const FIRES: [(usize, usize); 8] = [
    (16, 64),
    (16, 64),
    (32, 128),
    (32, 128),
    (48, 192),
    (48, 192),
    (64, 256),
    (64, 256),
];

fn build(net: &mut Net, args: &Arguments) -> Result {
    // The stem, and the fire modules that a pooling precedes.
    let (stem, pooled) = match args.word("version") {
        "1.0" => (Conv2d::new(96, 7), [2, 5, 9]),
        _ => (Conv2d::new(64, 3), [2, 4, 6]),
    };
    let mut x = net.conv_relu("conv1", Value::INPUT, stem.stride(2))?;
    for (i, (squeeze, expand)) in (2..).zip(FIRES) {
        if pooled.contains(&i) {
            x = net.pool(&format!("pool{}", i - 1), x, Pool2d::max(3, 2).ceil())?;
        }
        x = net.scope(format!("fire{i}"), |net| fire(net, x, squeeze, expand))?;
    }
    let x = net.conv_relu("conv10", x, Conv2d::new(args.whole("classes"), 1))?;
    net.pool("avgpool", x, Pool2d::global_average())
}

/// Figure 1.
fn fire(net: &mut Net, x: Value, squeeze: usize, expand: usize) -> Result {
    let x = net.conv_relu("squeeze", x, Conv2d::new(squeeze, 1))?;
    let a = net.conv_relu("expand1x1", x, Conv2d::new(expand, 1))?;
    let b = net.conv_relu("expand3x3", x, Conv2d::new(expand, 3).padding(1))?;
    net.concat("concat", &[a, b])
}
