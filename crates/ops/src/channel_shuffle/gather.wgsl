// Any number of groups: each output quad gathers its four channels.

override QUADS: u32;
override CHANNELS: u32;
override GROUPS: u32;

// Channel c of the output of the pixel whose channels start at `base`; padding repeats channel 0.
fn channel(base: u32, c: u32) -> f32 {
    let real = select(0u, c, c < CHANNELS);
    return channel_0(base + real % GROUPS * (CHANNELS / GROUPS) + real / GROUPS);
}

fn item(i: u32) {
    let base = i / QUADS * QUADS * 4u;
    let c = i % QUADS * 4u;
    store_1(i, vec4f(
        channel(base, c),
        channel(base, c + 1u),
        channel(base, c + 2u),
        channel(base, c + 3u),
    ));
}
