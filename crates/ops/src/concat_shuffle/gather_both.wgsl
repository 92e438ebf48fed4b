// Two maps of HALF channels concatenated and shuffled: each output quad gathers its four channels.

// Quads of an output pixel.
override QUADS: u32;
override HALF: u32;
override HALF_QUADS: u32;
override GROUPS: u32;

// Output channel c of a pixel; padding repeats channel 0.
fn channel(pixel: u32, c: u32) -> f32 {
    let real = select(0u, c, c < 2u * HALF);
    let source = real % GROUPS * (2u * HALF / GROUPS) + real / GROUPS;
    let base = pixel * HALF_QUADS;
    if (source < HALF) {
        return load_0(base + source / 4u)[source % 4u];
    }
    return load_2(base + (source - HALF) / 4u)[(source - HALF) % 4u];
}

fn item(i: u32) {
    let pixel = i / QUADS;
    let c = i % QUADS * 4u;
    store_1(i, vec4f(
        channel(pixel, c),
        channel(pixel, c + 1u),
        channel(pixel, c + 2u),
        channel(pixel, c + 3u),
    ));
}
