//! Verification catches a device that is wrong, and names the node.

#![allow(clippy::unwrap_used, reason = "a network that cannot run should end the test")]

mod common;

use common::unit;
use ops::{
    Graph, GraphBuilder, Keep, Linear, Look, Session, SessionError, Tensor, Value,
    cpu::{CpuOptions, CpuSession},
    verify::{Verified, verify},
};
use profile::Shape;

/// A right session, but for what it says that one node made.
struct Wrong {
    right: CpuSession,
    node: usize,
    spoil: fn(&mut [f32]),
}

impl Session for Wrong {
    fn graph(&self) -> &Graph {
        self.right.graph()
    }
    fn kernels(&self) -> Vec<String> {
        self.right.kernels()
    }
    fn set_inputs(&mut self, inputs: &[Tensor]) -> Result<(), SessionError> {
        self.right.set_inputs(inputs)
    }
    fn run(&mut self) -> Result<u64, SessionError> {
        self.right.run()
    }
    fn run_timed(&mut self, times: &mut [u64]) -> Result<u64, SessionError> {
        self.right.run_timed(times)
    }
    fn run_each(&mut self, inputs: &[Tensor], look: &mut Look<'_>) -> Result<(), SessionError> {
        self.right.run_each(inputs, &mut |node, inputs, output| {
            let mut output = output.to_tensor();
            if node == self.node {
                (self.spoil)(output.data_mut());
            }
            look(node, inputs, output.as_map())
        })
    }
    fn fetch(&mut self, node: usize) -> Result<Tensor, SessionError> {
        self.right.fetch(node)
    }
}

/// What verification finds where node `node` is spoilt.
fn found(graph: &Graph, node: usize, spoil: fn(&mut [f32])) -> Verified {
    let options = CpuOptions { keep: Keep::Each, ..CpuOptions::default() };
    let mut session = Wrong { right: CpuSession::prepare(graph, options).unwrap(), node, spoil };
    verify(&mut session, &graph.drawn_inputs(0), 0).unwrap()
}

#[test]
fn one_wrong_element_of_any_node_is_found_there() {
    let graph = unit(Shape::new(1, 3, 17, 15)).unwrap();
    for (i, node) in graph.nodes.iter().enumerate() {
        let spoilt = found(&graph, i, |data| *data.last_mut().unwrap() += 0.01);
        assert!(!spoilt.passed(), "{} passed", node.name);
        assert_eq!(spoilt.worst.0, node.name);
        assert!(found(&graph, i, |_| ()).passed());
    }
}

/// A linear operator whose kernel is too large to be held is checked in parts.
#[test]
fn one_wrong_element_of_a_large_kernels_output_is_found() {
    let outputs = 4100;
    let mut b = GraphBuilder::new("net", Shape::features(1, 2048));
    let y = b.push("fc", Linear::new(outputs), &[Value::INPUT]).unwrap();
    let graph = b.finish(y);
    let spoils: [fn(&mut [f32]); 2] = [|data| data[0] += 0.01, |data| data[4099] += 0.01];
    for spoil in spoils {
        assert!(!found(&graph, 0, spoil).passed());
    }
    assert!(found(&graph, 0, |_| ()).passed());
}

#[test]
fn a_node_that_was_never_computed_is_found() {
    let graph = unit(Shape::new(1, 3, 16, 16)).unwrap();
    let zeroed = found(&graph, 0, |data| data.fill(0.0));
    assert!(!zeroed.passed());
    assert_eq!(zeroed.degenerate, ["stem"]);
}

#[test]
fn values_that_make_times_meaningless_are_found() {
    let graph = unit(Shape::new(1, 3, 16, 16)).unwrap();
    for value in [f32::NAN, f32::INFINITY, 1e-40] {
        let spoil: fn(&mut [f32]) = match value {
            v if v.is_nan() => |data| data[3] = f32::NAN,
            v if v.is_infinite() => |data| data[3] = f32::INFINITY,
            _ => |data| data[3] = 1e-40,
        };
        let spoilt = found(&graph, 2, spoil);
        assert!(!spoilt.passed(), "{value}");
        assert_eq!(spoilt.degenerate[0], graph.nodes[2].name, "{value}");
    }
}

/// The spoilt element is within its tolerance, but the next node reads another than was shown.
#[test]
fn a_map_that_changes_before_it_is_read_is_found() {
    let graph = unit(Shape::new(1, 3, 16, 16)).unwrap();
    let spoilt = found(&graph, 0, |data| data[3] = data[3].next_up());
    assert!(spoilt.worst.1 <= 1.0 && spoilt.degenerate.is_empty() && !spoilt.passed());
    assert_eq!(spoilt.overwritten[0], graph.nodes[1].name);
}

#[test]
fn every_node_and_every_element_of_a_small_network_is_checked() {
    let graph = unit(Shape::new(1, 3, 16, 16)).unwrap();
    let verified = found(&graph, 0, |_| ());
    assert_eq!(verified.nodes, graph.nodes.len());
    let elements: usize = graph.nodes.iter().map(|n| n.output.elements()).sum();
    assert_eq!(verified.elements, elements as u64);
}
