// 4 neighbouring outputs of a row for one quad an invocation.
//
// for each row of the kernel, for each phase of the stride:
//     v0 v1 v2 v3 = the pixels under the four outputs at the phase's first tap
//     for each tap of the phase: sum += weight · v, then shift the v by one output and load one
//
// so that each input pixel of a row is loaded once.
//
// Binding 2: weights by kernel row, kernel column and quad. Binding 3: the bias.

override QUADS: u32;
override BLOCKS_W: u32;
override INPUT_H: u32;
override INPUT_W: u32;
override OUTPUT_H: u32;
override OUTPUT_W: u32;
override KERNEL_H: u32;
override KERNEL_W: u32;
override STRIDE_H: u32;
override STRIDE_W: u32;
override PADDING_H: u32;
override PADDING_W: u32;

// A quad of the pixel at column x of the input row whose first is pixel `line`; zero outside the map.
fn load(line: u32, x: i32, quad: u32) -> vec4f {
    let inside = x >= 0 && x < i32(INPUT_W);
    return select(vec4f(), read_0(pixel_0(line + u32(select(0, x, inside))), quad), inside);
}

fn store(line: u32, x: u32, quad: u32, value: vec4f) {
    if (x < OUTPUT_W) {
        put_1(line + x, quad, value);
    }
}

fn item(i: u32) {
    let quad = i % QUADS;
    let x = i / QUADS % BLOCKS_W * 4u;
    let y = i / (QUADS * BLOCKS_W) % OUTPUT_H;
    let image = i / (QUADS * BLOCKS_W * OUTPUT_H);
    let step = i32(STRIDE_W);

    let b = load_3(quad);
    var s0 = b; var s1 = b; var s2 = b; var s3 = b;
    for (var r = 0u; r < KERNEL_H; r++) {
        let row = i32(y * STRIDE_H + r) - i32(PADDING_H);
        if (row < 0 || row >= i32(INPUT_H)) {
            continue;
        }
        let line = (image * INPUT_H + u32(row)) * INPUT_W;
        for (var phase = 0u; phase < min(STRIDE_W, KERNEL_W); phase++) {
            var column = i32(x * STRIDE_W + phase) - i32(PADDING_W);
            var v0 = load(line, column, quad);
            var v1 = load(line, column + step, quad);
            var v2 = load(line, column + 2 * step, quad);
            for (var tap = phase; tap < KERNEL_W; tap += STRIDE_W) {
                let v3 = load(line, column + 3 * step, quad);
                let w = load_2((r * KERNEL_W + tap) * QUADS + quad);
                s0 += w * v0;
                s1 += w * v1;
                s2 += w * v2;
                s3 += w * v3;
                v0 = v1;
                v1 = v2;
                v2 = v3;
                column += step;
            }
        }
    }
    let line = (image * OUTPUT_H + y) * OUTPUT_W;
    store(line, x, quad, s0);
    store(line, x + 1u, quad, s1);
    store(line, x + 2u, quad, s2);
    store(line, x + 3u, quad, s3);
}
