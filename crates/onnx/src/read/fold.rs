//! The constant folder: what exporters compute in the graph from shapes and weights, computed once.
//!
//! `Shape` makes constants of activations, too, since every axis has a length. All else is computed where
//! each input is a constant.

use super::{
    array::{Array, Data, Integer, countable, elements, places, strides},
    call::{Call, Known, axis},
    file::Folder,
    geometry::{Strided, broadcast, broadcast_strides, strided},
    infer::{self, Reduced},
    tensor,
};
use crate::proto;

/// How many elements the folder may still read and make: a constant times what the file has bytes.
#[derive(Debug)]
pub(crate) struct Budget {
    read: usize,
    made: usize,
}

impl Budget {
    /// Bytes that the smallest file counts as.
    const LEAST: usize = 1 << 16;

    /// For a file of so many bytes. Standardised weights are read and made ten times before they are done.
    pub const fn of_file(bytes: usize) -> Self {
        let bytes = bytes.saturating_add(Self::LEAST);
        Self { read: bytes.saturating_mul(16), made: bytes.saturating_mul(4) }
    }

    /// Takes as many elements as these inputs and outputs have.
    fn take(&mut self, inputs: &[&Array], outputs: &[Vec<usize>]) -> Option<()> {
        let made = outputs.iter().try_fold(0_usize, |sum, d| sum.checked_add(elements(d)?))?;
        self.made = self.made.checked_sub(made)?;
        self.read = self.read.checked_sub(inputs.iter().map(|a| a.len()).sum())?;
        Some(())
    }
}

/// The outputs of a node, where they are constants that can be computed.
pub(crate) fn fold(call: &Call<'_>, budget: &mut Budget) -> Option<Vec<Array>> {
    match call.kind {
        "Shape" => return Some(vec![shape(call)?]),
        "Size" => return Some(vec![Array::ints(vec![], [elements(call.dims(0)?)? as i64])]),
        // All that the lab computes is 32-bit floats.
        "CastLike" if call.has(1) && call.constant(1).is_none() => {
            return Some(vec![cast(call.constant(0)?, i64::from(proto::FLOAT))?]);
        }
        _ => {}
    }
    let inputs = call.constants()?;
    let dims = infer::dims(call).filter(|all| all.iter().all(|d| countable(d)))?;
    (call.kind != "Dropout" || call.is_inference()).then_some(())?;
    if matches!(call.kind, "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" | "Identity" | "Dropout")
    {
        return Some(vec![inputs.first()?.reshaped(dims.into_iter().next()?)]);
    }
    budget.take(&inputs, &dims)?;
    if let Some(views) = strided(call) {
        let first = inputs.first()?;
        let view = |v: Strided| first.picked(v.dims.clone(), places(v.dims, v.strides, v.offset));
        return Some(views.into_iter().map(view).collect());
    }
    let dims = dims.into_iter().next()?;
    let made = match call.kind {
        "Concat" => concat(call, &inputs, dims),
        "Gather" => gather(call, inputs.first()?, inputs.get(1)?, dims),
        "Cast" => cast(inputs.first()?, call.int("to", 0)),
        "CastLike" if inputs.iter().all(|a| a.as_ints().is_none()) => {
            Some((*inputs.first()?).clone())
        }
        "ConstantOfShape" => constant_of_shape(call, dims),
        "Range" => infer::range(call).and_then(|(start, step, count)| {
            let all = (0..count as i64).map(|i| start.wrapping_add(step.wrapping_mul(i)));
            Array::typed(dims, all, inputs.first()?.integer()?)
        }),
        "Where" => choose(&inputs, dims),
        "Clip" => clip(call, inputs.first()?),
        "BatchNormalization" => standardise(call, &inputs),
        kind if kind.starts_with("Reduce") => reduce(kind, inputs.first()?, &infer::reduce(call)?),
        // The remainder with the dividend's sign.
        "Mod" if call.int("fmod", 0) != 0 => None,
        kind => element_wise(kind, &inputs, dims),
    };
    let whole = |array: &Array| elements(&array.dims) == Some(array.len());
    made.filter(whole).map(|array| vec![array])
}

/// The axes of a value, some of them or all.
fn shape(call: &Call<'_>) -> Option<Array> {
    let dims = call.dims(0)?;
    let counted = |x: i64| {
        let len = dims.len() as i64;
        (if x < 0 { x.saturating_add(len) } else { x }).clamp(0, len) as usize
    };
    let (start, end) = (counted(call.int("start", 0)), counted(call.int("end", i64::MAX)));
    Some(Array::lengths(dims.get(start..end).unwrap_or(&[])))
}

/// The value of a `Constant` node.
pub(crate) fn constant(node: &proto::Node) -> Option<Array> {
    let attribute = node.attribute.first()?;
    match attribute.name.as_str() {
        "value_float" => Some(Array::floats(vec![], [attribute.f?])),
        "value_int" => Some(Array::ints(vec![], [attribute.i?])),
        "value_floats" => {
            Some(Array::floats(vec![attribute.floats.len()], attribute.floats.iter().copied()))
        }
        "value_ints" => {
            Some(Array::ints(vec![attribute.ints.len()], attribute.ints.iter().copied()))
        }
        _ => None,
    }
}

fn concat(call: &Call<'_>, inputs: &[&Array], dims: Vec<usize>) -> Option<Array> {
    let along = call.axis("axis", 1, dims.len())?;
    let before = elements(&dims[..along])?;
    let blocks = |a: &Array| a.len() / before.max(1);
    let whole: usize = inputs.iter().map(|a| blocks(a)).sum();
    // Where the elements of each input stand once all are laid one behind the other.
    let mut places = Vec::with_capacity(before * whole);
    for row in 0..before {
        let mut start = 0;
        for input in inputs {
            let block = blocks(input);
            places.extend(start + row * block..start + (row + 1) * block);
            start += input.len();
        }
    }
    joined(inputs)?.picked(dims, places.into_iter()).into()
}

/// All elements, one input behind the other.
fn joined(inputs: &[&Array]) -> Option<Array> {
    let len = inputs.iter().map(|a| a.len()).sum();
    if let Some(integer) = one_type(inputs) {
        let all = inputs.iter().filter_map(|a| a.as_ints()).flatten();
        return Array::typed(vec![len], all.copied(), integer);
    }
    let parts: Vec<_> = inputs.iter().map(|a| a.as_floats()).collect::<Option<_>>()?;
    Some(Array::floats(vec![len], parts.iter().flat_map(|p| p.iter().copied())))
}

/// The type of integers that all of `inputs` have.
fn one_type(inputs: &[&Array]) -> Option<Integer> {
    let first = inputs.first()?.integer()?;
    inputs.iter().all(|a| a.integer() == Some(first)).then_some(first)
}

fn gather(call: &Call<'_>, data: &Array, indices: &Array, dims: Vec<usize>) -> Option<Array> {
    let along = call.axis("axis", 0, data.dims.len())?;
    let at: Vec<usize> =
        indices.as_ints()?.iter().map(|&i| axis(i, data.dims[along])).collect::<Option<_>>()?;
    let inner = elements(&data.dims[along + 1..])?;
    let block = inner * data.dims[along];
    let places = (0..elements(&data.dims[..along])?).flat_map(|row| {
        at.iter().flat_map(move |i| {
            let start = row * block + i * inner;
            start..start + inner
        })
    });
    Some(data.picked(dims, places))
}

/// Elements in another type; none where it does not hold them.
fn cast(input: &Array, to: i64) -> Option<Array> {
    let dims = input.dims.clone();
    match i32::try_from(to).ok()? {
        to @ (proto::FLOAT | proto::DOUBLE) => match input.as_ints() {
            Some(ints) => {
                // Doubles are held as floats, which hold integers so far.
                let exact = |i: &i64| i.unsigned_abs() <= 1 << f32::MANTISSA_DIGITS;
                (to == proto::FLOAT || ints.iter().all(exact)).then_some(())?;
                Some(Array::floats(dims, ints.iter().map(|&i| i as f32)))
            }
            None => Some(input.clone()),
        },
        proto::BOOL => match input.as_ints() {
            Some(ints) => Some(Array::ints(dims, ints.iter().map(|&i| i64::from(i != 0)))),
            None => {
                Some(Array::ints(dims, input.as_floats()?.iter().map(|&x| i64::from(x != 0.0))))
            }
        },
        to => {
            let integer = Integer::of(to)?;
            if let Some(ints) = input.as_ints() {
                return Array::typed(dims, ints.iter().copied(), integer);
            }
            let floats = input.as_floats()?;
            let in_range = |x: &f32| x.abs() < i64::MAX as f32;
            floats.iter().all(in_range).then_some(())?;
            Array::typed(dims, floats.iter().map(|&x| x as i64), integer)
        }
    }
}

fn constant_of_shape(call: &Call<'_>, dims: Vec<usize>) -> Option<Array> {
    let count = elements(&dims)?;
    let Some(value) = call.attribute("value") else {
        return Some(Array::floats(dims, std::iter::repeat_n(0.0, count)));
    };
    let value = tensor::array(value.t.as_deref()?, &mut Folder::none()).ok()?;
    (value.len() == 1).then(|| value.picked(dims, std::iter::repeat_n(0, count)))
}

fn choose(inputs: &[&Array], dims: Vec<usize>) -> Option<Array> {
    let &[condition, yes, no] = inputs else { return None };
    let read = |a: &Array| places(dims.clone(), broadcast_strides(&a.dims, &dims), 0);
    let condition_of = condition.as_ints()?;
    // `no` stands behind `yes`.
    let both = joined(&[yes, no])?;
    let chosen = read(condition).zip(read(yes).zip(read(no)));
    let places = chosen.map(|(c, (y, n))| if condition_of[c] != 0 { y } else { yes.len() + n });
    Some(both.picked(dims.clone(), places))
}

fn clip(call: &Call<'_>, input: &Array) -> Option<Array> {
    if let (Some(ints), Some(integer)) = (input.as_ints(), input.integer()) {
        let bound = |i: usize, default: i64| match call.constant(i) {
            Some(array) => array.as_ints()?.first().copied(),
            None => Some(default),
        };
        let (low, high) = (bound(1, i64::MIN)?, bound(2, i64::MAX)?);
        let clipped = ints.iter().map(|&x| x.max(low).min(high));
        return Array::typed(input.dims.clone(), clipped, integer);
    }
    let low = call.number("min", 1, f32::NEG_INFINITY)?;
    let high = call.number("max", 2, f32::INFINITY)?;
    let floats = input.as_floats()?;
    let clipped = floats.iter().map(|&x| smaller(larger(x, low), high));
    Some(Array::floats(input.dims.clone(), clipped))
}

/// The larger of two floats; what is no number where one is none.
fn larger(x: f32, y: f32) -> f32 {
    if x.is_nan() || x > y { x } else { y }
}

/// The smaller of two floats; what is no number where one is none.
fn smaller(x: f32, y: f32) -> f32 {
    -larger(-x, -y)
}

/// A batch norm that normalises a constant by the constant's own statistics: weight standardisation.
fn standardise(call: &Call<'_>, inputs: &[&Array]) -> Option<Array> {
    let &[x, gamma, beta, mean, variance] = inputs else { return None };
    // Before operator set 14, training shows in the outputs alone.
    (call.opset >= 14 || call.outputs == 1).then_some(())?;
    let channels = *x.dims.get(1)?;
    let epsilon = f64::from(call.float("epsilon", 1e-5));
    let inner = elements(x.dims.get(2..)?)?;
    let channel = |i: usize| (i / inner.max(1)) % channels.max(1);
    let values = x.as_floats()?;
    let of = |a: &Array| -> Option<Vec<f64>> {
        let all = a.as_floats()?;
        (all.len() == channels).then(|| all.iter().map(|&v| f64::from(v)).collect())
    };
    let (gamma, beta) = (of(gamma)?, of(beta)?);
    let (mean, variance) = if call.int("training_mode", 0) == 0 {
        (of(mean)?, of(variance)?)
    } else {
        let count = (values.len() / channels.max(1)) as f64;
        let averaged = |f: &dyn Fn(usize, f64) -> f64| {
            let mut sums = vec![0.0; channels];
            for (i, &v) in values.iter().enumerate() {
                sums[channel(i)] += f(channel(i), f64::from(v));
            }
            sums.iter().map(|s| s / count).collect::<Vec<f64>>()
        };
        let mean = averaged(&|_, v| v);
        let variance = averaged(&|c, v| (v - mean[c]).powi(2));
        (mean, variance)
    };
    let normed = values.iter().enumerate().map(|(i, &v)| {
        let c = channel(i);
        let scaled = (f64::from(v) - mean[c]) / (variance[c] + epsilon).sqrt();
        (scaled * gamma[c] + beta[c]) as f32
    });
    Some(Array::floats(x.dims.clone(), normed))
}

fn reduce(kind: &str, input: &Array, to: &Reduced) -> Option<Array> {
    // The reduced axes last, so that what becomes one element stands together.
    let kept = (0..input.dims.len()).filter(|a| !to.over.contains(a));
    let order: Vec<usize> = kept.chain(to.over.iter().copied()).collect();
    let own = strides(&input.dims);
    let dims: Vec<usize> = order.iter().map(|&a| input.dims[a]).collect();
    let walk = places(dims.clone(), order.iter().map(|&a| own[a]).collect(), 0);
    let turned = input.picked(dims, walk);
    let group = elements(&to.over.iter().map(|&a| input.dims[a]).collect::<Vec<_>>())?.max(1);
    if let Data::Ints(all, integer) = &turned.data {
        let one = |g: &[i64]| -> Option<i64> {
            match kind {
                "ReduceProd" => g.iter().try_fold(1_i64, |p, &x| p.checked_mul(x)),
                "ReduceSum" => g.iter().try_fold(0_i64, |s, &x| s.checked_add(x)),
                "ReduceMax" => g.iter().copied().max(),
                "ReduceMin" => g.iter().copied().min(),
                _ => None,
            }
        };
        let made: Vec<i64> = all.chunks(group).map(one).collect::<Option<_>>()?;
        return Array::typed(to.dims.clone(), made, *integer);
    }
    let all = turned.as_floats()?;
    let one = |g: &[f32]| -> Option<f32> {
        let sum = |f: fn(f64) -> f64| g.iter().map(|&x| f(f64::from(x))).sum::<f64>();
        Some(match kind {
            "ReduceMean" => (sum(|x| x) / group as f64) as f32,
            "ReduceSum" => sum(|x| x) as f32,
            "ReduceL2" => sum(|x| x * x).sqrt() as f32,
            "ReduceSumSquare" => sum(|x| x * x) as f32,
            "ReduceMax" => g.iter().copied().fold(f32::NEG_INFINITY, larger),
            "ReduceMin" => g.iter().copied().fold(f32::INFINITY, smaller),
            _ => return None,
        })
    };
    let made: Vec<f32> = all.chunks(group).map(one).collect::<Option<_>>()?;
    Some(Array::floats(to.dims.clone(), made))
}

/// One element from those of each input.
fn element_wise(kind: &str, inputs: &[&Array], dims: Vec<usize>) -> Option<Array> {
    if let [x] = inputs {
        return unary(kind, x);
    }
    let any_number = matches!(kind, "Sum" | "Max" | "Min");
    (any_number || inputs.len() == 2).then_some(())?;
    let (first, rest) = inputs.split_first()?;
    let mut all = (*first).clone();
    for next in rest {
        all = binary(kind, &all, next)?;
    }
    (all.dims == dims).then_some(all)
}

fn unary(kind: &str, x: &Array) -> Option<Array> {
    let dims = x.dims.clone();
    if let (Some(ints), Some(integer)) = (x.as_ints(), x.integer()) {
        let f = |i: &i64| match kind {
            "Neg" => i.checked_neg(),
            "Abs" => i.checked_abs(),
            "Not" => Some(i64::from(*i == 0)),
            _ => None,
        };
        return Array::typed(dims, ints.iter().map(f).collect::<Option<Vec<_>>>()?, integer);
    }
    let f: fn(f32) -> f32 = match kind {
        "Neg" => |x| -x,
        "Abs" => f32::abs,
        "Sqrt" => f32::sqrt,
        "Exp" => f32::exp,
        "Log" => f32::ln,
        "Reciprocal" => f32::recip,
        "Floor" => f32::floor,
        "Ceil" => f32::ceil,
        "Round" => f32::round_ties_even,
        "Relu" => |x| larger(x, 0.0),
        "Sigmoid" => |x| 1.0 / (1.0 + (-x).exp()),
        "Tanh" => f32::tanh,
        _ => return None,
    };
    Some(Array::floats(dims, x.as_floats()?.iter().map(|&x| f(x))))
}

fn binary(kind: &str, a: &Array, b: &Array) -> Option<Array> {
    let dims = broadcast(&[&a.dims, &b.dims])?;
    let read = |x: &Array| places(dims.clone(), broadcast_strides(&x.dims, &dims), 0);
    let pairs = read(a).zip(read(b));
    if let (Some(x), Some(y)) = (a.as_ints(), b.as_ints()) {
        let made = pairs.map(|(i, j)| of_ints(kind, x[i], y[j])).collect::<Option<Vec<_>>>()?;
        let integer = if comparison(kind).is_some() { Integer::LONG } else { one_type(&[a, b])? };
        return Array::typed(dims.clone(), made, integer);
    }
    let (x, y) = (a.as_floats()?, b.as_floats()?);
    if let Some(compare) = comparison(kind) {
        return Some(Array::ints(dims.clone(), pairs.map(|(i, j)| i64::from(compare(x[i], y[j])))));
    }
    let f: fn(f32, f32) -> f32 = match kind {
        "Add" | "Sum" => |x, y| x + y,
        "Sub" => |x, y| x - y,
        "Mul" => |x, y| x * y,
        "Div" => |x, y| x / y,
        "Pow" => f32::powf,
        "Max" => larger,
        "Min" => smaller,
        _ => return None,
    };
    Some(Array::floats(dims.clone(), pairs.map(|(i, j)| f(x[i], y[j]))))
}

fn comparison(kind: &str) -> Option<fn(f32, f32) -> bool> {
    Some(match kind {
        "Equal" => |x, y| x == y,
        "Greater" => |x, y| x > y,
        "GreaterOrEqual" => |x, y| x >= y,
        "Less" => |x, y| x < y,
        "LessOrEqual" => |x, y| x <= y,
        _ => return None,
    })
}

fn of_ints(kind: &str, x: i64, y: i64) -> Option<i64> {
    Some(match kind {
        "Add" | "Sum" => x.checked_add(y)?,
        "Sub" => x.checked_sub(y)?,
        "Mul" => x.checked_mul(y)?,
        "Div" => x.checked_div(y)?,
        "Mod" => {
            let rest = x.checked_rem(y)?;
            if rest != 0 && (rest < 0) != (y < 0) { rest + y } else { rest }
        }
        "Pow" => x.checked_pow(u32::try_from(y).ok()?)?,
        "Max" => x.max(y),
        "Min" => x.min(y),
        "Equal" => i64::from(x == y),
        "Greater" => i64::from(x > y),
        "GreaterOrEqual" => i64::from(x >= y),
        "Less" => i64::from(x < y),
        "LessOrEqual" => i64::from(x <= y),
        "And" => i64::from(x != 0 && y != 0),
        "Or" => i64::from(x != 0 || y != 0),
        "Xor" => i64::from((x != 0) != (y != 0)),
        _ => return None,
    })
}

/// What is known of the outputs of a node that was not computed.
pub(crate) fn known(call: &Call<'_>) -> Vec<Known> {
    let all = infer::dims(call).filter(|d| d.len() == call.outputs);
    let fits = |dims: &Vec<usize>| countable(dims) && !dims.contains(&0);
    all.filter(|all| all.iter().all(fits)).map_or_else(
        || vec![Known::Nothing; call.outputs],
        |dims| dims.into_iter().map(Known::Dims).collect(),
    )
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

    fn folded(kind: &str, inputs: &[Info], attributes: &[Attribute]) -> Option<Array> {
        fold(&call(kind, inputs, attributes), &mut Budget::of_file(0)).map(|mut all| all.remove(0))
    }

    /// What comes of integers, in a row.
    fn of_ints(kind: &str, inputs: &[Info], attributes: &[Attribute]) -> Vec<i64> {
        folded(kind, inputs, attributes).expect("it folds").as_ints().expect("integers").to_vec()
    }

    /// What comes of floats, in a row.
    fn of_floats(kind: &str, inputs: &[Info], attributes: &[Attribute]) -> Vec<f32> {
        folded(kind, inputs, attributes).expect("it folds").as_floats().expect("floats").to_vec()
    }

    #[test]
    fn shapes_of_activations_are_constants() {
        let map = [axes_of(&[2, 3, 5, 7])];
        assert_eq!(of_ints("Shape", &map, &[]), [2, 3, 5, 7]);
        let part = [attribute("start", &[1]), attribute("end", &[-1])];
        assert_eq!(of_ints("Shape", &map, &part), [3, 5]);
        assert_eq!(of_ints("Size", &map, &[]), [210]);
        assert!(folded("Relu", &map, &[]).is_none());
    }

    #[test]
    fn elements_are_moved() {
        let row = ints(&[10, 11, 12, 13]);
        let pick =
            |at: &[i64]| of_ints("Gather", &[row.clone(), ints(at)], &[attribute("axis", &[0])]);
        assert_eq!(pick(&[-1, 0, 0]), [13, 10, 10]);
        assert!(folded("Gather", &[row.clone(), ints(&[4])], &[]).is_none());
        let all = [row.clone(), ints(&[3]), ints(&[i64::MIN]), ints(&[0]), ints(&[-2])];
        assert_eq!(of_ints("Slice", &all, &[]), [13, 11]);
        let matrix = floats(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(
            of_floats("Transpose", std::slice::from_ref(&matrix), &[]),
            [1.0, 3.0, 2.0, 4.0]
        );
        let column = floats(&[2, 1], &[5.0, 6.0]);
        let beside = of_floats("Concat", &[matrix, column.clone()], &[attribute("axis", &[-1])]);
        assert_eq!(beside, [1.0, 2.0, 5.0, 3.0, 4.0, 6.0]);
        assert_eq!(of_floats("Expand", &[column, ints(&[2, 2])], &[]), [5.0, 5.0, 6.0, 6.0]);
    }

    #[test]
    fn numbers_are_made() {
        assert_eq!(of_ints("Range", &[ints(&[5]), ints(&[-2]), ints(&[-3])], &[]), [5, 2, -1]);
        assert_eq!(of_floats("ConstantOfShape", &[ints(&[3])], &[]), [0.0; 3]);
        let to_ints = [attribute("to", &[i64::from(proto::INT64)])];
        assert_eq!(of_ints("Cast", &[floats(&[2], &[2.9, -2.9])], &to_ints), [2, -2]);
        assert_eq!(of_floats("CastLike", &[ints(&[3]), axes_of(&[1, 2])], &[]), [3.0]);
    }

    #[test]
    fn arithmetic_broadcasts_and_integers_stay_whole() {
        assert_eq!(of_ints("Div", &[ints(&[7, -7]), ints(&[2])], &[]), [3, -3]);
        assert!(folded("Div", &[ints(&[1]), ints(&[0])], &[]).is_none());
        assert!(folded("Mul", &[ints(&[i64::MAX]), ints(&[2])], &[]).is_none());
        let (row, column) = (floats(&[2], &[1.0, 2.0]), floats(&[2, 1], &[10.0, 20.0]));
        assert_eq!(of_floats("Add", &[row.clone(), column.clone()], &[]), [11.0, 12.0, 21.0, 22.0]);
        assert_eq!(of_ints("Less", &[row.clone(), floats(&[], &[1.5])], &[]), [1, 0]);
        let chosen = of_floats("Where", &[ints(&[1, 0]), row, column], &[]);
        assert_eq!(chosen, [1.0, 10.0, 1.0, 20.0]);
    }

    /// A vector of integers of another type than 64 bits.
    fn typed(data: &[i64], kind: i32) -> Info {
        let integer = Integer::of(kind).expect("a type of integers");
        let array = Array::typed(vec![data.len()], data.iter().copied(), integer);
        Info { name: String::new(), known: Known::Constant(array.expect("it holds them")) }
    }

    #[test]
    fn integers_beyond_their_type_are_left() {
        let bytes = |x: i64| typed(&[x], proto::UINT8);
        assert_eq!(of_ints("Sub", &[bytes(5), bytes(3)], &[]), [2]);
        assert!(folded("Sub", &[bytes(3), bytes(5)], &[]).is_none());
        let short = || typed(&[1 << 20], proto::INT32);
        assert!(folded("Mul", &[short(), short()], &[]).is_none());
        let product = folded("Mul", &[ints(&[1 << 20]), ints(&[1 << 20])], &[]);
        assert_eq!(product.expect("it folds").as_ints(), Some(&[1 << 40][..]));
        assert!(folded("ReduceSum", &[typed(&[200, 100], proto::UINT8)], &[]).is_none());
        let to = |kind: i32| [attribute("to", &[i64::from(kind)])];
        assert!(folded("Cast", &[ints(&[1 << 40])], &to(proto::INT32)).is_none());
        assert!(folded("Cast", &[floats(&[1], &[1e30])], &to(proto::INT64)).is_none());
        assert!(folded("Cast", &[floats(&[1], &[f32::NAN])], &to(proto::INT64)).is_none());
        assert!(folded("Cast", &[ints(&[(1 << 24) + 1])], &to(proto::DOUBLE)).is_none());
    }

    #[test]
    fn remainders_have_the_sign_of_the_divisor() {
        let operands = [ints(&[7, -7, 7, -7]), ints(&[3, 3, -3, -3])];
        assert_eq!(of_ints("Mod", &operands, &[]), [1, 2, -2, -1]);
        assert!(folded("Mod", &operands, &[attribute("fmod", &[1])]).is_none());
    }

    #[test]
    fn what_is_no_number_stays_none() {
        let (one, none) = (floats(&[1], &[1.0]), floats(&[1], &[f32::NAN]));
        for kind in ["Max", "Min"] {
            for pair in [[one.clone(), none.clone()], [none.clone(), one.clone()]] {
                assert!(of_floats(kind, &pair, &[])[0].is_nan(), "{kind}");
            }
        }
        let both = floats(&[2], &[f32::NAN, 1.0]);
        for kind in ["Relu", "Clip", "ReduceMax", "ReduceMin"] {
            assert!(of_floats(kind, std::slice::from_ref(&both), &[])[0].is_nan(), "{kind}");
        }
        assert_eq!(of_floats("Max", &[one.clone(), floats(&[1], &[2.0])], &[]), [2.0]);
        assert_eq!(of_floats("Min", &[one, floats(&[1], &[2.0])], &[]), [1.0]);
    }

    #[test]
    fn constants_are_not_dropped_in_training() {
        let dropped = |training: i64| {
            let inputs = [floats(&[1], &[1.0]), floats(&[1], &[0.5]), ints(&[training])];
            folded("Dropout", &inputs, &[])
        };
        assert!(dropped(0).is_some() && dropped(1).is_none());
    }

    #[test]
    fn reductions_go_over_their_axes() {
        let matrix = floats(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let over = |axis: i64| [attribute("axes", &[axis])];
        assert_eq!(
            of_floats("ReduceMean", std::slice::from_ref(&matrix), &over(0)),
            [2.5, 3.5, 4.5]
        );
        assert_eq!(of_floats("ReduceMax", &[matrix], &over(-1)), [3.0, 6.0]);
        assert_eq!(of_ints("ReduceProd", &[ints(&[2, 3, 4])], &[]), [24]);
        assert!(folded("ReduceMax", &[ints(&[])], &[]).is_none());
    }

    /// By hand: each channel less its mean, divided by its deviation.
    #[test]
    fn a_training_batch_norm_standardises_a_weight() {
        let kernel = floats(&[1, 2, 2], &[1.0, 3.0, 10.0, 30.0]);
        let vector = |x: f32| floats(&[2], &[x, x]);
        let inputs = [kernel, vector(2.0), vector(0.5), vector(0.0), vector(1.0)];
        let epsilon =
            Attribute { name: "epsilon".to_owned(), f: Some(0.0), ..Attribute::default() };
        let normed =
            of_floats("BatchNormalization", &inputs, &[attribute("training_mode", &[1]), epsilon]);
        assert_eq!(normed, [-1.5, 2.5, -1.5, 2.5]);
    }

    #[test]
    fn no_more_is_read_or_made_than_the_file_allows() {
        let vast = |kind: &str, input: Info, budget: &mut Budget| {
            let inputs = [input];
            (0..)
                .take_while(|_| fold(&call(kind, &inputs, &[]), budget).is_some())
                .take(100)
                .count()
        };
        let whole = Budget::LEAST as i64;
        assert_eq!(vast("ConstantOfShape", ints(&[whole]), &mut Budget::of_file(0)), 4);
        let many = floats(&[Budget::LEAST], &vec![1.0; Budget::LEAST]);
        assert_eq!(vast("ReduceSum", many, &mut Budget::of_file(0)), 16);
        assert!(folded("ConstantOfShape", &[ints(&[1 << 40, 1 << 40])], &[]).is_none());
    }
}
