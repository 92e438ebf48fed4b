//! A node with what is known of its inputs: what shape rules, the constant folder and the lifting passes ask.

use super::array::{Array, MOST_AXES};
use crate::proto::Attribute;

/// What is known of a value.
#[derive(Clone, Debug)]
pub(crate) enum Known {
    /// Nothing: an operator made it whose shape rule isn't known.
    Nothing,
    /// Its axes.
    Dims(Vec<usize>),
    /// Its elements.
    Constant(Array),
}

/// A value of the file.
#[derive(Clone, Debug)]
pub(crate) struct Info {
    /// Its name.
    pub name: String,
    /// What is known of it.
    pub known: Known,
}

impl Info {
    /// Its axes.
    pub fn dims(&self) -> Option<&[usize]> {
        match &self.known {
            Known::Nothing => None,
            Known::Dims(dims) => Some(dims),
            Known::Constant(array) => Some(&array.dims),
        }
    }

    /// Its elements, where it is a constant.
    pub const fn constant(&self) -> Option<&Array> {
        match &self.known {
            Known::Constant(array) => Some(array),
            _ => None,
        }
    }
}

/// A node of the file with what is known of its inputs.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// Its operator.
    pub kind: &'a str,
    /// Its attributes.
    pub attributes: &'a [Attribute],
    /// Its inputs; some may be left out.
    pub inputs: Vec<Option<&'a Info>>,
    /// How many outputs it has.
    pub outputs: usize,
    /// The operator set that it is of.
    pub opset: i64,
}

impl<'a> Call<'a> {
    /// Axes of input `i`.
    pub fn dims(&self, i: usize) -> Option<&'a [usize]> {
        self.inputs.get(i).copied().flatten()?.dims()
    }

    /// Elements of input `i`, where it is a constant.
    pub fn constant(&self, i: usize) -> Option<&'a Array> {
        self.inputs.get(i).copied().flatten()?.constant()
    }

    /// Whether input `i` is there.
    pub fn has(&self, i: usize) -> bool {
        self.inputs.get(i).copied().flatten().is_some()
    }

    /// All inputs, where each is a constant.
    pub fn constants(&self) -> Option<Vec<&'a Array>> {
        self.inputs.iter().flatten().map(|info| info.constant()).collect()
    }

    /// Whether a `Dropout` changes nothing.
    pub fn is_inference(&self) -> bool {
        let off = |array: &Array| array.as_ints().is_some_and(|all| all == [0]);
        !self.has(2) || self.constant(2).is_some_and(off)
    }

    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&'a Attribute> {
        self.attributes.iter().find(|a| a.name == name)
    }

    /// An integer attribute, or what stands for it where it is left out.
    pub fn int(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |a| a.i.unwrap_or(0))
    }

    /// A float attribute, or what stands for it where it is left out.
    pub fn float(&self, name: &str, default: f32) -> f32 {
        self.attribute(name).map_or(default, |a| a.f.unwrap_or(0.0))
    }

    /// A text attribute; empty where it is left out.
    pub fn text(&self, name: &str) -> &'a str {
        self.attribute(name).and_then(|a| std::str::from_utf8(&a.s).ok()).unwrap_or("")
    }

    /// The integers of an attribute; none where it is left out.
    pub fn ints(&self, name: &str) -> &'a [i64] {
        self.attribute(name).map_or(&[], |a| &a.ints)
    }

    /// The integers of an attribute or, as newer operator sets have it, of input `i`; none where both are
    /// left out, `None` where they are no constants.
    pub fn list(&self, name: &str, i: usize) -> Option<Vec<i64>> {
        if let Some(attribute) = self.attribute(name) {
            return Some(attribute.ints.clone());
        }
        if !self.has(i) {
            return Some(Vec::new());
        }
        Some(self.constant(i)?.as_ints()?.to_vec())
    }

    /// The float of an attribute or, as newer operator sets have it, of input `i`; `default` where both
    /// are left out, `None` where it is no constant.
    pub fn number(&self, name: &str, i: usize, default: f32) -> Option<f32> {
        if self.attribute(name).is_some() || !self.has(i) {
            return Some(self.float(name, default));
        }
        self.constant(i)?.scalar()
    }

    /// The axis that attribute `name` says, of a value with `rank` axes.
    pub fn axis(&self, name: &str, default: i64, rank: usize) -> Option<usize> {
        axis(self.int(name, default), rank)
    }
}

/// The axis that `axis`, perhaps counted from the end, stands for among `rank`.
pub(crate) fn axis(axis: i64, rank: usize) -> Option<usize> {
    let counted = if axis < 0 { axis.checked_add(rank as i64)? } else { axis };
    usize::try_from(counted).ok().filter(|&a| a < rank)
}

/// The same of several, each once.
pub(crate) fn axes(list: &[i64], rank: usize) -> Option<Vec<usize>> {
    (list.len() <= MOST_AXES).then_some(())?;
    let mut all: Vec<usize> = list.iter().map(|&a| axis(a, rank)).collect::<Option<_>>()?;
    all.sort_unstable();
    let count = all.len();
    all.dedup();
    (all.len() == count).then_some(all)
}

#[cfg(test)]
pub(crate) mod testing {
    //! Calls for the tests of shape rules and of the folder.

    use super::*;

    /// A value with these axes.
    pub fn axes_of(dims: &[usize]) -> Info {
        Info { name: String::new(), known: Known::Dims(dims.to_vec()) }
    }

    /// A constant vector of integers.
    pub fn ints(data: &[i64]) -> Info {
        constant(Array::ints(vec![data.len()], data.iter().copied()))
    }

    /// A constant of floats.
    pub fn floats(dims: &[usize], data: &[f32]) -> Info {
        constant(Array::floats(dims.to_vec(), data.iter().copied()))
    }

    fn constant(array: Array) -> Info {
        Info { name: String::new(), known: Known::Constant(array) }
    }

    /// An attribute of one integer or several.
    pub fn attribute(name: &str, values: &[i64]) -> Attribute {
        Attribute {
            name: name.to_owned(),
            i: values.first().copied(),
            ints: values.to_vec(),
            ..Attribute::default()
        }
    }

    /// A node with these inputs and one output.
    pub fn call<'a>(kind: &'a str, inputs: &'a [Info], attributes: &'a [Attribute]) -> Call<'a> {
        let inputs = inputs.iter().map(Some).collect();
        Call { kind, attributes, inputs, outputs: 1, opset: 17 }
    }
}
