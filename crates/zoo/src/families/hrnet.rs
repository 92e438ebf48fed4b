//! HRNet: maps of several resolutions side by side from end to end, which exchange what they know
//! (paper's figures 2 and 3), with its classifier.

use super::resnet::{Residual, Unit};
use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, imagenet},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, Resize, Value};
use std::cmp::Ordering;

pub(crate) static FAMILY: Family = Family {
    name: "hrnet",
    paper: Paper {
        authors: "Wang et al.",
        title: "Deep High-Resolution Representation Learning for Visual Recognition",
        year: 2019,
        arxiv: "1908.07919",
    },
    introduced: "parallel branches of several resolutions that are fused again and again",
    taxonomy: &[Taxon::MultiPath, Taxon::Width],
    parameters: &[
        Parameter::word(
            "size",
            &["w18_small", "w18_small_v2", "w18", "w32", "w48"],
            "channels of the finest branch, and how deep",
        ),
        CLASSES,
    ],
    presets: presets![
        "hrnet_w18_small" = "size=w18_small",
        "hrnet_w18_small_v2" = "size=w18_small_v2",
        "hrnet_w18" = "size=w18",
        "hrnet_w32" = "size=w32",
    ],
    input: imagenet,
    build,
};

/// What the sizes differ in.
struct Size {
    /// Width and number of the first stage's bottlenecks.
    first: (usize, usize),
    /// Channels of the finest branch; each coarser one has twice as many.
    channels: usize,
    /// Modules of the stages that have branches.
    modules: [usize; 3],
    /// Units of a branch in a module.
    units: usize,
}

fn size(args: &Arguments) -> Size {
    let full = |channels| Size { first: (64, 4), channels, modules: [1, 4, 3], units: 4 };
    match args.word("size") {
        "w18_small_v2" => Size { first: (64, 2), channels: 18, modules: [1, 3, 2], units: 2 },
        "w18" => full(18),
        "w32" => full(32),
        "w48" => full(48),
        _ => Size { first: (32, 1), channels: 16, modules: [1, 1, 1], units: 2 },
    }
}

/// A convolution that halves the map.
const fn halve(out: usize) -> Conv2d {
    Conv2d::new(out, 3).stride(2).padding(1)
}

fn build(net: &mut Net, args: &Arguments) -> Result {
    let size = size(args);
    let x = net.conv_bn_relu("conv1", Value::INPUT, halve(64))?;
    let x = net.conv_bn_relu("conv2", x, halve(64))?;
    let (width, units) = size.first;
    let mut maps = vec![Residual::new(Unit::Bottleneck).stages(net, x, width, &[units])?];
    for (stage, modules) in size.modules.into_iter().enumerate() {
        let name = format!("stage{}", stage + 2);
        maps = net.scope(&name, |net| with_coarser(net, &maps, size.channels))?;
        for i in 0..modules {
            maps = net.scope(format!("{name}.{i}"), |net| module(net, &maps, &size))?;
        }
    }
    let x = net.scope("head", |net| head(net, &maps))?;
    net.classify(x, args.whole("classes"))
}

/// `maps`, where needed with other channels, and one of half the resolution of the last.
fn with_coarser(net: &mut Net, maps: &[Value], channels: usize) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    for (i, &x) in maps.iter().enumerate() {
        let conv = Conv2d::new(channels << i, 3).padding(1);
        all.push(match net.channels(x) == conv.out {
            true => x,
            false => net.conv_bn_relu(&format!("transition{i}"), x, conv)?,
        });
    }
    let conv = halve(channels << maps.len());
    all.push(net.conv_bn_relu("coarser", maps[maps.len() - 1], conv)?);
    Ok(all)
}

/// Units on every branch, then every branch the sum of all of them (figure 3).
fn module(net: &mut Net, maps: &[Value], size: &Size) -> Result<Vec<Value>> {
    let unit = Residual::new(Unit::Basic);
    let mut branches = Vec::new();
    for (i, &x) in maps.iter().enumerate() {
        branches.push(net.scope(format!("branch{i}"), |net| {
            unit.stages(net, x, size.channels << i, &[size.units])
        })?);
    }
    (0..maps.len()).map(|i| net.scope(format!("fuse{i}"), |net| fuse(net, &branches, i))).collect()
}

/// The sum of all branches at the resolution of branch `to`.
fn fuse(net: &mut Net, branches: &[Value], to: usize) -> Result {
    let mut sum = bring(net, branches, 0, to)?;
    for from in 1..branches.len() {
        let x = bring(net, branches, from, to)?;
        sum = net.add(&format!("add{from}"), sum, x)?;
    }
    net.relu("relu", sum)
}

/// Branch `from` with the channels and the resolution of branch `to`.
fn bring(net: &mut Net, branches: &[Value], from: usize, to: usize) -> Result {
    let x = branches[from];
    let target = net.shape(branches[to]);
    match from.cmp(&to) {
        Ordering::Equal => Ok(x),
        Ordering::Greater => {
            let x = net.conv_bn(&format!("conv{from}"), x, Conv2d::new(target.c, 1))?;
            net.push(&format!("resize{from}"), Resize::nearest(target.h, target.w), &[x])
        }
        Ordering::Less => {
            let mut x = x;
            for step in from + 1..to {
                let name = format!("conv{from}.{step}");
                x = net.conv_bn_relu(&name, x, halve(net.channels(x)))?;
            }
            net.conv_bn(&format!("conv{from}.{to}"), x, halve(target.c))
        }
    }
}

/// Every branch widened to 128, 256, … channels, each added to the finer one halved.
fn head(net: &mut Net, maps: &[Value]) -> Result {
    let unit = Residual::new(Unit::Bottleneck);
    let widened = |net: &mut Net, i: usize| {
        net.scope(format!("widen{i}"), |net| unit.stages(net, maps[i], 32 << i, &[1]))
    };
    let mut x = widened(net, 0)?;
    for i in 1..maps.len() {
        let wide = widened(net, i)?;
        let halved = halve(net.channels(wide)).bias();
        let down = net.conv_bn_relu(&format!("down{i}"), x, halved)?;
        x = net.add(&format!("add{i}"), wide, down)?;
    }
    net.conv_bn_relu("final", x, Conv2d::new(2048, 1).bias())
}
