// Weights as 4 × 4 matrices: column t holds what input channel t adds to four output channels.

fn matrix_2(i: u32) -> mat4x4f {
    let q = i * 4u;
    return mat4x4f(load_2(q), load_2(q + 1u), load_2(q + 2u), load_2(q + 3u));
}

// sum + m · v, a chain of fused multiply-adds.
fn add_product(sum: vec4f, m: mat4x4f, v: vec4f) -> vec4f {
    return fma(m[3], v.wwww, fma(m[2], v.zzzz, fma(m[1], v.yyyy, fma(m[0], v.xxxx, sum))));
}
