// A window a workgroup: its lanes are strided over the pixels, then reduced to one quad.

override COUNT: u32;

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
    let window = cover(i);
    var value = select(vec4f(), vec4f(LOWEST), LARGEST);
    for (var p = lane; p < window.rows * window.columns; p += LANES) {
        let row = p / window.columns;
        let column = p % window.columns;
        let x = load_0(window.first + (row * DILATION_H * INPUT_W + column * DILATION_W) * QUADS);
        value = combine(value, x, LARGEST);
    }
    value = reduce(lane, value, LARGEST);
    if (lane == 0u) {
        store_1(i, select(value / window.divisor, value, LARGEST));
    }
}
