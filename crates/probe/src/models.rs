//! From the command line's networks to graphs.

use crate::args::ModelArgs;
use anyhow::ensure;
use ops::Graph;
use zoo::Options;

/// The networks asked for, lowered, in the order given. Of all networks of the zoo, those that
/// cannot be built at the input asked for are named and left out.
///
/// # Errors
/// Where a network does not exist, or cannot be built with these parameters and this input; of all
/// networks, where none can.
pub fn graphs(args: &ModelArgs) -> anyhow::Result<Vec<Graph>> {
    let options = Options { batch: args.batch, input: args.input.map(|size| (size.h, size.w)) };
    if !args.all {
        let build = |spec: &String| Ok(zoo::build(spec, options)?.at(args.level));
        return args.model.iter().map(build).collect();
    }
    let (mut graphs, mut left_out) = (Vec::new(), Vec::new());
    for model in zoo::models() {
        match model.build(options) {
            Ok(graph) => graphs.push(graph.at(args.level)),
            Err(e) => left_out.push(e.to_string()),
        }
    }
    ensure!(
        !graphs.is_empty(),
        "no network can be built: {}",
        left_out.first().map_or("", String::as_str)
    );
    left_out.iter().for_each(|why| eprintln!("left out: {why}"));
    Ok(graphs)
}
