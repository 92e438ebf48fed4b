// A register tile of ROWS output pixels × COLUMNS output quads an invocation.
//
// for each tap, for each input quad k of the span:
//     a[r] = quad k under the tap of pixel r, zero outside the map
//     for each output quad c: sum[r][c] += weight(c, tap, k) · a[r]
// output = sum + bias
//
// Rows past the last pixel repeat it; quads past the last are computed from zero weights and not
// stored. Tiles of 1, 4 or 8 rows and 1, 2 or 4 columns: what a constant excludes is compiled away.
//
// Binding 2: for each output quad of this dispatch, a matrix a tap and input quad of the span.
// Binding 3: the bias.

override ROWS: u32;
override COLUMNS: u32;
override GROUPS: u32;
override GROUP_INPUTS: u32;
override GROUP_OUTPUTS: u32;
override PADDED: bool;

// Where a row of the tile reads: the pixel under tap (0, 0), which may lie outside the map.
struct Row {
    y: i32,
    x: i32,
    image: i32,
}

fn row(pixel: u32) -> Row {
    let p = min(pixel, PIXELS - 1u);
    return Row(
        i32(p / OUTPUT_W % OUTPUT_H * STRIDE_H) - i32(PADDING_H),
        i32(p % OUTPUT_W * STRIDE_W) - i32(PADDING_W),
        i32(p / (OUTPUT_W * OUTPUT_H) * INPUT_H),
    );
}

// The pixel of `r` under tap (y, x), as an index into the input; -1 outside the map.
fn under(r: Row, y: i32, x: i32) -> i32 {
    let at = vec2i(r.y + y, r.x + x);
    let index = ((r.image + at.x) * i32(INPUT_W) + at.y) * i32(INPUT_QUADS);
    if (PADDED) {
        let inside = all(at >= vec2i(0)) && at.x < i32(INPUT_H) && at.y < i32(INPUT_W);
        return select(-1, index, inside);
    }
    return index;
}

// Quad k of the pixel at `index`.
fn load(index: i32, k: u32) -> vec4f {
    if (PADDED) {
        return select(vec4f(), load_0(u32(max(index, 0)) + k), index >= 0);
    }
    return load_0(u32(index) + k);
}

fn store(pixel: u32, quad: u32, value: vec4f) {
    if (quad < OUTPUT_QUADS) {
        store_1(min(pixel, PIXELS - 1u) * OUTPUT_QUADS + quad, value);
    }
}

fn item(id: u32) {
    let p = id % ROW_TILES * ROWS;
    // The tile's first output quad, in the weights of this dispatch and in the output.
    let w = id / ROW_TILES * COLUMNS;
    let q = w + FIRST_TILE * COLUMNS;

    // The span of the groups that the tile's outputs belong to.
    var first = 0u;
    var span = SPAN;
    if (GROUPS > 1u) {
        let last = min((q + COLUMNS) * 4u, GROUPS * GROUP_OUTPUTS) - 1u;
        first = q * 4u / GROUP_OUTPUTS * GROUP_INPUTS / 4u;
        span = ((last / GROUP_OUTPUTS + 1u) * GROUP_INPUTS + 3u) / 4u - first;
    }

    let r0 = row(p);
    let r1 = row(p + 1u);
    let r2 = row(p + 2u);
    let r3 = row(p + 3u);
    let r4 = row(p + 4u);
    let r5 = row(p + 5u);
    let r6 = row(p + 6u);
    let r7 = row(p + 7u);
    var s00 = vec4f(); var s01 = vec4f(); var s02 = vec4f(); var s03 = vec4f();
    var s10 = vec4f(); var s11 = vec4f(); var s12 = vec4f(); var s13 = vec4f();
    var s20 = vec4f(); var s21 = vec4f(); var s22 = vec4f(); var s23 = vec4f();
    var s30 = vec4f(); var s31 = vec4f(); var s32 = vec4f(); var s33 = vec4f();
    var s40 = vec4f(); var s41 = vec4f(); var s42 = vec4f(); var s43 = vec4f();
    var s50 = vec4f(); var s51 = vec4f(); var s52 = vec4f(); var s53 = vec4f();
    var s60 = vec4f(); var s61 = vec4f(); var s62 = vec4f(); var s63 = vec4f();
    var s70 = vec4f(); var s71 = vec4f(); var s72 = vec4f(); var s73 = vec4f();

    for (var tap = 0u; tap < KERNEL_H * KERNEL_W; tap++) {
        let y = i32(tap / KERNEL_W * DILATION_H);
        let x = i32(tap % KERNEL_W * DILATION_W);
        let i0 = under(r0, y, x);
        let i1 = under(r1, y, x);
        let i2 = under(r2, y, x);
        let i3 = under(r3, y, x);
        let i4 = under(r4, y, x);
        let i5 = under(r5, y, x);
        let i6 = under(r6, y, x);
        let i7 = under(r7, y, x);
        for (var k = 0u; k < span; k++) {
            let at = tap * SPAN + k;
            let a0 = load(i0, first + k);
            var a1 = vec4f();
            var a2 = vec4f();
            var a3 = vec4f();
            var a4 = vec4f();
            var a5 = vec4f();
            var a6 = vec4f();
            var a7 = vec4f();
            if (ROWS > 1u) {
                a1 = load(i1, first + k);
                a2 = load(i2, first + k);
                a3 = load(i3, first + k);
            }
            if (ROWS > 4u) {
                a4 = load(i4, first + k);
                a5 = load(i5, first + k);
                a6 = load(i6, first + k);
                a7 = load(i7, first + k);
            }
            {
                let m = matrix_2(w * DEPTH + at);
                s00 += m * a0;
                if (ROWS > 1u) {
                    s10 += m * a1;
                    s20 += m * a2;
                    s30 += m * a3;
                }
                if (ROWS > 4u) {
                    s40 += m * a4;
                    s50 += m * a5;
                    s60 += m * a6;
                    s70 += m * a7;
                }
            }
            if (COLUMNS > 1u) {
                let m = matrix_2((w + 1u) * DEPTH + at);
                s01 += m * a0;
                if (ROWS > 1u) {
                    s11 += m * a1;
                    s21 += m * a2;
                    s31 += m * a3;
                }
                if (ROWS > 4u) {
                    s41 += m * a4;
                    s51 += m * a5;
                    s61 += m * a6;
                    s71 += m * a7;
                }
            }
            if (COLUMNS > 2u) {
                let m = matrix_2((w + 2u) * DEPTH + at);
                s02 += m * a0;
                if (ROWS > 1u) {
                    s12 += m * a1;
                    s22 += m * a2;
                    s32 += m * a3;
                }
                if (ROWS > 4u) {
                    s42 += m * a4;
                    s52 += m * a5;
                    s62 += m * a6;
                    s72 += m * a7;
                }
            }
            if (COLUMNS > 2u) {
                let m = matrix_2((w + 3u) * DEPTH + at);
                s03 += m * a0;
                if (ROWS > 1u) {
                    s13 += m * a1;
                    s23 += m * a2;
                    s33 += m * a3;
                }
                if (ROWS > 4u) {
                    s43 += m * a4;
                    s53 += m * a5;
                    s63 += m * a6;
                    s73 += m * a7;
                }
            }
        }
    }

    {
        let b = load_3(q);
        store(p, q, s00 + b);
        if (ROWS > 1u) {
            store(p + 1u, q, s10 + b);
            store(p + 2u, q, s20 + b);
            store(p + 3u, q, s30 + b);
        }
        if (ROWS > 4u) {
            store(p + 4u, q, s40 + b);
            store(p + 5u, q, s50 + b);
            store(p + 6u, q, s60 + b);
            store(p + 7u, q, s70 + b);
        }
    }
    if (COLUMNS > 1u) {
        let b = load_3(q + 1u);
        store(p, q + 1u, s01 + b);
        if (ROWS > 1u) {
            store(p + 1u, q + 1u, s11 + b);
            store(p + 2u, q + 1u, s21 + b);
            store(p + 3u, q + 1u, s31 + b);
        }
        if (ROWS > 4u) {
            store(p + 4u, q + 1u, s41 + b);
            store(p + 5u, q + 1u, s51 + b);
            store(p + 6u, q + 1u, s61 + b);
            store(p + 7u, q + 1u, s71 + b);
        }
    }
    if (COLUMNS > 2u) {
        let b = load_3(q + 2u);
        store(p, q + 2u, s02 + b);
        if (ROWS > 1u) {
            store(p + 1u, q + 2u, s12 + b);
            store(p + 2u, q + 2u, s22 + b);
            store(p + 3u, q + 2u, s32 + b);
        }
        if (ROWS > 4u) {
            store(p + 4u, q + 2u, s42 + b);
            store(p + 5u, q + 2u, s52 + b);
            store(p + 6u, q + 2u, s62 + b);
            store(p + 7u, q + 2u, s72 + b);
        }
    }
    if (COLUMNS > 2u) {
        let b = load_3(q + 3u);
        store(p, q + 3u, s03 + b);
        if (ROWS > 1u) {
            store(p + 1u, q + 3u, s13 + b);
            store(p + 2u, q + 3u, s23 + b);
            store(p + 3u, q + 3u, s33 + b);
        }
        if (ROWS > 4u) {
            store(p + 4u, q + 3u, s43 + b);
            store(p + 5u, q + 3u, s53 + b);
            store(p + 6u, q + 3u, s63 + b);
            store(p + 7u, q + 3u, s73 + b);
        }
    }
}
