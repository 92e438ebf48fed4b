//! Operators that are computed element by element.

/// Operators that treat each element of their first input alone.
pub(super) const POINTWISE: &[&str] = &[
    "Abs",
    "Cast",
    "Ceil",
    "Celu",
    "Clip",
    "Dropout",
    "Elu",
    "Erf",
    "Exp",
    "Floor",
    "Gelu",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "LeakyRelu",
    "Log",
    "Mish",
    "Neg",
    "Reciprocal",
    "Relu",
    "Round",
    "Selu",
    "Sigmoid",
    "Sign",
    "Softplus",
    "Softsign",
    "Sqrt",
    "Swish",
    "Tanh",
    "ThresholdedRelu",
];

/// Operators whose inputs broadcast.
pub(super) const ELEMENT_WISE: &[&str] =
    &["Add", "Div", "Max", "Min", "Mul", "PRelu", "Pow", "Sub"];
