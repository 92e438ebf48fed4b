// Packed weights in a storage buffer: for each output quad, 4 × 4 matrices tap by tap and input quad
// by input quad; column t holds what input channel t adds to the four output channels.

@group(0) @binding(2) var<storage, read> weights: array<mat4x4f>;

fn weight(quad: u32, k: u32) -> mat4x4f {
    return weights[quad * DEPTH + k];
}
