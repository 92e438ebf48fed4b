// Each output quad gathers its four channels; where they lie together in the input, at once.

override INPUT_QUADS: u32;
override QUADS: u32;
override CHANNELS: u32;
override INPUT_H: u32;
override INPUT_W: u32;
override OUTPUT_H: u32;
override OUTPUT_W: u32;
override BLOCK: u32;
// Channels of the wide map, and the steps of the deep map's channels.
override WIDE_CHANNELS: u32;
override CHANNEL_STEP: u32;
override ROW_STEP: u32;
override COLUMN_STEP: u32;
override TO_SPACE: bool;
override WHOLE: bool;

// Where channel c of the output's pixel (y, x) is in the input, an element in quads of channels.
fn source(image: u32, y: u32, x: u32, c: u32) -> u32 {
    var at = vec3u(
        c * CHANNEL_STEP + y % BLOCK * ROW_STEP + x % BLOCK * COLUMN_STEP,
        y / BLOCK,
        x / BLOCK,
    );
    if (!TO_SPACE) {
        at = vec3u(
            c / CHANNEL_STEP % WIDE_CHANNELS,
            y * BLOCK + c / ROW_STEP % BLOCK,
            x * BLOCK + c / COLUMN_STEP % BLOCK,
        );
    }
    return ((image * INPUT_H + at.y) * INPUT_W + at.z) * INPUT_QUADS * 4u + at.x;
}

fn value(i: u32) -> vec4f {
    let pixel = i / QUADS;
    let image = pixel / (OUTPUT_W * OUTPUT_H);
    let y = pixel / OUTPUT_W % OUTPUT_H;
    let x = pixel % OUTPUT_W;
    let c = i % QUADS * 4u;
    let first = source(image, y, x, c);
    if (WHOLE) {
        return load_0(first / 4u);
    }
    // Padding repeats the last channel.
    let last = CHANNELS - 1u;
    return vec4f(
        channel_0(first),
        channel_0(source(image, y, x, min(c + 1u, last))),
        channel_0(source(image, y, x, min(c + 2u, last))),
        channel_0(source(image, y, x, min(c + 3u, last))),
    );
}
