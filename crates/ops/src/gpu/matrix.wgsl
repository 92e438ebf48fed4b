// Weights as 4 × 4 matrices: column t holds what input channel t adds to four output channels.

fn matrix_2(i: u32) -> mat4x4f {
    let q = i * 4u;
    return mat4x4f(load_2(q), load_2(q + 1u), load_2(q + 2u), load_2(q + 3u));
}
