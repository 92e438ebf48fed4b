//! Constants beside values: along which axes they have elements.

use crate::read::{
    array::Array,
    geometry::{broadcast, broadcast_strides},
};

/// The stride of each axis of the lab's (N, C, H, W) in a constant that broadcasts to a value with axes `dims`: 0
/// where it has one element for all. `None` where it would give the value other axes.
pub(super) fn along(array: &Array, dims: &[usize]) -> Option<[usize; 4]> {
    let places: &[usize] = match dims.len() {
        4 => &[0, 1, 2, 3],
        3 => &[0, 1, 3],
        2 => &[0, 1],
        _ => return None,
    };
    (broadcast(&[&array.dims, dims])? == dims).then_some(())?;
    let mut all = [0; 4];
    for (stride, place) in broadcast_strides(&array.dims, dims).into_iter().zip(places) {
        all[*place] = stride.unsigned_abs();
    }
    Some(all)
}

/// Whether a constant has a value for each channel of a value with axes `dims`, and no others.
pub(super) fn a_channel(array: &Array, dims: &[usize]) -> bool {
    matches!(along(array, dims), Some([0, c, 0, 0]) if c > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_axis_of_a_sequence_is_no_channel() {
        let four = Array::floats(vec![4], [0.0; 4]);
        assert_eq!(along(&four, &[1, 4, 4]), Some([0, 0, 0, 1]));
        assert!(a_channel(&four, &[1, 4]) && !a_channel(&four, &[1, 4, 4]));
        assert!(a_channel(&four.reshaped(vec![4, 1]), &[1, 4, 4]));
        assert_eq!(along(&four, &[1, 3]), None);
    }
}
