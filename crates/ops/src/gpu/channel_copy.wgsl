// Copies LEN channels of every pixel, from channel FROM of an input to channel TO of the output.
//
// for each output quad that holds a channel of TO .. TO + LEN, and those after it that are written:
//     take the two input quads that its channels straddle, shifted into place
//     put zero from TO + LEN on
//     in the quad of TO, take the channels before it from the earlier inputs that they belong to
// Quads before that, where they are written, are those of the input before.
//
// A quad that several copies share is written by all of them, completely by the last.

override INPUT_QUADS: u32;
override OUTPUT_QUADS: u32;
override FROM: u32;
override TO: u32;
override LEN: u32;
// Quads of the output that are written: FIRST .. FIRST + QUADS.
override FIRST: u32;
override QUADS: u32;
// Earlier inputs, the latest first: quads of a pixel, and where their first channel goes.
override QUADS_1: u32;
override QUADS_2: u32;
override QUADS_3: u32;
override TO_1: u32;
override TO_2: u32;
override TO_3: u32;

// What an earlier input holds for output channel c.
fn earlier(pixel: u32, c: u32) -> f32 {
    if (c >= TO_1) {
        return load_2(pixel * QUADS_1 + (c - TO_1) / 4u)[(c - TO_1) % 4u];
    }
    if (c >= TO_2) {
        return load_3(pixel * QUADS_2 + (c - TO_2) / 4u)[(c - TO_2) % 4u];
    }
    return load_4(pixel * QUADS_3 + (c - TO_3) / 4u)[(c - TO_3) % 4u];
}

fn item(i: u32) {
    let pixel = i / QUADS;
    let quad = FIRST + i % QUADS;
    if (quad < TO / 4u) {
        store_1(pixel * OUTPUT_QUADS + quad, load_2(pixel * QUADS_1 + quad));
        return;
    }
    let last = INPUT_QUADS - 1u;
    // Where the quad's first channel comes from, in channels past a quad that may lie before the
    // input's first.
    let source = i32(quad * 4u + FROM) - i32(TO) + 4;
    let high = u32(source) / 4u;
    let base = pixel * INPUT_QUADS;
    let shift = u32(source) % 4u;
    var v = load_0(base + min(max(high, 1u) - 1u, last));
    if (shift != 0u) {
        let next = load_0(base + min(high, last));
        if (shift == 1u) {
            v = vec4f(v.yzw, next.x);
        } else if (shift == 2u) {
            v = vec4f(v.zw, next.xy);
        } else {
            v = vec4f(v.w, next.xyz);
        }
    }
    let channel = vec4u(quad * 4u) + vec4u(0u, 1u, 2u, 3u);
    v = select(vec4f(), v, channel < vec4u(TO + LEN));
    if (TO % 4u != 0u && quad == TO / 4u) {
        v.x = earlier(pixel, channel.x);
        if (TO % 4u > 1u) {
            v.y = earlier(pixel, channel.y);
        }
        if (TO % 4u > 2u) {
            v.z = earlier(pixel, channel.z);
        }
    }
    store_1(pixel * OUTPUT_QUADS + quad, v);
}
