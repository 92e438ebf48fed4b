// Tiles of Winograd's algorithm: OUT × OUT output pixels, made of IN × IN input pixels.

// Tiles of an image.
override TILES_H: u32;
override TILES_W: u32;
// Quads of a pixel: of the inputs, or of the outputs.
override QUADS: u32;

// Invocations that share a tile's quad: each makes ROWS of the OF rows that the transform gives.
const BLOCKS = OF / ROWS;

// What an invocation makes: rows of a quad of a tile.
struct Part {
    tile: u32,
    block: u32,
    quad: u32,
}

fn part(id: u32) -> Part {
    return Part(id / (QUADS * BLOCKS), id / QUADS % BLOCKS, id % QUADS);
}

// The image of a tile, and the first row and column of its outputs.
struct Corner {
    image: u32,
    y: u32,
    x: u32,
}

fn corner(tile: u32) -> Corner {
    let rows = tile / TILES_W;
    return Corner(rows / TILES_H, rows % TILES_H * OUT, tile % TILES_W * OUT);
}

// Where quad q of a tile's point (y, x) lies among the points of all tiles.
fn point(tile: u32, y: u32, x: u32, q: u32) -> u32 {
    return ((tile * IN + y) * IN + x) * QUADS + q;
}
