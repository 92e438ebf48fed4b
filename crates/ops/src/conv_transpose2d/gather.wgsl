// Four output pixels of a row, a stride apart, × one output quad an invocation: they meet the same taps.
//
// for each tap that lies on an input row and on input columns, for each input quad k of the span:
//     sum[j] += weight(tap, k) · input quad k under the tap of pixel j, zero outside the map
// output = sum + bias
//
// Binding 2: for each output quad of this dispatch, a matrix a tap and input quad of the span.
// Binding 3: the bias.

// Blocks of four pixels to an output row.
override ACROSS: u32;
override GROUPS: u32;
override GROUP_INPUTS: u32;
override GROUP_OUTPUTS: u32;

// Quads that are loaded for an input quad of the span: a matrix, and one under each pixel.
const EACH = 8u;

// Input quad k of the pixel at column x of the input row whose first is pixel `line`; zero outside the map.
fn load(line: u32, x: i32, k: u32) -> vec4f {
    let inside = x >= 0 && x < i32(INPUT_W);
    let column = u32(select(0, x, inside));
    return select(vec4f(), read_0(pixel_0(line + column), k), inside);
}

fn store(line: u32, x: u32, quad: u32, value: vec4f) {
    if (x < OUTPUT_W) {
        put_1(line + x, quad, value);
    }
}

fn item(id: u32) {
    let block = id % ROW_TILES;
    // The output quad, in the weights of this dispatch and in the output.
    let w = id / ROW_TILES;
    let q = w + FIRST_TILE;
    let across = block % ACROSS;
    let first = across / STRIDE_W * 4u * STRIDE_W + across % STRIDE_W;
    let y = block / ACROSS % OUTPUT_H;
    let image = block / (ACROSS * OUTPUT_H);

    // The span of the groups that the quad's outputs belong to.
    var start = 0u;
    var span = SPAN;
    if (GROUPS > 1u) {
        let last = min((q + 1u) * 4u, GROUPS * GROUP_OUTPUTS) - 1u;
        start = q * 4u / GROUP_OUTPUTS * GROUP_INPUTS / 4u;
        span = ((last / GROUP_OUTPUTS + 1u) * GROUP_INPUTS + 3u) / 4u - start;
    }

    let bias = load_3(q);
    var s0 = bias; var s1 = bias; var s2 = bias; var s3 = bias;
    let taps = loop_end(KERNEL_H * KERNEL_W, DEPTH * EACH, id);
    let end = loop_end(span, span * EACH, id);
    for (var tap = 0u; tap < taps; tap++) {
        let down = i32(y + PADDING_H) - i32(tap / KERNEL_W * DILATION_H);
        let right = i32(first + PADDING_W) - i32(tap % KERNEL_W * DILATION_W);
        let row = down / i32(STRIDE_H);
        if (down < 0 || row * i32(STRIDE_H) != down || row >= i32(INPUT_H)) {
            continue;
        }
        if (right % i32(STRIDE_W) != 0) {
            continue;
        }
        let x = right / i32(STRIDE_W);
        let line = (image * INPUT_H + u32(row)) * INPUT_W;
        for (var k = 0u; k < end; k++) {
            let m = matrix_2(w * DEPTH + tap * SPAN + k);
            s0 += m * load(line, x, start + k);
            s1 += m * load(line, x + 1, start + k);
            s2 += m * load(line, x + 2, start + k);
            s3 += m * load(line, x + 3, start + k);
        }
    }
    let line = (image * OUTPUT_H + y) * OUTPUT_W;
    store(line, first, q, s0);
    store(line, first + STRIDE_W, q, s1);
    store(line, first + 2u * STRIDE_W, q, s2);
    store(line, first + 3u * STRIDE_W, q, s3);
}
