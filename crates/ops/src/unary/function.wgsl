// The functions of one number: `apply` is the one that FUNCTION names.

override FUNCTION: u32;
override FACTOR: f32;

fn sigmoid(x: vec4f) -> vec4f {
    return 1.0 / (1.0 + exp(-x));
}

// e^2x overflows from x = 45 on, where tanh is 1 long since.
fn hyperbolic_tangent(x: vec4f) -> vec4f {
    return 1.0 - 2.0 / (1.0 + exp(2.0 * min(x, vec4f(40.0))));
}

fn hard_sigmoid(x: vec4f) -> vec4f {
    return clamp(x + 3.0, vec4f(0.0), vec4f(6.0)) / 6.0;
}

fn apply(x: vec4f) -> vec4f {
    switch FUNCTION {
        case 0u: { return max(x, vec4f(0.0)); }
        case 1u: { return clamp(x, vec4f(0.0), vec4f(6.0)); }
        case 2u: { return sigmoid(x); }
        case 3u: { return hyperbolic_tangent(x); }
        case 4u: { return x * sigmoid(x); }
        case 5u: { return hard_sigmoid(x); }
        case 6u: { return x * hard_sigmoid(x); }
        case 7u: { return 1.0 - x; }
        default: { return x * FACTOR; }
    }
}
