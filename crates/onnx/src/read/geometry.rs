//! Operators that move elements and compute nothing: which axes they make, and from where each comes.

use super::{
    array::{countable, elements, strides},
    call::{Call, axes, axis},
};

/// Elements of a row-major tensor in another order.
#[derive(Debug, PartialEq)]
pub(crate) struct Strided {
    /// Axes that come of it.
    pub dims: Vec<usize>,
    /// Stride of each in the tensor.
    pub strides: Vec<isize>,
    /// Place of the first element.
    pub offset: isize,
}

/// What `Slice`, `Split`, `Transpose` and `Expand` make, an output each.
pub(crate) fn strided(call: &Call<'_>) -> Option<Vec<Strided>> {
    let dims = call.dims(0)?;
    let all = match call.kind {
        "Slice" => vec![slice(call, dims)?],
        "Split" => split(call, dims)?,
        "Transpose" => vec![transpose(call, dims)?],
        "Expand" => vec![expand(call, dims)?],
        _ => return None,
    };
    all.iter().all(|s| countable(&s.dims)).then_some(all)
}

fn slice(call: &Call<'_>, dims: &[usize]) -> Option<Strided> {
    let (starts, ends) = (call.list("starts", 1)?, call.list("ends", 2)?);
    let along = match call.list("axes", 3)? {
        all if all.is_empty() => (0..starts.len() as i64).collect(),
        given => given,
    };
    let steps = match call.list("steps", 4)? {
        all if all.is_empty() => vec![1; starts.len()],
        given => given,
    };
    axes(&along, dims.len())?;
    if [ends.len(), along.len(), steps.len()] != [starts.len(); 3] {
        return None;
    }
    let mut out = Strided { dims: dims.to_vec(), strides: strides(dims), offset: 0 };
    for (i, &along) in along.iter().enumerate() {
        let a = axis(along, dims.len())?;
        let (start, count) = run(starts[i], ends[i], steps[i], dims[a])?;
        out.dims[a] = count;
        out.offset += out.strides[a] * start as isize;
        out.strides[a] = out.strides[a].checked_mul(steps[i] as isize)?;
    }
    Some(out)
}

/// The first place and the number of places from `start` to before `end` in steps, on an axis of `len`.
fn run(start: i64, end: i64, step: i64, len: usize) -> Option<(usize, usize)> {
    let len = len as i64;
    let counted = |x: i64| if x < 0 { x.saturating_add(len) } else { x };
    let (low, high) = if step > 0 { (0, len) } else { (-1, len - 1) };
    let start = counted(start).clamp(low.max(0), high.max(0));
    let end = counted(end).clamp(low, high);
    let distance = if step > 0 { end - start } else { start - end };
    let step = usize::try_from(step.unsigned_abs()).ok().filter(|&s| s > 0)?;
    let count = usize::try_from(distance).unwrap_or(0).div_ceil(step);
    Some((start as usize, if len == 0 { 0 } else { count }))
}

fn split(call: &Call<'_>, dims: &[usize]) -> Option<Vec<Strided>> {
    let along = call.axis("axis", 0, dims.len())?;
    let lengths: Vec<usize> = match call.list("split", 1)? {
        equal if equal.is_empty() => {
            let part = dims[along].div_ceil(call.outputs.max(1));
            (0..call.outputs).map(|i| part.min(dims[along].saturating_sub(i * part))).collect()
        }
        given => given.into_iter().map(usize::try_from).collect::<Result<_, _>>().ok()?,
    };
    let whole = lengths.iter().try_fold(0_usize, |sum, &n| sum.checked_add(n))?;
    if lengths.len() != call.outputs || whole != dims[along] {
        return None;
    }
    let strides = strides(dims);
    let mut start = 0;
    let part = |len: usize| {
        let mut dims = dims.to_vec();
        dims[along] = len;
        let offset = strides[along] * start as isize;
        start += len;
        Strided { dims, strides: strides.clone(), offset }
    };
    Some(lengths.into_iter().map(part).collect())
}

fn transpose(call: &Call<'_>, dims: &[usize]) -> Option<Strided> {
    let order = match call.ints("perm") {
        [] => (0..dims.len()).rev().collect(),
        given => given.iter().map(|&a| axis(a, dims.len())).collect::<Option<Vec<_>>>()?,
    };
    let given: Vec<i64> = order.iter().map(|&a| a as i64).collect();
    if axes(&given, dims.len())?.len() != dims.len() {
        return None;
    }
    let strides = strides(dims);
    Some(Strided {
        dims: order.iter().map(|&a| dims[a]).collect(),
        strides: order.iter().map(|&a| strides[a]).collect(),
        offset: 0,
    })
}

fn expand(call: &Call<'_>, dims: &[usize]) -> Option<Strided> {
    let wanted = lengths(call.constant(1)?.as_ints()?)?;
    let out = broadcast(&[dims, &wanted])?;
    let strides = broadcast_strides(dims, &out);
    Some(Strided { dims: out, strides, offset: 0 })
}

/// What `Reshape`, `Flatten`, `Squeeze` and `Unsqueeze` make of their input.
pub(crate) fn reshaped(call: &Call<'_>) -> Option<Vec<usize>> {
    let dims = call.dims(0)?;
    match call.kind {
        "Reshape" => reshape(call, dims),
        "Flatten" => {
            // The axis may be the rank: then all of it is one column.
            let at = call.axis("axis", 1, dims.len() + 1)?;
            Some(vec![elements(&dims[..at])?, elements(&dims[at..])?])
        }
        "Squeeze" => {
            let given = axes(&call.list("axes", 1)?, dims.len())?;
            let goes = |a: &usize| {
                if given.is_empty() { dims[*a] == 1 } else { given.contains(a) }
            };
            given.iter().all(|&a| dims[a] == 1).then_some(())?;
            Some((0..dims.len()).filter(|a| !goes(a)).map(|a| dims[a]).collect())
        }
        "Unsqueeze" => {
            let list = call.list("axes", 1)?;
            let rank = dims.len() + list.len();
            let new = axes(&list, rank)?;
            let mut old = dims.iter().copied();
            (0..rank).map(|a| if new.contains(&a) { Some(1) } else { old.next() }).collect()
        }
        _ => None,
    }
}

fn reshape(call: &Call<'_>, dims: &[usize]) -> Option<Vec<usize>> {
    let wanted = call.list("shape", 1)?;
    let copies_zero = call.int("allowzero", 0) == 0;
    let mut out = Vec::with_capacity(wanted.len());
    for (i, &w) in wanted.iter().enumerate() {
        out.push(match w {
            0 if copies_zero => *dims.get(i)?,
            -1 => 1,
            w => usize::try_from(w).ok()?,
        });
    }
    let (all, known) = (elements(dims)?, elements(&out)?);
    let mut free = wanted.iter().enumerate().filter(|(_, w)| **w == -1).map(|(i, _)| i);
    if let Some(i) = free.next() {
        out[i] = all.checked_div(known)?;
    }
    (free.next().is_none() && elements(&out)? == all).then_some(out)
}

/// Whole numbers as lengths of axes.
pub(crate) fn lengths(list: &[i64]) -> Option<Vec<usize>> {
    list.iter().map(|&x| usize::try_from(x).ok()).collect()
}

/// The axes to which all of `all` broadcast.
pub(crate) fn broadcast(all: &[&[usize]]) -> Option<Vec<usize>> {
    let rank = all.iter().map(|d| d.len()).max()?;
    let mut out = vec![1; rank];
    for dims in all {
        for (o, &d) in out[rank - dims.len()..].iter_mut().zip(*dims) {
            match (*o, d) {
                (o, d) if o == d => {}
                (1, d) => *o = d,
                (_, 1) => {}
                _ => return None,
            }
        }
    }
    Some(out)
}

/// The strides with which a row-major tensor of `dims` is read as one of `out`.
pub(crate) fn broadcast_strides(dims: &[usize], out: &[usize]) -> Vec<isize> {
    let mut all = vec![0; out.len() - dims.len()];
    all.extend(strides(dims).into_iter().zip(dims).map(|(s, &d)| if d == 1 { 0 } else { s }));
    all
}
