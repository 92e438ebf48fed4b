//! VoVNet: blocks that concatenate all their layers once, at the end, instead of at every layer as
//! DenseNet does (paper's figure 1).
//!
//! `version=v2` is that of CenterMask (arXiv 1911.06667, figure 3): an effective
//! squeeze-and-excitation at each stage's end, a shortcut round every block that keeps its width.
//! Depthwise and slim networks are its authors' code's and timm's.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, imagenet},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, Pool2d, UnaryFn::HardSigmoid, Value};

pub(crate) static FAMILY: Family = Family {
    name: "vovnet",
    paper: Paper {
        authors: "Lee et al.",
        title: "An Energy and GPU-Computation Efficient Backbone Network for Real-Time Object Detection",
        year: 2019,
        arxiv: "1904.09730",
    },
    introduced: "one-shot aggregation: layers concatenated once a block, for memory access and speed",
    taxonomy: &[Taxon::MultiPath, Taxon::Efficiency],
    parameters: &[
        Parameter::whole_of("depth", 39, &[19, 39, 57, 99], "weight layers"),
        Parameter::word("version", &["v1", "v2"], "v2: gates and shortcuts"),
        Parameter::flag("depthwise", false, "depthwise separable convolutions in the blocks"),
        Parameter::flag("slim", false, "half as many channels"),
        CLASSES,
    ],
    presets: presets![
        "vovnet39a" = "depth=39",
        "ese_vovnet19b_slim_dw" = "depth=19, version=v2, depthwise=true, slim=true",
        "ese_vovnet19b_dw" = "depth=19, version=v2, depthwise=true",
        "ese_vovnet19b_slim" = "depth=19, version=v2, slim=true",
        "ese_vovnet39b" = "depth=39, version=v2",
        "ese_vovnet57b" = "depth=57, version=v2",
    ],
    input: imagenet,
    build,
};

/// Channels of each stage's layers and of its blocks' outputs.
const CHANNELS: [(usize, usize); 4] = [(128, 256), (160, 512), (192, 768), (224, 1024)];

/// The same of slim networks.
const SLIM: [(usize, usize); 4] = [(64, 112), (80, 256), (96, 384), (112, 512)];

/// Layers of a block, and blocks of each stage.
fn blocks(depth: usize) -> (usize, [usize; 4]) {
    match depth {
        19 => (3, [1, 1, 1, 1]),
        57 => (5, [1, 1, 4, 3]),
        99 => (5, [1, 3, 9, 3]),
        _ => (5, [1, 1, 2, 2]),
    }
}

fn build(net: &mut Net, args: &Arguments) -> Result {
    let (layers, blocks) = blocks(args.whole("depth"));
    let depthwise = args.flag("depthwise");
    let second = args.word("version") == "v2";
    let channels = if args.flag("slim") { SLIM } else { CHANNELS };

    let mut x = stem(net, depthwise)?;
    for (stage, (blocks, (mid, out))) in blocks.into_iter().zip(channels).enumerate() {
        if stage > 0 {
            x = net.pool(&format!("stage{}.pool", stage + 1), x, Pool2d::max(3, 2).ceil())?;
        }
        for i in 0..blocks {
            let gated = second && i + 1 == blocks;
            let block = Block { layers, mid, out, depthwise, gated, shortcut: second && i > 0 };
            x = net.scope(format!("stage{}.{i}", stage + 1), |net| block.draw(net, x))?;
        }
    }
    net.classify(x, args.whole("classes"))
}

fn stem(net: &mut Net, depthwise: bool) -> Result {
    let last = if depthwise { 64 } else { 128 };
    let first = Conv2d::new(64, 3).padding(1);
    let x = net.conv_bn_relu("stem1", Value::INPUT, first.stride(2))?;
    let x = layer(net, "stem2", x, first, depthwise)?;
    layer(net, "stem3", x, Conv2d { out: last, ..first }.stride(2), depthwise)
}

/// A convolution, or a depthwise and a 1×1 one in its place; batch norm and ReLU.
fn layer(net: &mut Net, name: &str, x: Value, conv: Conv2d, depthwise: bool) -> Result {
    if !depthwise {
        return net.conv_bn_relu(name, x, conv);
    }
    let filter = Conv2d { out: net.channels(x), groups: net.channels(x), ..conv };
    let x = net.conv(&format!("{name}.dw"), x, filter)?;
    net.conv_bn_relu(&format!("{name}.pw"), x, Conv2d::new(conv.out, 1))
}

/// One-shot aggregation.
struct Block {
    layers: usize,
    mid: usize,
    out: usize,
    depthwise: bool,
    gated: bool,
    shortcut: bool,
}

impl Block {
    fn draw(&self, net: &mut Net, x: Value) -> Result {
        let mut features = vec![x];
        let mut y = x;
        if self.depthwise && net.channels(x) != self.mid {
            y = net.conv_bn_relu("reduce", y, Conv2d::new(self.mid, 1))?;
        }
        for i in 0..self.layers {
            let conv = Conv2d::new(self.mid, 3).padding(1);
            y = layer(net, &format!("conv{i}"), y, conv, self.depthwise)?;
            features.push(y);
        }
        let y = net.concat("concat", &features)?;
        let mut y = net.conv_bn_relu("aggregate", y, Conv2d::new(self.out, 1))?;
        if self.gated {
            y = effective_squeeze_excite(net, y)?;
        }
        match self.shortcut {
            true => net.add("add", y, x),
            false => Ok(y),
        }
    }
}

/// Each channel times a gate that one 1×1 convolution computes from the means of all.
fn effective_squeeze_excite(net: &mut Net, x: Value) -> Result {
    let channels = net.channels(x);
    net.scope("ese", |net| {
        let mean = net.pool("avgpool", x, Pool2d::global_average())?;
        let gate = net.conv("fc", mean, Conv2d::new(channels, 1).bias())?;
        let gate = net.act("fc.hard_sigmoid", HardSigmoid, gate)?;
        net.mul("scale", x, gate)
    })
}
