//! Laws of counterfactual networks, on every published network: what a rewriting keeps, and what it
//! takes away.

#![allow(clippy::unwrap_used, reason = "a network that cannot be built should end the test")]

use ops::{
    Graph, Op, Value,
    counterfactual::{
        alone, merged_branches, with_balanced_channels, without_element_wise, without_groups,
    },
};
use profile::{Class, Level, Shape};
use zoo::Options;

/// Every published network at every level.
fn networks() -> impl Iterator<Item = Graph> {
    zoo::models().into_iter().flat_map(|model| {
        let raw = model.build(Options::default()).expect("a published network can be built");
        Level::ALL.map(|level| raw.at(level))
    })
}

/// Shapes, order and names as [`ops::GraphBuilder`] would have checked them.
fn demand_sound(graph: &Graph) {
    let mut names = std::collections::HashSet::new();
    for (i, node) in graph.nodes.iter().enumerate() {
        let at = format!("{}, {}: {}", graph.name, graph.level, node.name);
        assert!(names.insert(&node.name), "{at} twice");
        assert!(node.inputs.iter().all(|v| *v < Value::of_node(i)), "{at} reads what comes later");
        let mut inputs = graph.input_shapes(node);
        if node.epilogue.add {
            assert_eq!(inputs.pop(), Some(node.output), "{at} adds a map of another shape");
        }
        assert_eq!(node.op.output(&inputs), Ok(node.output), "{at}");
    }
}

#[test]
fn without_element_wise_only_those_are_missing() {
    for graph in networks() {
        let rewritten = without_element_wise(&graph);
        demand_sound(&rewritten);
        let kept = graph.nodes.iter().filter(|n| n.op.class() != Class::ElementWise);
        assert!(
            kept.map(|n| (&n.name, &n.op, n.output))
                .eq(rewritten.nodes.iter().map(|n| (&n.name, &n.op, n.output))),
            "{}: every other operator is there, unchanged",
            graph.name
        );
        assert_eq!(rewritten.cost().mul_adds, graph.cost().mul_adds, "{}", graph.name);
        assert_eq!(
            rewritten.shape(rewritten.outputs[0]),
            graph.shape(graph.outputs[0]),
            "{}",
            graph.name
        );
        assert_eq!(without_element_wise(&rewritten).nodes, rewritten.nodes, "{}", graph.name);
    }
}

#[test]
fn merged_branches_keep_mult_adds_and_the_output() {
    for graph in networks() {
        let found = merged_branches(&graph);
        let name = &found.graph.name;
        demand_sound(&found.graph);
        let (before, after) = (graph.cost().mul_adds, found.graph.cost().mul_adds);
        let drift = after as f64 / before as f64 - 1.0;
        assert!(drift.abs() < 0.05, "{name}: {drift}");
        assert_eq!(
            found.graph.shape(found.graph.outputs[0]),
            graph.shape(graph.outputs[0]),
            "{name}"
        );
        match found.merged.as_slice() {
            [] => assert_eq!(found.graph.nodes, graph.nodes, "{name}"),
            _ => assert!(found.graph.nodes.len() < graph.nodes.len(), "{name}"),
        }
        let again = merged_branches(&found.graph);
        assert_eq!((again.merged.len(), &again.left), (0, &found.left), "{name}");
    }
}

/// Regions with branches, merged and left, of networks whose figures show how many there are.
#[test]
fn as_many_regions_are_merged_as_the_figures_show() {
    for (model, merged, left) in [
        ("vgg16", 0, 0),
        ("mobilenet_v2", 0, 0),
        ("shufflenet_v2", 3, 0),
        ("shufflenet_v1(groups=3)", 3, 0),
        ("resnet50", 4, 0),
        ("densenet121", 0, 0),
        ("googlenet", 9, 0),
        // The 3×3 branch alone, with all output channels, would do more than both: the squeezing
        // convolution before it becomes narrower.
        ("squeezenet1_1", 8, 0),
    ] {
        let graph = zoo::build(model, Options::default()).unwrap().at(Level::Folded);
        let found = merged_branches(&graph);
        let counts = (found.merged.len(), found.left.len());
        assert_eq!(counts, (merged, left), "{model}: left {:?}", found.left);
    }
}

#[test]
fn a_convolution_alone_keeps_maps_and_mult_adds_whatever_its_channels() {
    for graph in networks() {
        for (i, node) in graph.nodes.iter().enumerate() {
            let Op::Conv2d(conv) = &node.op else { continue };
            let as_it_is = alone(&graph, i);
            demand_sound(&as_it_is);
            assert_eq!(as_it_is.cost().mul_adds, graph.node_cost(node).mul_adds);
            let balanced = with_balanced_channels(&graph, i);
            let dense = without_groups(&graph, i);
            assert!(conv.groups == 1 || balanced.is_none());
            assert!(conv.groups > 1 || dense.is_none());
            for other in [balanced, dense].into_iter().flatten() {
                let at = format!("{}: {}", other.name, Shape::list(&other.inputs));
                demand_sound(&other);
                assert_eq!(other.shape(Value::INPUT).area(), as_it_is.inputs[0].area(), "{at}");
                assert_eq!(other.nodes[0].output.area(), node.output.area(), "{at}");
                let drift = other.cost().mul_adds as f64 / as_it_is.cost().mul_adds as f64 - 1.0;
                assert!(drift.abs() < 0.052, "{at}: {drift}");
                assert!(other.cost().access.elements() < as_it_is.cost().access.elements(), "{at}");
            }
        }
    }
}
