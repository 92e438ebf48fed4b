// The inputs of Winograd's algorithm at its points.
//
// for each tile, each of its input quads, each ROWS rows of points:
//     for each AHEAD columns of the IN × IN inputs, all of them loaded first:
//         at[..][column] = the transform's rows · the column
//     for each row: its points = the transform · at[row]
//
// `rows` and `all` are the transform: some of its rows, and all of them.

override INPUT_H: u32;
override INPUT_W: u32;
override PADDING_H: u32;
override PADDING_W: u32;

// Input quad q under row y and column x of a tile; zero outside the map.
fn under(c: Corner, y: u32, x: u32, q: u32) -> vec4f {
    let row = i32(c.y + y) - i32(PADDING_H);
    let column = i32(c.x + x) - i32(PADDING_W);
    let inside = row >= 0 && column >= 0 && row < i32(INPUT_H) && column < i32(INPUT_W);
    let pixel = (c.image * INPUT_H + u32(row)) * INPUT_W + u32(column);
    return select(vec4f(), read_0(pixel_0(select(0u, pixel, inside)), q), inside);
}

fn item(id: u32) {
    let p = part(id);
    let c = corner(p.tile);
    var at: array<array<vec4f, IN>, ROWS>;
    for (var x = 0u; x < IN; x += AHEAD) {
        var columns: array<array<vec4f, IN>, AHEAD>;
        for (var k = 0u; k < AHEAD; k++) {
            for (var y = 0u; y < IN; y++) {
                columns[k][y] = under(c, y, x + k, p.quad);
            }
        }
        var made = rows(p.block, columns);
        for (var k = 0u; k < AHEAD; k++) {
            for (var r = 0u; r < ROWS; r++) {
                at[r][x + k] = made[k][r];
            }
        }
    }
    for (var r = 0u; r < ROWS; r++) {
        var points = all(at[r]);
        for (var x = 0u; x < OF; x++) {
            store_1(point(p.tile, p.block * ROWS + r, x, p.quad), points[x]);
        }
    }
}
