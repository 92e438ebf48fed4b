// y = γ·(x − μ)/√(σ² + ε) + β, μ and σ² of a group of channels: a workgroup a quad of an image, its lanes strided
// over pixels and the quads of a group.
//
// Binding 2: γ of all channels, then β of all channels.

override COUNT: u32;
override QUADS: u32;
override AREA: u32;
override CHANNELS: u32;
override GROUP_CHANNELS: u32;
override EPSILON: f32;

// The sum over a group that starts at channel `first` of x − `less`, or of its square.
fn total(lane: u32, image: u32, first: u32, less: f32, square: bool) -> f32 {
    let end = first + GROUP_CHANNELS;
    let start = first / 4u;
    let quads = (end + 3u) / 4u - start;
    var s = vec4f();
    for (var i = lane; i < quads * AREA; i += LANES) {
        let quad = start + i % quads;
        let channel = vec4u(quad * 4u) + vec4u(0u, 1u, 2u, 3u);
        let d = load_0((image * AREA + i / quads) * QUADS + quad) - less;
        let its = (channel >= vec4u(first)) & (channel < vec4u(end));
        s += select(vec4f(), select(d, d * d, square), its);
    }
    s = reduce(lane, s, false);
    return s.x + s.y + s.z + s.w;
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let item = group_index(group, groups);
    if (item >= COUNT) {
        return;
    }
    let image = item / QUADS;
    let quad = item % QUADS;
    let channel = vec4u(quad * 4u) + vec4u(0u, 1u, 2u, 3u);
    let last = min(quad * 4u + 3u, CHANNELS - 1u) / GROUP_CHANNELS;
    let count = f32(GROUP_CHANNELS * AREA);
    var mean = vec4f();
    var deviation = vec4f(1.0);
    for (var g = quad * 4u / GROUP_CHANNELS; g <= last; g++) {
        let first = g * GROUP_CHANNELS;
        let its = channel / GROUP_CHANNELS == vec4u(g);
        let m = total(lane, image, first, 0.0, false) / count;
        let variance = total(lane, image, first, m, true) / count;
        mean = select(mean, vec4f(m), its);
        deviation = select(deviation, vec4f(sqrt(variance + EPSILON)), its);
    }
    for (var p = lane; p < AREA; p += LANES) {
        let i = (image * AREA + p) * QUADS + quad;
        store_1(i, load_2(quad) * ((load_0(i) - mean) / deviation) + load_2(QUADS + quad));
    }
}
