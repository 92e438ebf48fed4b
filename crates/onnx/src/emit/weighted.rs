//! Operators with weights.

use super::{
    attribute::{float, int, ints},
    emitter::{Emitter, Written},
};
use crate::functions::normal;
use ops::{
    ChannelAffine, ChannelConv, Conv2d, ConvTranspose2d, GroupNorm, LayerNorm, MapFn, Node, Tensor,
};
use profile::Shape;

impl Emitter<'_> {
    pub(super) fn conv(&mut self, node: &Node, conv: &Conv2d) -> Written {
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
    pub(super) fn conv_transpose(&mut self, node: &Node, conv: &ConvTranspose2d) -> Written {
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

    pub(super) fn linear(&mut self, node: &Node) -> Written {
        let mut inputs = vec![self.as_rows(node.inputs[0])];
        inputs.extend(self.kernel_and_bias(node, |s| vec![s.n, s.c]));
        let name = self.push("Gemm", node.name.clone(), inputs, vec![int("transB", 1)]);
        Written { name, rows: true }
    }

    /// The weights of a convolution or linear operator, as constants.
    pub(super) fn kernel_and_bias(
        &mut self,
        node: &Node,
        dims: fn(Shape) -> Vec<usize>,
    ) -> Vec<String> {
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

    pub(super) fn bias(&mut self, node: &Node, bias: &Tensor) -> String {
        self.floats(&format!("{}.bias", node.name), &[bias.data().len()], bias.data())
    }

    /// A value a channel multiplied and added.
    pub(super) fn affine(&mut self, node: &Node, affine: ChannelAffine, x: String) -> String {
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

    /// A constant map added, multiplied or taken as slopes.
    pub(super) fn map_constant(&mut self, node: &Node, function: MapFn, x: String) -> String {
        let kind = match function {
            MapFn::Add => "Add",
            MapFn::Mul => "Mul",
            MapFn::Slope => "PRelu",
        };
        let map = self.weights(node).remove(0);
        let s = map.shape();
        let map = self.floats(&format!("{}.map", node.name), &[s.c, s.h, s.w], &map.to_nchw());
        self.push(kind, node.name.clone(), vec![x, map], vec![])
    }

    /// A one-dimensional convolution of the channels as one row.
    pub(super) fn channel_conv(&mut self, node: &Node, conv: ChannelConv, x: String) -> String {
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
    pub(super) fn group_norm(&mut self, node: &Node, norm: &GroupNorm, x: String) -> String {
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
    pub(super) fn layer_norm(&mut self, node: &Node, norm: &LayerNorm, x: String) -> String {
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
}
