// y(c) = Σ tap(j) · x(c + j − TAPS/2), zeros beyond the channels.
//
// Binding 2: the taps.

override QUADS: u32;
override CHANNELS: u32;
override TAPS: u32;

// The sum for channel c of the pixel whose quads start at `base`.
fn channel(base: u32, c: u32) -> f32 {
    var sum = 0.0;
    for (var j = 0u; j < TAPS; j++) {
        let source = c + j - TAPS / 2u;
        // Below 0 it wraps round and lies beyond the channels, too.
        if (source < CHANNELS) {
            let x = load_0(base + source / 4u);
            let tap = load_2(j / 4u);
            sum += tap[j % 4u] * x[source % 4u];
        }
    }
    return sum;
}

fn value(i: u32) -> vec4f {
    let quad = i % QUADS;
    let base = i - quad;
    let c = 4u * quad;
    return vec4f(channel(base, c), channel(base, c + 1u), channel(base, c + 2u), channel(base, c + 3u));
}
