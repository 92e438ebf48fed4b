// An item an invocation: `item` is called with every number below COUNT.

override COUNT: u32;

@compute @workgroup_size(GROUP)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let i = invocation(group, groups, lane);
    if (i < COUNT) {
        item(i);
    }
}
