//! Operators that move elements.

use super::{
    attribute::{float, int, ints, text},
    emitter::{Emitter, Written},
};
use crate::{
    blocks::{self, TURNS},
    proto,
};
use ops::{
    BlockOrder, ChannelSplit, Direction, Graph, Interpolation, Node, Op, Pad2d, PadMode, Permute,
    PixelShuffle, Resize, Value,
};

impl Emitter<'_> {
    pub(super) fn flatten(&mut self, node: &Node) -> Written {
        let input = self.names[&node.inputs[0]].clone();
        if input.rows {
            return input;
        }
        let name = self.push("Flatten", node.name.clone(), vec![input.name], vec![int("axis", 1)]);
        Written { name, rows: true }
    }

    /// Channels as a groups × (C/groups) matrix, transposed.
    pub(super) fn shuffle(&mut self, node: &Node, groups: usize, inputs: Vec<String>) -> String {
        let s = node.output;
        self.turned(node, &[s.n, groups, s.c / groups, s.h, s.w], &[0, 2, 1, 3, 4], inputs)
    }

    /// Each image in other axes, which are put in another order.
    pub(super) fn permute(
        &mut self,
        node: &Node,
        permute: &Permute,
        inputs: Vec<String>,
    ) -> String {
        let axes: Vec<usize> = [&[node.output.n], &permute.axes[..]].concat();
        let order = permute.order.iter().map(|a| a + 1);
        let perm: Vec<usize> = std::iter::once(0).chain(order).collect();
        self.turned(node, &axes, &perm, inputs)
    }

    /// An operator's one input in other axes, transposed, and in the output's.
    pub(super) fn turned(
        &mut self,
        node: &Node,
        axes: &[usize],
        perm: &[usize],
        mut inputs: Vec<String>,
    ) -> String {
        let (name, s) = (&node.name, node.output);
        inputs.push(self.integers(&format!("{name}.split"), axes));
        let split = self.push("Reshape", format!("{name}.matrix"), inputs, vec![]);
        let turn = vec![ints("perm", perm.iter().copied())];
        let turned = self.push("Transpose", format!("{name}.transposed"), vec![split], turn);
        let shape = self.integers(&format!("{name}.join"), &[s.n, s.c, s.h, s.w]);
        self.push("Reshape", name.clone(), vec![turned, shape], vec![])
    }

    /// By name, where ONNX has one.
    pub(super) fn pixel_shuffle(
        &mut self,
        node: &Node,
        op: PixelShuffle,
        inputs: Vec<String>,
    ) -> String {
        let (name, block) = (node.name.clone(), int("blocksize", op.block));
        match (op.direction, op.order) {
            (Direction::ToSpace, BlockOrder::Dcr) => {
                self.push("DepthToSpace", name, inputs, vec![block, text("mode", "DCR")])
            }
            (Direction::ToSpace, BlockOrder::Crd) => {
                self.push("DepthToSpace", name, inputs, vec![block, text("mode", "CRD")])
            }
            (Direction::ToDepth, BlockOrder::Dcr) => {
                self.push("SpaceToDepth", name, inputs, vec![block])
            }
            (direction, order) => {
                let wide = match direction {
                    Direction::ToSpace => node.output,
                    Direction::ToDepth => self.graph.shape(node.inputs[0]),
                };
                let turn = |(d, o, _): &&(_, _, _)| (*d, *o) == (direction, order);
                let perm = TURNS.iter().find(turn).map_or([0, 1, 2, 3, 4, 5], |(.., perm)| *perm);
                self.turned(node, &blocks::axes(op, wide), &perm, inputs)
            }
        }
    }

    pub(super) fn pad(&mut self, name: String, pad: &Pad2d, mut inputs: Vec<String>) -> String {
        let ((top, bottom), (left, right)) = (pad.vertical, pad.horizontal);
        let pads = [0, 0, top, left, 0, 0, bottom, right].map(|p| p as i64);
        inputs.push(self.signed(&format!("{name}.pads"), &pads));
        let mode = match pad.mode {
            PadMode::Constant(value) => {
                inputs.push(self.floats(&format!("{name}.value"), &[], &[value]));
                "constant"
            }
            PadMode::Reflect => "reflect",
            PadMode::Edge => "edge",
        };
        self.push("Pad", name, inputs, vec![text("mode", mode)])
    }

    pub(super) fn resize(
        &mut self,
        node: &Node,
        resize: &Resize,
        mut inputs: Vec<String>,
    ) -> String {
        let (name, s) = (&node.name, node.output);
        // No region of interest.
        inputs.push(String::new());
        match resize.scale {
            Some((h, w)) => {
                inputs.push(self.floats(&format!("{name}.scales"), &[4], &[1.0, 1.0, h, w]));
            }
            None => {
                inputs.push(String::new());
                inputs.push(self.integers(&format!("{name}.sizes"), &[s.n, s.c, s.h, s.w]));
            }
        }
        let coordinates = resize.coordinates.name();
        let mut attributes = vec![text("coordinate_transformation_mode", coordinates)];
        attributes.extend(match resize.method {
            Interpolation::Nearest(rounding) => {
                vec![text("mode", "nearest"), text("nearest_mode", rounding.name())]
            }
            Interpolation::Linear => vec![text("mode", "linear")],
            Interpolation::Cubic(a) => vec![text("mode", "cubic"), float("cubic_coeff_a", a)],
        });
        self.push("Resize", name.clone(), inputs, attributes)
    }

    /// One `Split` for all parts of a map where they tile its channels, else a `Slice` for this one.
    pub(super) fn split(&mut self, i: usize, node: &Node, part: ChannelSplit) {
        let input = self.as_map(node.inputs[0]);
        let channels = self.graph.shape(node.inputs[0]).c;
        let parts = parts_of(self.graph, node.inputs[0]);
        let ends = parts.iter().scan(0, |end, (_, p)| {
            let adjoins = p.start == *end;
            *end += p.len;
            Some(adjoins.then_some(*end))
        });
        let ends: Vec<Option<usize>> = ends.collect();
        if ends.iter().all(Option::is_some) && ends.last() == Some(&Some(channels)) {
            let lengths: Vec<usize> = parts.iter().map(|(_, p)| p.len).collect();
            let lengths = self.integers(&format!("{}.lengths", node.name), &lengths);
            let names = |at: &usize| self.graph.nodes[*at].name.clone();
            let outputs: Vec<String> = parts.iter().map(|(at, _)| names(at)).collect();
            for ((at, _), name) in parts.iter().zip(&outputs) {
                self.names.insert(Value::of_node(*at), Written::map(name.clone()));
            }
            self.out.node.push(proto::Node {
                input: vec![input, lengths],
                output: outputs,
                name: format!("{}.split", node.name),
                op_type: "Split".to_owned(),
                attribute: vec![int("axis", 1)],
                ..proto::Node::default()
            });
        } else {
            let name = &node.name;
            let ends = [("start", part.start), ("end", part.start + part.len), ("axis", 1)];
            let constants = ends.map(|(what, at)| self.integers(&format!("{name}.{what}"), &[at]));
            let inputs = [input].into_iter().chain(constants).collect();
            let written = Written::map(self.push("Slice", name.clone(), inputs, vec![]));
            self.names.insert(Value::of_node(i), written);
        }
    }
}

/// All channel splits of `value`, by first channel, with their places.
fn parts_of(graph: &Graph, value: Value) -> Vec<(usize, ChannelSplit)> {
    let mut parts: Vec<(usize, ChannelSplit)> = graph
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.inputs == [value])
        .filter_map(|(at, node)| match node.op {
            Op::ChannelSplit(part) => Some((at, part)),
            _ => None,
        })
        .collect();
    parts.sort_by_key(|(_, part)| part.start);
    parts
}
