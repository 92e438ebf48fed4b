//! LeNet-5: convolutions and subsampling for digits (paper's figure 2), as it is commonly restated:
//! C3 sees all six maps, subsampling has no weights, and the output is linear. That has 61,706
//! parameters; the paper's own sparse C3 and radial basis functions give 60,000.

use crate::{
    Arguments, Family, Paper, Parameter, Taxon,
    family::presets,
    net::{Net, Result},
};
use ops::{Conv2d, Linear, Pool2d, UnaryFn::Tanh, Value};

pub(crate) static FAMILY: Family = Family {
    name: "lenet",
    paper: Paper {
        authors: "LeCun et al.",
        title: "Gradient-Based Learning Applied to Document Recognition",
        year: 1998,
        arxiv: "",
    },
    introduced: "the convolutional network: local receptive fields, shared weights, subsampling",
    taxonomy: &[Taxon::SpatialExploitation],
    parameters: &[Parameter::whole("classes", 10, [1, 100_000], "outputs of the classifier")],
    presets: presets!["lenet5" = ""],
    input: |_| [1, 32, 32],
    build,
};

fn build(net: &mut Net, args: &Arguments) -> Result {
    let mut x = Value::INPUT;
    for (c, s, maps) in [("c1", "s2", 6), ("c3", "s4", 16)] {
        x = net.conv(c, x, Conv2d::new(maps, 5).bias())?;
        x = net.act(&format!("{c}.tanh"), Tanh, x)?;
        x = net.pool(s, x, Pool2d::average(2, 2))?;
    }
    let x = net.conv("c5", x, Conv2d::new(120, 5).bias())?;
    let x = net.act("c5.tanh", Tanh, x)?;
    let x = net.linear("f6", x, Linear::new(84))?;
    let x = net.act("f6.tanh", Tanh, x)?;
    net.linear("output", x, Linear::new(args.whole("classes")))
}
