// Two groups interleaved: four channels of each make two quads of the output.
//
// for each pixel and each quad a of the first group:
//     b = the channels of the second group at the same place (it may start inside a quad)
//     write a.x b.x a.y b.y and a.z b.z a.w b.w

// Quads of a pixel.
override QUADS: u32;
// Quads that hold one group.
override HALF: u32;
// First channel of the second group.
override SECOND: u32;

fn item(i: u32) {
    let base = i / HALF * QUADS;
    let quad = i % HALF;
    let a = load_0(base + quad);
    let low = SECOND / 4u + quad;
    var b = load_0(base + low);
    let shift = SECOND % 4u;
    if (shift != 0u) {
        let next = load_0(base + min(low + 1u, QUADS - 1u));
        if (shift == 1u) {
            b = vec4f(b.yzw, next.x);
        } else if (shift == 2u) {
            b = vec4f(b.zw, next.xy);
        } else {
            b = vec4f(b.w, next.xyz);
        }
    }
    store_1(base + 2u * quad, vec4f(a.x, b.x, a.y, b.y));
    if (2u * quad + 1u < QUADS) {
        store_1(base + 2u * quad + 1u, vec4f(a.z, b.z, a.w, b.w));
    }
}
