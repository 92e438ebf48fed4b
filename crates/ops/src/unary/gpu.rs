//! The unary functions on a GPU: one shader, the function an `override` constant.

use super::{Unary, UnaryFn};
use crate::gpu::{Binding, Constants, Dispatch, GpuKernel, Plan, Site, Suits, constants, nothing};

/// WGSL of all functions: `apply`, after [`choice`].
pub(crate) const FUNCTIONS: &str = include_str!("function.wgsl");

/// The constants by which [`FUNCTIONS`] know which one to apply.
pub(crate) fn choice(function: UnaryFn) -> Constants {
    let (function, factor) = code(function);
    constants! { FUNCTION: function, FACTOR: factor }
}

pub(super) const KERNELS: &[GpuKernel<Unary>] =
    &[GpuKernel { name: "unary", suits: |_, _| Suits::Well, plan, pack: nothing }];

fn plan(op: &Unary, site: &Site<'_>) -> Plan {
    let parts = [FUNCTIONS, include_str!("unary.wgsl")];
    let bindings = [Binding::Input(0), Binding::Output];
    Plan::one(Dispatch::element_wise(site, &parts, choice(op.0), &bindings))
}

/// The function's number in the shader, and the factor of a scaling.
fn code(function: UnaryFn) -> (usize, f32) {
    match function {
        UnaryFn::Relu => (0, 1.0),
        UnaryFn::Relu6 => (1, 1.0),
        UnaryFn::Sigmoid => (2, 1.0),
        UnaryFn::Tanh => (3, 1.0),
        UnaryFn::Silu => (4, 1.0),
        UnaryFn::HardSigmoid => (5, 1.0),
        UnaryFn::HardSwish => (6, 1.0),
        UnaryFn::OneMinus => (7, 1.0),
        UnaryFn::Scale(k) => (8, k),
    }
}
