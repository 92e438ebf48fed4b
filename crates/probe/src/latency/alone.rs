//! An operator as a network of its own, whose name says all of it but the sizes of its inputs.

use ops::{Graph, Node, Recipe, Value};
use profile::{Attr, Shape};
use std::collections::HashSet;

/// Node `i` of `graph` as a network: the same operator, with what ends it, over inputs of the same shapes.
pub fn alone(graph: &Graph, i: usize) -> Graph {
    let node = &graph.nodes[i];
    let inputs = graph.input_shapes(node);
    let own = Node {
        name: node.op.kind().to_owned(),
        inputs: (0..inputs.len()).map(Value::Input).collect(),
        recipe: Recipe::Drawn,
        view: false,
        in_bands: false,
        ..node.clone()
    };
    Graph {
        name: name(&own, &inputs),
        inputs,
        nodes: vec![own],
        outputs: vec![Value::of_node(0)],
        level: graph.level,
        training_params: 0,
        stored: None,
    }
}

/// The operators of `graphs`, each once, as networks of their own. Views are left out: they take no time.
pub fn distinct(graphs: &[Graph]) -> Vec<Graph> {
    let mut seen = HashSet::new();
    let timed = graphs.iter().flat_map(|graph| {
        let computes = |i: &usize| !graph.nodes[*i].view;
        (0..graph.nodes.len()).filter(computes).map(move |i| alone(graph, i))
    });
    timed.filter(|own| seen.insert((own.name.clone(), own.inputs.clone()))).collect()
}

/// `conv2d(bias=true,groups=1,kernel=3x3,out=64)`: the operator, its attributes, its output's channels where they are
/// not its input's.
fn name(node: &Node, inputs: &[Shape]) -> String {
    let mut all: Vec<String> =
        node.attrs().iter().map(|(key, value)| format!("{key}={}", text(value))).collect();
    if node.output.c != inputs[0].c {
        all.push(format!("out={}", node.output.c));
    }
    let kind = node.op.kind();
    if all.is_empty() { kind.to_owned() } else { format!("{kind}({})", all.join(",")) }
}

/// An attribute as a name has it: `3x3` of a list.
fn text(value: &Attr) -> String {
    match value {
        Attr::Array(all) => all.iter().map(text).collect::<Vec<_>>().join("x"),
        Attr::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ops::{Conv2d, GraphBuilder};
    use profile::Level;

    fn zoo(name: &str, level: Level) -> Graph {
        zoo::build(name, zoo::Options { batch: 2, input: Some((64, 64)) }).unwrap().at(level)
    }

    #[test]
    fn an_operator_alone_costs_what_it_costs_in_its_network() {
        for level in [Level::Raw, Level::Folded, Level::Fused] {
            let graph = zoo("shufflenet_v2", level);
            for (i, node) in graph.nodes.iter().enumerate().filter(|(_, node)| !node.view) {
                let own = alone(&graph, i);
                let (alone, there) = (own.cost(), graph.node_cost(node));
                assert_eq!(alone.access, there.access, "{}", node.name);
                assert_eq!(alone.mul_adds, there.mul_adds, "{}", node.name);
                assert_eq!(own.nodes[0].output, node.output, "{}", node.name);
            }
        }
    }

    /// Equal names and inputs stand for equal work, in all of the zoo.
    #[test]
    fn a_name_says_what_an_operator_is() {
        for model in zoo::models() {
            let Ok(graph) = model.build(zoo::Options::default()) else { continue };
            let graph = graph.at(Level::Folded);
            let all: Vec<Graph> = (0..graph.nodes.len()).map(|i| alone(&graph, i)).collect();
            let mut first = std::collections::HashMap::new();
            for own in &all {
                let key = (own.name.clone(), own.inputs.clone());
                let work = (own.nodes[0].op.kind(), own.nodes[0].output, own.cost());
                assert_eq!(*first.entry(key).or_insert(work), work, "{}", own.name);
            }
        }
    }

    #[test]
    fn names_read_like_those_of_networks() {
        let mut builder = GraphBuilder::new("", Shape::new(1, 16, 8, 8));
        let conv = Conv2d::new(32, 3).stride(2).padding(1).bias();
        let x = builder.push("conv", conv, &[Value::INPUT]).unwrap();
        let graph = builder.finish(x);
        assert_eq!(
            alone(&graph, 0).name,
            "conv2d(bias=true,dilation=1x1,groups=1,kernel=3x3,padding=1x1,stride=2x2,out=32)"
        );
    }
}
