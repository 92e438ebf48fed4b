//! Constants as the file has them: raw bytes, typed lists, or bytes in another file.

use super::{
    array::{Array, Data, Integer, countable, elements},
    file::Folder,
};
use crate::proto::{self, Tensor};
use bytes::Bytes;

/// The tensor's elements; `Err` says what is wrong with it.
pub(crate) fn array(tensor: &Tensor, folder: &mut Folder) -> Result<Array, String> {
    let axis = |&d: &i64| usize::try_from(d).map_err(|_| format!("has an axis of {d} elements"));
    let dims: Vec<usize> = tensor.dims.iter().map(axis).collect::<Result<_, _>>()?;
    let count = elements(&dims)
        .filter(|_| countable(&dims))
        .ok_or_else(|| format!("has too many elements in {} axes", dims.len()))?;
    let data = match tensor.data_type {
        proto::FLOAT if !tensor.float_data.is_empty() => {
            let bytes = tensor.float_data.iter().flat_map(|x| x.to_le_bytes());
            Data::Stored(bytes.collect::<Vec<u8>>().into())
        }
        proto::FLOAT => Data::Stored(raw(tensor, folder)?),
        proto::DOUBLE if !tensor.double_data.is_empty() => {
            Data::Floats(tensor.double_data.iter().map(|&x| x as f32).collect())
        }
        proto::DOUBLE => {
            let read = |b: [u8; 8]| f64::from_le_bytes(b) as f32;
            Data::Floats(each(&raw(tensor, folder)?, read).collect())
        }
        kind => {
            let integer =
                Integer::of(kind).ok_or_else(|| format!("has elements of {}", kind_name(kind)))?;
            let held = Array::typed(Vec::new(), ints(tensor, folder)?, integer);
            held.ok_or("has elements that their type does not hold")?.data
        }
    };
    let array = Array { dims, data };
    let whole = match &array.data {
        Data::Stored(bytes) => Some(bytes.len()) == count.checked_mul(4),
        _ => array.len() == count,
    };
    if whole {
        return Ok(array);
    }
    Err(format!("has {} elements where its axes {:?} make {count}", array.len(), array.dims))
}

/// The elements of a tensor of integers.
fn ints(tensor: &Tensor, folder: &mut Folder) -> Result<Vec<i64>, String> {
    Ok(match tensor.data_type {
        proto::INT64 if !tensor.int64_data.is_empty() => tensor.int64_data.clone(),
        _ if !tensor.int32_data.is_empty() => {
            tensor.int32_data.iter().map(|&x| i64::from(x)).collect()
        }
        proto::INT64 => each(&raw(tensor, folder)?, i64::from_le_bytes).collect(),
        proto::INT32 => each(&raw(tensor, folder)?, |b| i64::from(i32::from_le_bytes(b))).collect(),
        proto::INT8 => each(&raw(tensor, folder)?, |b| i64::from(i8::from_le_bytes(b))).collect(),
        _ => each(&raw(tensor, folder)?, |[b]: [u8; 1]| i64::from(b)).collect(),
    })
}

/// Its bytes, here or in another file.
fn raw(tensor: &Tensor, folder: &mut Folder) -> Result<Bytes, String> {
    if tensor.data_location == proto::EXTERNAL {
        folder.bytes(&tensor.external_data)
    } else {
        Ok(tensor.raw_data.clone())
    }
}

/// What `read` makes of each `N` bytes.
fn each<T, const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> impl Iterator<Item = T> {
    bytes.chunks_exact(N).map(move |chunk| {
        let mut all = [0; N];
        all.copy_from_slice(chunk);
        read(all)
    })
}

/// An element type in words.
pub(crate) fn kind_name(kind: i32) -> String {
    match kind {
        10 | 16 => "16-bit floats".to_owned(),
        2..=5 => "8-bit or 16-bit integers".to_owned(),
        6 => "32-bit integers".to_owned(),
        7 => "64-bit integers".to_owned(),
        8 => "text".to_owned(),
        9 => "truth values".to_owned(),
        14 | 15 => "complex numbers".to_owned(),
        17.. => "fewer than 16 bits".to_owned(),
        other => format!("type {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tensor: Tensor) -> Result<Array, String> {
        array(&tensor, &mut Folder::none())
    }

    fn of(dims: &[i64], data_type: i32) -> Tensor {
        Tensor { dims: dims.to_vec(), data_type, ..Tensor::default() }
    }

    #[test]
    fn raw_bytes_and_typed_lists_are_the_same() {
        let raw = [1.5_f32, -2.0].iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
        let raw = read(Tensor { raw_data: raw.into(), ..of(&[2], proto::FLOAT) }).unwrap();
        let typed = read(Tensor { float_data: vec![1.5, -2.0], ..of(&[2], proto::FLOAT) }).unwrap();
        assert_eq!(raw.as_floats().unwrap(), typed.as_floats().unwrap());
        let bytes = (-7_i64).to_le_bytes().to_vec();
        let raw = read(Tensor { raw_data: bytes.into(), ..of(&[], proto::INT64) }).unwrap();
        assert_eq!(raw.as_ints(), Some(&[-7][..]));
        let signed = read(Tensor { raw_data: vec![255].into(), ..of(&[1], proto::INT8) }).unwrap();
        assert_eq!(signed.as_ints(), Some(&[-1][..]));
    }

    #[test]
    fn axes_that_the_elements_do_not_fill_are_refused() {
        for dims in [&[3][..], &[-1], &[1 << 40, 1 << 40], &[i64::MAX, 0]] {
            let tensor = Tensor { float_data: vec![1.0, 2.0], ..of(dims, proto::FLOAT) };
            assert!(read(tensor).is_err(), "{dims:?}");
        }
        let error = read(of(&[1], 10)).unwrap_err();
        assert!(error.contains("16-bit floats"), "{error}");
    }
}
