//! ShuffleNetV2: units that split the channels, work on one half and shuffle (paper's figure 3).
//!
//! Two drawings exist. The authors' code (`order=megvii`, the plain `shufflenet_v2`, which alone
//! gives the paper's 41/146/299/591 M mult-adds) takes even and odd channels at the start of each
//! stride-1 unit; in stage 2's first unit the left branch keeps the stem's 24 channels and the
//! right one makes the rest; its classifier has no bias. torchvision (`order=torchvision`,
//! `shufflenet_v2_x1_0`) shuffles at the end of every unit, and both branches make half.

use crate::{
    Arguments, Family, Parameter, Taxon,
    blocks::{CLASSES, SqueezeExcite, WIDTH, imagenet},
    family::presets,
    micro,
    net::{Net, Result},
};
use ops::{ChannelShuffle, ChannelSplit, Conv2d, Linear, Pool2d, Value};

pub(crate) static FAMILY: Family = Family {
    name: "shufflenet_v2",
    paper: micro::PAPER,
    introduced: "four guidelines for real speed; channel split",
    taxonomy: &[Taxon::Efficiency, Taxon::MultiPath],
    parameters: &[
        WIDTH,
        Parameter::word("order", &["megvii", "torchvision"], "the authors' code or torchvision's"),
        Parameter::word(
            "scaling",
            &["published", "linear"],
            "published: the paper's channels at widths 0.5, 1, 1.5, 2, else linear; \
             linear: width times those of 1",
        ),
        Parameter::flag("se", false, "squeeze-and-excitation in each right branch (figure 2b)"),
        Parameter::flag("residual", false, "an addition in each stride-1 unit (figure 2a)"),
        CLASSES,
    ],
    presets: presets![
        "shufflenet_v2" = "",
        "shufflenet_v2_0_5" = "width=0.5",
        "shufflenet_v2_1_5" = "width=1.5",
        "shufflenet_v2_2_0" = "width=2",
        "shufflenet_v2_x0_5" = "order=torchvision, width=0.5",
        "shufflenet_v2_x1_0" = "order=torchvision, width=1",
        "shufflenet_v2_x1_5" = "order=torchvision, width=1.5",
        "shufflenet_v2_x2_0" = "order=torchvision, width=2",
        "shufflenet_v2_se" = "se=true",
        "shufflenet_v2_residual" = "residual=true",
        "shufflenet_v2_se_residual" = "se=true, residual=true",
    ],
    input: imagenet,
    build,
};

/// The paper's table 5: width, channels of stages 2 to 4, channels of conv5.
const PUBLISHED: [(f64, [usize; 3], usize); 4] = [
    (0.5, [48, 96, 192], 1024),
    (1.0, [116, 232, 464], 1024),
    (1.5, [176, 352, 704], 1024),
    (2.0, [244, 488, 976], 2048),
];

/// Units of stages 2 to 4.
const UNITS: [usize; 3] = [4, 8, 4];

/// Channels of stages 2 to 4 and of conv5.
fn channels(width: f64, scaling: &str) -> ([usize; 3], usize) {
    let published = PUBLISHED.iter().find(|(w, ..)| *w == width && scaling == "published");
    if let Some((_, stages, conv5)) = published {
        return (*stages, *conv5);
    }
    let [(.., stages, conv5)] = PUBLISHED[1..2] else { unreachable!("one row") };
    // Both halves of a unit have the same number.
    let stages = stages.map(|c| 2 * (c as f64 / 2.0 * width) as usize);
    (stages, if width > 1.5 { (conv5 as f64 * width) as usize } else { conv5 })
}

/// What all units of a network share.
struct Units {
    /// Even and odd channels at the start of a unit instead of a shuffle at its end.
    shuffle_first: bool,
    se: bool,
    residual: bool,
}

fn build(net: &mut Net, args: &Arguments) -> Result {
    let megvii = args.word("order") == "megvii";
    let units = Units {
        shuffle_first: megvii,
        se: args.flag("se"),
        residual: args.flag("residual"),
    };
    let (stages, conv5) = channels(args.real("width"), args.word("scaling"));

    let x = net.conv_bn_relu("conv1", Value::INPUT, Conv2d::new(24, 3).stride(2).padding(1))?;
    let mut x = net.pool("maxpool", x, Pool2d::max(3, 2).padding(1))?;
    for (stage, (count, out)) in UNITS.into_iter().zip(stages).enumerate() {
        for unit in 0..count {
            x = net.scope(format!("stage{}.{unit}", stage + 2), |net| match unit {
                0 => units.down(net, x, out),
                _ => units.basic(net, x),
            })?;
        }
    }
    let x = net.conv_bn_relu("conv5", x, Conv2d::new(conv5, 1))?;
    let x = net.pool("avgpool", x, Pool2d::global_average())?;
    net.linear("fc", x, Linear { out: args.whole("classes"), bias: !megvii })
}

impl Units {
    /// Figure 3c, stride 1.
    fn basic(&self, net: &mut Net, x: Value) -> Result {
        let channels = net.channels(x);
        let half = channels / 2;
        let x = match self.shuffle_first {
            true => net.push("shuffle", ChannelShuffle { groups: half }, &[x])?,
            false => x,
        };
        let kept = net.push("split1", ChannelSplit { start: 0, len: half }, &[x])?;
        let x = net.push("split2", ChannelSplit { start: half, len: channels - half }, &[x])?;
        let y = self.right(net, x, 1, half, half, self.residual.then_some(x))?;
        self.join(net, kept, y)
    }

    /// Figure 3d, stride 2: both branches see all channels.
    fn down(&self, net: &mut Net, x: Value, out: usize) -> Result {
        let input = net.channels(x);
        let left = if self.shuffle_first { input } else { out / 2 };
        let depthwise = Conv2d::depthwise(input, 3).stride(2);
        let y = net.conv_bn("branch1.conv1", x, depthwise)?;
        let y = net.conv_bn_relu("branch1.conv2", y, Conv2d::new(left, 1))?;
        let z = self.right(net, x, 2, out / 2, out.saturating_sub(left), None)?;
        self.join(net, y, z)
    }

    /// The right branch; the shortcut, where there is one, comes before the last ReLU.
    fn right(
        &self,
        net: &mut Net,
        x: Value,
        stride: usize,
        mid: usize,
        out: usize,
        shortcut: Option<Value>,
    ) -> Result {
        let y = net.conv_bn_relu("branch2.conv1", x, Conv2d::new(mid, 1))?;
        let y = net.conv_bn("branch2.conv2", y, Conv2d::depthwise(mid, 3).stride(stride))?;
        let gated = |net: &mut Net, y| match self.se {
            true => SqueezeExcite::sixteenth(out, 8).draw(net, "branch2.se", y),
            false => Ok(y),
        };
        match shortcut {
            None => {
                let y = net.conv_bn_relu("branch2.conv3", y, Conv2d::new(out, 1))?;
                gated(net, y)
            }
            Some(shortcut) => {
                let y = net.conv_bn("branch2.conv3", y, Conv2d::new(out, 1))?;
                let y = gated(net, y)?;
                let y = net.add("branch2.add", y, shortcut)?;
                net.relu("branch2.add.relu", y)
            }
        }
    }

    fn join(&self, net: &mut Net, left: Value, right: Value) -> Result {
        let x = net.concat("concat", &[left, right])?;
        match self.shuffle_first {
            true => Ok(x),
            false => net.push("shuffle", ChannelShuffle { groups: 2 }, &[x]),
        }
    }
}
