//! From the command line's networks to graphs.

use crate::args::{ModelArgs, Weights};
use anyhow::{Context, ensure};
use ops::{Graph, level::PASSES};
use profile::Level;
use report::screen;
use std::path::{Path, is_separator};
use zoo::Options;

/// Most nodes of all networks asked for at once: they are all held.
const MOST_NODES: usize = 1 << 18;

/// The networks asked for, lowered, in the order given, each at every size of input and batch asked for. Of all
/// networks of the zoo, those that cannot be built at an input asked for are named and left out.
///
/// # Errors
/// Where a network does not exist, or cannot be built with these parameters and this input; where they have
/// too many nodes together; of all networks, where none can be built.
pub fn graphs(args: &ModelArgs) -> anyhow::Result<Vec<Graph>> {
    ensure!(
        args.without.is_empty() || args.level == Level::Fused,
        "--without leaves out passes of level fused, but the level is {}: add --level fused",
        args.level
    );
    if !args.all {
        let mut nodes = 0;
        let mut build = |(spec, options): (&String, Options)| {
            let raw = network(spec, args, options)?;
            nodes += raw.nodes.len();
            ensure!(
                nodes <= MOST_NODES,
                "the networks up to {spec} have more than {MOST_NODES} nodes together: ask for fewer at \
                 a time"
            );
            Ok(lowered(raw, args))
        };
        let sizes = sizes(args);
        let each = |spec| sizes.iter().map(move |options| (spec, *options));
        return args.model.iter().flat_map(each).map(&mut build).collect();
    }
    let (mut graphs, mut left_out) = (Vec::new(), Vec::new());
    for model in zoo::models() {
        for options in sizes(args) {
            match model.build(options) {
                Ok(graph) => graphs.push(lowered(graph, args)),
                Err(e) => left_out.push(e.to_string()),
            }
        }
    }
    ensure!(
        !graphs.is_empty(),
        "no network can be built: {}",
        left_out.first().map_or("", String::as_str)
    );
    left_out.iter().for_each(|why| screen::tell(format_args!("left out: {why}")));
    Ok(graphs)
}

/// Every size of input asked for, with every batch.
pub fn sizes(args: &ModelArgs) -> Vec<Options> {
    let own = [None];
    let given: Vec<_> = args.input.iter().map(|size| Some((size.h, size.w))).collect();
    let inputs = if given.is_empty() { &own[..] } else { &given };
    let of_input = |&input| args.batch.iter().map(move |&batch| Options { batch, input });
    inputs.iter().flat_map(of_input).collect()
}

/// The network that `spec` names, lowered, at one size.
///
/// # Errors
/// As [`graphs`].
pub fn graph(spec: &str, args: &ModelArgs, size: Options) -> anyhow::Result<Graph> {
    Ok(lowered(network(spec, args, size)?, args))
}

/// `raw` at the level asked for.
fn lowered(raw: Graph, args: &ModelArgs) -> Graph {
    match args.level {
        Level::Fused => raw.fused_without(&args.without),
        level => raw.at(level),
    }
}

/// Names of the passes that are left out, each once and in the order in which they run: what is
/// measured does not depend on how the command line has them.
pub fn without(args: &ModelArgs) -> Vec<String> {
    let left_out = PASSES.iter().filter(|pass| args.without.iter().any(|a| a.name == pass.name));
    left_out.map(|pass| pass.name.to_owned()).collect()
}

/// What of the network in the file `spec` can be counted, at one size.
///
/// # Errors
/// Where it is no model.
pub fn partial(spec: &str, size: Options) -> anyhow::Result<onnx::Partial> {
    let Options { batch, input } = size;
    onnx::read_partial(Path::new(spec), onnx::Options { batch, input })
        .with_context(|| format!("cannot read {spec}"))
}

/// Whether `spec` is a file's path, rather than the name of a network of the zoo.
pub fn is_file(spec: &str) -> bool {
    spec.to_ascii_lowercase().ends_with(".onnx") || spec.contains(is_separator)
}

/// The network that `spec` names: of the zoo, or in a file. With other weights it has another name: it is
/// another network, to `--resume` as well as to who reads a report.
fn network(spec: &str, args: &ModelArgs, options: Options) -> anyhow::Result<Graph> {
    if !is_file(spec) {
        return Ok(zoo::build(spec, options)?);
    }
    let Options { batch, input } = options;
    let graph = onnx::read(Path::new(spec), onnx::Options { batch, input })
        .with_context(|| format!("cannot read {spec}"))?;
    Ok(match args.weights {
        Weights::File => graph,
        Weights::Drawn => {
            Graph { stored: None, name: format!("{}(weights=drawn)", graph.name), ..graph }
        }
    })
}
