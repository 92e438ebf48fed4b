// y = scale · x + shift, scale and shift by channel.
//
// Binding 2: scales of all channels, then shifts of all channels.

override QUADS: u32;

fn value(i: u32) -> vec4f {
    let quad = i % QUADS;
    return load_2(quad) * load_0(i) + load_2(QUADS + quad);
}
