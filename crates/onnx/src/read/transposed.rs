//! How the kernel of a transposed convolution is placed.

use super::{call::Call, geometry::lengths};
use ops::{ConvTranspose2d, Sides};

/// Height and width of a map, or of a kernel; a sequence has one row.
pub(crate) fn size(dims: &[usize]) -> Option<[usize; 2]> {
    match *dims {
        [_, _, h, w] => Some([h, w]),
        [_, _, len] => Some([1, len]),
        _ => None,
    }
}

/// The geometry of a `ConvTranspose` of maps: kernel, stride, padding, output padding and dilation; channels, groups
/// and bias are not looked at.
pub(crate) fn transposed(call: &Call<'_>) -> Option<ConvTranspose2d> {
    let ([h, w], [kh, kw]) = (size(call.dims(0)?)?, size(call.dims(1)?)?);
    (call.dims(0)?.len() == call.dims(1)?.len()).then_some(())?;
    let pair = |name: &str, default: usize| match lengths(call.ints(name))?[..] {
        [] => Some([default; 2]),
        [horizontal] => Some([default, horizontal]),
        [vertical, horizontal] => Some([vertical, horizontal]),
        _ => None,
    };
    let (stride, dilation) = (pair("strides", 1)?, pair("dilations", 1)?);
    let more = pair("output_padding", 0)?;
    let mut sides = match lengths(call.ints("pads"))?[..] {
        [] => [(0, 0); 2],
        [left, right] => [(0, 0), (left, right)],
        [top, left, bottom, right] => [(top, bottom), (left, right)],
        _ => return None,
    };
    let mut output_padding = more;
    let auto = call.text("auto_pad");
    let same = match auto {
        "" | "NOTSET" => false,
        "VALID" => {
            sides = [(0, 0); 2];
            false
        }
        "SAME_UPPER" | "SAME_LOWER" => true,
        _ => return None,
    };
    let mut message = lengths(call.ints("output_shape"))?;
    if call.dims(0)?.len() == 3 && !message.is_empty() {
        message.insert(message.len() - 1, 1);
    }
    if same || !message.is_empty() {
        let message = message.get(message.len().saturating_sub(2)..)?;
        for (a, (len, kernel)) in [(h, kh), (w, kw)].into_iter().enumerate() {
            let wanted = if let Some(&wanted) = message.get(a) {
                wanted
            } else {
                len.checked_mul(stride[a])?
            };
            let span = dilation[a].checked_mul(kernel.checked_sub(1)?)?.checked_add(1)?;
            let whole = stride[a].checked_mul(len.checked_sub(1)?)?.checked_add(span)?;
            // What is too much is cut off; what is missing stands behind.
            let much = (whole.checked_add(more[a])?).saturating_sub(wanted);
            output_padding[a] = wanted.saturating_sub(whole).max(more[a]);
            let (less, rest) = (much / 2, much - much / 2);
            sides[a] = if auto == "SAME_UPPER" { (less, rest) } else { (rest, less) };
        }
    }
    Some(ConvTranspose2d {
        kernel: (kh, kw),
        stride: (stride[0], stride[1]),
        padding: Sides { vertical: sides[0], horizontal: sides[1] },
        output_padding: (output_padding[0], output_padding[1]),
        dilation: (dilation[0], dilation[1]),
        ..ConvTranspose2d::new(0, 0)
    })
}
