// Packed weights in a texture: an output quad a row, four texels a 4 × 4 matrix, tap by tap and input
// quad by input quad; column t holds what input channel t adds to the four output channels.

@group(0) @binding(2) var weights: texture_2d<f32>;

fn weight(quad: u32, k: u32) -> mat4x4f {
    let x = k * 4u;
    return mat4x4f(
        textureLoad(weights, vec2u(x, quad), 0),
        textureLoad(weights, vec2u(x + 1u, quad), 0),
        textureLoad(weights, vec2u(x + 2u, quad), 0),
        textureLoad(weights, vec2u(x + 3u, quad), 0),
    );
}
