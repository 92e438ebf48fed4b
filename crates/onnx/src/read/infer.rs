//! The axes that an operator's outputs have, from those of its inputs and from constants.

use super::{
    array::{Array, countable},
    call::{Call, axes, axis},
    geometry::{broadcast, lengths, reshaped, strided},
    transposed::{size, transposed},
};
use ops::{ConvTranspose2d, Sides};
use profile::Shape;

/// Axes of each output; `None` where the rule isn't known or the inputs don't fit it.
pub(crate) fn dims(call: &Call<'_>) -> Option<Vec<Vec<usize>>> {
    let one = |dims: Option<Vec<usize>>| dims.map(|d| vec![d]);
    match call.kind {
        "Slice" | "Split" | "Transpose" | "Expand" => {
            Some(strided(call)?.into_iter().map(|s| s.dims).collect())
        }
        "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => one(reshaped(call)),
        "Conv" => one(conv(call)),
        "ConvTranspose" => one(conv_transpose(call)),
        "MaxPool" | "AveragePool" | "LpPool" => {
            let pooled = pool(call)?;
            Some(vec![pooled; call.outputs])
        }
        "GlobalAveragePool" | "GlobalMaxPool" | "GlobalLpPool" => one(global(call.dims(0)?)),
        "Gemm" => one(gemm(call)),
        "MatMul" => one(matmul(call.dims(0)?, call.dims(1)?)),
        "Concat" => one(concat(call)),
        "Tile" => one(tile(call)),
        "Gather" => one(gather(call)),
        "Pad" => one(pad(call)),
        "DepthToSpace" | "SpaceToDepth" => one(blocks(call)),
        "Shape" => Some(vec![vec![call.dims(0)?.len()]]),
        "Size" => Some(vec![vec![]]),
        "ConstantOfShape" => one(lengths(call.constant(0)?.as_ints()?)),
        "Range" => one(range(call).map(|(_, _, count)| vec![count])),
        "Resize" | "Upsample" => one(resize(call).map(|r| r.dims)),
        kind if kind.starts_with("Reduce") => one(reduce(call).map(|r| r.dims)),
        kind if ELEMENT_WISE.contains(&kind) => {
            let inputs = (0..call.inputs.len()).map(|i| call.dims(i));
            one(broadcast(&inputs.collect::<Option<Vec<_>>>()?))
        }
        kind if AS_FIRST.contains(&kind) => Some(vec![call.dims(0)?.to_vec(); call.outputs]),
        _ => None,
    }
}

/// Whether an operator's outputs have the axes of its inputs, in their order.
pub(crate) fn keeps_axes(kind: &str) -> bool {
    ELEMENT_WISE.contains(&kind) || AS_FIRST.contains(&kind)
}

/// Operators whose inputs broadcast to their output.
const ELEMENT_WISE: &[&str] = &[
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Pow",
    "Mod",
    "Max",
    "Min",
    "Sum",
    "Mean",
    "PRelu",
    "Where",
    "Equal",
    "Greater",
    "GreaterOrEqual",
    "Less",
    "LessOrEqual",
    "And",
    "Or",
    "Xor",
];

/// Operators whose outputs have the axes of their first input.
const AS_FIRST: &[&str] = &[
    "Abs",
    "BatchNormalization",
    "CastLike",
    "DequantizeLinear",
    "QuantizeLinear",
    "Cast",
    "Ceil",
    "Celu",
    "Clip",
    "Cos",
    "Dropout",
    "Elu",
    "Erf",
    "Exp",
    "Floor",
    "Gelu",
    "GroupNormalization",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "InstanceNormalization",
    "LRN",
    "LayerNormalization",
    "LeakyRelu",
    "Log",
    "LogSoftmax",
    "Mish",
    "Neg",
    "Not",
    "Reciprocal",
    "Relu",
    "Round",
    "Selu",
    "Sigmoid",
    "Sign",
    "Sin",
    "Softmax",
    "Softplus",
    "Softsign",
    "Sqrt",
    "Swish",
    "Tanh",
    "ThresholdedRelu",
];

/// How a window slides over a map.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Window {
    /// Its size, an axis each.
    pub kernel: Vec<usize>,
    /// Its steps.
    pub stride: Vec<usize>,
    /// Distance between its taps.
    pub dilation: Vec<usize>,
    /// Pixels added before each axis.
    pub before: Vec<usize>,
    /// Pixels added behind each axis.
    pub after: Vec<usize>,
}

/// The largest kernel, stride, dilation or padding that is read.
const LARGEST: usize = 1 << 20;

impl Window {
    /// The window of a convolution or pool over a map of `size`, whose kernel is `kernel`.
    pub fn of(call: &Call<'_>, size: &[usize], kernel: &[usize]) -> Option<Self> {
        let axes = size.len();
        let or_ones = |name: &str| -> Option<Vec<usize>> {
            let given = lengths(call.ints(name))?;
            Some(if given.is_empty() { vec![1; axes] } else { given })
        };
        let kernel = kernel.to_vec();
        let (stride, dilation) = (or_ones("strides")?, or_ones("dilations")?);
        let fits = |list: &[usize], least| {
            list.len() == axes && list.iter().all(|x| (least..=LARGEST).contains(x))
        };
        (fits(&kernel, 1) && fits(&stride, 1) && fits(&dilation, 1)).then_some(())?;
        let mut pads = lengths(call.ints("pads"))?;
        if pads.is_empty() {
            pads = vec![0; 2 * axes];
        }
        let mut window = Self { kernel, stride, dilation, before: Vec::new(), after: Vec::new() };
        match call.text("auto_pad") {
            "" | "NOTSET" => (pads.len() == 2 * axes).then_some(())?,
            "VALID" => pads = vec![0; 2 * axes],
            upper @ ("SAME_UPPER" | "SAME_LOWER") => {
                let missing = (0..axes).map(|a| window.missing(a, size[a]));
                let less = missing.clone().map(|m| m / 2);
                let more = missing.map(|m| m.div_ceil(2));
                pads = if upper == "SAME_UPPER" {
                    less.chain(more).collect()
                } else {
                    more.chain(less).collect()
                };
            }
            _ => return None,
        }
        pads.iter().all(|&p| p <= LARGEST).then_some(())?;
        window.after = pads.split_off(axes);
        window.before = pads;
        Some(window)
    }

    fn span(&self, a: usize) -> usize {
        (self.kernel[a] - 1) * self.dilation[a] + 1
    }

    /// Pixels that an axis of `len` lacks for an output of `len` / stride, rounded up.
    fn missing(&self, a: usize, len: usize) -> usize {
        let steps = len.div_ceil(self.stride[a]).saturating_sub(1);
        (steps.saturating_mul(self.stride[a]) + self.span(a)).saturating_sub(len)
    }

    /// Length of output axis `a` over an input of `len`; `ceil` counts a last, partly empty window that
    /// begins in the map or the padding before it.
    pub fn slide(&self, a: usize, len: usize, ceil: bool) -> Option<usize> {
        let rest = (len + self.before[a] + self.after[a]).checked_sub(self.span(a))?;
        let floor = rest / self.stride[a] + 1;
        let one_more =
            ceil && rest % self.stride[a] != 0 && floor * self.stride[a] < len + self.before[a];
        Some(floor + usize::from(one_more))
    }

    /// The padding of a map's window.
    pub fn sides(&self) -> Option<Sides> {
        let (&[top, left], &[bottom, right]) = (&self.before[..], &self.after[..]) else {
            return None;
        };
        Some(Sides { vertical: (top, bottom), horizontal: (left, right) })
    }
}

/// The number of images or rows and the axes behind the channels.
fn map(dims: &[usize]) -> Option<(usize, &[usize])> {
    match dims {
        [n, _, size @ ..] if !size.is_empty() => Some((*n, size)),
        _ => None,
    }
}

fn conv(call: &Call<'_>) -> Option<Vec<usize>> {
    let (n, size) = map(call.dims(0)?)?;
    let [out, _, kernel @ ..] = call.dims(1)? else { return None };
    let window = Window::of(call, size, kernel)?;
    let slid = size.iter().enumerate().map(|(a, &len)| window.slide(a, len, false));
    [Some(n), Some(*out)].into_iter().chain(slid).collect()
}

fn conv_transpose(call: &Call<'_>) -> Option<Vec<usize>> {
    let (dims, outputs) = (call.dims(0)?, *call.dims(1)?.get(1)?);
    let (&[n, c], [h, w]) = (dims.get(..2)?, size(dims)?) else { return None };
    let groups = usize::try_from(call.int("group", 1)).ok()?;
    let op = ConvTranspose2d { out: outputs.checked_mul(groups)?, groups, ..transposed(call)? };
    let y = ops::Operator::output(&op, &[Shape::new(n, c, h, w)]).ok()?;
    let mut made = vec![y.n, y.c, y.h, y.w];
    if dims.len() == 3 {
        // Of a sequence there is no height.
        made.remove(2);
    }
    Some(made)
}

fn pool(call: &Call<'_>) -> Option<Vec<usize>> {
    let dims = call.dims(0)?;
    let (_, size) = map(dims)?;
    let window = Window::of(call, size, &lengths(call.ints("kernel_shape"))?)?;
    let ceil = call.int("ceil_mode", 0) != 0;
    let slid = size.iter().enumerate().map(|(a, &len)| window.slide(a, len, ceil));
    dims[..2].iter().map(|&d| Some(d)).chain(slid).collect()
}

fn global(dims: &[usize]) -> Option<Vec<usize>> {
    let (_, size) = map(dims)?;
    Some(dims[..2].iter().copied().chain(size.iter().map(|_| 1)).collect())
}

fn gemm(call: &Call<'_>) -> Option<Vec<usize>> {
    let (&[a, b], &[c, d]) = (call.dims(0)?, call.dims(1)?) else { return None };
    let turned = |name: &str, pair: (usize, usize)| {
        if call.int(name, 0) == 0 { pair } else { (pair.1, pair.0) }
    };
    let ((rows, inner), (also, columns)) = (turned("transA", (a, b)), turned("transB", (c, d)));
    (inner == also).then(|| vec![rows, columns])
}

fn matmul(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let ([left @ .., rows, inner], [right @ .., also, columns]) = (a, b) else { return None };
    (inner == also).then_some(())?;
    let mut dims = broadcast(&[left, right])?;
    dims.extend([*rows, *columns]);
    Some(dims)
}

fn concat(call: &Call<'_>) -> Option<Vec<usize>> {
    let first = call.dims(0)?;
    let along = call.axis("axis", 1, first.len())?;
    let mut out = first.to_vec();
    out[along] = 0;
    for i in 0..call.inputs.len() {
        let dims = call.dims(i)?;
        let other = (0..first.len()).all(|a| a == along || dims.get(a) == Some(&first[a]));
        (dims.len() == first.len() && other).then_some(())?;
        out[along] = out[along].checked_add(dims[along])?;
    }
    Some(out)
}

fn tile(call: &Call<'_>) -> Option<Vec<usize>> {
    let (dims, times) = (call.dims(0)?, lengths(call.constant(1)?.as_ints()?)?);
    let repeated =
        dims.iter().zip(&times).map(|(d, t)| d.checked_mul(*t)).collect::<Option<_>>()?;
    (dims.len() == times.len()).then_some(repeated)
}

fn gather(call: &Call<'_>) -> Option<Vec<usize>> {
    let (dims, indices) = (call.dims(0)?, call.dims(1)?);
    let along = call.axis("axis", 0, dims.len())?;
    Some([&dims[..along], indices, &dims[along + 1..]].concat())
}

/// What `Pad` adds before and behind each axis of a tensor with `rank` axes; below 0 it cuts off.
pub(crate) fn pads(call: &Call<'_>, rank: usize) -> Option<(Vec<i64>, Vec<i64>)> {
    let given = call.list("pads", 1)?;
    let along = match call.list("axes", 3)? {
        all if all.is_empty() => (0..rank as i64).collect(),
        given => given,
    };
    axes(&along, rank)?;
    (given.len() == 2 * along.len()).then_some(())?;
    let (mut before, mut after) = (vec![0; rank], vec![0; rank]);
    for (i, &a) in along.iter().enumerate() {
        let a = axis(a, rank)?;
        (before[a], after[a]) = (given[i], given[along.len() + i]);
    }
    Some((before, after))
}

fn pad(call: &Call<'_>) -> Option<Vec<usize>> {
    let dims = call.dims(0)?;
    let (before, after) = pads(call, dims.len())?;
    let padded = |a: usize| {
        let len = (dims[a] as i64).checked_add(before[a])?.checked_add(after[a])?;
        usize::try_from(len).ok()
    };
    (0..dims.len()).map(padded).collect()
}

/// What `DepthToSpace` and `SpaceToDepth` make of a map.
fn blocks(call: &Call<'_>) -> Option<Vec<usize>> {
    let &[n, c, h, w] = call.dims(0)? else { return None };
    let b = usize::try_from(call.int("blocksize", 0)).ok().filter(|&b| b > 0 && b <= LARGEST)?;
    let made = match call.kind {
        "DepthToSpace" => vec![n, c / (b * b), h.checked_mul(b)?, w.checked_mul(b)?],
        _ => vec![n, c.checked_mul(b * b)?, h / b, w / b],
    };
    countable(&made).then_some(made)
}

/// First number, step and count of a range of integers.
pub(crate) fn range(call: &Call<'_>) -> Option<(i64, i64, usize)> {
    let one = |i: usize| match call.constant(i).and_then(Array::as_ints) {
        Some(&[x]) => Some(x),
        _ => None,
    };
    let (start, end, step) = (one(0)?, one(1)?, one(2)?);
    let (distance, length) = if step > 0 {
        (end.checked_sub(start)?, step)
    } else {
        (start.checked_sub(end)?, step.checked_neg()?)
    };
    let count =
        usize::try_from(distance).unwrap_or(0).div_ceil(usize::try_from(length).ok()?.max(1));
    (step != 0).then_some((start, step, count))
}

/// What a reduction leaves.
#[derive(Debug, PartialEq)]
pub(crate) struct Reduced {
    /// The axes over which it goes.
    pub over: Vec<usize>,
    /// Axes that it makes.
    pub dims: Vec<usize>,
}

/// Over which axes a reduction goes, and what it leaves.
pub(crate) fn reduce(call: &Call<'_>) -> Option<Reduced> {
    let dims = call.dims(0)?;
    let mut over = axes(&call.list("axes", 1)?, dims.len())?;
    if over.is_empty() && call.int("noop_with_empty_axes", 0) == 0 {
        over = (0..dims.len()).collect();
    }
    let keep = call.int("keepdims", 1) != 0;
    let left = (0..dims.len()).filter(|a| keep || !over.contains(a));
    let dims = left.map(|a| if over.contains(&a) { 1 } else { dims[a] }).collect();
    Some(Reduced { over, dims })
}

/// What `Resize` or `Upsample` makes of a map.
#[derive(Debug, PartialEq)]
pub(crate) struct Resized {
    /// Axes that it makes.
    pub dims: Vec<usize>,
    /// Output elements an input element along each axis, where the node says that instead of lengths.
    pub scales: Option<Vec<f32>>,
}

/// What `Resize` or `Upsample` makes of a map.
pub(crate) fn resize(call: &Call<'_>) -> Option<Resized> {
    let dims = call.dims(0)?;
    let along = match call.ints("axes") {
        [] => (0..dims.len()).collect(),
        given => given.iter().map(|&a| axis(a, dims.len())).collect::<Option<Vec<_>>>()?,
    };
    if let Some(sizes) = call.constant(3) {
        let sizes = lengths(sizes.as_ints()?).filter(|s| s.len() == along.len())?;
        let mut dims = dims.to_vec();
        along.iter().zip(sizes).for_each(|(&a, size)| dims[a] = size);
        return Some(Resized { dims, scales: None });
    }
    let given = scales(call)?;
    (given.len() == along.len()).then_some(())?;
    let mut scales = vec![1.0; dims.len()];
    along.iter().zip(given).for_each(|(&a, scale)| scales[a] = scale);
    let scaled = |(&d, &s): (&usize, &f32)| (d as f64 * f64::from(s)).floor() as usize;
    Some(Resized { dims: dims.iter().zip(&scales).map(scaled).collect(), scales: Some(scales) })
}

/// The scales of `Resize` or `Upsample`: an attribute in old operator sets, then the second input, now the third.
fn scales(call: &Call<'_>) -> Option<Vec<f32>> {
    match call.attribute("scales") {
        Some(attribute) => Some(attribute.floats.clone()),
        None => {
            let last = call.inputs.len().checked_sub(1)?;
            Some(call.constant(2.min(last))?.as_floats()?.into_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        proto::Attribute,
        read::call::{
            Info,
            testing::{attribute, axes_of, call, floats, ints},
        },
    };

    fn axes(kind: &str, inputs: &[Info], attributes: &[Attribute]) -> Option<Vec<usize>> {
        dims(&call(kind, inputs, attributes)).map(|mut all| all.remove(0))
    }

    #[test]
    fn reshapes_copy_infer_and_check() {
        let reshaped = |to: &[i64]| axes("Reshape", &[axes_of(&[2, 3, 4]), ints(to)], &[]);
        assert_eq!(reshaped(&[0, -1]), Some(vec![2, 12]));
        assert_eq!(reshaped(&[0, 0, 2, -1]), Some(vec![2, 3, 2, 2]));
        for bad in [&[-1, -1][..], &[5], &[0, 0, 0, 0], &[-2, 12], &[7, -1]] {
            assert_eq!(reshaped(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn windows_slide_as_pytorch_has_them() {
        let pooled = |len: usize, more: &[(&str, &[i64])]| {
            let own: [(&str, &[i64]); 2] = [("kernel_shape", &[2, 2]), ("strides", &[2, 2])];
            let all: Vec<Attribute> =
                own.iter().chain(more).map(|(name, values)| attribute(name, values)).collect();
            axes("MaxPool", &[axes_of(&[1, 1, len, len])], &all).map(|dims| dims[2])
        };
        assert_eq!(pooled(5, &[]), Some(2));
        assert_eq!(pooled(5, &[("ceil_mode", &[1])]), Some(3));
        // The last window would begin in the padding behind the map.
        assert_eq!(pooled(5, &[("ceil_mode", &[1]), ("pads", &[1; 4])]), Some(3));
        assert_eq!(pooled(1, &[]), None);
    }

    #[test]
    fn products_need_equal_inner_axes() {
        let product = |a: &[usize], b: &[usize]| axes("MatMul", &[axes_of(a), axes_of(b)], &[]);
        assert_eq!(product(&[5, 1, 2, 3], &[4, 3, 7]), Some(vec![5, 4, 2, 7]));
        assert_eq!(product(&[2, 3], &[2, 3]), None);
        let turned = [attribute("transB", &[1])];
        assert_eq!(axes("Gemm", &[axes_of(&[2, 3]), axes_of(&[5, 3])], &turned), Some(vec![2, 5]));
    }

    #[test]
    fn sizes_may_be_scaled_or_said() {
        let map = || axes_of(&[1, 2, 4, 6]);
        let scales = floats(&[4], &[1.0, 1.0, 2.0, 0.5]);
        let scaled = axes("Resize", &[map(), floats(&[0], &[]), scales], &[]);
        assert_eq!(scaled, Some(vec![1, 2, 8, 3]));
        let padded = axes("Pad", &[map(), ints(&[0, 0, 1, 0, 0, 0, -2, 3])], &[]);
        assert_eq!(padded, Some(vec![1, 2, 3, 9]));
        assert_eq!(axes("Squeeze", &[map(), ints(&[1])], &[]), None);
        assert_eq!(
            axes("Concat", &[map(), axes_of(&[1, 5, 4, 6])], &[attribute("axis", &[1])]),
            Some(vec![1, 7, 4, 6])
        );
    }
}
