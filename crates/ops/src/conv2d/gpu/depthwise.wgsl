// ACROSS × DOWN neighbouring outputs of a quad an invocation. `item`, which `depthwise.rs` writes for a kernel's
// sizes, is made of these functions.

override QUADS: u32;
override BLOCKS_W: u32;
override BLOCKS_H: u32;
override INPUT_H: u32;
override INPUT_W: u32;
override OUTPUT_H: u32;
override OUTPUT_W: u32;
// Parts of the kernel, and taps of a part, along both sides.
override PARTS_H: u32;
override PARTS_W: u32;
override TAPS_H: u32;
override TAPS_W: u32;
override STRIDE_H: u32;
override STRIDE_W: u32;
override PADDING_H: u32;
override PADDING_W: u32;
override DILATION_H: u32;
override DILATION_W: u32;

// A block of outputs: its quad, image, and first output.
struct Block {
    quad: u32,
    image: u32,
    y: u32,
    x: u32,
}

fn block(i: u32) -> Block {
    let column = i / QUADS;
    let row = column / BLOCKS_W;
    let image = row / BLOCKS_H;
    return Block(i % QUADS, image, row % BLOCKS_H * DOWN, column % BLOCKS_W * ACROSS);
}

// Row and column of a part's first tap.
fn first_tap(part: u32) -> vec2u {
    return vec2u(part / PARTS_W * TAPS_H, part % PARTS_W * TAPS_W);
}

// Row and column of the pixel under a tap of the block's first output; either may lie outside the map.
fn under(b: Block, tap: vec2u) -> vec2i {
    let y = i32(b.y * STRIDE_H + tap.x * DILATION_H) - i32(PADDING_H);
    let x = i32(b.x * STRIDE_W + tap.y * DILATION_W) - i32(PADDING_W);
    return vec2i(y, x);
}

// Which pixel a row of the map begins with; negative where there is no such row.
fn line(b: Block, row: i32) -> i32 {
    let first = (i32(b.image * INPUT_H) + row) * i32(INPUT_W);
    return select(-1, first, row >= 0 && row < i32(INPUT_H));
}

fn inside(line: i32, column: i32) -> bool {
    return line >= 0 && column >= 0 && column < i32(INPUT_W);
}

// The block's quad of a pixel; of any pixel outside the map.
fn pixel(b: Block, line: i32, column: i32) -> vec4f {
    return read_0(pixel_0(u32(select(0, line + column, inside(line, column)))), b.quad);
}

// Weights lie by kernel row, then column, in whole parts, then quad.
fn weight(b: Block, tap: vec2u, row: u32, column: u32) -> vec4f {
    return load_2(((tap.x + row) * PARTS_W * TAPS_W + tap.y + column) * QUADS + b.quad);
}

fn bias(b: Block) -> vec4f {
    return load_3(b.quad);
}

fn store(b: Block, down: u32, across: u32, value: vec4f) {
    let y = b.y + down;
    let x = b.x + across;
    if (y < OUTPUT_H && x < OUTPUT_W) {
        put_1((b.image * OUTPUT_H + y) * OUTPUT_W + x, b.quad, value);
    }
}
