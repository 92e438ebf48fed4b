// Element (c, y, x) of an image is the element at the same place, counted channel by channel and row by row.

override INPUT_QUADS: u32;
override INPUT_H: u32;
override INPUT_W: u32;
override QUADS: u32;
override CHANNELS: u32;
override OUTPUT_H: u32;
override OUTPUT_W: u32;

// Padding repeats the last channel.
fn channel(pixel: u32, c: u32) -> f32 {
    let area = OUTPUT_H * OUTPUT_W;
    let place = min(c, CHANNELS - 1u) * area + pixel % area;
    let row = pixel / area * INPUT_H + place / INPUT_W % INPUT_H;
    let source = row * INPUT_W + place % INPUT_W;
    return channel_0(source * INPUT_QUADS * 4u + place / (INPUT_H * INPUT_W));
}

fn value(i: u32) -> vec4f {
    let pixel = i / QUADS;
    let c = i % QUADS * 4u;
    return vec4f(
        channel(pixel, c),
        channel(pixel, c + 1u),
        channel(pixel, c + 2u),
        channel(pixel, c + 3u),
    );
}
