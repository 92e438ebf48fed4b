//! U-Net: an encoder that halves maps, a decoder that doubles them, and skip connections from each
//! map of the one to its like in the other (paper's figure 1).
//!
//! The plain name is the network of today's packages: padding, batch norm, and an output of the
//! input's size, which may be any. `unet_2015` is the paper's: a grey image of 572×572, convolutions
//! without padding, skip connections cropped to what is left, and an output of 388×388.
//! `up=bilinear` doubles maps without weights, and halves the decoder's channels for it.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    family::presets,
    net::{Net, Result},
};
use ops::{BatchNorm, Conv2d, ConvTranspose2d, Pad2d, Pool2d, Resize, Value};
use profile::Shape;

pub(crate) static FAMILY: Family = Family {
    name: "unet",
    paper: Paper {
        authors: "Ronneberger et al.",
        title: "U-Net: Convolutional Networks for Biomedical Image Segmentation",
        year: 2015,
        arxiv: "1505.04597",
    },
    introduced: "skip connections that concatenate an encoder's maps with a decoder's",
    taxonomy: &[Taxon::MultiPath],
    parameters: &[
        Parameter::word("variant", &["padded", "original"], "the packages' or the paper's"),
        Parameter::word("up", &["transposed", "bilinear"], "what doubles the decoder's maps"),
        Parameter::whole("classes", 2, [1, 100_000], "outputs of each pixel"),
    ],
    presets: presets!["unet" = "", "unet_bilinear" = "up=bilinear", "unet_2015" = "variant=original"],
    input,
    build,
};

fn input(args: &Arguments) -> [usize; 3] {
    match args.word("variant") {
        "original" => [1, 572, 572],
        _ => [3, 256, 256],
    }
}

/// How often maps are halved.
const DEPTH: usize = 4;

fn build(net: &mut Net, args: &Arguments) -> Result {
    let original = args.word("variant") == "original";
    net.norm = (!original).then(BatchNorm::default);
    let conv = |out| Conv2d::new(out, 3).padding(usize::from(!original));
    let bilinear = args.word("up") == "bilinear";
    // Channels of what is doubled next.
    let doubled = |depth: usize| if bilinear && depth > 0 { 32 << depth } else { 64 << depth };

    let mut skips = Vec::new();
    let mut x = Value::INPUT;
    for depth in 0..DEPTH {
        x = twice(net, &format!("down{depth}"), x, [conv(64 << depth); 2])?;
        skips.push(x);
        x = net.pool(&format!("pool{depth}"), x, Pool2d::max(2, 2))?;
    }
    x = twice(net, "bottom", x, [conv(doubled(DEPTH)); 2])?;
    for (depth, skip) in skips.into_iter().enumerate().rev() {
        let name = format!("up{depth}");
        x = net.scope(&name, |net| {
            let up = if bilinear { resized(net, x)? } else { transposed(net, x)? };
            joined(net, skip, up, original)
        })?;
        x = twice(net, &name, x, [conv(64 << depth), conv(doubled(depth))])?;
    }
    net.conv("classifier", x, Conv2d::new(args.whole("classes"), 1).bias())
}

/// Two convolutions, each with a ReLU.
fn twice(net: &mut Net, name: &str, x: Value, [first, second]: [Conv2d; 2]) -> Result {
    net.scope(name, |net| {
        let x = net.conv_bn_relu("conv1", x, first)?;
        net.conv_bn_relu("conv2", x, second)
    })
}

/// Twice as high and wide, with half of the channels.
fn transposed(net: &mut Net, x: Value) -> Result {
    let conv = ConvTranspose2d::new(net.channels(x) / 2, 2).stride(2).bias();
    net.push("conv_transpose", conv, &[x])
}

/// Twice as high and wide.
fn resized(net: &mut Net, x: Value) -> Result {
    let shape = net.shape(x);
    net.push("resize", Resize::bilinear(2 * shape.h, 2 * shape.w).align_corners(), &[x])
}

/// The encoder's map before the decoder's, once they are of one size: `crop` cuts what the encoder's
/// has more; otherwise zeros go round the decoder's, which lacks a line where an odd one was halved.
fn joined(net: &mut Net, skip: Value, up: Value, crop: bool) -> Result {
    let [skip, up] = match crop {
        true => [centred(net, "crop", skip, net.shape(up))?, up],
        false => [skip, centred(net, "pad", up, net.shape(skip))?],
    };
    net.concat("concat", &[skip, up])
}

/// `x` cropped or padded on all sides to the height and width of `like`.
fn centred(net: &mut Net, name: &str, x: Value, like: Shape) -> Result {
    let shape = net.shape(x);
    if (shape.h, shape.w) == (like.h, like.w) {
        return Ok(x);
    }
    let sides = |from: usize, to: usize| {
        let more = to as isize - from as isize;
        (more / 2, more - more / 2)
    };
    let (vertical, horizontal) = (sides(shape.h, like.h), sides(shape.w, like.w));
    net.push(name, Pad2d { vertical, horizontal, ..Pad2d::zeros(0) }, &[x])
}
