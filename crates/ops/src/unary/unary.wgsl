// y = f(x) for each element, four quads an invocation.

override COUNT: u32;
override FUNCTION: u32;
override FACTOR: f32;

const EACH = 4u;

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

@compute @workgroup_size(GROUP)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = first_item(group, groups, lane, EACH);
    for (var j = 0u; j < EACH; j++) {
        let i = first + j * GROUP;
        if (i < COUNT) {
            store_1(i, apply(load_0(i)));
        }
    }
}
