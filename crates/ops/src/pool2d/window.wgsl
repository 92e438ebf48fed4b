// A window an invocation: its largest element or its mean.

@compute @workgroup_size(GROUP)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let i = invocation(group, groups, lane);
    if (i >= COUNT) {
        return;
    }
    let window = cover(i);
    var largest = vec4f(LOWEST);
    var sum = vec4f();
    for (var row = 0u; row < window.rows; row++) {
        for (var column = 0u; column < window.columns; column++) {
            let x = load_0(window.first + (row * INPUT_W + column) * QUADS);
            if (LARGEST) {
                largest = max(largest, x);
            } else {
                sum += x;
            }
        }
    }
    if (LARGEST) {
        store_1(i, largest);
    } else {
        store_1(i, sum / window.divisor);
    }
}
