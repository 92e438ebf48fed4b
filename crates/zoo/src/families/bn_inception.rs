//! BN-Inception, also called Inception-v2: GoogLeNet with batch norm, the 5×5 branch split into two
//! 3×3, and two modules that halve the map (paper's figure 5). Convolutions keep their biases.

use crate::{
    Arguments, Family, Paper, Taxon,
    blocks::{CLASSES, imagenet},
    family::presets,
    inception::{Step, inception, reduce, same, sequence},
    net::{Net, Result},
};
use ops::{Conv2d, Pool2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "bn_inception",
    paper: Paper {
        authors: "Ioffe and Szegedy",
        title: "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift",
        year: 2015,
        arxiv: "1502.03167",
    },
    introduced: "batch normalisation",
    taxonomy: &[Taxon::SpatialExploitation, Taxon::Depth, Taxon::Width],
    parameters: &[CLASSES],
    presets: presets!["bn_inception" = "", "inception_v2" = ""],
    input: imagenet,
    build,
};

const AVERAGE: Pool2d = Pool2d::average(3, 1).padding(1).ceil();
const MAX: Pool2d = Pool2d::max(3, 1).padding(1).ceil();

/// 1×1; 3×3 reduce, 3×3; double 3×3 reduce, double 3×3; pooling and its projection.
type Module = (usize, [usize; 2], [usize; 2], (Pool2d, usize));

/// The modules of figure 5; `None` halves the map.
const MODULES: [(&str, Option<Module>); 10] = [
    ("3a", Some((64, [64, 64], [64, 96], (AVERAGE, 32)))),
    ("3b", Some((64, [64, 96], [64, 96], (AVERAGE, 64)))),
    ("3c", None),
    ("4a", Some((224, [64, 96], [96, 128], (AVERAGE, 128)))),
    ("4b", Some((192, [96, 128], [96, 128], (AVERAGE, 128)))),
    ("4c", Some((160, [128, 160], [128, 160], (AVERAGE, 128)))),
    ("4d", Some((96, [128, 192], [160, 192], (AVERAGE, 128)))),
    ("4e", None),
    ("5a", Some((352, [192, 320], [160, 224], (AVERAGE, 128)))),
    ("5b", Some((352, [192, 320], [192, 224], (MAX, 128)))),
];

fn build(net: &mut Net, args: &Arguments) -> Result {
    let stem = [
        biased(Step::Conv(Conv2d::new(64, 7).stride(2).padding(3))),
        Step::Pool(Pool2d::max(3, 2).ceil()),
        biased(reduce(64)),
        biased(same(192, 3, 3)),
        Step::Pool(Pool2d::max(3, 2).ceil()),
    ];
    let mut x = net.scope("stem", |net| sequence(net, Value::INPUT, &stem))?;
    for (name, module) in MODULES {
        x = net.scope(format!("inception{name}"), |net| match (module, name) {
            (Some(module), _) => keep(net, x, module),
            (None, "3c") => halve(net, x, [128, 160], [64, 96]),
            (None, _) => halve(net, x, [128, 192], [192, 256]),
        })?;
    }
    net.classify(x, args.whole("classes"))
}

/// A module that keeps the map's size.
fn keep(net: &mut Net, x: Value, (c1, [r3, c3], [rd, cd], (pool, projection)): Module) -> Result {
    let b1: [_; 1] = [reduce(c1)].map(biased);
    let b2 = [reduce(r3), same(c3, 3, 3)].map(biased);
    let b3 = [reduce(rd), same(cd, 3, 3), same(cd, 3, 3)].map(biased);
    let b4 = [Step::Pool(pool), reduce(projection)].map(biased);
    inception(net, x, &[&b1, &b2, &b3, &b4])
}

/// A module that halves the map; its pooled branch passes all channels on.
fn halve(net: &mut Net, x: Value, [r3, c3]: [usize; 2], [rd, cd]: [usize; 2]) -> Result {
    let down = |out| Step::Conv(Conv2d::new(out, 3).stride(2).padding(1));
    let b1 = [reduce(r3), down(c3)].map(biased);
    let b2 = [reduce(rd), same(cd, 3, 3), down(cd)].map(biased);
    inception(net, x, &[&b1, &b2, &[Step::Pool(Pool2d::max(3, 2).ceil())]])
}

/// The step with a bias, where it is a convolution.
fn biased(step: Step<'_>) -> Step<'_> {
    match step {
        Step::Conv(conv) => Step::Conv(conv.bias()),
        other => other,
    }
}
