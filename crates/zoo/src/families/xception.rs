//! Xception: depthwise separable convolutions in residual modules (paper's figure 5).
//!
//! The plain name is the paper's network (timm's `legacy_xception`): nothing stands between the
//! depthwise and the pointwise convolution, and modules end in a max pooling. `body=aligned` is the
//! later one of DeepLab (timm's `xception41`, `65`, `71`): a batch norm between the two, and a
//! strided third convolution in place of the pooling.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::CLASSES,
    family::presets,
    net::{BuildError, Net, Result},
};
use ops::{BatchNorm, Conv2d, Pool2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "xception",
    paper: Paper {
        authors: "Chollet",
        title: "Xception: Deep Learning with Depthwise Separable Convolutions",
        year: 2016,
        arxiv: "1610.02357",
    },
    introduced: "Inception taken to its extreme: depthwise separable convolutions throughout",
    taxonomy: &[Taxon::Width, Taxon::MultiPath],
    parameters: &[
        Parameter::word("body", &["paper", "aligned"], "the paper's network or DeepLab's"),
        Parameter::whole("depth", 41, [41, 71], "weight layers of the aligned body: 41, 65 or 71"),
        CLASSES,
    ],
    presets: presets![
        "xception" = "",
        "legacy_xception" = "",
        "xception41" = "body=aligned, depth=41",
        "xception65" = "body=aligned, depth=65",
        "xception71" = "body=aligned, depth=71",
    ],
    input: |_| [3, 299, 299],
    build,
};

fn build(net: &mut Net, args: &Arguments) -> Result {
    let x = match args.word("body") {
        "aligned" => aligned(net, args.whole("depth"))?,
        _ => paper(net)?,
    };
    net.classify(x, args.whole("classes"))
}

fn paper(net: &mut Net) -> Result {
    let x = net.conv_bn_relu("conv1", Value::INPUT, Conv2d::new(32, 3).stride(2))?;
    let mut x = net.conv_bn_relu("conv2", x, Conv2d::new(64, 3))?;
    let entry = [[128, 128], [256, 256], [728, 728]];
    let middle = [[728, 728]; 8];
    let exit = [[728, 1024]];
    let modules = entry.iter().chain(&middle).chain(&exit);
    for (i, &[inner, out]) in (1..).zip(modules) {
        x = net.scope(format!("block{i}"), |net| match i {
            4..=11 => module(net, x, &[inner, inner, out], false, true),
            _ => module(net, x, &[inner, out], true, i > 1),
        })?;
    }
    for (name, out) in [("conv3", 1536), ("conv4", 2048)] {
        x = separable(net, name, x, out)?;
        x = net.relu(&format!("{name}.relu"), x)?;
    }
    Ok(x)
}

/// Separable convolutions with a ReLU before each (before the first one only with `relu_first`), a
/// pooling where the map halves, and the shortcut.
fn module(net: &mut Net, x: Value, outs: &[usize], halve: bool, relu_first: bool) -> Result {
    let mut y = x;
    for (i, &out) in (1..).zip(outs) {
        if i > 1 || relu_first {
            y = net.relu(&format!("relu{i}"), y)?;
        }
        y = separable(net, &format!("conv{i}"), y, out)?;
    }
    let mut shortcut = x;
    if halve {
        y = net.pool("pool", y, Pool2d::max(3, 2).padding(1))?;
        let out = net.channels(y);
        shortcut = net.conv_bn("skip", x, Conv2d::new(out, 1).stride(2))?;
    }
    net.add("add", y, shortcut)
}

fn separable(net: &mut Net, name: &str, x: Value, out: usize) -> Result {
    let channels = net.channels(x);
    let y = net.conv(&format!("{name}.dw"), x, Conv2d::depthwise(channels, 3))?;
    net.conv_bn(&format!("{name}.pw"), y, Conv2d::new(out, 1))
}

fn aligned(net: &mut Net, depth: usize) -> Result {
    net.norm = Some(BatchNorm { epsilon: 1e-3, ..BatchNorm::default() });
    let short = [([128; 3], 2), ([256; 3], 2), ([728; 3], 2)];
    let long = [([128; 3], 2), ([256; 3], 1), ([256; 3], 2), ([728; 3], 1), ([728; 3], 2)];
    let (entry, middle): (&[_], _) = match depth {
        41 => (&short, 8),
        65 => (&short, 16),
        71 => (&long, 16),
        _ => return Err(BuildError::parameter("depth", "41, 65 or 71")),
    };
    let middle = vec![([728; 3], 1); middle];
    let exit = [([728, 1024, 1024], 2)];
    let modules = entry.iter().chain(&middle).chain(&exit);

    let stem = Conv2d::new(32, 3).stride(2).padding(1);
    let x = net.conv_bn_relu("conv1", Value::INPUT, stem)?;
    let mut x = net.conv_bn_relu("conv2", x, Conv2d::new(64, 3).padding(1))?;
    for (i, &(outs, stride)) in (1..).zip(modules) {
        x = net.scope(format!("block{i}"), |net| aligned_module(net, x, outs, stride))?;
    }
    for (i, out) in (1..).zip([1536, 1536, 2048]) {
        let depthwise = Conv2d::depthwise(net.channels(x), 3);
        x = net.conv_bn_relu(&format!("exit.conv{i}.dw"), x, depthwise)?;
        x = net.conv_bn_relu(&format!("exit.conv{i}.pw"), x, Conv2d::new(out, 1))?;
    }
    Ok(x)
}

/// Three separable convolutions, the last one strided, and the shortcut.
fn aligned_module(net: &mut Net, x: Value, outs: [usize; 3], stride: usize) -> Result {
    let mut y = x;
    for (i, out) in (1..).zip(outs) {
        let stride = if i == 3 { stride } else { 1 };
        let depthwise = Conv2d::depthwise(net.channels(y), 3).stride(stride);
        y = net.relu(&format!("relu{i}"), y)?;
        y = net.conv_bn(&format!("conv{i}.dw"), y, depthwise)?;
        y = net.conv_bn(&format!("conv{i}.pw"), y, Conv2d::new(out, 1))?;
    }
    let fits = stride == 1 && net.channels(x) == outs[2];
    let shortcut = match fits {
        true => x,
        false => net.conv_bn("shortcut", x, Conv2d::new(outs[2], 1).stride(stride))?,
    };
    net.add("add", y, shortcut)
}
