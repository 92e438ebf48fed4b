//! Constants: tensors of the file, and what is computed from them.

use crate::proto;
use bytes::Bytes;
use std::{borrow::Cow, sync::Arc};

/// A tensor whose elements are known, in row-major order.
#[derive(Clone, Debug)]
pub(crate) struct Array {
    /// Its axes.
    pub dims: Vec<usize>,
    /// Its elements: as many as the axes say.
    pub data: Data,
}

/// The elements of an [`Array`].
#[derive(Clone, Debug)]
pub(crate) enum Data {
    /// 32-bit floats as they stand in the file, little-endian.
    Stored(Bytes),
    /// Floats made of those in the file.
    Floats(Arc<[f32]>),
    /// Integers of a type, and truth values.
    Ints(Arc<[i64]>, Integer),
}

/// What a type of integers holds; truth values are 64-bit ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Integer {
    least: i64,
    most: i64,
}

impl Integer {
    /// Those of 64 bits.
    pub const LONG: Self = Self { least: i64::MIN, most: i64::MAX };

    /// The type that ONNX has by this number.
    pub fn of(kind: i32) -> Option<Self> {
        let (least, most) = match kind {
            proto::INT64 | proto::BOOL => return Some(Self::LONG),
            proto::INT32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
            proto::INT8 => (i64::from(i8::MIN), i64::from(i8::MAX)),
            proto::UINT8 => (0, i64::from(u8::MAX)),
            _ => return None,
        };
        Some(Self { least, most })
    }

    const fn holds(self, x: i64) -> bool {
        self.least <= x && x <= self.most
    }
}

impl Array {
    /// Floats in these axes.
    pub fn floats(dims: Vec<usize>, data: impl IntoIterator<Item = f32>) -> Self {
        Self { dims, data: Data::Floats(data.into_iter().collect()) }
    }

    /// Integers of 64 bits in these axes.
    pub fn ints(dims: Vec<usize>, data: impl IntoIterator<Item = i64>) -> Self {
        Self { dims, data: Data::Ints(data.into_iter().collect(), Integer::LONG) }
    }

    /// Integers of a type in these axes, where it holds all of them.
    pub fn typed(
        dims: Vec<usize>,
        data: impl IntoIterator<Item = i64>,
        integer: Integer,
    ) -> Option<Self> {
        let data: Arc<[i64]> = data.into_iter().collect();
        let all = data.iter().all(|&x| integer.holds(x));
        all.then_some(Self { dims, data: Data::Ints(data, integer) })
    }

    /// The type of its elements, where they are integers.
    pub const fn integer(&self) -> Option<Integer> {
        match self.data {
            Data::Ints(_, integer) => Some(integer),
            _ => None,
        }
    }

    /// Lengths or places as a vector.
    pub fn lengths(data: &[usize]) -> Self {
        Self::ints(vec![data.len()], data.iter().map(|&x| x as i64))
    }

    /// How many elements it has.
    pub fn len(&self) -> usize {
        match &self.data {
            Data::Stored(bytes) => bytes.len() / 4,
            Data::Floats(data) => data.len(),
            Data::Ints(data, _) => data.len(),
        }
    }

    /// Where its elements lie: two constants are one where they lie in one place.
    pub fn place(&self) -> usize {
        match &self.data {
            Data::Stored(bytes) => bytes.as_ptr().addr(),
            Data::Floats(data) => data.as_ptr().addr(),
            Data::Ints(data, _) => data.as_ptr().addr(),
        }
    }

    /// Whether it is of floats, for all of which `test` holds.
    pub fn all(&self, test: impl Fn(f32) -> bool) -> bool {
        match &self.data {
            Data::Stored(bytes) => {
                bytes.chunks_exact(4).all(|b| test(f32::from_le_bytes([b[0], b[1], b[2], b[3]])))
            }
            Data::Floats(data) => data.iter().all(|&x| test(x)),
            Data::Ints(..) => false,
        }
    }

    /// Whether it was made of nothing but zeros: so some exporters write what is not there.
    pub fn is_blank(&self) -> bool {
        matches!(self.data, Data::Floats(_)) && self.all(|x| x == 0.0)
    }

    /// Element `i` of floats.
    pub fn float(&self, i: usize) -> Option<f32> {
        match &self.data {
            Data::Stored(bytes) => Some(stored(bytes, i)),
            Data::Floats(data) => data.get(i).copied(),
            Data::Ints(..) => None,
        }
    }

    /// All elements, where they are floats.
    pub fn as_floats(&self) -> Option<Cow<'_, [f32]>> {
        match &self.data {
            Data::Stored(bytes) => {
                Some((0..bytes.len() / 4).map(|i| stored(bytes, i)).collect::<Vec<_>>().into())
            }
            Data::Floats(data) => Some(Cow::Borrowed(data)),
            Data::Ints(..) => None,
        }
    }

    /// All elements, where they are integers.
    pub fn as_ints(&self) -> Option<&[i64]> {
        match &self.data {
            Data::Ints(data, _) => Some(data),
            _ => None,
        }
    }

    /// The element of a float constant that has one.
    pub fn scalar(&self) -> Option<f32> {
        if self.len() == 1 { self.float(0) } else { None }
    }

    /// The same elements in other axes.
    pub fn reshaped(&self, dims: Vec<usize>) -> Self {
        Self { dims, data: self.data.clone() }
    }

    /// The same elements with axis `i` the old axis `order[i]`.
    pub fn transposed(&self, order: &[usize]) -> Self {
        let strides = strides(&self.dims);
        let dims: Vec<usize> = order.iter().map(|&a| self.dims[a]).collect();
        let strides = order.iter().map(|&a| strides[a]).collect();
        self.picked(dims.clone(), places(dims, strides, 0))
    }

    /// The elements at these places, in these axes.
    pub fn picked(&self, dims: Vec<usize>, places: impl Iterator<Item = usize>) -> Self {
        let data = match &self.data {
            Data::Stored(bytes) => Data::Floats(places.map(|i| stored(bytes, i)).collect()),
            Data::Floats(data) => Data::Floats(places.map(|i| data[i]).collect()),
            Data::Ints(data, integer) => Data::Ints(places.map(|i| data[i]).collect(), *integer),
        };
        Self { dims, data }
    }
}

/// Float `i` of those in `bytes`; 0 beyond them.
fn stored(bytes: &[u8], i: usize) -> f32 {
    bytes.chunks_exact(4).nth(i).map_or(0.0, |b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

/// How many elements axes have; `None` where no number holds it.
pub(crate) fn elements(dims: &[usize]) -> Option<usize> {
    dims.iter().try_fold(1_usize, |n, &d| n.checked_mul(d))
}

/// Most axes of a tensor.
pub(crate) const MOST_AXES: usize = 16;

/// Whether there are so few axes and elements that no product of some axes overflows.
pub(crate) fn countable(dims: &[usize]) -> bool {
    const MOST_ELEMENTS: f64 = (1_u64 << 48) as f64;
    dims.len() <= MOST_AXES
        && dims.iter().map(|&d| d.max(1) as f64).product::<f64>() <= MOST_ELEMENTS
}

/// The stride of each of these axes in row-major order.
pub(crate) fn strides(dims: &[usize]) -> Vec<isize> {
    let mut strides = vec![1_isize; dims.len()];
    for axis in (1..dims.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(dims[axis] as isize);
    }
    strides
}

/// Places of all elements of `dims`, in row-major order, where each axis has its stride.
pub(crate) fn places(
    dims: Vec<usize>,
    strides: Vec<isize>,
    offset: isize,
) -> impl Iterator<Item = usize> {
    let mut at = vec![0; dims.len()];
    let mut place = offset;
    (0..dims.iter().product()).map(move |_| {
        let here = place;
        for axis in (0..dims.len()).rev() {
            at[axis] += 1;
            place = place.wrapping_add(strides[axis]);
            if at[axis] < dims[axis] {
                break;
            }
            place = place.wrapping_sub(strides[axis].wrapping_mul(dims[axis] as isize));
            at[axis] = 0;
        }
        here as usize
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_walk_strides_backwards_and_in_place() {
        let walk = |dims: &[usize], strides: &[isize], offset| -> Vec<usize> {
            places(dims.to_vec(), strides.to_vec(), offset).collect()
        };
        assert_eq!(walk(&[2, 3], &[3, 1], 0), [0, 1, 2, 3, 4, 5]);
        assert_eq!(walk(&[3, 2], &[1, 3], 0), [0, 3, 1, 4, 2, 5]);
        assert_eq!(walk(&[3], &[-1], 2), [2, 1, 0]);
        assert_eq!(walk(&[2, 2], &[0, 1], 4), [4, 5, 4, 5]);
        assert_eq!(walk(&[], &[], 7), [7]);
        assert_eq!(walk(&[0, 3], &[3, 1], 0), [0; 0]);
    }

    #[test]
    fn stored_floats_are_little_endian() {
        let bytes: Vec<u8> = [1.0_f32, -2.5].iter().flat_map(|x| x.to_le_bytes()).collect();
        let array = Array { dims: vec![2], data: Data::Stored(bytes.into()) };
        assert_eq!(array.len(), 2);
        assert_eq!(array.picked(vec![1], [1].into_iter()).scalar(), Some(-2.5));
        assert_eq!(array.scalar(), None);
        assert_eq!(array.as_ints(), None);
    }
}
