//! Every architecture of the lab, as graphs.
//!
//! A [`Family`] is one file: what its paper introduced, the parameters it takes, the names under
//! which its published networks are known, and a function that draws the figure. A [`Model`] is a
//! family with its parameters, written the way the command line writes it:
//!
//! ```
//! let graph = zoo::build("shufflenet_v1(groups=8, width=1.5)", zoo::Options::default())?;
//! assert_eq!(graph.cost().mul_adds, 290_188_800);
//! # Ok::<(), zoo::ZooError>(())
//! ```
//!
//! Nothing runs here, and nothing here knows a device.

#![forbid(unsafe_code)]

mod blocks;
mod error;
mod families;
mod family;
mod inception;
pub mod micro;
mod model;
mod naming;
mod net;
mod parameter;
mod reparameterised;

pub use error::ZooError;
pub use families::FAMILIES;
pub use family::{Family, Paper, Preset, Taxon};
pub use model::{Model, Options, names};
pub use parameter::{Arguments, Kind, Parameter, Setting};

/// The network that `spec` names, e.g. `resnet50`, `mobilenet_v2(width=0.75)`, or one of the guideline
/// experiments' ([`micro`]): `g1(c1=128,c2=128)`.
///
/// # Errors
/// Where no such model exists, a parameter is unknown or out of its range, or no network comes of
/// them at this input: the error names the family, its parameters and the node.
pub fn build(spec: &str, options: Options) -> Result<ops::Graph, ZooError> {
    let Some(stack) = micro::Stack::named(spec)? else {
        return Model::parse(spec)?.build(options);
    };
    let size = options.size(spec, stack.size)?;
    let stack = micro::Stack { batch: options.batch, size, ..stack };
    stack.build().map_err(|source| ZooError::Graph {
        family: "the guideline's block",
        settings: stack.to_string(),
        source: Box::new(source),
    })
}

/// The year in which the family of the network that `spec` names was first published; `None` where the zoo has no
/// such network.
pub fn year(spec: &str) -> Option<u16> {
    Model::parse(spec).ok().map(|model| model.family().paper.year)
}

/// Every published network of the zoo once, in the order of [`FAMILIES`]: presets that only give
/// another one's network a second name are left out.
pub fn models() -> Vec<Model> {
    FAMILIES.iter().flat_map(|family| family.models()).collect()
}
