//! GhostNet: half of each map's channels made by a convolution, the other half from these by a
//! cheap depthwise one (paper's figures 2 and 3, table 1).

use crate::{
    Arguments, Family, Paper, Taxon,
    blocks::{CLASSES, SqueezeExcite, WIDTH, divisible, imagenet},
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, Linear, Pool2d, UnaryFn::*, Value};

pub(crate) static FAMILY: Family = Family {
    name: "ghostnet",
    paper: Paper {
        authors: "Han et al.",
        title: "GhostNet: More Features from Cheap Operations",
        year: 2019,
        arxiv: "1911.11907",
    },
    introduced: "ghost modules: half of the channels from the other half, by depthwise convolutions",
    taxonomy: &[Taxon::Efficiency, Taxon::FeatureMapExploitation],
    parameters: &[WIDTH, CLASSES],
    presets: presets![
        "ghostnet_050" = "width=0.5",
        "ghostnet_100" = "width=1",
        "ghostnet_130" = "width=1.3",
    ],
    input: imagenet,
    build,
};

/// Kernel, expanded channels, output channels, squeeze-and-excitation, stride.
type Row = (usize, usize, usize, bool, usize);

/// Table 1.
const BLOCKS: [Row; 16] = [
    (3, 16, 16, false, 1),
    (3, 48, 24, false, 2),
    (3, 72, 24, false, 1),
    (5, 72, 40, true, 2),
    (5, 120, 40, true, 1),
    (3, 240, 80, false, 2),
    (3, 200, 80, false, 1),
    (3, 184, 80, false, 1),
    (3, 184, 80, false, 1),
    (3, 480, 112, true, 1),
    (3, 672, 112, true, 1),
    (5, 672, 160, true, 2),
    (5, 960, 160, false, 1),
    (5, 960, 160, true, 1),
    (5, 960, 160, false, 1),
    (5, 960, 160, true, 1),
];

fn build(net: &mut Net, args: &Arguments) -> Result {
    let channels = |c: usize| divisible(c as f64 * args.real("width"), 4);
    let stem = Conv2d::new(channels(16), 3).stride(2).padding(1);
    let mut x = net.conv_bn_relu("conv_stem", Value::INPUT, stem)?;
    for (i, (kernel, expanded, out, gated, stride)) in BLOCKS.into_iter().enumerate() {
        let [expanded, out] = [expanded, out].map(channels);
        let block = Block { kernel, expanded, out, gated, stride };
        x = net.scope(format!("blocks.{i}"), |net| block.draw(net, x))?;
    }
    let x = net.conv_bn_relu("conv_last", x, Conv2d::new(channels(960), 1))?;
    let x = net.pool("avgpool", x, Pool2d::global_average())?;
    let x = net.conv_relu("conv_head", x, Conv2d::new(1280, 1))?;
    net.linear("fc", x, Linear::new(args.whole("classes")))
}

/// Figure 3.
struct Block {
    kernel: usize,
    expanded: usize,
    out: usize,
    gated: bool,
    stride: usize,
}

impl Block {
    fn draw(&self, net: &mut Net, x: Value) -> Result {
        let filter = |channels| Conv2d::depthwise(channels, self.kernel).stride(self.stride);
        let mut y = ghost(net, "ghost1", x, self.expanded, true)?;
        if self.stride > 1 {
            y = net.conv_bn("depthwise", y, filter(self.expanded))?;
        }
        if self.gated {
            let squeezed = divisible(self.expanded as f64 / 4.0, 4);
            let gate = SqueezeExcite { squeezed, activations: [Relu, HardSigmoid] };
            y = gate.draw(net, "se", y)?;
        }
        y = ghost(net, "ghost2", y, self.out, false)?;
        let input = net.channels(x);
        let shortcut = match (self.stride, self.out) == (1, input) {
            true => x,
            false => {
                let s = net.conv_bn("shortcut.depthwise", x, filter(input))?;
                net.conv_bn("shortcut.project", s, Conv2d::new(self.out, 1))?
            }
        };
        net.add("add", y, shortcut)
    }
}

/// The ghost module (figure 2b), which ends a residual branch where it has no ReLU; `out` is even.
fn ghost(net: &mut Net, name: &str, x: Value, out: usize, relu: bool) -> Result {
    let (dense, depthwise) = (Conv2d::new(out / 2, 1), Conv2d::depthwise(out / 2, 3));
    net.scope(name, |net| {
        let (primary, cheap) = if relu {
            let primary = net.conv_bn_relu("primary", x, dense)?;
            (primary, net.conv_bn_relu("cheap", primary, depthwise)?)
        } else {
            let primary = net.conv_bn_calm("primary", x, dense, 0.25)?;
            (primary, net.conv_bn("cheap", primary, depthwise)?)
        };
        net.concat("concat", &[primary, cheap])
    })
}
