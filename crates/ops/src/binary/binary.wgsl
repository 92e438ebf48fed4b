// y = a + b or a · b for each element.

override MULTIPLY: bool;
// What b is: 0 as large as a, 1 one value an image and channel, 2 one value a pixel.
override BROADCAST: u32;
override QUADS: u32;
override AREA: u32;

fn operand(i: u32) -> vec4f {
    switch BROADCAST {
        case 0u: { return load_2(i); }
        case 1u: { return load_2(i / (AREA * QUADS) * QUADS + i % QUADS); }
        default: { return vec4f(load_2(i / QUADS).x); }
    }
}

fn value(i: u32) -> vec4f {
    if (MULTIPLY) {
        return load_0(i) * operand(i);
    }
    return load_0(i) + operand(i);
}
