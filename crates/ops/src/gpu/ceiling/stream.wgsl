// Memory at its fastest. PATTERN 0: sum of a; 1: c = a; 2: c = a + b/2. EACH quads an invocation.

override PATTERN: u32;

const EACH = 16u;

@compute @workgroup_size(GROUP)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = first_item(group, groups, lane, EACH);
    if (PATTERN == 0u) {
        var sum = vec4f(0.0);
        for (var k = 0u; k < EACH; k++) {
            sum += load_0(first + k * GROUP);
        }
        // The arrays hold ones, so this is never written; the compiler cannot know.
        if (sum.x < 0.0) {
            store_2(first, sum);
        }
    } else if (PATTERN == 1u) {
        for (var k = 0u; k < EACH; k++) {
            let i = first + k * GROUP;
            store_2(i, load_0(i));
        }
    } else {
        for (var k = 0u; k < EACH; k++) {
            let i = first + k * GROUP;
            store_2(i, fma(load_1(i), vec4f(0.5), load_0(i)));
        }
    }
}
