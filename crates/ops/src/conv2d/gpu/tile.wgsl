// A register tile of ROWS output pixels × COLUMNS output quads an invocation.
//
// for each tap, for each UNROLL input quads k of the span:
//     a[k][r] = quad k under the tap of pixel r, zero outside the map
//     for each output quad c: m[k] = weight(c, tap, k), then sum[r][c] += m[k] · a[k][r]
//
// so that all loads for the first output quad stand before their first use.
// output = sum + bias
//
// Rows past the last pixel repeat it; quads past the last are computed from zero weights and not
// stored. Loops over ROWS, COLUMNS and UNROLL have constant bounds, so compilers unroll them and keep
// the arrays in registers.
//
// Binding 2: for each output quad of this dispatch, a matrix a tap and input quad of the span.
// Binding 3: the bias.

override GROUPS: u32;
override GROUP_INPUTS: u32;
override GROUP_OUTPUTS: u32;
override PADDED: bool;
// Whether every span is a multiple of UNROLL.
override EVEN: bool;

// Quads that are loaded for an input quad of the span, of the weights and under a tap.
const EACH = ROWS + 4u * COLUMNS;

// Where the pixel of `r` under tap (y, x) lies; -1 outside the map.
fn under(r: Origin, y: i32, x: i32) -> i32 {
    let at = vec2i(r.y + y, r.x + x);
    let index = i32(pixel_0(u32((r.image + at.x) * i32(INPUT_W) + at.y)));
    if (PADDED) {
        let inside = all(at >= vec2i(0)) && at.x < i32(INPUT_H) && at.y < i32(INPUT_W);
        return select(-1, index, inside);
    }
    return index;
}

// Quad k of the pixel at `index`; zero where there is none.
fn load(index: i32, k: u32, inside: bool) -> vec4f {
    if (PADDED || !EVEN) {
        let there = inside && index >= 0;
        let quad = read_0(select(0u, u32(index), there), select(0u, k, inside));
        return select(vec4f(), quad, there);
    }
    return read_0(u32(index), k);
}

fn store(pixel: u32, quad: u32, value: vec4f) {
    if (quad < OUTPUT_QUADS) {
        put_1(min(pixel, PIXELS - 1u), quad, value);
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

    var rows: array<Origin, ROWS>;
    for (var r = 0u; r < ROWS; r++) {
        rows[r] = origin(p + r);
    }
    var sum: array<array<vec4f, COLUMNS>, ROWS>;
    let taps = loop_end(KERNEL_H * KERNEL_W, DEPTH * EACH, id);
    let end = loop_end(span, span * EACH, id);
    for (var tap = 0u; tap < taps; tap++) {
        let y = i32(tap / KERNEL_W * DILATION_H);
        let x = i32(tap % KERNEL_W * DILATION_W);
        var index: array<i32, ROWS>;
        for (var r = 0u; r < ROWS; r++) {
            index[r] = under(rows[r], y, x);
        }
        for (var k = 0u; k < end; k += UNROLL) {
            var a: array<array<vec4f, ROWS>, UNROLL>;
            for (var u = 0u; u < UNROLL; u++) {
                for (var r = 0u; r < ROWS; r++) {
                    a[u][r] = load(index[r], first + k + u, EVEN || k + u < span);
                }
            }
            for (var c = 0u; c < COLUMNS; c++) {
                var m: array<mat4x4f, UNROLL>;
                for (var u = 0u; u < UNROLL; u++) {
                    let at = select(min(k + u, span - 1u), k + u, EVEN);
                    m[u] = matrix_2((w + c) * DEPTH + tap * SPAN + at);
                }
                for (var u = 0u; u < UNROLL; u++) {
                    for (var r = 0u; r < ROWS; r++) {
                        sum[r][c] = add_product(sum[r][c], m[u], a[u][r]);
                    }
                }
            }
        }
    }
    for (var c = 0u; c < COLUMNS; c++) {
        let bias = load_3(q + c);
        for (var r = 0u; r < ROWS; r++) {
            store(p + r, q + c, sum[r][c] + bias);
        }
    }
}
