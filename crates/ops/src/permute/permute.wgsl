// Element (c, y, x) of an image is the element whose axes are put in another order. Places count channel by channel
// and row by row.

override INPUT_QUADS: u32;
override INPUT_AREA: u32;
override QUADS: u32;
override CHANNELS: u32;
override AREA: u32;
// The axes of the result: their lengths, and from one element to the next in the result and in the input.
override LEN_0: u32;
override TO_0: u32;
override FROM_0: u32;
override LEN_1: u32;
override TO_1: u32;
override FROM_1: u32;
override LEN_2: u32;
override TO_2: u32;
override FROM_2: u32;
override LEN_3: u32;
override TO_3: u32;
override FROM_3: u32;
override LEN_4: u32;
override TO_4: u32;
override FROM_4: u32;
override LEN_5: u32;
override TO_5: u32;
override FROM_5: u32;

fn source(place: u32) -> u32 {
    return place / TO_0 % LEN_0 * FROM_0 + place / TO_1 % LEN_1 * FROM_1
        + place / TO_2 % LEN_2 * FROM_2 + place / TO_3 % LEN_3 * FROM_3
        + place / TO_4 % LEN_4 * FROM_4 + place / TO_5 % LEN_5 * FROM_5;
}

// Padding repeats the last channel.
fn channel(pixel: u32, c: u32) -> f32 {
    let place = source(min(c, CHANNELS - 1u) * AREA + pixel % AREA);
    let spot = pixel / AREA * INPUT_AREA + place % INPUT_AREA;
    return channel_0(spot * INPUT_QUADS * 4u + place / INPUT_AREA);
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
