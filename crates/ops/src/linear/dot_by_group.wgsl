// An output quad of one image a workgroup: its lanes are strided over the inputs, then reduced.

// Input quads.
override DEPTH: u32;
override OUTPUT_QUADS: u32;
// Output quads of this dispatch: FIRST .. FIRST + COUNT.
override FIRST: u32;
override COUNT: u32;
override IMAGES: u32;

@group(0) @binding(0) var<storage, read> input: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>;
// For each output quad, a 4 × 4 matrix an input quad.
@group(0) @binding(2) var<storage, read> weights: array<mat4x4f>;
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;

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
        sum += weights[quad * DEPTH + k] * input[image * DEPTH + k];
    }
    sum = reduce(lane, sum, false);
    if (lane == 0u) {
        output[image * OUTPUT_QUADS + FIRST + quad] = sum + bias[FIRST + quad];
    }
}
