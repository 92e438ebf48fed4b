//! Resizing of a map, by `Resize`, by `Upsample` of old operator sets, and by what repeats a single row or column.

use super::norm::finite;
use crate::read::{
    call::Call,
    infer::{self, Resized},
    net::{FileNet, FileStep, Id, Kind},
};
use ops::{Coordinates, Interpolation, Op, Resize, Rounding};

pub(super) fn resize(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    matches!(call.kind, "Resize" | "Upsample").then_some(())?;
    let (source, resized) = (step.input(0)?, infer::resize(&call)?);
    let &[n, c, h, w] = net.dims(source)? else { return None };
    let &[_, _, out_h, out_w] = &resized.dims[..] else { return None };
    (resized.dims[..2] == [n, c] && plain(&call)).then_some(())?;
    let (method, coordinates) = spelled(&call, &resized)?;
    let scale = resized.scales.map(|scales| (scales[2], scales[3]));
    // What the sizes say need not be said again.
    let differs = |(vertical, horizontal): &(f32, f32)| {
        *vertical != out_h as f32 / h as f32 || *horizontal != out_w as f32 / w as f32
    };
    let scale = scale.filter(differs);
    let op = Resize { size: (out_h, out_w), scale, method, coordinates };
    let source = behind(net, source, op).unwrap_or(source);
    Some(vec![step.lab(op, &[source])])
}

/// What a map was repeated from before it is repeated again, by whole factors both times.
fn behind(net: &FileNet, id: Id, op: Resize) -> Option<Id> {
    let Kind::Lab(Op::Resize(first), _) = &net.sole_maker(id)?.kind else { return None };
    let source = net.maker(id)?.input(0)?;
    let whole = |op: Resize, from: Id| {
        let &[_, _, h, w] = net.dims(from)? else { return None };
        let whole = op.size.0.is_multiple_of(h) && op.size.1.is_multiple_of(w);
        (whole && op == Resize::nearest(op.size.0, op.size.1)).then_some(())
    };
    whole(*first, source).and(whole(op, id)).map(|()| source)
}

/// A row or a column, or a single pixel, that is repeated to a map.
pub(super) fn repeated(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    matches!(net.call(step)?.kind, "Tile" | "Expand").then_some(())?;
    let source = step.input(0)?;
    let (&[n, c, h, w], &[images, channels, out_h, out_w]) =
        (net.dims(source)?, net.dims(step.outputs[0])?)
    else {
        return None;
    };
    let fits = (images, channels) == (n, c) && [1, out_h].contains(&h) && [1, out_w].contains(&w);
    (fits && net.constant(source).is_none())
        .then(|| vec![step.lab(Resize::nearest(out_h, out_w), &[source])])
}

/// Whether the node has nothing that the lab lacks: antialiasing, weights that leave out what is outside, sizes
/// of its own choice.
fn plain(call: &Call<'_>) -> bool {
    call.int("antialias", 0) == 0
        && call.int("exclude_outside", 0) == 0
        && matches!(call.text("keep_aspect_ratio_policy"), "" | "stretch")
}

/// Whether the lengths are what the scales say, without a rest.
fn exact(call: &Call<'_>, resized: &Resized) -> bool {
    let Some(scales) = &resized.scales else { return true };
    let mut axes = call.dims(0).unwrap_or(&[]).iter().zip(scales).zip(&resized.dims);
    axes.all(|((&from, &scale), &to)| from as f32 * scale == to as f32)
}

/// What an output pixel is made of, and where it lies.
fn spelled(call: &Call<'_>, resized: &Resized) -> Option<(Interpolation, Coordinates)> {
    // Before operator set 11, there were no words for either.
    let old = call.kind == "Upsample" || call.opset < 11;
    let any = |is: fn(f32) -> bool| resized.scales.iter().flatten().any(|&scale| is(scale));
    let (shrinks, grows) = (any(|scale| scale < 1.0), any(|scale| scale > 1.0));
    let message = call.text("coordinate_transformation_mode");
    let coordinates = match message {
        _ if old => Coordinates::Asymmetric,
        "" | "half_pixel" | "tf_half_pixel_for_nn" => Coordinates::HalfPixel,
        "pytorch_half_pixel" => Coordinates::PytorchHalfPixel,
        "align_corners" => Coordinates::AlignCorners,
        "asymmetric" => Coordinates::Asymmetric,
        // With nothing cut off, there is nothing to centre.
        "half_pixel_symmetric" if exact(call, resized) => Coordinates::HalfPixel,
        _ => return None,
    };
    // (i + ½)/s rounded down is (i + ½)/s − ½ rounded, of which no other mode has a half.
    let centred = message == "tf_half_pixel_for_nn";
    let rounding = match call.text("nearest_mode") {
        // Each axis was rounded by its own scale.
        _ if old && shrinks && grows && call.text("mode") != "linear" => return None,
        _ if old && shrinks => Rounding::Ceil,
        _ if old => Rounding::Floor,
        "floor" if centred => Rounding::HalfUp,
        _ if centred => return None,
        "" | "round_prefer_floor" => Rounding::HalfDown,
        "round_prefer_ceil" => Rounding::HalfUp,
        "floor" => Rounding::Floor,
        "ceil" => Rounding::Ceil,
        _ => return None,
    };
    let method = match call.text("mode") {
        "" | "nearest" => Interpolation::Nearest(rounding),
        _ if centred => return None,
        "linear" | "bilinear" => Interpolation::Linear,
        "cubic" => Interpolation::Cubic(finite(call.float("cubic_coeff_a", -0.75))?),
        _ => return None,
    };
    Some((method, coordinates))
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op};
    use ops::{Coordinates, Interpolation, Resize, Rounding};

    /// A map of 4 × 6 resized by these scales, with attributes of text.
    fn scaled(scales: &[f32], words: &[(&str, &'static str)]) -> Sketch {
        let mut s = Sketch::new(&[1, 2, 4, 6]);
        let roi = s.floats("roi", &[0], &[]);
        let scales = s.floats("scales", &[4], scales);
        s.worded("Resize", &["input", &roi, &scales], words);
        s
    }

    fn read(scales: &[f32], words: &[(&str, &'static str)]) -> Resize {
        match op(&scaled(scales, words).net("0"), 0) {
            ops::Op::Resize(resize) => *resize,
            other => panic!("it is {other:?}"),
        }
    }

    const TWICE: [f32; 4] = [1.0, 1.0, 2.0, 2.0];

    #[test]
    fn pytorch_writes_three_modes() {
        let torch = |coordinates, mode| {
            let words = [
                ("coordinate_transformation_mode", coordinates),
                ("mode", mode),
                ("nearest_mode", "floor"),
            ];
            read(&TWICE, &words)
        };
        assert_eq!(torch("asymmetric", "nearest"), Resize::nearest(8, 12));
        assert_eq!(torch("half_pixel", "linear"), Resize::bilinear(8, 12));
        assert_eq!(torch("align_corners", "linear"), Resize::bilinear(8, 12).align_corners());
        assert_eq!(torch("half_pixel", "cubic"), Resize::bicubic(8, 12));
    }

    #[test]
    fn words_left_out_have_their_defaults() {
        let resize = read(&TWICE, &[]);
        assert_eq!(resize.method, Interpolation::Nearest(Rounding::HalfDown));
        assert_eq!(resize.coordinates, Coordinates::HalfPixel);
        let tensorflow =
            [("coordinate_transformation_mode", "tf_half_pixel_for_nn"), ("nearest_mode", "floor")];
        let resize = read(&TWICE, &tensorflow);
        assert_eq!(resize.method, Interpolation::Nearest(Rounding::HalfUp));
    }

    #[test]
    fn a_scale_that_the_sizes_do_not_say_is_kept() {
        let resize = read(&[1.0, 1.0, 1.6, 0.5], &[]);
        assert_eq!((resize.size, resize.scale), ((6, 3), Some((1.6, 0.5))));
    }

    #[test]
    fn sizes_may_be_said_and_old_sets_say_less() {
        let mut s = Sketch::new(&[1, 2, 4, 6]);
        let sizes = s.ints("sizes", &[1, 2, 5, 7]);
        let x = s.worded("Resize", &["input", "", "", &sizes], &[("mode", "linear")]);
        assert_eq!(op(&s.net(&x), 0), &Resize::bilinear(5, 7).into());
        let mut s = Sketch::new(&[1, 2, 4, 6]);
        let scales = s.floats("scales", &[4], &TWICE);
        let x = s.worded("Upsample", &["input", &scales], &[("mode", "nearest")]);
        assert_eq!(op(&s.net(&x), 0), &Resize::nearest(8, 12).into());
    }

    #[test]
    fn what_the_lab_lacks_is_left() {
        let cropped = [("coordinate_transformation_mode", "tf_crop_and_resize")];
        assert_eq!(kinds(&scaled(&TWICE, &cropped).net("0")), ["Resize"]);
        let channels = [1.0, 2.0, 2.0, 2.0];
        assert_eq!(kinds(&scaled(&channels, &[]).net("0")), ["Resize"]);
        let mut s = Sketch::new(&[1, 2, 4, 6]);
        let sizes = s.ints("sizes", &[1, 2, 2, 3]);
        let x = s.with("Resize", &["input", "", "", &sizes], &[("antialias", &[1])]);
        assert_eq!(kinds(&s.net(&x)), ["Resize"]);
    }

    /// ONNX Runtime rounds each axis by its own scale there.
    #[test]
    fn nearest_of_old_files_goes_one_way_on_both_axes() {
        let read = |scales: &[f32; 4]| {
            let mut s = Sketch::new(&[1, 2, 4, 6]);
            let scales = s.floats("scales", &[4], scales);
            let x = s.worded("Upsample", &["input", &scales], &[("mode", "nearest")]);
            kinds(&s.net(&x)).remove(0).to_owned()
        };
        assert_eq!(read(&[1.0, 1.0, 2.0, 2.0]), "resize");
        assert_eq!(read(&[1.0, 1.0, 0.5, 1.0]), "resize");
        assert_eq!(read(&[1.0, 1.0, 2.0, 0.5]), "Upsample");
    }
}
