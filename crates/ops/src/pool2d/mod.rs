//! Max and average pooling over windows, over whole maps, and over a fixed number of parts.

mod definition;
mod gpu;
mod kernels;

use crate::{
    Attrs, Exact, Operands, Operator, cpu,
    operator::{LARGEST, attrs, only},
};
pub(crate) use definition::Span;
pub use definition::{Pool2d, PoolFn};
use definition::{part, pooled};
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for Pool2d {
    fn kind(&self) -> &'static str {
        match (self.function, self.kernel, self.parts) {
            (PoolFn::Max, Some(_), _) => "max_pool2d",
            (PoolFn::Max, None, _) => "global_max_pool2d",
            (PoolFn::Average { .. }, Some(_), _) => "avg_pool2d",
            (PoolFn::Average { .. }, None, (1, 1)) => "global_avg_pool2d",
            (PoolFn::Average { .. }, None, _) => "adaptive_avg_pool2d",
        }
    }

    fn class(&self) -> Class {
        Class::Other
    }

    fn attrs(&self) -> Attrs {
        let Some(kernel) = self.kernel else {
            return match self.parts {
                (1, 1) => Attrs::new(),
                parts => attrs! { "parts": parts },
            };
        };
        let mut attrs = attrs! {
            "kernel": kernel,
            "stride": self.stride,
            "padding": self.padding.attr(),
            "ceil_mode": self.ceil,
        };
        if self.dilation != (1, 1) {
            attrs.extend(attrs! { "dilation": self.dilation });
        }
        if let PoolFn::Average { count_padding } = self.function {
            attrs.insert("count_include_pad".to_owned(), count_padding.into());
        }
        attrs
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let x = only(inputs)?;
        let Some((kh, kw)) = self.kernel else {
            if x.area() == 0 || self.parts.0 == 0 || self.parts.1 == 0 {
                return Err("takes a map of at least 1 pixel, and at least 1 part".to_owned());
            }
            if self.parts.0.max(self.parts.1) > LARGEST {
                return Err(format!("cuts maps into {:?} parts: at most {LARGEST}", self.parts));
            }
            if self.function == PoolFn::Max && self.parts != (1, 1) {
                return Err("cuts maps into parts only to average them".to_owned());
            }
            return Ok(x.with_size(self.parts.0, self.parts.1));
        };
        if self.function != PoolFn::Max && self.dilation != (1, 1) {
            return Err("takes dilated windows only for their largest".to_owned());
        }
        let h = pooled(self, x.h, self.vertical(kh))?;
        let w = pooled(self, x.w, self.horizontal(kw))?;
        Ok(x.with_size(h, w))
    }

    /// One operation for every place under every window, padding among them, as the oracles count.
    fn flops(&self, inputs: &[Shape], output: Shape) -> u64 {
        let x = inputs[0];
        let (rows, columns) = match self.kernel {
            Some((h, w)) => (output.h * h, output.w * w),
            None => (
                (0..output.h).map(|i| part(i, output.h, x.h).len()).sum(),
                (0..output.w).map(|i| part(i, output.w, x.w).len()).sum(),
            ),
        };
        let maps = (output.n * output.c) as u64;
        maps.saturating_mul(rows as u64).saturating_mul(columns as u64)
    }

    fn reference(&self, x: &Operands<'_>, [n, c, y, col]: [usize; 4]) -> Exact {
        let input = x.inputs[0];
        let (rows, columns) = (self.rows(input.shape(), y), self.columns(input.shape(), col));
        let places = rows.pixels().flat_map(|h| columns.pixels().map(move |w| [n, c, h, w]));
        let elements = places.map(|at| input.at(at));
        match self.function {
            PoolFn::Max => Exact::of(elements.fold(f64::NEG_INFINITY, f64::max)),
            PoolFn::Average { .. } => {
                let sum = Exact::sum(elements);
                let divisor = self.divisor(&rows, &columns) as f64;
                Exact { value: sum.value / divisor, magnitude: sum.magnitude / divisor, ..sum }
            }
        }
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
