// y(c) = e^(x(c) − m) / Σ e^(x(i) − m), m the largest: a workgroup a pixel, its lanes strided over
// the quads of the channels.

override PIXELS: u32;
override QUADS: u32;
override CHANNELS: u32;
// Whether the logarithms are written.
override LOGARITHM: bool;

const LOWEST = -3.4028234e38;

// Quad k of the pixel that starts at `base`, its padding replaced by the lowest number.
fn quad(base: u32, k: u32) -> vec4f {
    let channel = vec4u(k * 4u) + vec4u(0u, 1u, 2u, 3u);
    return select(vec4f(LOWEST), load_0(base + k), channel < vec4u(CHANNELS));
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let pixel = group_index(group, groups);
    if (pixel >= PIXELS) {
        return;
    }
    let base = pixel * QUADS;
    var m = vec4f(LOWEST);
    for (var k = lane; k < QUADS; k += LANES) {
        m = max(m, quad(base, k));
    }
    m = reduce(lane, m, true);
    let largest = max(max(m.x, m.y), max(m.z, m.w));
    var s = vec4f();
    for (var k = lane; k < QUADS; k += LANES) {
        s += exp(quad(base, k) - largest);
    }
    s = reduce(lane, s, false);
    let sum = s.x + s.y + s.z + s.w;
    for (var k = lane; k < QUADS; k += LANES) {
        let exponent = quad(base, k) - largest;
        store_1(base + k, select(exp(exponent) / sum, exponent - log(sum), LOGARITHM));
    }
}
