//! Each of our operators as ONNX nodes.
//!
//! ONNX's matrix product works on N×C rows, its convolutions on N×C×H×W maps. Our rows are maps of
//! one pixel, so each value carries the rank in which it was last written, and is reshaped where a
//! reader needs the other.

mod attribute;
mod emitter;
mod moves;
mod weighted;

use crate::{
    functions::{self, Tree},
    proto,
};
use attribute::{float, int, ints};
use emitter::{Emitter, Written};
use ops::{
    Along, BinaryFn, ChannelPool, Concat2d, Graph, Node, Op, Pool2d, PoolFn, SessionError, Stop,
    Value, input_name,
};
use profile::Shape;
use std::collections::{HashMap, HashSet};

/// The network of `graph`, unless `stop` is set before all of its nodes are written.
pub(crate) fn graph(graph: &Graph, seed: u64, stop: &Stop) -> Result<proto::Graph, SessionError> {
    let mut emitter = Emitter {
        graph,
        seed,
        out: proto::Graph { name: graph.name.clone(), ..proto::Graph::default() },
        names: inputs(graph),
    };
    for (i, node) in graph.nodes.iter().enumerate() {
        stop.check()?;
        emitter.node(i, node);
    }
    Ok(emitter.finish())
}

/// The network's inputs, under names that no node has.
fn inputs(graph: &Graph) -> HashMap<Value, Written> {
    let taken: HashSet<&str> = graph.nodes.iter().map(|node| node.name.as_str()).collect();
    let named = |i: usize| {
        let mut name = input_name(i);
        while taken.contains(name.as_str()) {
            name.push('_');
        }
        (Value::Input(i), Written::map(name))
    };
    (0..graph.inputs.len()).map(named).collect()
}

impl Emitter<'_> {
    /// Writes node `i`.
    fn node(&mut self, i: usize, node: &Node) {
        let value = Value::of_node(i);
        if self.names.contains_key(&value) {
            return; // A sibling wrote it: both are outputs of one `Split`.
        }
        let written = match &node.op {
            Op::Conv2d(conv) => self.conv(node, conv),
            Op::ConvTranspose2d(conv) => self.conv_transpose(node, conv),
            Op::Linear(_) => self.linear(node),
            Op::Flatten(_) => self.flatten(node),
            Op::ChannelSplit(part) => return self.split(i, node, *part),
            op => {
                let inputs = node.inputs.iter().map(|&v| self.as_map(v)).collect();
                Written::map(self.on_maps(node, op, inputs))
            }
        };
        self.names.insert(value, written);
    }

    /// Writes an operator whose inputs and output are all maps; returns the output's name.
    fn on_maps(&mut self, node: &Node, op: &Op, mut inputs: Vec<String>) -> String {
        let name = node.name.clone();
        match op {
            Op::BatchNorm(norm) => {
                for (weight, tensor) in
                    ["gamma", "beta", "mean", "variance"].iter().zip(self.weights(node))
                {
                    inputs.push(self.floats(
                        &format!("{name}.{weight}"),
                        &[tensor.data().len()],
                        tensor.data(),
                    ));
                }
                self.push("BatchNormalization", name, inputs, vec![float("epsilon", norm.epsilon)])
            }
            Op::Binary(binary) => {
                let (kind, turned) = match binary.0 {
                    BinaryFn::Add => ("Add", false),
                    BinaryFn::Mul => ("Mul", false),
                    BinaryFn::Sub => ("Sub", false),
                    BinaryFn::ReverseSub => ("Sub", true),
                    BinaryFn::Div => ("Div", false),
                    BinaryFn::ReverseDiv => ("Div", true),
                    BinaryFn::Max => ("Max", false),
                    BinaryFn::Min => ("Min", false),
                };
                if turned {
                    inputs.reverse();
                }
                self.push(kind, name, inputs, vec![])
            }
            Op::Unary(unary) => self.tree(&name, &inputs[0], functions::written(unary.0)),
            Op::ChannelAffine(affine) => self.affine(node, *affine, inputs.remove(0)),
            Op::LayerNorm(norm) => self.layer_norm(node, norm, inputs.remove(0)),
            Op::Pool2d(pool) if pool.kernel.is_none() && pool.parts != (1, 1) => {
                let x = self.graph.shape(node.inputs[0]);
                self.average_parts(name, x, pool.parts, inputs)
            }
            Op::Pool2d(pool) => self.pool(name, pool, inputs),
            Op::ChannelPool(pool) => {
                let kind = match pool {
                    ChannelPool::Mean => "ReduceMean",
                    ChannelPool::Max => "ReduceMax",
                    ChannelPool::Sum => {
                        inputs.push(self.integers(&format!("{name}.axes"), &[1]));
                        return self.push("ReduceSum", name, inputs, vec![int("keepdims", 1)]);
                    }
                    ChannelPool::L2 => "ReduceL2",
                };
                self.push(kind, name, inputs, vec![ints("axes", [1]), int("keepdims", 1)])
            }
            Op::GlobalL2Pool(_) => {
                let attributes = vec![ints("axes", [2, 3]), int("keepdims", 1)];
                self.push("ReduceL2", name, inputs, attributes)
            }
            Op::PRelu(prelu) => {
                let slopes = self.weights(node).remove(0);
                let dims: &[usize] = if prelu.shared { &[1] } else { &[slopes.shape().c, 1, 1] };
                inputs.push(self.floats(&format!("{name}.slope"), dims, slopes.data()));
                self.push("PRelu", name, inputs, vec![])
            }
            Op::MapConstant(map) => self.map_constant(node, map.function, inputs.remove(0)),
            Op::ChannelConv(conv) => self.channel_conv(node, *conv, inputs.remove(0)),
            Op::GroupNorm(norm) => self.group_norm(node, norm, inputs.remove(0)),
            Op::ChannelShuffle(shuffle) => self.shuffle(node, shuffle.groups, inputs),
            Op::ConcatShuffle(op) => {
                let attributes = vec![int("axis", 1)];
                let both = self.push("Concat", format!("{name}.concat"), inputs, attributes);
                self.shuffle(node, op.groups, vec![both])
            }
            Op::Concat(_) => self.push("Concat", name, inputs, vec![int("axis", 1)]),
            Op::ChannelSlice(slice) => {
                let ends = slice.start as i64 + slice.len as i64 * slice.step as i64;
                // An end before the first channel would count from the last.
                let end = if ends < 0 { i64::MIN } else { ends };
                let all = [
                    ("start", slice.start as i64),
                    ("end", end),
                    ("axis", 1),
                    ("step", slice.step as i64),
                ];
                inputs.extend(all.map(|(what, at)| self.signed(&format!("{name}.{what}"), &[at])));
                self.push("Slice", name, inputs, vec![])
            }
            Op::Concat2d(along) => {
                let axis = match along {
                    Concat2d::Height => 2,
                    Concat2d::Width => 3,
                };
                self.push("Concat", name, inputs, vec![int("axis", axis)])
            }
            Op::Reshape(to) => {
                let axes = [node.output.n, to.c, to.h, to.w];
                inputs.push(self.integers(&format!("{name}.shape"), &axes));
                self.push("Reshape", name, inputs, vec![])
            }
            Op::Transpose2d(_) => {
                self.push("Transpose", name, inputs, vec![ints("perm", [0, 1, 3, 2])])
            }
            Op::ChannelPad(pad) => {
                let extra = pad.out - self.graph.shape(node.inputs[0]).c;
                inputs.push(self.integers(&format!("{name}.pads"), &[0, 0, 0, 0, 0, extra, 0, 0]));
                self.push("Pad", name, inputs, vec![])
            }
            Op::LocalResponseNorm(norm) => {
                let attributes = vec![
                    int("size", norm.size),
                    float("alpha", norm.alpha),
                    float("beta", norm.beta),
                    float("bias", norm.k),
                ];
                self.push("LRN", name, inputs, attributes)
            }
            Op::Pad2d(pad) => self.pad(name, pad, inputs),
            Op::PixelShuffle(shuffle) => self.pixel_shuffle(node, *shuffle, inputs),
            Op::Resize(resize) => self.resize(node, resize, inputs),
            Op::Softmax(softmax) => self.softmax("Softmax", node, softmax.0, inputs),
            Op::LogSoftmax(softmax) => self.softmax("LogSoftmax", node, softmax.0, inputs),
            Op::Permute(permute) => self.permute(node, permute, inputs),
            Op::Conv2d(_)
            | Op::ConvTranspose2d(_)
            | Op::Linear(_)
            | Op::Flatten(_)
            | Op::ChannelSplit(_) => {
                unreachable!("written by `node`")
            }
        }
    }

    /// Writes an expression in `x`, its root called `name`; returns the root's name.
    fn tree(&mut self, name: &str, x: &str, tree: Tree) -> String {
        match tree {
            Tree::X => x.to_owned(),
            Tree::Missing => String::new(),
            Tree::Number(k) => self.floats(name, &[], &[k]),
            Tree::Mean(of) => {
                let of = self.tree(&format!("{name}.0"), x, *of);
                let attributes = vec![ints("axes", [1]), int("keepdims", 1)];
                self.push("ReduceMean", name.to_owned(), vec![of], attributes)
            }
            Tree::Node { kind, inputs, floats } => {
                let inputs = inputs.into_iter().enumerate();
                let inputs = inputs.map(|(i, t)| self.tree(&format!("{name}.{i}"), x, t)).collect();
                let attributes = floats.into_iter().map(|(name, f)| float(name, f)).collect();
                self.push(kind, name.to_owned(), inputs, attributes)
            }
        }
    }

    /// A softmax or its logarithm; that over a map is one over a row of all its pixels.
    fn softmax(
        &mut self,
        kind: &str,
        node: &Node,
        along: Along,
        mut inputs: Vec<String>,
    ) -> String {
        let (name, s) = (&node.name, node.output);
        let axis = match along {
            Along::Channels => 1,
            Along::Height => 2,
            Along::Width => 3,
            Along::Map => {
                inputs.push(self.integers(&format!("{name}.row"), &[s.n, s.c, s.h * s.w]));
                let row = self.push("Reshape", format!("{name}.pixels"), inputs, vec![]);
                let row =
                    self.push(kind, format!("{name}.softmax"), vec![row], vec![int("axis", 2)]);
                let map = self.integers(&format!("{name}.map"), &[s.n, s.c, s.h, s.w]);
                return self.push("Reshape", name.clone(), vec![row, map], vec![]);
            }
        };
        self.push(kind, name.clone(), inputs, vec![int("axis", axis)])
    }

    fn pool(&mut self, name: String, pool: &Pool2d, inputs: Vec<String>) -> String {
        let Some((kh, kw)) = pool.kernel else {
            let kind = match pool.function {
                PoolFn::Max => "GlobalMaxPool",
                PoolFn::Average { .. } => "GlobalAveragePool",
            };
            return self.push(kind, name, inputs, vec![]);
        };
        let (sh, sw) = pool.stride;
        let mut attributes = vec![
            ints("kernel_shape", [kh, kw]),
            ints("strides", [sh, sw]),
            ints("pads", pool.padding.in_order()),
            int("ceil_mode", usize::from(pool.ceil)),
        ];
        match pool.function {
            PoolFn::Max => {
                let (h, w) = pool.dilation;
                if pool.dilation != (1, 1) {
                    attributes.push(ints("dilations", [h, w]));
                }
                self.push("MaxPool", name, inputs, attributes)
            }
            PoolFn::Average { count_padding } => {
                attributes.push(int("count_include_pad", usize::from(count_padding)));
                self.push("AveragePool", name, inputs, attributes)
            }
        }
    }

    /// The means of parts of a map, which no ONNX operator computes: A·X·B, where each row of A and
    /// each column of B average one part.
    fn average_parts(
        &mut self,
        name: String,
        x: Shape,
        (rows, columns): (usize, usize),
        mut inputs: Vec<String>,
    ) -> String {
        let above: Vec<f32> =
            (0..rows * x.h).map(|at| share(at / x.h, rows, at % x.h, x.h)).collect();
        let beside: Vec<f32> =
            (0..x.w * columns).map(|at| share(at % columns, columns, at / columns, x.w)).collect();
        inputs.insert(0, self.floats(&format!("{name}.rows"), &[rows, x.h], &above));
        let strips = self.push("MatMul", format!("{name}.strips"), inputs, vec![]);
        let columns = self.floats(&format!("{name}.columns"), &[x.w, columns], &beside);
        self.push("MatMul", name, vec![strips, columns], vec![])
    }
}

/// The share of pixel `p` in the mean of part `i`, of an axis of `len` pixels in `parts`.
pub(crate) fn share(i: usize, parts: usize, p: usize, len: usize) -> f32 {
    let (start, end) = (i * len / parts, ((i + 1) * len).div_ceil(parts));
    if (start..end).contains(&p) { 1.0 / (end - start) as f32 } else { 0.0 }
}
