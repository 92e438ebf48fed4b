// The outputs of Winograd's algorithm, of the products at its points.
//
// for each tile, each of its output quads, each ROWS rows of outputs:
//     for each AHEAD columns of the IN × IN points, all of them loaded first:
//         at[..][column] = the transform's rows · the column
//     for each row: its outputs = the transform · at[row] + bias, those inside the map
//
// `rows` and `all` are the transform: some of its rows, and all of them. Binding 2: the bias.

override OUTPUT_H: u32;
override OUTPUT_W: u32;

fn item(id: u32) {
    let p = part(id);
    let c = corner(p.tile);
    var at: array<array<vec4f, IN>, ROWS>;
    for (var x = 0u; x < IN; x += AHEAD) {
        var columns: array<array<vec4f, IN>, AHEAD>;
        for (var k = 0u; k < AHEAD; k++) {
            for (var y = 0u; y < IN; y++) {
                columns[k][y] = load_0(point(p.tile, y, x + k, p.quad));
            }
        }
        var made = rows(p.block, columns);
        for (var k = 0u; k < AHEAD; k++) {
            for (var r = 0u; r < ROWS; r++) {
                at[r][x + k] = made[k][r];
            }
        }
    }
    let bias = load_2(p.quad);
    for (var r = 0u; r < ROWS; r++) {
        var outputs = all(at[r]);
        let y = c.y + p.block * ROWS + r;
        for (var x = 0u; x < OF; x++) {
            if (y < OUTPUT_H && c.x + x < OUTPUT_W) {
                let pixel = (c.image * OUTPUT_H + y) * OUTPUT_W + c.x + x;
                put_1(pixel, p.quad, outputs[x] + bias);
            }
        }
    }
}
