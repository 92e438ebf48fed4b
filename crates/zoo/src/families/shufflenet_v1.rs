//! ShuffleNetV1: residual bottlenecks of grouped 1×1 convolutions with a channel shuffle between
//! (paper's figure 2).
//!
//! The plain name is the authors' code (`order=megvii`): it shuffles after the depthwise
//! convolution, rectifies only the main branch of a stride-2 unit, and its classifier has no bias.
//! `order=paper` is the figure: it shuffles before the depthwise convolution and rectifies after
//! the concatenation. Mult-adds are the same.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    blocks::{CLASSES, WIDTH, imagenet, scaled},
    family::presets,
    net::{Net, Result},
};
use ops::{ChannelShuffle, Conv2d, Linear, Pool2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "shufflenet_v1",
    paper: Paper {
        authors: "Zhang et al.",
        title: "ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile Devices",
        year: 2017,
        arxiv: "1707.01083",
    },
    introduced: "channel shuffle between grouped 1×1 convolutions",
    taxonomy: &[Taxon::Efficiency, Taxon::MultiPath],
    parameters: &[
        Parameter::whole_of("groups", 3, &[1, 2, 3, 4, 8], "groups of the 1×1 convolutions"),
        WIDTH,
        Parameter::word("order", &["megvii", "paper"], "the authors' code or the paper's figure"),
        Parameter::flag("bias", false, "a bias in the classifier"),
        CLASSES,
    ],
    presets: presets![
        "shufflenet_v1" = "",
        "shufflenet_v1_g1" = "groups=1",
        "shufflenet_v1_g2" = "groups=2",
        "shufflenet_v1_g4" = "groups=4",
        "shufflenet_v1_g8" = "groups=8",
        "shufflenet_v1_0_5" = "width=0.5",
        "shufflenet_v1_1_5" = "width=1.5",
        "shufflenet_v1_2_0" = "width=2",
    ],
    input: imagenet,
    build,
};

/// Units of stages 2 to 4.
const UNITS: [usize; 3] = [4, 8, 4];

/// Channels of stage 2 at width 1 (table 1); each later stage has twice those before it.
const fn stage2(groups: usize) -> usize {
    match groups {
        1 => 144,
        2 => 200,
        3 => 240,
        4 => 272,
        _ => 384,
    }
}

/// Channels of the stem and of stage 2. Those of the stage are a multiple of 4·groups, so that the
/// groups divide a unit's quarter. The stem shrinks with a width below 1 and doubles at 2 (the
/// authors' code), but so that the groups also divide what the first unit adds to it.
fn channels(groups: usize, width: f64) -> (usize, usize) {
    let step = 4 * groups;
    let stage = (stage2(groups) as f64 * width / step as f64).round() as usize * step;
    let stem = if width < 2.0 { scaled(24, width.min(1.0)) } else { 48 };
    let divides = |stem: &usize| stage.checked_sub(*stem).is_none_or(|c| c.is_multiple_of(groups));
    ((stem..).find(divides).unwrap_or(stem), stage)
}

/// What all units of a network share.
struct Units {
    groups: usize,
    megvii: bool,
}

fn build(net: &mut Net, args: &Arguments) -> Result {
    let groups = args.whole("groups");
    let units = Units { groups, megvii: args.word("order") == "megvii" };
    let (stem, stage2) = channels(groups, args.real("width"));

    let x = net.conv_bn_relu("conv1", Value::INPUT, Conv2d::new(stem, 3).stride(2).padding(1))?;
    let mut x = net.pool("maxpool", x, Pool2d::max(3, 2).padding(1))?;
    for (stage, count) in UNITS.into_iter().enumerate() {
        let out = stage2 << stage;
        for unit in 0..count {
            // The stem has too few channels for groups.
            let first_groups = if (stage, unit) == (0, 0) { 1 } else { groups };
            x = net.scope(format!("stage{}.{unit}", stage + 2), |net| match unit {
                0 => units.down(net, x, out, first_groups),
                _ => units.basic(net, x),
            })?;
        }
    }
    let x = net.pool("avgpool", x, Pool2d::global_average())?;
    net.linear("fc", x, Linear { out: args.whole("classes"), bias: args.flag("bias") })
}

impl Units {
    /// Figure 2b, stride 1.
    fn basic(&self, net: &mut Net, x: Value) -> Result {
        let out = net.channels(x);
        let y = self.main(net, x, 1, out / 4, out, self.groups)?;
        let x = net.add("add", y, x)?;
        net.relu("relu", x)
    }

    /// Figure 2c, stride 2: the shortcut is pooled and concatenated.
    fn down(&self, net: &mut Net, x: Value, out: usize, first_groups: usize) -> Result {
        let added = out.saturating_sub(net.channels(x));
        let y = self.main(net, x, 2, out / 4, added, first_groups)?;
        let shortcut = net.pool("shortcut", x, Pool2d::average(3, 2).padding(1))?;
        if self.megvii {
            let y = net.relu("relu", y)?;
            return net.concat("concat", &[shortcut, y]);
        }
        let x = net.concat("concat", &[y, shortcut])?;
        net.relu("relu", x)
    }

    fn main(
        &self,
        net: &mut Net,
        x: Value,
        stride: usize,
        mid: usize,
        out: usize,
        first_groups: usize,
    ) -> Result {
        let depthwise = Conv2d::depthwise(mid, 3).stride(stride);
        let y = net.conv_bn_relu("conv1", x, Conv2d::new(mid, 1).groups(first_groups))?;
        let y = match self.megvii {
            true => {
                let y = net.conv_bn("conv2", y, depthwise)?;
                self.shuffle(net, y, mid / self.groups)?
            }
            false => {
                let y = self.shuffle(net, y, self.groups)?;
                net.conv_bn("conv2", y, depthwise)?
            }
        };
        net.conv_bn("conv3", y, Conv2d::new(out, 1).groups(self.groups))
    }

    fn shuffle(&self, net: &mut Net, x: Value, groups: usize) -> Result {
        match self.groups {
            1 => Ok(x),
            _ => net.push("shuffle", ChannelShuffle { groups }, &[x]),
        }
    }
}
