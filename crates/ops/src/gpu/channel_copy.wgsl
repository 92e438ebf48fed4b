// Copies LEN channels of every pixel, from channel FROM of the input to channel TO of the output.
//
// for each output quad that holds a channel of TO .. END:
//     take the two input quads that its channels straddle, shifted into place
//     keep what is before TO; put zero from TO + LEN on
//
// A quad that two copies share is written by both: the later one keeps the lanes of the earlier.

override PIXELS: u32;
override INPUT_QUADS: u32;
override OUTPUT_QUADS: u32;
override FROM: u32;
override TO: u32;
override LEN: u32;
// Quads of the output that are written: FIRST .. FIRST + QUADS.
override FIRST: u32;
override QUADS: u32;

@group(0) @binding(0) var<storage, read> input: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>;

@compute @workgroup_size(GROUP)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let i = invocation(group, groups, lane);
    if (i >= PIXELS * QUADS) {
        return;
    }
    let pixel = i / QUADS;
    let quad = FIRST + i % QUADS;
    let at = pixel * OUTPUT_QUADS + quad;
    let last = INPUT_QUADS - 1u;
    // Where the quad's first channel comes from, in channels past a quad that may lie before the
    // input's first.
    let source = i32(quad * 4u + FROM) - i32(TO) + 4;
    let high = u32(source) / 4u;
    let a = input[pixel * INPUT_QUADS + min(max(high, 1u) - 1u, last)];
    let b = input[pixel * INPUT_QUADS + min(high, last)];
    let shift = u32(source) % 4u;
    var v = a;
    if (shift == 1u) {
        v = vec4f(a.yzw, b.x);
    } else if (shift == 2u) {
        v = vec4f(a.zw, b.xy);
    } else if (shift == 3u) {
        v = vec4f(a.w, b.xyz);
    }
    let channel = vec4u(quad * 4u) + vec4u(0u, 1u, 2u, 3u);
    v = select(vec4f(), v, channel < vec4u(TO + LEN));
    if (quad * 4u < TO) {
        v = select(v, output[at], channel < vec4u(TO));
    }
    output[at] = v;
}
