//! A depthwise convolution and the pointwise one behind it in one dispatch: where the product of the second would read
//! the map between them, it computes it. That map is never written.
//!
//! What a lane fetches for a quad of a slice stands in the shader without loops: a quad of the map and one of the weights
//! for each tap. They are held from one barrier to the next, and some compilers would keep arrays of them in memory.

use super::{super::Conv2d, tile::bias};
use crate::{
    Epilogue, Tensor,
    gpu::{Constants, Layout, constants, quads},
};
use profile::Shape;

/// Two convolutions, one behind the other.
pub(crate) struct Pair {
    /// The first.
    pub depthwise: Conv2d,
    /// Between these the first's outputs are kept.
    bounds: (f32, f32),
    /// The second.
    pub pointwise: Conv2d,
}

impl Pair {
    /// `first`, which reads a map of shape `x` and ends so, and `second` behind it, if one dispatch may do both.
    pub fn new(first: &Conv2d, x: Shape, end: Epilogue, second: &Conv2d) -> Option<Self> {
        let fits = first.is_depthwise(x) && end.only_clamps();
        let bounds = end.function.and_then(|function| function.bounds());
        (fits && second.is_pointwise() && second.groups == 1).then(|| Self {
            depthwise: *first,
            bounds: bounds.unwrap_or((f32::MIN, f32::MAX)),
            pointwise: *second,
        })
    }

    /// Quads of the packed weights of the first.
    pub fn weights(&self) -> usize {
        (1 + self.depthwise.taps()) * quads(self.depthwise.out)
    }

    /// Quads that a lane fetches for so many pixels of a quad, which have the same weights, of a map that lies so.
    pub fn fetches(&self, pixels: usize, map: Layout) -> usize {
        let parts = 1 + usize::from(map.straddles());
        1 + self.depthwise.taps() * (1 + parts * pixels)
    }

    /// The weights of both, apart; they come as those of the second, then those of the first.
    pub fn split<'w>(&self, weights: &'w [Tensor]) -> (&'w [Tensor], &'w [Tensor]) {
        weights.split_at(1 + usize::from(self.pointwise.bias))
    }

    /// Weights of the first: the bias, then by tap and channel.
    pub fn pack(&self, weights: &[Tensor]) -> Vec<f32> {
        let (taps, padded) = (self.depthwise.taps(), 4 * quads(self.depthwise.out));
        let mut packed = bias(weights, padded / 4);
        packed.resize(4 * self.weights(), 0.0);
        for (c, kernel) in weights[0].data().chunks_exact(taps).enumerate() {
            for (tap, w) in kernel.iter().enumerate() {
                packed[(1 + tap) * padded + c] = *w;
            }
        }
        packed
    }

    /// What the shader knows of it beside its geometry.
    pub fn constants(&self) -> Constants {
        // No constant of a shader is infinite.
        let [low, high] = [self.bounds.0, self.bounds.1].map(|x| x.clamp(f32::MIN, f32::MAX));
        constants! { LOW: low, HIGH: high }
    }

    /// The shader's `Fetched`, `fetch` and `settled`: weight w and quad v of each tap.
    pub fn fetching(&self) -> String {
        let (height, width) = self.depthwise.kernel;
        let taps = || (0..height).flat_map(|y| (0..width).map(move |x| (y, x)));
        let each = |line: &dyn Fn(usize, usize) -> String| -> String {
            taps().map(|(y, x)| line(y, x)).collect()
        };
        let held = each(&|y, x| format!("    w{y}_{x}: vec4f,\n    v{y}_{x}: vec4f,\n"));
        let fetched = each(&|y, x| {
            let tap = 1 + y * width + x;
            format!(", weight({tap}u, quad), pixel(o, {y}u, {x}u, quad)")
        });
        let summed =
            each(&|y, x| format!("    sum = added(sum, f.w{y}_{x}, f.v{y}_{x}, o, {y}u, {x}u);\n"));
        format!(
            "struct Fetched {{\n    bias: vec4f,\n{held}}}\n\
             fn fetch(o: Origin, p: Place, owner: u32) -> Fetched {{\n    \
             let quad = walked(p);\n    \
             return Fetched(weight(0u, quad){fetched});\n}}\n\
             fn settled(f: Fetched, o: Origin) -> vec4f {{\n    \
             var sum = f.bias;\n{summed}    return clamped(sum);\n}}\n"
        )
    }
}
