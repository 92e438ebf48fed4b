//! Every kernel that can take the hottest convolutions of some networks, verified and timed: a line of JSON each.
//!
//! `cargo bench -p benches --bench candidates -- FILE ADAPTER SHAPES`; `run.sh` calls it.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "a bench may panic")]

use ops::{
    Graph,
    gpu::{Adapter, Patience, tried},
};
use profile::{Class, Level};
use serde_json::json;
use std::{
    collections::HashMap,
    env,
    fs::File,
    io::{BufWriter, Write},
};

const NETWORKS: [&str; 6] =
    ["vgg16", "resnet50", "resnet18", "googlenet", "mobilenet_v2", "shufflenet_v2_x1_0"];
const BATCHES: [usize; 2] = [1, 8];

/// A convolution: of which graph, which node, and how many multiply-adds all of its shape have.
struct Shape<'a> {
    graph: &'a Graph,
    node: usize,
    mul_adds: u64,
}

/// Convolutions of all graphs, one a shape, those with most multiply-adds first.
fn hottest(graphs: &[Graph]) -> Vec<Shape<'_>> {
    let mut shapes: HashMap<String, Shape<'_>> = HashMap::new();
    for graph in graphs {
        let convs = graph.nodes.iter().enumerate().filter(|(_, n)| n.op.class() == Class::Conv);
        for (node, conv) in convs {
            let key = format!("{:?} {:?}", conv.op, graph.input_shapes(conv));
            let shape = shapes.entry(key).or_insert(Shape { graph, node, mul_adds: 0 });
            shape.mul_adds += graph.node_cost(conv).mul_adds;
        }
    }
    let mut shapes: Vec<Shape<'_>> = shapes.into_values().collect();
    shapes.sort_by_key(|shape| (std::cmp::Reverse(shape.mul_adds), shape.node));
    shapes
}

fn main() {
    // Cargo adds `--bench`.
    let args: Vec<String> = env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let [file, adapter, most] = args.as_slice() else { panic!("expected FILE ADAPTER SHAPES") };
    let adapter = Adapter::choose(Some(adapter)).unwrap();
    let graph = |(name, batch): (&str, usize)| {
        let options = zoo::Options { batch, ..zoo::Options::default() };
        zoo::build(name, options).unwrap().at(Level::Folded)
    };
    let nets = NETWORKS.into_iter().flat_map(|name| BATCHES.map(|batch| (name, batch)));
    let graphs: Vec<Graph> = nets.map(graph).collect();
    let mut lines = BufWriter::new(File::create(file).unwrap());
    for Shape { graph, node, mul_adds } in hottest(&graphs).iter().take(most.parse().unwrap()) {
        let conv = &graph.nodes[*node];
        for trial in tried(&adapter, graph, *node, 0, &Patience::default()).unwrap() {
            let line = json!({
                "device": adapter.device(), "model": graph.name, "op": conv.name,
                "attrs": conv.attrs(), "inputs": graph.input_shapes(conv), "output": conv.output,
                "mul_adds": graph.node_cost(conv).mul_adds, "mul_adds_of_all": mul_adds,
                "kernel": trial.kernel, "right": trial.right,
                "gpu_ns": trial.gpu_ns, "wall_ns": trial.wall_ns,
            });
            writeln!(lines, "{line}").unwrap();
        }
        lines.flush().unwrap();
    }
}
