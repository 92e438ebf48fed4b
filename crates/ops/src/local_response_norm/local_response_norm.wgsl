// y = x / (k + α/size · Σ x²)^β, the sum over the channels from BEFORE before to AFTER after.
//
// for each quad: walk the channels that any of its four windows holds, and add each square to the
// sums of those lanes whose windows hold it

override QUADS: u32;
override CHANNELS: u32;
override BEFORE: u32;
override AFTER: u32;
// α/size.
override SCALE: f32;
override BETA: f32;
override K: f32;

// x^-β, without a logarithm for the β of every published network.
fn power(x: vec4f) -> vec4f {
    if (BETA == 0.75) {
        let root = sqrt(x);
        return 1.0 / (root * sqrt(root));
    }
    return pow(x, vec4f(-BETA));
}

fn item(i: u32) {
    let base = i / QUADS * QUADS * 4u;
    let own = vec4u(i % QUADS * 4u) + vec4u(0u, 1u, 2u, 3u);
    let first = own.x - min(own.x, BEFORE);
    let end = min(own.w + AFTER + 1u, CHANNELS);
    var sum = vec4f();
    for (var c = first; c < end; c++) {
        let x = channel_0(base + c);
        let inside = (vec4u(c + BEFORE) >= own) & (vec4u(c) <= own + AFTER);
        sum += select(vec4f(), vec4f(x * x), inside);
    }
    // A lane behind the last channel may have nothing in its window, and K may be 0.
    store_1(i, select(vec4f(), load_0(i) * power(K + SCALE * sum), own < vec4u(CHANNELS)));
}
