// A convolution cut into tiles of output pixels × output quads: how many, and what they walk.

// Tiles that cover the output pixels.
override ROW_TILES: u32;
// The first column tile of this dispatch.
override FIRST_TILE: u32;
// Input quads of the longest span.
override SPAN: u32;
override OUTPUT_QUADS: u32;
override INPUT_H: u32;
override INPUT_W: u32;
override OUTPUT_H: u32;
override OUTPUT_W: u32;
override PIXELS: u32;
override KERNEL_H: u32;
override KERNEL_W: u32;
override STRIDE_H: u32;
override STRIDE_W: u32;
override PADDING_H: u32;
override PADDING_W: u32;
override DILATION_H: u32;
override DILATION_W: u32;
// Matrices to an output quad.
override DEPTH: u32 = KERNEL_H * KERNEL_W * SPAN;

// Where an output pixel reads: the pixel under tap (0, 0), which may lie outside the map.
struct Origin {
    y: i32,
    x: i32,
    // The first row of its image, of all rows of the map.
    image: i32,
}

// Of pixels past the last, the last one's.
fn origin(pixel: u32) -> Origin {
    let p = min(pixel, PIXELS - 1u);
    return Origin(
        i32(p / OUTPUT_W % OUTPUT_H * STRIDE_H) - i32(PADDING_H),
        i32(p % OUTPUT_W * STRIDE_W) - i32(PADDING_W),
        i32(p / (OUTPUT_W * OUTPUT_H) * INPUT_H),
    );
}
