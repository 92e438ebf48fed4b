// y = f(a, b) for each element.

// The place of f among the functions.
override OPERATION: u32;
// The output's rows, columns, and quads to a pixel.
override HEIGHT: u32;
override WIDTH: u32;
override QUADS: u32;
// Whether a and b have elements for each image, row, column and channel (1, 2, 4, 8), or one for all.
override AXES_OF_A: u32;
override AXES_OF_B: u32;

const ALL: u32 = 15u;

// The index of an operand's quad for quad i of the output.
fn place(i: u32, axes: u32) -> u32 {
    if (axes == ALL) {
        return i;
    }
    let has = (vec4u(axes) & vec4u(1u, 2u, 4u, 8u)) != vec4u(0u);
    let pixel = i / QUADS;
    let at = vec4u(pixel / WIDTH / HEIGHT, pixel / WIDTH % HEIGHT, pixel % WIDTH, i % QUADS);
    let its = select(vec4u(0u), at, has);
    let len = select(vec4u(1u), vec4u(1u, HEIGHT, WIDTH, QUADS), has);
    return ((its.x * len.y + its.y) * len.z + its.z) * len.w + its.w;
}

// A quad of an operand, or its one channel four times.
fn channels(quad: vec4f, axes: u32) -> vec4f {
    return select(vec4f(quad.x), quad, (axes & 8u) != 0u);
}

fn value(i: u32) -> vec4f {
    let a = channels(load_0(place(i, AXES_OF_A)), AXES_OF_A);
    let b = channels(load_2(place(i, AXES_OF_B)), AXES_OF_B);
    switch OPERATION {
        case 0u: { return a + b; }
        case 1u: { return a * b; }
        case 2u: { return a - b; }
        case 3u: { return b - a; }
        case 4u: { return a / b; }
        case 5u: { return b / a; }
        case 6u: { return max(a, b); }
        case 7u: { return min(a, b); }
        default: { return max(a, vec4f(0.0)) + b * min(a, vec4f(0.0)); }
    }
}
