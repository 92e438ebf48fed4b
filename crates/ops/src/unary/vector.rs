//! The functions, lane by lane. Where one of two is a bound, the other stands second in `max` and `min`: what is
//! no number then stays none.

use crate::{
    cpu::Function,
    simd::{Lanes, math},
};

/// `Name[parameters](x) => value`: a function of lanes `x`, each parameter in all lanes.
macro_rules! functions {
    ($($name:ident $([$($k:ident),+])? ($x:ident) => $value:expr;)*) => {$(
        #[derive(Clone, Copy)]
        pub(super) struct $name $(($(pub functions!(number $k)),+))?;

        impl Function for $name {
            #[inline(always)]
            fn of<L: Lanes>(self, $x: L) -> L {
                $(
                    let Self($($k),+) = self;
                    $(let $k = L::splat($k);)+
                )?
                $value
            }
        }
    )*};
    (number $k:ident) => { f32 };
}

functions! {
    Relu(x) => L::splat(0.0).max(x);
    Relu6(x) => L::splat(6.0).min(Relu.of(x));
    Sigmoid(x) => math::sigmoid(x);
    Tanh(x) => math::tanh(x);
    Silu(x) => math::silu(x);
    HardSigmoid(x) => Relu6.of(x.add(L::splat(3.0))).mul(L::splat(1.0 / 6.0));
    HardSwish(x) => x.mul(HardSigmoid.of(x));
    OneMinus(x) => L::splat(1.0).sub(x);
    Scale[k](x) => x.mul(k);
    Offset[k](x) => x.add(k);
    Clip[low, high](x) => high.min(low.max(x));
    LeakyRelu[a](x) => Relu.of(x).fma(a, L::splat(0.0).min(x));
    Gelu(x) => math::gelu(x);
    GeluTanh(x) => math::gelu_tanh(x);
    QuickGelu(x) => math::quick_gelu(x);
    ExponentialLinear[positive, negative, inner](x) => {
        let power = math::exp(inner.mul(L::splat(0.0).min(x)));
        positive.mul(Relu.of(x)).fma(negative, power.sub(L::splat(1.0)))
    };
    Softplus(x) => math::softplus(x);
    Mish(x) => math::mish(x);
    Absolute(x) => math::absolute(x);
    Exponential(x) => math::exp(x);
    Root(x) => x.sqrt();
    Square(x) => x.mul(x);
    Reciprocal(x) => L::splat(1.0).div(x);
    KMinus[k](x) => k.sub(x);
    KOver[k](x) => k.div(x);
    Logarithm(x) => math::ln(x);
    ErrorFunction(x) => math::erf(x);
    Softsign(x) => x.div(L::splat(1.0).add(math::absolute(x)));
    Swish[beta](x) => math::swish(x, beta);
    Ramp[a, b](x) => L::splat(1.0).min(L::splat(0.0).max(b.fma(a, x)));
    ThresholdedRelu[a](x) => x.mul(above(x.sub(a)));
    Sign(x) => above(x).sub(above(L::splat(0.0).sub(x)));
    Floor(x) => x.round().sub(above(x.round().sub(x)));
    Ceil(x) => x.round().add(above(x.sub(x.round())));
    Round(x) => x.round();
}

/// 1 where x is above 0, else 0.
#[inline(always)]
fn above<L: Lanes>(x: L) -> L {
    // Twice that makes any normal number above 0 one of at least 1.
    const LARGE: f32 = 1e30;
    let large = L::splat(LARGE).mul(L::splat(LARGE).mul(x));
    L::splat(1.0).min(L::splat(0.0).max(large))
}

/// A power; with its exponent in halves, where it is computed by products.
#[derive(Clone, Copy)]
pub(super) struct Power {
    pub exponent: f32,
    pub halves: Option<(u32, bool)>,
}

impl Function for Power {
    #[inline(always)]
    fn of<L: Lanes>(self, x: L) -> L {
        let Some((mut whole, half)) = self.halves else {
            return math::exp(L::splat(self.exponent).mul(math::ln(x)));
        };
        let mut product = if half { x.sqrt() } else { L::splat(1.0) };
        let mut square = x;
        while whole > 0 {
            if whole % 2 == 1 {
                product = product.mul(square);
            }
            square = square.mul(square);
            whole /= 2;
        }
        if self.exponent < 0.0 { L::splat(1.0).div(product) } else { product }
    }
}
