//! Blocks that training sees as parallel branches and deployment as one convolution (RepVGG, arXiv
//! 2101.03697, figure 4; MobileOne, arXiv 2206.04040, figure 3).
//!
//! All branches are linear, so their sum is a convolution too: kernels add up, and a batch norm
//! alone is a 1×1 kernel.

use crate::{
    Arguments, Parameter,
    net::{Net, Result},
};
use ops::{Conv2d, Sides, Value};

/// Which of the two a network is drawn as.
pub(crate) const FORM: Parameter =
    Parameter::word("form", &["train", "deploy"], "the branches of training, or one convolution");

/// A block without its activation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reparameterised {
    /// The convolution at deployment.
    pub conv: Conv2d,
    /// How many of it training adds up.
    pub copies: usize,
    /// Whether it stands alone.
    pub deployed: bool,
}

impl Reparameterised {
    /// `conv`, in training `copies` times.
    pub fn new(args: &Arguments, conv: Conv2d, copies: usize) -> Self {
        Self { conv, copies, deployed: args.word("form") == "deploy" }
    }

    /// Appends the block.
    pub fn draw(&self, net: &mut Net, x: Value) -> Result {
        match self.deployed {
            true => net.conv("conv", x, self.conv.bias()),
            false => self.branches(net, x),
        }
    }

    /// The input where it fits, a 1×1 convolution beside a larger one, and the copies.
    fn branches(&self, net: &mut Net, x: Value) -> Result {
        let fits = (self.conv.stride, self.conv.out) == ((1, 1), net.channels(x));
        let mut sum = fits.then(|| net.bn("identity", x)).transpose()?;
        let point = Conv2d { kernel: (1, 1), padding: Sides::NONE, ..self.conv };
        let scale = (self.conv != point).then(|| ("scale".to_owned(), point));
        let copies = (0..self.copies).map(|i| (format!("conv{i}"), self.conv));
        for (name, conv) in scale.into_iter().chain(copies) {
            let y = net.conv_bn(&name, x, conv)?;
            sum = Some(match sum {
                None => y,
                Some(sum) => net.add(&format!("{name}.add"), y, sum)?,
            });
        }
        Ok(sum.unwrap_or(x))
    }
}
