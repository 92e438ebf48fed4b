// The mean, the largest, the sum or the length of each pixel's channels: a pixel an invocation, the lanes of its sum
// reduced at the end. Padding counts as 0 in a sum and never wins.

override QUADS: u32;
override CHANNELS: u32;
// 0 the mean, 1 the largest, 2 the sum, 3 the root of the sum of squares.
override REDUCTION: u32;

const LOWEST = -3.4028234e38;

fn item(pixel: u32) {
    let is_largest = REDUCTION == 1u;
    let neutral = select(vec4f(), vec4f(LOWEST), is_largest);
    var value = neutral;
    let end = loop_end(QUADS, QUADS, pixel);
    for (var k = 0u; k < end; k++) {
        let channel = vec4u(k * 4u) + vec4u(0u, 1u, 2u, 3u);
        let x = select(neutral, load_0(pixel * QUADS + k), channel < vec4u(CHANNELS));
        let added = select(x, x * x, REDUCTION == 3u);
        value = select(value + added, max(value, x), is_largest);
    }
    var y = value.x + value.y + value.z + value.w;
    switch REDUCTION {
        case 0u: { y /= f32(CHANNELS); }
        case 1u: { y = max(max(value.x, value.y), max(value.z, value.w)); }
        case 3u: { y = sqrt(y); }
        default: {}
    }
    store_1(pixel, vec4f(y, 0.0, 0.0, 0.0));
}
