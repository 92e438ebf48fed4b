// The root of the sum of squares of each channel: a workgroup a quad of an image, its lanes strided over pixels.

override COUNT: u32;
override QUADS: u32;
override AREA: u32;

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
    let base = i / QUADS * AREA * QUADS + i % QUADS;
    var sum = vec4f();
    for (var p = lane; p < AREA; p += LANES) {
        let x = load_0(base + p * QUADS);
        sum += x * x;
    }
    sum = reduce(lane, sum, false);
    if (lane == 0u) {
        store_1(i, sqrt(sum));
    }
}
