//! Local response normalisation across channels (Krizhevsky et al. 2012, section 3.3), scaled as
//! PyTorch and Caffe do: y = x / (k + α/size · Σ x²)^β over `size` neighbouring channels.

mod definition;
mod gpu;
mod kernels;

use crate::{
    Attrs, Exact, Operands, Operator, cpu,
    operator::{LARGEST, attrs, only},
};
pub use definition::LocalResponseNorm;
use kernels::KERNELS;
use profile::{Class, Shape};

impl Operator for LocalResponseNorm {
    fn kind(&self) -> &'static str {
        "local_response_norm"
    }

    fn class(&self) -> Class {
        Class::Other
    }

    fn attrs(&self) -> Attrs {
        attrs! { "size": self.size, "alpha": self.alpha, "beta": self.beta, "k": self.k }
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        if self.size == 0 || self.size > LARGEST {
            return Err(format!("has a window of {} channels: takes 1 to {LARGEST}", self.size));
        }
        only(inputs)
    }

    /// `size` multiplies and adds for the sum of squares, then a power and a division.
    fn flops(&self, _inputs: &[Shape], output: Shape) -> u64 {
        (output.elements() as u64).saturating_mul((2 * self.size + 2) as u64)
    }

    fn reference(&self, x: &Operands<'_>, at @ [n, c, h, w]: [usize; 4]) -> Exact {
        let input = x.inputs[0];
        let squares: f64 =
            self.window(c, input.shape().c).map(|i| input.at([n, i, h, w]).powi(2)).sum();
        let [alpha, beta, k] = [self.alpha, self.beta, self.k].map(f64::from);
        Exact::of(input.at(at) / (k + alpha / self.size as f64 * squares).powf(beta))
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
