// The mean or the largest of each pixel's channels: a pixel an invocation, the lanes of its sum
// reduced at the end. Padding counts as 0 in a sum and never wins.

override QUADS: u32;
override CHANNELS: u32;
override LARGEST: bool;

const LOWEST = -3.4028234e38;

fn item(pixel: u32) {
    let neutral = select(vec4f(), vec4f(LOWEST), LARGEST);
    var value = neutral;
    for (var k = 0u; k < QUADS; k++) {
        let channel = vec4u(k * 4u) + vec4u(0u, 1u, 2u, 3u);
        let x = select(neutral, load_0(pixel * QUADS + k), channel < vec4u(CHANNELS));
        value = select(value + x, max(value, x), LARGEST);
    }
    let sum = (value.x + value.y + value.z + value.w) / f32(CHANNELS);
    let largest = max(max(value.x, value.y), max(value.z, value.w));
    store_1(pixel, vec4f(select(sum, largest, LARGEST), 0.0, 0.0, 0.0));
}
