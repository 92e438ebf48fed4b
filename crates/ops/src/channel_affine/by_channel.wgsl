// y = a · x + b or, where those are slopes, a · max(x, 0) + b · min(x, 0); a and b by channel.
//
// Binding 2: a of all channels, then b of all channels.

override QUADS: u32;
override SLOPES: bool;

fn value(i: u32) -> vec4f {
    let quad = i % QUADS;
    let x = load_0(i);
    let a = load_2(quad);
    let b = load_2(QUADS + quad);
    if (SLOPES) {
        return a * max(x, vec4f(0.0)) + b * min(x, vec4f(0.0));
    }
    return a * x + b;
}
