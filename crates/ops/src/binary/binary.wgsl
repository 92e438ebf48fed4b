// y = f(a, b) for each element.

// The place of f among the functions.
override OPERATION: u32;
// What b is: 0 as large as a, 1 one pixel for a run of them, 2 one value a pixel, 3 one row an image.
override BROADCAST: u32;
override QUADS: u32;
// Pixels to a run, a row and an image.
override RUN: u32;
override WIDTH: u32;
override AREA: u32;

fn operand(i: u32) -> vec4f {
    let pixel = i / QUADS;
    switch BROADCAST {
        case 0u: { return load_2(i); }
        case 1u: { return load_2(pixel / RUN * QUADS + i % QUADS); }
        case 2u: { return vec4f(load_2(pixel).x); }
        default: { return load_2((pixel / AREA * WIDTH + pixel % WIDTH) * QUADS + i % QUADS); }
    }
}

fn value(i: u32) -> vec4f {
    let a = load_0(i);
    let b = operand(i);
    switch OPERATION {
        case 0u: { return a + b; }
        case 1u: { return a * b; }
        case 2u: { return a - b; }
        case 3u: { return b - a; }
        case 4u: { return a / b; }
        case 5u: { return b / a; }
        case 6u: { return max(a, b); }
        default: { return min(a, b); }
    }
}
