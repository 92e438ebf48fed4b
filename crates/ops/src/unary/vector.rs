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
}
