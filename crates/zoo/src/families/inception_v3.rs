//! Inception-v3: large kernels factorised into small and asymmetric ones (paper's table 1 and
//! figures 5 to 7, 10). `aux=true` counts the parameters of the auxiliary classifier, which only
//! training runs.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::CLASSES,
    family::presets,
    inception::{MAX_DOWN, Step, down, inception, reduce, same, sequence},
    net::{Net, Result},
};
use ops::{BatchNorm, Conv2d, Linear, Pool2d, Value};
use profile::Shape;

pub(crate) static FAMILY: Family = Family {
    name: "inception_v3",
    paper: Paper {
        authors: "Szegedy et al.",
        title: "Rethinking the Inception Architecture for Computer Vision",
        year: 2015,
        arxiv: "1512.00567",
    },
    introduced: "factorised and asymmetric convolutions; parallel size reduction",
    taxonomy: &[Taxon::Depth, Taxon::Width],
    parameters: &[
        Parameter::flag("aux", false, "count the auxiliary classifier's parameters"),
        CLASSES,
    ],
    presets: presets!["inception_v3" = ""],
    input: |_| [3, 299, 299],
    build,
};

const AVERAGE: Step<'static> = Step::Pool(Pool2d::average(3, 1).padding(1));

fn build(net: &mut Net, args: &Arguments) -> Result {
    net.norm = Some(BatchNorm { epsilon: 1e-3, ..BatchNorm::default() });
    let classes = args.whole("classes");
    let stem = [
        down(32),
        Step::Conv(Conv2d::new(32, 3)),
        same(64, 3, 3),
        MAX_DOWN,
        reduce(80),
        Step::Conv(Conv2d::new(192, 3)),
        MAX_DOWN,
    ];
    let mut x = net.scope("stem", |net| sequence(net, Value::INPUT, &stem))?;
    for (name, pool) in [("5b", 32), ("5c", 64), ("5d", 64)] {
        x = net.scope(format!("mixed{name}"), |net| module_a(net, x, pool))?;
    }
    x = net.scope("mixed6a", |net| reduction_a(net, x))?;
    for (name, inner) in [("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)] {
        x = net.scope(format!("mixed{name}"), |net| module_b(net, x, inner))?;
    }
    if args.flag("aux") {
        auxiliary(net, x, classes)?;
    }
    x = net.scope("mixed7a", |net| reduction_b(net, x))?;
    for name in ["7b", "7c"] {
        x = net.scope(format!("mixed{name}"), |net| module_c(net, x))?;
    }
    net.classify(x, classes)
}

/// Figure 5, with one 5×5 kept.
fn module_a(net: &mut Net, x: Value, pool: usize) -> Result {
    inception(
        net,
        x,
        &[
            &[reduce(64)],
            &[reduce(48), same(64, 5, 5)],
            &[reduce(64), same(96, 3, 3), same(96, 3, 3)],
            &[AVERAGE, reduce(pool)],
        ],
    )
}

/// Figure 10, 35×35 to 17×17.
fn reduction_a(net: &mut Net, x: Value) -> Result {
    inception(net, x, &[&[down(384)], &[reduce(64), same(96, 3, 3), down(96)], &[MAX_DOWN]])
}

/// Figure 6 with n = 7.
fn module_b(net: &mut Net, x: Value, c: usize) -> Result {
    inception(
        net,
        x,
        &[
            &[reduce(192)],
            &[reduce(c), same(c, 1, 7), same(192, 7, 1)],
            &[reduce(c), same(c, 7, 1), same(c, 1, 7), same(c, 7, 1), same(192, 1, 7)],
            &[AVERAGE, reduce(192)],
        ],
    )
}

/// Figure 10, 17×17 to 8×8.
fn reduction_b(net: &mut Net, x: Value) -> Result {
    inception(
        net,
        x,
        &[
            &[reduce(192), down(320)],
            &[reduce(192), same(192, 1, 7), same(192, 7, 1), down(192)],
            &[MAX_DOWN],
        ],
    )
}

/// Figure 7: the outputs themselves are widened.
fn module_c(net: &mut Net, x: Value) -> Result {
    let fork = Step::Fork(&[&[same(384, 1, 3)], &[same(384, 3, 1)]]);
    inception(
        net,
        x,
        &[
            &[reduce(320)],
            &[reduce(384), fork],
            &[reduce(448), same(384, 3, 3), fork],
            &[AVERAGE, reduce(192)],
        ],
    )
}

/// Figure 8, over a map that is 17×17 in training.
fn auxiliary(net: &mut Net, x: Value, classes: usize) -> Result<()> {
    net.training_only(Shape::new(1, net.channels(x), 17, 17), |head, x| {
        let steps = [
            Step::Pool(Pool2d::average(5, 3)),
            reduce(128),
            Step::Conv(Conv2d::new(768, 5)),
        ];
        let x = sequence(head, x, &steps)?;
        head.linear("fc", x, Linear::new(classes))
    })
}
