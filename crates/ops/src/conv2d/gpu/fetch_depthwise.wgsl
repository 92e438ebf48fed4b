// What a lane of `gemm` fetches of a slice of the pixels where these are a depthwise convolution's: the quads under its
// taps, and their weights. `Fetched`, `fetch` and `settled`, which `pair.rs` writes for a kernel's taps, are made of
// these functions.
//
// Binding 4: for each quad of the walk the bias, then for each tap and quad the weight.

// Between these the convolution's outputs are kept.
override LOW: f32;
override HIGH: f32;

// A place of the walk, which is over quads alone.
struct Place {
    quad: u32,
}

fn place(k: u32) -> Place {
    return Place(k);
}

// The place a slice further. Past the walk's end, the product's weights are zero.
fn next(p: Place) -> Place {
    return Place(p.quad + SLICE);
}

fn walked(p: Place) -> u32 {
    return min(p.quad, SPAN - 1u);
}

fn pixel(o: Origin, y: u32, x: u32, quad: u32) -> vec4f {
    return read_0(under(o, y, x).at, quad);
}

// Of the bias, tap 0; of the taps, their number from 1 on.
fn weight(tap: u32, quad: u32) -> vec4f {
    return load_4(tap * SPAN + quad);
}

fn added(sum: vec4f, weight: vec4f, value: vec4f, o: Origin, y: u32, x: u32) -> vec4f {
    return fma(weight, select(vec4f(), value, under(o, y, x).inside), sum);
}

fn clamped(sum: vec4f) -> vec4f {
    return clamp(sum, vec4f(LOW), vec4f(HIGH));
}
