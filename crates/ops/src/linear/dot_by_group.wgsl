// An output quad of one image a workgroup: its lanes are strided over the inputs, then reduced.
//
// Binding 2: for each output quad, a matrix an input quad. Binding 3: the bias.

// Input quads.
override DEPTH: u32;
override OUTPUT_QUADS: u32;
// Output quads of this dispatch: FIRST .. FIRST + COUNT.
override FIRST: u32;
override COUNT: u32;
override IMAGES: u32;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let i = group_index(group, groups);
    if (i >= COUNT * IMAGES) {
        return;
    }
    // Images of one quad are neighbours: they read the same weights.
    let image = i % IMAGES;
    let quad = i / IMAGES;
    var sum = vec4f();
    for (var k = lane; k < DEPTH; k += LANES) {
        sum += matrix_2(quad * DEPTH + k) * load_0(image * DEPTH + k);
    }
    sum = reduce(lane, sum, false);
    if (lane == 0u) {
        store_1(image * OUTPUT_QUADS + FIRST + quad, sum + load_3(FIRST + quad));
    }
}
