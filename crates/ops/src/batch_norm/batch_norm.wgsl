// y = scale · x + shift, scale and shift by channel, four quads an invocation.

override COUNT: u32;
override QUADS: u32;

@group(0) @binding(0) var<storage, read> input: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>;
// Scales of all channels, then shifts of all channels.
@group(0) @binding(2) var<storage, read> norm: array<vec4f>;

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
            output[i] = norm[quad] * input[i] + norm[QUADS + quad];
        }
    }
}
