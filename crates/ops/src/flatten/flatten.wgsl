// Feature f = c · AREA + p of an image is channel c of its pixel p.

override QUADS: u32;
override FEATURES: u32;
override AREA: u32;
// Floats from one pixel of the input to the next.
override PITCH: u32;

// Feature f of image n; padding repeats feature 0.
fn feature(n: u32, f: u32) -> f32 {
    let real = select(0u, f, f < FEATURES);
    return channel_0((n * AREA + real % AREA) * PITCH + real / AREA);
}

fn item(i: u32) {
    let n = i / QUADS;
    let f = i % QUADS * 4u;
    store_1(i, vec4f(feature(n, f), feature(n, f + 1u), feature(n, f + 2u), feature(n, f + 3u)));
}
