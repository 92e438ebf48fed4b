// A tile of 64 output pixels × 16 output quads a workgroup of 64, both operands staged.
//
// for each run of four matrices k of the walk over taps and input quads:
//     all lanes: fetch 64 pixels × 4 input quads and 16 output quads × 4 matrices
//     each lane: 8 pixels × 2 output quads, sum += weight · input
// output = sum + bias
//
// Binding 2: for each output quad of this dispatch, a matrix a tap and input quad. Binding 3: the
// bias.

// Column tiles of this dispatch.
override TILES: u32;

const STEP = 4u;
const PIXELS_TILE = 64u;
const QUADS_TILE = 16u;

// By k, then by pixel or output quad: neighbouring lanes read neighbouring places.
var<workgroup> a: array<array<vec4f, PIXELS_TILE>, STEP>;
var<workgroup> b: array<array<mat4x4f, QUADS_TILE>, STEP>;

// Input quad under matrix k of the walk, for an output pixel; zero outside the map and past the end.
fn fetch(pixel: u32, k: u32) -> vec4f {
    let tap = k / SPAN;
    let p = min(pixel, PIXELS - 1u);
    let y = i32(p / OUTPUT_W % OUTPUT_H * STRIDE_H + tap / KERNEL_W * DILATION_H)
        - i32(PADDING_H);
    let x = i32(p % OUTPUT_W * STRIDE_W + tap % KERNEL_W * DILATION_W) - i32(PADDING_W);
    let inside = k < DEPTH && y >= 0 && x >= 0 && y < i32(INPUT_H) && x < i32(INPUT_W);
    if (!inside) {
        return vec4f();
    }
    let row = p / (OUTPUT_W * OUTPUT_H) * INPUT_H + u32(y);
    return load_0((row * INPUT_W + u32(x)) * INPUT_QUADS + k % SPAN);
}

fn store(pixel: u32, quad: u32, value: vec4f) {
    if (pixel < PIXELS && quad < OUTPUT_QUADS) {
        store_1(pixel * OUTPUT_QUADS + quad, value);
    }
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let tile = group_index(group, groups);
    if (tile >= ROW_TILES * TILES) {
        return;
    }
    let p = tile % ROW_TILES * PIXELS_TILE;
    let w = tile / ROW_TILES * QUADS_TILE;
    let q = w + FIRST_TILE * QUADS_TILE;
    // The lane's own pixels are `row`, `row + 8`, …, its own quads `column` and `column + 8`.
    let row = lane / 8u;
    let column = lane % 8u;
    var s00 = vec4f(); var s01 = vec4f();
    var s10 = vec4f(); var s11 = vec4f();
    var s20 = vec4f(); var s21 = vec4f();
    var s30 = vec4f(); var s31 = vec4f();
    var s40 = vec4f(); var s41 = vec4f();
    var s50 = vec4f(); var s51 = vec4f();
    var s60 = vec4f(); var s61 = vec4f();
    var s70 = vec4f(); var s71 = vec4f();

    for (var k = 0u; k < DEPTH; k += STEP) {
        workgroupBarrier();
        for (var j = 0u; j < STEP; j++) {
            a[j][lane] = fetch(p + lane, k + j);
        }
        let quad = lane / STEP;
        let j = lane % STEP;
        if (k + j < DEPTH) {
            b[j][quad] = matrix_2((w + quad) * DEPTH + k + j);
        }
        workgroupBarrier();
        for (var j = 0u; j < min(STEP, DEPTH - k); j++) {
            let m0 = b[j][column];
            let m1 = b[j][column + 8u];
            let a0 = a[j][row];
            s00 += m0 * a0;
            s01 += m1 * a0;
            let a1 = a[j][row + 8u];
            s10 += m0 * a1;
            s11 += m1 * a1;
            let a2 = a[j][row + 16u];
            s20 += m0 * a2;
            s21 += m1 * a2;
            let a3 = a[j][row + 24u];
            s30 += m0 * a3;
            s31 += m1 * a3;
            let a4 = a[j][row + 32u];
            s40 += m0 * a4;
            s41 += m1 * a4;
            let a5 = a[j][row + 40u];
            s50 += m0 * a5;
            s51 += m1 * a5;
            let a6 = a[j][row + 48u];
            s60 += m0 * a6;
            s61 += m1 * a6;
            let a7 = a[j][row + 56u];
            s70 += m0 * a7;
            s71 += m1 * a7;
        }
    }

    let c0 = load_3(q + column);
    let c1 = load_3(q + column + 8u);
    store(p + row, q + column, s00 + c0);
    store(p + row, q + column + 8u, s01 + c1);
    store(p + row + 8u, q + column, s10 + c0);
    store(p + row + 8u, q + column + 8u, s11 + c1);
    store(p + row + 16u, q + column, s20 + c0);
    store(p + row + 16u, q + column + 8u, s21 + c1);
    store(p + row + 24u, q + column, s30 + c0);
    store(p + row + 24u, q + column + 8u, s31 + c1);
    store(p + row + 32u, q + column, s40 + c0);
    store(p + row + 32u, q + column + 8u, s41 + c1);
    store(p + row + 40u, q + column, s50 + c0);
    store(p + row + 40u, q + column + 8u, s51 + c1);
    store(p + row + 48u, q + column, s60 + c0);
    store(p + row + 48u, q + column + 8u, s61 + c1);
    store(p + row + 56u, q + column, s70 + c0);
    store(p + row + 56u, q + column + 8u, s71 + c1);
}
