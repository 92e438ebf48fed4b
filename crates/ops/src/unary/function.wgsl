// The functions of one number: `apply` is the one that FUNCTION names.

override FUNCTION: u32;
// Parameters of functions that have some.
override FACTOR: f32;
override SECOND: f32;
override THIRD: f32;

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

// A polynomial of x² over another one: within a few ulp, where x is clamped to where erf is not yet 1.
fn error_function(at: vec4f) -> vec4f {
    let x = clamp(at, vec4f(-4.0), vec4f(4.0));
    let t = x * x;
    var p = vec4f(1.986748958e-6);
    p = p * t + 2.845662469e-4;
    p = p * t + 3.883426215e-3;
    p = p * t + 5.310200681e-2;
    p = p * t + 1.935471966e-1;
    p = p * t + 1.128379139;
    var q = vec4f(3.741984062e-5);
    q = q * t + 1.185587981e-3;
    q = q * t + 1.520742151e-2;
    q = q * t + 1.153508620e-1;
    q = q * t + 5.048592926e-1;
    q = q * t + 1.0;
    return x * p / q;
}

fn gelu_tanh(x: vec4f) -> vec4f {
    // The exponent is kept where e^z overflows no float.
    let z = x * (1.5957691216 + 0.0713548162726 * min(x * x, vec4f(1e4)));
    return x * sigmoid(clamp(z, vec4f(-80.0), vec4f(80.0)));
}

// tanh(ln(1 + w)) = w(w + 2) / (w(w + 2) + 2), w = e^x.
fn mish(x: vec4f) -> vec4f {
    let w = exp(min(x, vec4f(20.0)));
    let n = w * (w + 2.0);
    return x * (n / (n + 2.0));
}

fn exponential_linear(x: vec4f) -> vec4f {
    return FACTOR * max(x, vec4f(0.0)) + SECOND * (exp(THIRD * min(x, vec4f(0.0))) - 1.0);
}

// ln x, x kept within the normal numbers above 0.
fn logarithm(x: vec4f) -> vec4f {
    return log(clamp(x, vec4f(1.17549435e-38), vec4f(3.4028234e38)));
}

// x to the power of FACTOR: by products where that has few halves, at most SECOND whole ones.
fn power(x: vec4f) -> vec4f {
    let rest = fract(abs(FACTOR));
    let whole = trunc(abs(FACTOR));
    if ((rest != 0.0 && rest != 0.5) || whole > SECOND) {
        return exp(FACTOR * logarithm(x));
    }
    var product = select(vec4f(1.0), sqrt(x), rest == 0.5);
    var square = x;
    for (var n = u32(whole); n > 0u; n >>= 1u) {
        if ((n & 1u) == 1u) {
            product *= square;
        }
        square *= square;
    }
    return select(product, 1.0 / product, FACTOR < 0.0);
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
        case 8u: { return x * FACTOR; }
        case 9u: { return x + FACTOR; }
        case 10u: { return clamp(x, vec4f(FACTOR), vec4f(SECOND)); }
        case 11u: { return max(x, vec4f(0.0)) + FACTOR * min(x, vec4f(0.0)); }
        case 12u: { return 0.5 * x * (1.0 + error_function(x * 0.70710678)); }
        case 13u: { return gelu_tanh(x); }
        case 14u: { return x * sigmoid(1.702 * x); }
        case 15u: { return exponential_linear(x); }
        case 16u: { return max(x, vec4f(0.0)) + log(1.0 + exp(-abs(x))); }
        case 17u: { return mish(x); }
        case 18u: { return abs(x); }
        case 19u: { return exp(clamp(x, vec4f(-87.3), vec4f(87.3))); }
        case 20u: { return sqrt(x); }
        case 21u: { return x * x; }
        case 22u: { return 1.0 / x; }
        case 23u: { return FACTOR - x; }
        case 24u: { return FACTOR / x; }
        case 25u: { return power(x); }
        case 26u: { return logarithm(x); }
        case 27u: { return error_function(x); }
        case 28u: { return x / (1.0 + abs(x)); }
        case 29u: { return x * sigmoid(FACTOR * x); }
        case 30u: { return clamp(FACTOR * x + SECOND, vec4f(0.0), vec4f(1.0)); }
        case 31u: { return select(x, vec4f(0.0), x <= vec4f(FACTOR)); }
        case 32u: { return sign(x); }
        case 33u: { return floor(x); }
        case 34u: { return ceil(x); }
        default: { return round(x); }
    }
}
