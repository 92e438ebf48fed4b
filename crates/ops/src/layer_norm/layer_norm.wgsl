// y = γ·(x − μ)/√(σ² + ε) + β: a team a pixel, its lanes strided over the quads of the channels.
//
// Binding 2: γ of all channels, then β of all channels.

override PIXELS: u32;
override QUADS: u32;
override CHANNELS: u32;
override EPSILON: f32;

// x − `less` of quad k of the pixel that starts at `base`; 0 in its padding.
fn difference(base: u32, k: u32, less: f32) -> vec4f {
    let channel = vec4u(k * 4u) + vec4u(0u, 1u, 2u, 3u);
    return select(vec4f(), load_0(base + k) - less, channel < vec4u(CHANNELS));
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    // Teams past the last pixel have it, too: all lanes must meet.
    let team = group_index(group, groups) * (LANES / TEAM) + lane / TEAM;
    let base = min(team, PIXELS - 1u) * QUADS;
    var s = vec4f();
    for (var k = lane % TEAM; k < QUADS; k += TEAM) {
        s += difference(base, k, 0.0);
    }
    s = reduce(lane, s, false);
    let mean = (s.x + s.y + s.z + s.w) / f32(CHANNELS);
    s = vec4f();
    for (var k = lane % TEAM; k < QUADS; k += TEAM) {
        let d = difference(base, k, mean);
        s += d * d;
    }
    s = reduce(lane, s, false);
    let deviation = sqrt((s.x + s.y + s.z + s.w) / f32(CHANNELS) + EPSILON);
    for (var k = lane % TEAM; k < QUADS; k += TEAM) {
        let normal = difference(base, k, mean) / deviation;
        store_1(base + k, load_2(k) * normal + load_2(QUADS + k));
    }
}
