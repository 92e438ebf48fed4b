// Quad i of the output is `value(i)`. Several quads an invocation, so that its fixed cost is small.

override COUNT: u32;
override EACH: u32;

@compute @workgroup_size(GROUP)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = first_item(group, groups, lane, EACH);
    for (var j = 0u; j < EACH; j++) {
        let i = first + j * GROUP;
        if (i < COUNT) {
            store_1(i, value(i));
        }
    }
}
