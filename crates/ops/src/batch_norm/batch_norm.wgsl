// y = scale · x + shift, scale and shift by channel, four quads an invocation.
//
// Binding 2: scales of all channels, then shifts of all channels.

override COUNT: u32;
override QUADS: u32;

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
            let quad = i % QUADS;
            store_1(i, load_2(quad) * load_0(i) + load_2(QUADS + quad));
        }
    }
}
