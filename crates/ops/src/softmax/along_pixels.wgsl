// y = e^(x − m) / Σ e^(x − m) over the pixels of a run, m the largest: a workgroup a quad of a run's channels, its lanes
// strided over pixels.

override COUNT: u32;
override QUADS: u32;
// Pixels of a run, and from one to the next.
override LEN: u32;
override STEP: u32;
// So many runs begin side by side, the next that do so many pixels on.
override BESIDE: u32;
override APART: u32;
// Whether the logarithms are written.
override LOGARITHM: bool;

const LOWEST = -3.4028234e38;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let i = group_index(group, groups);
    if (i >= COUNT) {
        return;
    }
    let run = i / QUADS;
    let base = (run / BESIDE * APART + run % BESIDE) * QUADS + i % QUADS;
    let stride = STEP * QUADS;
    var m = vec4f(LOWEST);
    for (var p = lane; p < LEN; p += LANES) {
        m = max(m, load_0(base + p * stride));
    }
    m = reduce(lane, m, true);
    var s = vec4f();
    for (var p = lane; p < LEN; p += LANES) {
        s += exp(load_0(base + p * stride) - m);
    }
    s = reduce(lane, s, false);
    for (var p = lane; p < LEN; p += LANES) {
        let exponent = load_0(base + p * stride) - m;
        store_1(base + p * stride, select(exp(exponent) / s, exponent - log(s), LOGARITHM));
    }
}
