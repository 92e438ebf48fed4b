//! Pools over windows and over whole maps, also as reductions, with a `Pad` that was written before them.

use super::pad;
use crate::read::{
    geometry::lengths,
    infer::{self, Window},
    net::{FileNet, FileStep, Id},
};
use ops::{ChannelPool, GlobalL2Pool, Op, PadMode, Pool2d, PoolFn};

pub(super) fn pool(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    if let Some(op) = across_channels(net, step) {
        return Some(vec![step.lab(op, &[step.input(0)?])]);
    }
    let call = net.call(step)?;
    let input = step.input(0)?;
    let map = match net.dims(input)? {
        &[_, _, h, w] => [h, w],
        _ => return None,
    };
    let whole = |function| Pool2d { function, ..Pool2d::global_average() };
    let average = PoolFn::Average { count_padding: true };
    let op: Op = match call.kind {
        "MaxPool" => return window(net, step, &map, PoolFn::Max),
        "AveragePool" => {
            let count_padding = call.int("count_include_pad", 0) != 0;
            return window(net, step, &map, PoolFn::Average { count_padding });
        }
        "GlobalAveragePool" => whole(average).into(),
        "GlobalMaxPool" => whole(PoolFn::Max).into(),
        "ReduceMean" | "ReduceMax" => {
            let function = if call.kind == "ReduceMean" { average } else { PoolFn::Max };
            let kernel = match infer::reduce(&call)?.over[..] {
                [2, 3] => None,
                [2] => Some((map[0], 1)),
                // What is left of three axes would be a row.
                [3] if call.int("keepdims", 1) != 0 => Some((1, map[1])),
                _ => return None,
            };
            Pool2d { kernel, ..whole(function) }.into()
        }
        "ReduceL2" if infer::reduce(&call)?.over == [2, 3] => GlobalL2Pool.into(),
        _ => return None,
    };
    Some(vec![step.lab(op, &[input])])
}

/// Whether a reduction over these axes of a value with `rank` is an operator of the lab.
pub(super) fn is_whole(kind: &str, over: &[usize], rank: usize) -> bool {
    let pixels = rank == 4 && matches!(over, [2, 3]);
    match kind {
        "ReduceMean" | "ReduceMax" => {
            over == [1] || pixels || rank == 4 && matches!(over, [2] | [3])
        }
        "ReduceSum" => over == [1],
        "ReduceL2" => over == [1] || pixels,
        _ => false,
    }
}

/// A reduction over the channels of a map or of a row of features.
fn across_channels(net: &FileNet, step: &FileStep) -> Option<ChannelPool> {
    let call = net.call(step)?;
    let op = match call.kind {
        "ReduceMean" => ChannelPool::Mean,
        "ReduceMax" => ChannelPool::Max,
        "ReduceSum" => ChannelPool::Sum,
        "ReduceL2" => ChannelPool::L2,
        _ => return None,
    };
    net.shape(step.input(0)?)?;
    let over = infer::reduce(&call)?.over;
    (over == [1] && call.int("keepdims", 1) != 0).then_some(op)
}

fn window(
    net: &FileNet,
    step: &FileStep,
    map: &[usize],
    function: PoolFn,
) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    let own = Window::of(&call, map, &lengths(call.ints("kernel_shape"))?)?;
    let fill = match function {
        PoolFn::Max => f32::NEG_INFINITY,
        PoolFn::Average { .. } => 0.0,
    };
    let (source, padded) = padded(net, step.input(0)?, own.clone(), fill);
    // Pixels that a node before it added count; whether this one's own do, it says itself.
    let function = match function {
        PoolFn::Average { count_padding } => {
            let mixed = padded != own && own.before.iter().chain(&own.after).any(|&p| p > 0);
            (!mixed || count_padding).then_some(())?;
            PoolFn::Average { count_padding: count_padding || padded != own }
        }
        PoolFn::Max => PoolFn::Max,
    };
    let pool = Pool2d {
        function,
        kernel: Some((padded.kernel[0], padded.kernel[1])),
        stride: (padded.stride[0], padded.stride[1]),
        padding: padded.sides()?,
        ceil: call.int("ceil_mode", 0) != 0,
        parts: (1, 1),
        dilation: (padded.dilation[0], padded.dilation[1]),
    };
    let fits = ops::Operator::output(&pool, &[net.shape(source)?]).is_ok();
    // The places of the largest may be an output that nobody reads.
    let alone = step.outputs[1..].iter().all(|&o| !net.is_read(o));
    (alone && fits).then(|| vec![step.lab(pool, &[source])])
}

/// Where `id` is a map that was padded with `fill`: the map itself, and the window with that padding.
pub(super) fn padded(net: &FileNet, id: Id, window: Window, fill: f32) -> (Id, Window) {
    let taken = || -> Option<(Id, Window)> {
        let (source, pad) = pad::made(net, id)?;
        (pad.mode == PadMode::Constant(fill)).then_some(())?;
        let ((top, bottom), (left, right)) = (pad.vertical, pad.horizontal);
        let sum = |own: &[usize], more: [isize; 2]| -> Option<Vec<usize>> {
            let one = |(own, more): (&usize, isize)| Some(own + usize::try_from(more).ok()?);
            own.iter().zip(more).map(one).collect()
        };
        let (before, after) =
            (sum(&window.before, [top, left])?, sum(&window.after, [bottom, right])?);
        Some((source, Window { before, after, ..window.clone() }))
    };
    taken().unwrap_or((id, window))
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op};
    use ops::{ChannelPool, GlobalL2Pool, Pool2d};

    #[test]
    fn windows_are_read_with_their_attributes() {
        let mut s = Sketch::new(&[1, 4, 9, 9]);
        let attributes: [(&str, &[i64]); 4] = [
            ("kernel_shape", &[3, 3]),
            ("strides", &[2, 2]),
            ("pads", &[1; 4]),
            ("ceil_mode", &[1]),
        ];
        let x = s.with("MaxPool", &["input"], &attributes);
        let x = s.with("AveragePool", &[&x], &attributes);
        let net = s.net(&x);
        assert_eq!(op(&net, 0), &Pool2d::max(3, 2).padding(1).ceil().into());
        let average = Pool2d::average(3, 2).padding(1).ceil().without_padding_count();
        assert_eq!(op(&net, 1), &average.into());
    }

    #[test]
    fn zeros_before_an_average_count_and_before_a_maximum_stay() {
        let padded = |kind: &str| {
            let mut s = Sketch::new(&[1, 4, 9, 9]);
            let pads = s.ints("pads", &[0, 0, 1, 1, 0, 0, 1, 1]);
            let x = s.node("Pad", &["input", &pads]);
            let x = s.with(kind, &[&x], &[("kernel_shape", &[3, 3])]);
            s.net(&x)
        };
        assert_eq!(op(&padded("AveragePool"), 0), &Pool2d::average(3, 1).padding(1).into());
        assert_eq!(kinds(&padded("MaxPool")), ["pad2d", "max_pool2d"]);
    }

    #[test]
    fn reductions_are_pools() {
        let reduced = |kind: &str, axes: &[i64], keep: i64| {
            let mut s = Sketch::new(&[1, 4, 9, 9]);
            let x = s.with(kind, &["input"], &[("axes", axes), ("keepdims", &[keep])]);
            s.net(&x)
        };
        assert_eq!(op(&reduced("ReduceMean", &[-1, 2], 0), 0), &Pool2d::global_average().into());
        assert_eq!(op(&reduced("ReduceMax", &[1], 1), 0), &ChannelPool::Max.into());
        assert_eq!(op(&reduced("ReduceL2", &[2, 3], 1), 0), &GlobalL2Pool.into());
        assert_eq!(op(&reduced("ReduceL2", &[1], 1), 0), &ChannelPool::L2.into());
        let mean = Pool2d { kernel: Some((9, 1)), ..Pool2d::average(1, 1) };
        assert_eq!(op(&reduced("ReduceMean", &[2], 1), 0), &mean.into());
        assert_eq!(op(&reduced("ReduceMean", &[2], 0), 0), &mean.into());
        let largest = Pool2d { kernel: Some((1, 9)), ..Pool2d::max(1, 1) };
        assert_eq!(op(&reduced("ReduceMax", &[3], 1), 0), &largest.into());
        assert_eq!(kinds(&reduced("ReduceMean", &[3], 0)), ["avg_pool2d", "reshape"]);
    }
}
