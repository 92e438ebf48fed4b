//! Each of our operators as ONNX nodes.
//!
//! ONNX's matrix product works on N×C rows, its convolutions on N×C×H×W maps. Our rows are maps of
//! one pixel, so each value carries the rank in which it was last written, and is reshaped where a
//! reader needs the other.

use crate::{
    blocks::{self, TURNS},
    functions::{self, Tree, normal},
    proto::{self, Attribute, float, int, ints, text},
};
use ops::{
    BinaryFn, BlockOrder, ChannelAffine, ChannelConv, ChannelPool, ChannelSplit, Concat2d, Conv2d,
    ConvTranspose2d, Direction, Graph, GroupNorm, Interpolation, LayerNorm, Node, Op, Pad2d,
    PadMode, PixelShuffle, Pool2d, PoolFn, Resize, SessionError, Stop, Tensor, Value,
};
use profile::Shape;
use std::collections::{HashMap, HashSet};

/// The network of `graph`, unless `stop` is set before all of its nodes are written.
pub(crate) fn graph(graph: &Graph, seed: u64, stop: &Stop) -> Result<proto::Graph, SessionError> {
    let mut emitter = Emitter {
        graph,
        seed,
        out: proto::Graph { name: graph.name.clone(), ..proto::Graph::default() },
        names: HashMap::from([(Value::INPUT, Written::map("input".to_owned()))]),
    };
    for (i, node) in graph.nodes.iter().enumerate() {
        stop.check()?;
        emitter.node(i, node);
    }
    Ok(emitter.finish())
}

/// A value that was written: its name, and whether as N×C rows rather than an N×C×H×W map.
#[derive(Clone)]
struct Written {
    name: String,
    rows: bool,
}

impl Written {
    const fn map(name: String) -> Self {
        Self { name, rows: false }
    }
}

struct Emitter<'a> {
    graph: &'a Graph,
    seed: u64,
    out: proto::Graph,
    names: HashMap<Value, Written>,
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
            Op::Softmax(_) => self.push("Softmax", name, inputs, vec![int("axis", 1)]),
            Op::LogSoftmax(_) => self.push("LogSoftmax", name, inputs, vec![int("axis", 1)]),
            Op::Conv2d(_)
            | Op::ConvTranspose2d(_)
            | Op::Linear(_)
            | Op::Flatten(_)
            | Op::ChannelSplit(_) => {
                unreachable!("written by `node`")
            }
        }
    }

    fn conv(&mut self, node: &Node, conv: &Conv2d) -> Written {
        let mut inputs = vec![self.as_map(node.inputs[0])];
        let pair = |(a, b): (usize, usize)| [a, b];
        inputs.extend(self.kernel_and_bias(node, |s| vec![s.n, s.c, s.h, s.w]));
        let attributes = vec![
            ints("kernel_shape", pair(conv.kernel)),
            ints("strides", pair(conv.stride)),
            ints("pads", conv.padding.in_order()),
            ints("dilations", pair(conv.dilation)),
            int("group", conv.groups),
        ];
        Written::map(self.push("Conv", node.name.clone(), inputs, attributes))
    }

    /// ONNX's kernels are I×O×KH×KW, the groups' inputs below each other.
    fn conv_transpose(&mut self, node: &Node, conv: &ConvTranspose2d) -> Written {
        let mut inputs = vec![self.as_map(node.inputs[0])];
        let weights = self.weights(node);
        let (s, outputs) = (weights[0].shape(), conv.out / conv.groups);
        let dims = [s.c * conv.groups, outputs, s.h, s.w];
        let turned = Tensor::from_fn(Shape::from(dims), |[i, o, ky, kx]| {
            weights[0].at([i / s.c * outputs + o, i % s.c, ky, kx]) as f32
        });
        inputs.push(self.floats(&format!("{}.weight", node.name), &dims, &turned.to_nchw()));
        inputs.extend(weights.get(1).map(|bias| self.bias(node, bias)));
        let pair = |(a, b): (usize, usize)| [a, b];
        let attributes = vec![
            ints("kernel_shape", pair(conv.kernel)),
            ints("strides", pair(conv.stride)),
            ints("pads", conv.padding.in_order()),
            ints("output_padding", pair(conv.output_padding)),
            ints("dilations", pair(conv.dilation)),
            int("group", conv.groups),
        ];
        Written::map(self.push("ConvTranspose", node.name.clone(), inputs, attributes))
    }

    fn linear(&mut self, node: &Node) -> Written {
        let mut inputs = vec![self.as_rows(node.inputs[0])];
        inputs.extend(self.kernel_and_bias(node, |s| vec![s.n, s.c]));
        let name = self.push("Gemm", node.name.clone(), inputs, vec![int("transB", 1)]);
        Written { name, rows: true }
    }

    /// The weights of a convolution or linear operator, as constants.
    fn kernel_and_bias(&mut self, node: &Node, dims: fn(Shape) -> Vec<usize>) -> Vec<String> {
        let weights = self.weights(node);
        let kernel = &weights[0];
        let mut names = vec![self.floats(
            &format!("{}.weight", node.name),
            &dims(kernel.shape()),
            &kernel.to_nchw(),
        )];
        names.extend(weights.get(1).map(|bias| self.bias(node, bias)));
        names
    }

    fn bias(&mut self, node: &Node, bias: &Tensor) -> String {
        self.floats(&format!("{}.bias", node.name), &[bias.data().len()], bias.data())
    }

    fn flatten(&mut self, node: &Node) -> Written {
        let input = self.names[&node.inputs[0]].clone();
        if input.rows {
            return input;
        }
        let name = self.push("Flatten", node.name.clone(), vec![input.name], vec![int("axis", 1)]);
        Written { name, rows: true }
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

    /// A value a channel multiplied and added.
    fn affine(&mut self, node: &Node, affine: ChannelAffine, x: String) -> String {
        let channels = node.output.c;
        let mut weights = self.weights(node).into_iter();
        let mut made = x;
        let parts = [("scale", "Mul", affine.scale), ("shift", "Add", affine.shift)];
        for (weight, kind, _) in parts.into_iter().filter(|(.., there)| *there) {
            let values = weights.next().map(|w| w.data().to_vec()).unwrap_or_default();
            let name = &node.name;
            let values = self.floats(&format!("{name}.{weight}"), &[channels, 1, 1], &values);
            let last = weight == "shift" || !affine.shift;
            let name = if last { name.clone() } else { format!("{name}.scaled") };
            made = self.push(kind, name, vec![made, values], vec![]);
        }
        made
    }

    /// A one-dimensional convolution of the channels as one row.
    fn channel_conv(&mut self, node: &Node, conv: ChannelConv, x: String) -> String {
        let (name, s) = (&node.name, node.output);
        let row = self.integers(&format!("{name}.length"), &[s.n, 1, s.c]);
        let row = self.push("Reshape", format!("{name}.row"), vec![x, row], vec![]);
        let taps = self.weights(node).remove(0);
        let kernel = self.floats(&format!("{name}.weight"), &[1, 1, conv.kernel], taps.data());
        let attributes = vec![ints("pads", [conv.kernel / 2; 2])];
        let made = self.push("Conv", name.clone(), vec![row, kernel], attributes);
        let map = self.integers(&format!("{name}.shape"), &[s.n, s.c, 1, 1]);
        self.push("Reshape", format!("{name}.map"), vec![made, map], vec![])
    }

    /// An instance norm, of channels that are reshaped to one a group where there are fewer groups.
    fn group_norm(&mut self, node: &Node, norm: &GroupNorm, x: String) -> String {
        let (name, s) = (&node.name, node.output);
        let epsilon = || vec![float("epsilon", norm.epsilon)];
        if norm.groups == s.c && norm.affine == ChannelAffine::BOTH {
            let mut inputs = vec![x];
            for (weight, tensor) in ["scale", "shift"].iter().zip(self.weights(node)) {
                inputs.push(self.floats(&format!("{name}.{weight}"), &[s.c], tensor.data()));
            }
            return self.push("InstanceNormalization", name.clone(), inputs, epsilon());
        }
        let (split, whole) =
            ([s.n, norm.groups, s.c / norm.groups * s.area()], [s.n, s.c, s.h, s.w]);
        let split = self.integers(&format!("{name}.groups"), &split);
        let x = self.push("Reshape", format!("{name}.split"), vec![x, split], vec![]);
        let ones = self.floats(&format!("{name}.ones"), &[norm.groups], &vec![1.0; norm.groups]);
        let zeros = self.floats(&format!("{name}.zeros"), &[norm.groups], &vec![0.0; norm.groups]);
        let inputs = vec![x, ones, zeros];
        let x = self.push("InstanceNormalization", format!("{name}.norm"), inputs, epsilon());
        let whole = self.integers(&format!("{name}.whole"), &whole);
        let last = norm.affine == ChannelAffine::NEITHER;
        let joined = if last { name.clone() } else { format!("{name}.joined") };
        let x = self.push("Reshape", joined, vec![x, whole], vec![]);
        self.affine(node, norm.affine, x)
    }

    /// A norm of each pixel's channels: the operator, which wants them last, or, where there is no γ, arithmetic.
    fn layer_norm(&mut self, node: &Node, norm: &LayerNorm, x: String) -> String {
        let name = &node.name;
        if !norm.affine.scale {
            let name = if norm.affine.shift { format!("{name}.normal") } else { name.clone() };
            let normal = self.tree(&name, &x, normal(norm.epsilon));
            return self.affine(node, norm.affine, normal);
        }
        let turn = vec![ints("perm", [0, 2, 3, 1])];
        let mut inputs = vec![self.push("Transpose", format!("{name}.last"), vec![x], turn)];
        for (weight, tensor) in ["scale", "shift"].iter().zip(self.weights(node)) {
            let dims = [tensor.data().len()];
            inputs.push(self.floats(&format!("{name}.{weight}"), &dims, tensor.data()));
        }
        let attributes = vec![float("epsilon", norm.epsilon)];
        let made = self.push("LayerNormalization", name.clone(), inputs, attributes);
        let back = vec![ints("perm", [0, 3, 1, 2])];
        self.push("Transpose", format!("{name}.first"), vec![made], back)
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

    /// Channels as a groups × (C/groups) matrix, transposed.
    fn shuffle(&mut self, node: &Node, groups: usize, inputs: Vec<String>) -> String {
        let s = node.output;
        let axes = [s.n, groups, s.c / groups, s.h, s.w];
        self.turned(node, axes, [0, 2, 1, 3, 4], inputs)
    }

    /// An operator's one input in other axes, transposed, and in the output's.
    fn turned<const N: usize>(
        &mut self,
        node: &Node,
        axes: [usize; N],
        perm: [usize; N],
        mut inputs: Vec<String>,
    ) -> String {
        let (name, s) = (&node.name, node.output);
        inputs.push(self.integers(&format!("{name}.split"), &axes));
        let split = self.push("Reshape", format!("{name}.matrix"), inputs, vec![]);
        let turn = vec![ints("perm", perm)];
        let turned = self.push("Transpose", format!("{name}.transposed"), vec![split], turn);
        let shape = self.integers(&format!("{name}.join"), &[s.n, s.c, s.h, s.w]);
        self.push("Reshape", name.clone(), vec![turned, shape], vec![])
    }

    /// By name, where ONNX has one.
    fn pixel_shuffle(&mut self, node: &Node, op: PixelShuffle, inputs: Vec<String>) -> String {
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
                self.turned(node, blocks::axes(op, wide), perm, inputs)
            }
        }
    }

    fn pad(&mut self, name: String, pad: &Pad2d, mut inputs: Vec<String>) -> String {
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

    fn resize(&mut self, node: &Node, resize: &Resize, mut inputs: Vec<String>) -> String {
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
    fn split(&mut self, i: usize, node: &Node, part: ChannelSplit) {
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

    /// The name of `value` as an N×C×H×W map.
    fn as_map(&mut self, value: Value) -> String {
        let written = self.names[&value].clone();
        if !written.rows {
            return written.name;
        }
        let name = format!("{}.as_map", written.name);
        let s = self.graph.shape(value);
        let shape = self.integers(&format!("{name}.shape"), &[s.n, s.c, s.h, s.w]);
        let name = self.push("Reshape", name, vec![written.name, shape], vec![]);
        self.names.insert(value, Written::map(name.clone()));
        name
    }

    /// The name of `value`, a map of one pixel, as N×C rows.
    fn as_rows(&mut self, value: Value) -> String {
        let written = self.names[&value].clone();
        if written.rows {
            return written.name;
        }
        let name = format!("{}.as_rows", written.name);
        self.push("Flatten", name, vec![written.name], vec![int("axis", 1)])
    }

    fn weights(&self, node: &Node) -> Vec<Tensor> {
        self.graph.weights(node, self.seed)
    }

    /// Appends a node with one output, called as the node; returns that name.
    fn push(
        &mut self,
        op_type: &str,
        name: String,
        input: Vec<String>,
        attribute: Vec<Attribute>,
    ) -> String {
        self.out.node.push(proto::Node {
            input,
            output: vec![name.clone()],
            name: name.clone(),
            op_type: op_type.to_owned(),
            attribute,
            ..proto::Node::default()
        });
        name
    }

    /// Appends a constant of floats; returns its name.
    fn floats(&mut self, name: &str, dims: &[usize], data: &[f32]) -> String {
        let raw = data.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.constant(name, dims, proto::FLOAT, raw)
    }

    /// Appends a constant vector of integers; returns its name.
    fn integers(&mut self, name: &str, data: &[usize]) -> String {
        let data: Vec<i64> = data.iter().map(|&x| x as i64).collect();
        self.signed(name, &data)
    }

    /// The same of integers that may be below 0.
    fn signed(&mut self, name: &str, data: &[i64]) -> String {
        let raw = data.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.constant(name, &[data.len()], proto::INT64, raw)
    }

    fn constant(
        &mut self,
        name: &str,
        dims: &[usize],
        data_type: i32,
        raw_data: Vec<u8>,
    ) -> String {
        let dims = dims.iter().map(|&d| d as i64).collect();
        self.out.initializer.push(proto::Tensor {
            dims,
            data_type,
            name: name.to_owned(),
            raw_data: raw_data.into(),
            ..proto::Tensor::default()
        });
        name.to_owned()
    }

    /// Declares the network's input and outputs, each once: in a file a name stands for one output.
    fn finish(mut self) -> proto::Graph {
        let input = self.graph.input;
        self.out.input = vec![declared("input", &[input.n, input.c, input.h, input.w])];
        let output = |value: &Value| {
            let (written, s) = (&self.names[value], self.graph.shape(*value));
            let dims = if written.rows { vec![s.n, s.c] } else { vec![s.n, s.c, s.h, s.w] };
            declared(&written.name, &dims)
        };
        let mut declared = HashSet::new();
        let all = self.graph.outputs.iter().map(output);
        self.out.output = all.filter(|output| declared.insert(output.name.clone())).collect();
        self.out
    }
}

/// The share of pixel `p` in the mean of part `i`, of an axis of `len` pixels in `parts`.
pub(crate) fn share(i: usize, parts: usize, p: usize, len: usize) -> f32 {
    let (start, end) = (i * len / parts, ((i + 1) * len).div_ceil(parts));
    if (start..end).contains(&p) { 1.0 / (end - start) as f32 } else { 0.0 }
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

fn declared(name: &str, dims: &[usize]) -> proto::ValueInfo {
    let dim =
        |&d: &usize| proto::Dimension { dim_value: Some(d as i64), ..proto::Dimension::default() };
    let shape = proto::TensorShape { dim: dims.iter().map(dim).collect() };
    let tensor = proto::TypeTensor { elem_type: proto::FLOAT, shape: Some(shape) };
    let r#type = proto::Type { tensor_type: Some(Box::new(tensor)), ..proto::Type::default() };
    proto::ValueInfo { name: name.to_owned(), r#type: Some(r#type), ..proto::ValueInfo::default() }
}
