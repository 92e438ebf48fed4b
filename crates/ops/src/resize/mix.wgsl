// Each output pixel mixed from TAPS × TAPS of the input.
//
// Binding 2: for each output row, then for each column, a quad of places and one of shares.

override QUADS: u32;
override INPUT_H: u32;
override INPUT_W: u32;
override OUTPUT_H: u32;
override OUTPUT_W: u32;
override TAPS: u32;

fn value(i: u32) -> vec4f {
    let pixel = i / QUADS;
    let y = pixel / OUTPUT_W % OUTPUT_H;
    let x = OUTPUT_H + pixel % OUTPUT_W;
    let first = pixel / (OUTPUT_W * OUTPUT_H) * INPUT_H;
    let rows = load_2(2u * y);
    let row_shares = load_2(2u * y + 1u);
    let columns = load_2(2u * x);
    let column_shares = load_2(2u * x + 1u);
    var sum = vec4f();
    for (var r = 0u; r < TAPS; r++) {
        let line = (first + u32(rows[r])) * INPUT_W;
        var row = vec4f();
        for (var c = 0u; c < TAPS; c++) {
            row += column_shares[c] * load_0((line + u32(columns[c])) * QUADS + i % QUADS);
        }
        sum += row_shares[r] * row;
    }
    return sum;
}
