//! Inception-v4: uniform Inception modules and a stem that concatenates convolutions with poolings
//! (paper's figures 3 to 9).

use crate::{
    Arguments, Family, Paper, Taxon,
    blocks::CLASSES,
    family::presets,
    inception::{MAX_DOWN, Step, down, inception, reduce, same, sequence},
    net::{Net, Result},
};
use ops::{BatchNorm, Conv2d, Pool2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "inception_v4",
    paper: Paper {
        authors: "Szegedy et al.",
        title: "Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning",
        year: 2016,
        arxiv: "1602.07261",
    },
    introduced: "one uniform choice of Inception modules for each map size",
    taxonomy: &[Taxon::Depth, Taxon::Width],
    parameters: &[CLASSES],
    presets: presets!["inception_v4" = ""],
    input: |_| [3, 299, 299],
    build,
};

const AVERAGE: Step<'static> =
    Step::Pool(Pool2d::average(3, 1).padding(1).without_padding_count());

fn build(net: &mut Net, args: &Arguments) -> Result {
    net.norm = Some(BatchNorm { epsilon: 1e-3, ..BatchNorm::default() });
    let valid = |out| Step::Conv(Conv2d::new(out, 3));
    let stem = [
        down(32),
        valid(32),
        same(64, 3, 3),
        Step::Fork(&[&[MAX_DOWN], &[down(96)]]),
        Step::Fork(&[
            &[reduce(64), valid(96)],
            &[reduce(64), same(64, 1, 7), same(64, 7, 1), valid(96)],
        ]),
        Step::Fork(&[&[down(192)], &[MAX_DOWN]]),
    ];
    let mut x = net.scope("stem", |net| sequence(net, Value::INPUT, &stem))?;
    for i in 1..=4 {
        x = net.scope(format!("a{i}"), |net| module_a(net, x))?;
    }
    x = net.scope("reduction_a", |net| reduction_a(net, x))?;
    for i in 1..=7 {
        x = net.scope(format!("b{i}"), |net| module_b(net, x))?;
    }
    x = net.scope("reduction_b", |net| reduction_b(net, x))?;
    for i in 1..=3 {
        x = net.scope(format!("c{i}"), |net| module_c(net, x))?;
    }
    net.classify(x, args.whole("classes"))
}

/// Figure 4.
fn module_a(net: &mut Net, x: Value) -> Result {
    inception(
        net,
        x,
        &[
            &[reduce(96)],
            &[reduce(64), same(96, 3, 3)],
            &[reduce(64), same(96, 3, 3), same(96, 3, 3)],
            &[AVERAGE, reduce(96)],
        ],
    )
}

/// Figure 7.
fn reduction_a(net: &mut Net, x: Value) -> Result {
    inception(net, x, &[&[down(384)], &[reduce(192), same(224, 3, 3), down(256)], &[MAX_DOWN]])
}

/// Figure 5.
fn module_b(net: &mut Net, x: Value) -> Result {
    inception(
        net,
        x,
        &[
            &[reduce(384)],
            &[reduce(192), same(224, 1, 7), same(256, 7, 1)],
            &[reduce(192), same(192, 7, 1), same(224, 1, 7), same(224, 7, 1), same(256, 1, 7)],
            &[AVERAGE, reduce(128)],
        ],
    )
}

/// Figure 8.
fn reduction_b(net: &mut Net, x: Value) -> Result {
    inception(
        net,
        x,
        &[
            &[reduce(192), down(192)],
            &[reduce(256), same(256, 1, 7), same(320, 7, 1), down(320)],
            &[MAX_DOWN],
        ],
    )
}

/// Figure 6.
fn module_c(net: &mut Net, x: Value) -> Result {
    let fork = Step::Fork(&[&[same(256, 1, 3)], &[same(256, 3, 1)]]);
    inception(
        net,
        x,
        &[
            &[reduce(256)],
            &[reduce(384), fork],
            &[reduce(384), same(448, 3, 1), same(512, 1, 3), fork],
            &[AVERAGE, reduce(256)],
        ],
    )
}
