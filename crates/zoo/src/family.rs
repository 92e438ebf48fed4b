//! What a family says of itself.

use crate::{
    Arguments, Parameter,
    net::{Net, Result},
};
use serde::Serialize;
use strum::IntoStaticStr;

/// A family of architectures: one paper, one figure, some parameters.
#[derive(Debug)]
pub struct Family {
    /// Its name on the command line; alone it means the family with its default parameters.
    pub name: &'static str,
    /// Where it was published.
    pub paper: Paper,
    /// What it brought.
    pub introduced: &'static str,
    /// Its places in the taxonomy.
    pub taxonomy: &'static [Taxon],
    /// The parameters that it takes.
    pub parameters: &'static [Parameter],
    /// Names of published networks, and the parameters that make them.
    pub presets: &'static [Preset],
    /// Channels, height and width of the input that its paper (or package) uses.
    pub(crate) input: fn(&Arguments) -> [usize; 3],
    /// Draws the network and returns its output.
    pub(crate) build: fn(&mut Net, &Arguments) -> Result,
}

/// A publication.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Paper {
    /// First author and company.
    pub authors: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The year in which it first appeared.
    pub year: u16,
    /// Its number on arXiv, empty where it has none.
    pub arxiv: &'static str,
}

/// A published network's name.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Preset {
    /// The name.
    pub name: &'static str,
    /// The parameters that make it, as the command line writes them.
    pub arguments: &'static str,
}

/// A place in the taxonomy of convolutional networks (Khan et al. 2019, arXiv 1901.06032), with
/// one more for networks that are built for speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Taxon {
    /// Filter sizes and the plain stack of layers.
    SpatialExploitation,
    /// Many layers.
    Depth,
    /// Shortcuts across layers.
    MultiPath,
    /// Wide layers or many parallel ones.
    Width,
    /// Feature maps reweighted.
    FeatureMapExploitation,
    /// Attention over channels and places.
    Attention,
    /// Few operations a prediction.
    Efficiency,
}

impl Taxon {
    /// Its name as tables and files print it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl Family {
    /// Channels, height and width of the input that the network of the default parameters takes.
    pub fn default_input(&self) -> [usize; 3] {
        (self.input)(&Arguments::of(self.parameters))
    }
}

/// Declares presets: `presets!["resnet18" = "depth=18", …]`.
macro_rules! presets {
    ($($name:literal = $arguments:literal),* $(,)?) => {
        &[$($crate::Preset { name: $name, arguments: $arguments }),*]
    };
}
pub(crate) use presets;
