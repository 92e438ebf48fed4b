use super::{Unary, UnaryFn};
use crate::{
    Tensor,
    cpu::testing::{check_on, random},
};

/// Every function there is.
const ALL: [UnaryFn; 9] = [
    UnaryFn::Relu,
    UnaryFn::Relu6,
    UnaryFn::Sigmoid,
    UnaryFn::Tanh,
    UnaryFn::Silu,
    UnaryFn::HardSigmoid,
    UnaryFn::HardSwish,
    UnaryFn::OneMinus,
    UnaryFn::Scale(0.17),
];

#[test]
fn every_function_is_right_on_random_shapes() {
    random(8, |dice| {
        let x = crate::input_tensor(7, dice.shape());
        // Past ±6, where the hard functions bend.
        let wide = Tensor::from_nhwc(x.shape(), x.data().iter().map(|v| v * 12.0).collect());
        ALL.into_iter().for_each(|f| check_on(Unary(f), &[&wide]));
    });
}
