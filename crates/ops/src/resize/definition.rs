//! How a map is resized: which input pixels an output pixel is mixed from, and with which shares.
//!
//! Both axes are treated alike and alone. Places and shares are computed in 32 bits, as other engines do:
//! which pixel is the nearest may hang on a rounding.

use crate::pick::{Pick, distinct};
use profile::Shape;

/// A map resized to another height and width; beyond its edges the pixels at the edge go on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resize {
    /// Height and width that come of it.
    pub size: (usize, usize),
    /// Output pixels an input pixel, vertically and horizontally, where that isn't what the sizes say.
    pub scale: Option<(f32, f32)>,
    /// What an output pixel is made of.
    pub method: Interpolation,
    /// Where an output pixel lies in the input.
    pub coordinates: Coordinates,
}

/// What an output pixel is made of, along each axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Interpolation {
    /// One input pixel.
    Nearest(Rounding),
    /// Two, by distance.
    Linear,
    /// Four, by Keys' cubic with this coefficient (−0.75 in PyTorch, −0.5 in others).
    Cubic(f32),
}

/// Which pixel is the nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// The one before, or at, the place.
    Floor,
    /// The one behind, or at, the place.
    Ceil,
    /// The nearest; of two, the one before.
    HalfDown,
    /// The nearest; of two, the one behind.
    HalfUp,
}

/// Where output pixel i lies in the input, at scale s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coordinates {
    /// (i + ½)/s − ½: centres of areas meet.
    HalfPixel,
    /// The same, but an output of one pixel is the first of the input.
    PytorchHalfPixel,
    /// The first and the last pixels meet.
    AlignCorners,
    /// i/s.
    Asymmetric,
}

/// An input pixel along one axis, and its share in an output pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tap {
    /// Its place.
    pub at: usize,
    /// Its share.
    pub share: f32,
}

/// Taps that an output pixel has at most, along one axis.
pub(super) const MOST_TAPS: usize = 4;

impl Resize {
    /// To `h` × `w`, each pixel the one before, or at, its place: PyTorch's `nearest`.
    pub const fn nearest(h: usize, w: usize) -> Self {
        Self {
            size: (h, w),
            scale: None,
            method: Interpolation::Nearest(Rounding::Floor),
            coordinates: Coordinates::Asymmetric,
        }
    }

    /// To `h` × `w`, each pixel mixed from its four neighbours by distance: PyTorch's `bilinear`.
    pub const fn bilinear(h: usize, w: usize) -> Self {
        let (method, coordinates) = (Interpolation::Linear, Coordinates::HalfPixel);
        Self { method, coordinates, ..Self::nearest(h, w) }
    }

    /// To `h` × `w`, each pixel mixed from sixteen: PyTorch's `bicubic`.
    pub const fn bicubic(h: usize, w: usize) -> Self {
        Self { method: Interpolation::Cubic(-0.75), ..Self::bilinear(h, w) }
    }

    /// With the corners of both maps aligned.
    pub const fn align_corners(self) -> Self {
        Self { coordinates: Coordinates::AlignCorners, ..self }
    }

    /// Taps along each axis; a map of one pixel has only that.
    pub(crate) fn taps(&self, x: Shape) -> usize {
        match self.method {
            _ if x.area() == 1 => 1,
            Interpolation::Nearest(_) => 1,
            Interpolation::Linear => 2,
            Interpolation::Cubic(_) => MOST_TAPS,
        }
    }

    /// The vertical and the horizontal axis over an input of shape `x`.
    pub(crate) fn axes(&self, x: Shape) -> [Axis; 2] {
        let exact = |out: usize, len: usize| out as f32 / len as f32;
        let (h, w) = self.size;
        let scale = self.scale.unwrap_or_else(|| (exact(h, x.h), exact(w, x.w)));
        let axis = |len, out, scale| Axis { of: *self, len, out, scale };
        [axis(x.h, h, scale.0), axis(x.w, w, scale.1)]
    }

    /// It as pixels that are picked, where each is one input pixel.
    pub(crate) fn pick(&self, x: Shape) -> Pick {
        let [rows, columns] =
            self.axes(x).map(|axis| (0..axis.out).map(|i| Some(axis.taps(i)[0].at)).collect());
        Pick { rows, columns, fill: 0.0 }
    }
}

/// One axis of a resizing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    of: Resize,
    /// Pixels of the input.
    pub len: usize,
    /// Pixels of the output.
    pub out: usize,
    scale: f32,
}

impl Axis {
    /// Where output pixel `i` lies in the input.
    fn place(&self, i: usize) -> f32 {
        let i = i as f32;
        match self.of.coordinates {
            Coordinates::PytorchHalfPixel | Coordinates::AlignCorners if self.out == 1 => 0.0,
            Coordinates::HalfPixel | Coordinates::PytorchHalfPixel => (i + 0.5) / self.scale - 0.5,
            Coordinates::AlignCorners => i * (self.len - 1) as f32 / (self.out - 1) as f32,
            Coordinates::Asymmetric => i / self.scale,
        }
    }

    /// The taps of output pixel `i`; those that its method does not have share nothing.
    pub fn taps(&self, i: usize) -> [Tap; MOST_TAPS] {
        let place = self.place(i);
        let (before, part) = (place.floor(), place - place.floor());
        let (first, shares) = match self.of.method {
            Interpolation::Nearest(rounding) => (rounding.of(place), [1.0, 0.0, 0.0, 0.0]),
            Interpolation::Linear => (before, [1.0 - part, part, 0.0, 0.0]),
            Interpolation::Cubic(a) => (before - 1.0, cubic(part, a)),
        };
        let last = self.len - 1;
        // What lies before the map goes to its first pixel by the cast.
        std::array::from_fn(|k| Tap {
            at: ((first + k as f32) as usize).min(last),
            share: shares[k],
        })
    }

    /// How many pixels of the input have a share in any of the output.
    pub fn touched(&self) -> usize {
        let shared = |tap: &Tap| tap.share != 0.0;
        let taps = (0..self.out).flat_map(|i| self.taps(i)).filter(shared);
        distinct(taps.map(|tap| tap.at))
    }
}

impl Coordinates {
    /// ONNX's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HalfPixel => "half_pixel",
            Self::PytorchHalfPixel => "pytorch_half_pixel",
            Self::AlignCorners => "align_corners",
            Self::Asymmetric => "asymmetric",
        }
    }
}

impl Rounding {
    /// ONNX's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Ceil => "ceil",
            Self::HalfDown => "round_prefer_floor",
            Self::HalfUp => "round_prefer_ceil",
        }
    }

    fn of(self, place: f32) -> f32 {
        match self {
            Self::Floor => place.floor(),
            Self::Ceil => place.ceil(),
            Self::HalfDown => (place - 0.5).ceil(),
            Self::HalfUp => (place + 0.5).floor(),
        }
    }
}

/// Shares of four neighbours in what lies `t` behind the second (Keys 1981, doi 10.1109/TASSP.1981.1163711).
fn cubic(t: f32, a: f32) -> [f32; 4] {
    let near = |t: f32| ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0;
    let far = |t: f32| ((a * t - 5.0 * a) * t + 8.0 * a) * t - 4.0 * a;
    [far(1.0 + t), near(t), near(1.0 - t), far(2.0 - t)]
}
