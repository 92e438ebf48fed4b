//! Resizing: nearest, bilinear and bicubic, to any height and width.

mod definition;
mod gpu;
mod kernels;

pub use definition::{Coordinates, Interpolation, Resize, Rounding};

use crate::{
    Attrs, Exact, Operands, Operator, cpu,
    operator::{LARGEST, attrs, only},
};
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for Resize {
    fn kind(&self) -> &'static str {
        "resize"
    }

    fn class(&self) -> Class {
        match self.method {
            Interpolation::Nearest(_) => Class::Data,
            _ => Class::Other,
        }
    }

    fn attrs(&self) -> Attrs {
        let mut attrs = attrs! { "size": self.size, "coordinates": self.coordinates.name() };
        attrs.extend(match self.method {
            Interpolation::Nearest(rounding) => {
                attrs! { "method": "nearest", "rounding": rounding.name() }
            }
            Interpolation::Linear => attrs! { "method": "linear" },
            Interpolation::Cubic(coefficient) => {
                attrs! { "method": "cubic", "coefficient": coefficient }
            }
        });
        if let Some(scale) = self.scale {
            attrs.extend(attrs! { "scale": scale });
        }
        attrs
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        let (h, w) = self.size;
        for (out, len) in [(h, x.h), (w, x.w)] {
            if !(1..=LARGEST).contains(&out) || !(1..=LARGEST).contains(&len) {
                return Err(format!("resizes {len} pixels to {out}: both must be 1 to {LARGEST}"));
            }
        }
        if let Some((vertical, horizontal)) = self.scale {
            for (out, len, scale) in [(h, x.h, vertical), (w, x.w, horizontal)] {
                let scaled = (len as f64 * f64::from(scale)).floor();
                if !scale.is_finite() || scaled != out as f64 {
                    return Err(format!(
                        "resizes {len} pixels to {out}, but {scale} × {len} is {scaled}"
                    ));
                }
            }
        }
        if matches!(self.method, Interpolation::Cubic(a) if !a.is_finite()) {
            return Err("has a cubic without a finite coefficient".to_owned());
        }
        Ok(x.with_size(h, w))
    }

    /// A multiply-add for each pixel that an element is mixed from; none where it is a copy.
    fn flops(&self, inputs: &[Shape], output: Shape) -> u64 {
        match self.taps(inputs[0]) {
            1 => 0,
            taps => (output.elements() as u64).saturating_mul((2 * taps * taps) as u64),
        }
    }

    fn read_access(&self, inputs: &[Shape], _output: Shape) -> u64 {
        let x = inputs[0];
        let [rows, columns] = self.axes(x).map(|axis| axis.touched());
        (x.n * x.c * rows * columns) as u64
    }

    fn reference(&self, x: &Operands<'_>, [n, c, y, col]: [usize; 4]) -> Exact {
        let input = x.inputs[0];
        let taps = self.taps(input.shape());
        let [rows, columns] = self.axes(input.shape());
        let (rows, columns) = (rows.taps(y), columns.taps(col));
        if taps == 1 {
            return Exact::of(input.at([n, c, rows[0].at, columns[0].at]));
        }
        let pairs = rows[..taps].iter().flat_map(|r| columns[..taps].iter().map(move |c| (r, c)));
        Exact::sum(pairs.map(|(row, column)| {
            f64::from(row.share) * f64::from(column.share) * input.at([n, c, row.at, column.at])
        }))
    }

    fn cpu(&self, site: &cpu::Site<'_>) -> Vec<cpu::Candidate<'_>> {
        cpu::candidates(self, KERNELS, site)
    }

    fn gpu<'a>(&'a self, site: &'a crate::gpu::Site<'a>) -> Vec<crate::gpu::Candidate<'a>> {
        crate::gpu::candidates(self, gpu::KERNELS, site)
    }
}

#[cfg(test)]
mod tests;
