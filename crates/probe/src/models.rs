//! From the command line's networks to graphs.

use crate::args::ModelArgs;
use ops::Graph;
use zoo::Options;

/// The networks asked for, lowered, in the order given.
///
/// # Errors
/// Where a network does not exist, or cannot be built with these parameters and this input.
pub fn graphs(args: &ModelArgs) -> anyhow::Result<Vec<Graph>> {
    let options = Options { batch: args.batch, input: args.input.map(|size| (size.h, size.w)) };
    if args.all {
        return zoo::models()
            .iter()
            .map(|model| Ok(model.build(options)?.at(args.level)))
            .collect();
    }
    args.model.iter().map(|spec| Ok(zoo::build(spec, options)?.at(args.level))).collect()
}
