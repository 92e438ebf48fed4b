// y = f(x) for each element, four quads an invocation.

override COUNT: u32;

const EACH = 4u;

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
            store_1(i, apply(load_0(i)));
        }
    }
}
