// A convolution cut into tiles of output pixels × output quads: how many, and what they walk.

// Tiles that cover the output pixels.
override ROW_TILES: u32;
// The first column tile of this dispatch.
override FIRST_TILE: u32;
// Input quads of the longest span.
override SPAN: u32;
override INPUT_QUADS: u32;
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
