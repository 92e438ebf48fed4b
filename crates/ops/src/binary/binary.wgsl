// y = a + b or a · b for each element, four quads an invocation.

override COUNT: u32;
override MULTIPLY: bool;
// What b is: 0 as large as a, 1 one value an image and channel, 2 one value a pixel.
override BROADCAST: u32;
override QUADS: u32;
override AREA: u32;

const EACH = 4u;

fn operand(i: u32) -> vec4f {
    switch BROADCAST {
        case 0u: { return load_2(i); }
        case 1u: { return load_2(i / (AREA * QUADS) * QUADS + i % QUADS); }
        default: { return vec4f(load_2(i / QUADS).x); }
    }
}

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
            if (MULTIPLY) {
                store_1(i, load_0(i) * operand(i));
            } else {
                store_1(i, load_0(i) + operand(i));
            }
        }
    }
}
