// Output channel c is input channel START ± c · STEP; padding repeats the last one.

override INPUT_QUADS: u32;
override QUADS: u32;
override CHANNELS: u32;
override START: u32;
override STEP: u32;
override BACKWARDS: bool;

fn channel(base: u32, c: u32) -> f32 {
    let distance = min(c, CHANNELS - 1u) * STEP;
    return channel_0(base + select(START + distance, START - distance, BACKWARDS));
}

fn value(i: u32) -> vec4f {
    let base = i / QUADS * INPUT_QUADS * 4u;
    let c = i % QUADS * 4u;
    return vec4f(
        channel(base, c),
        channel(base, c + 1u),
        channel(base, c + 2u),
        channel(base, c + 3u),
    );
}
