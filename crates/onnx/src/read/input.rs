//! The inputs of a file. What is wrong with one is held against the file only where something reads it.

use super::{
    Error, Options,
    array::countable,
    error::cut,
    layout::FIRST,
    net::{FileNet, FileStep, Id, Kind},
    tensor,
};
use crate::proto::{self, ValueInfo};
use std::collections::HashSet;

/// An input that is no constant.
pub(super) struct Input<'a> {
    /// Its place among all values.
    pub id: Id,
    /// The value that the file's nodes read: with its channels last, where they are.
    pub read: Id,
    /// What the file says of it.
    pub value: &'a ValueInfo,
    /// Whether its channels are the last of four axes.
    pub last: bool,
    /// Why its axes are none that the lab runs.
    pub refusal: Option<Error>,
}

/// The axes of an input, channels first, those that the file leaves free as they are asked for.
pub(super) fn axes(value: &ValueInfo, last: bool, options: Options) -> Result<Vec<usize>, Error> {
    let name = cut(&value.name);
    let declared = dims(value)
        .ok_or_else(|| Error::Malformed(format!("has an input {name:?} without axes")))?;
    if let Some(len) = declared.iter().flatten().find(|&&len| len <= 0) {
        return Err(Error::Malformed(format!("has an input with an axis of {len} elements")));
    }
    let refused = |what: String| Error::Refused(format!("has an input {name:?} {what}"));
    let dims = options.lengths(&channels_first(value, last)).map_err(refused)?;
    match countable(&dims) {
        true => Ok(dims),
        false => Err(refused(format!("with axes of {dims:?}: too many elements"))),
    }
}

/// The declared axes of a value; free ones have no length.
fn dims(value: &ValueInfo) -> Option<Vec<Option<i64>>> {
    let shape = value.r#type.as_ref()?.tensor_type.as_ref()?.shape.as_ref()?;
    Some(shape.dim.iter().map(|d| d.dim_value).collect())
}

/// The lengths among the declared axes of a value.
pub(super) fn lengths(value: &ValueInfo) -> Option<Vec<Option<usize>>> {
    let length = |len: Option<i64>| usize::try_from(len?).ok().filter(|&len| len > 0);
    Some(dims(value)?.into_iter().map(length).collect())
}

/// The lengths of an input, channels first.
fn channels_first(value: &ValueInfo, last: bool) -> Vec<Option<usize>> {
    let lengths = lengths(value).unwrap_or_default();
    if last { FIRST.map(|a| lengths[a]).to_vec() } else { lengths }
}

/// Refuses inputs that `net` reads and the lab can't run, and options that none of those that it reads takes.
pub(super) fn demand(net: &FileNet, inputs: Vec<Input<'_>>, options: Options) -> Result<(), Error> {
    let computed_with = net.steps.iter().filter(|step| !is_cast(net, step));
    let computed_with: HashSet<Id> =
        computed_with.flat_map(|step| step.inputs.iter().copied().flatten()).collect();
    let mut declared = Vec::new();
    let inputs = inputs.into_iter().filter(|input| net.is_read(input.read));
    for Input { read, value, last, refusal, .. } in inputs {
        let tensor = value.r#type.as_ref().and_then(|t| t.tensor_type.as_ref());
        let other = tensor.map(|tensor| tensor.elem_type).filter(|&kind| kind != proto::FLOAT);
        if let Some(kind) = other.filter(|_| computed_with.contains(&read)) {
            let (name, kind) = (cut(&value.name), tensor::kind_name(kind));
            return Err(Error::Refused(format!(
                "has an input {name:?} of {kind} with which it computes: the lab's are 32-bit floats, or are \
                 cast to those first"
            )));
        }
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        declared.push(channels_first(value, last));
    }
    match declared.is_empty() {
        true => Ok(()),
        false => options.demand(&declared).map_err(Error::Refused),
    }
}

/// Whether a step makes 32-bit floats of its input and nothing else: the lab's are floats as they are.
fn is_cast(net: &FileNet, step: &FileStep) -> bool {
    matches!(&step.kind, Kind::Node { kind, .. } if kind == "Cast")
        && net.call(step).is_some_and(|call| call.int("to", 0) == i64::from(proto::FLOAT))
}
