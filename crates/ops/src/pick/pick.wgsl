// Output pixel (y, x) is input pixel (place(y), place(OUTPUT_H + x)), or FILL where there is none.

override QUADS: u32;
override INPUT_H: u32;
override INPUT_W: u32;
override OUTPUT_H: u32;
override OUTPUT_W: u32;
override FILL: f32;

fn place(i: u32) -> i32 {
    return i32(load_2(i / 4u)[i % 4u]);
}

fn value(i: u32) -> vec4f {
    let pixel = i / QUADS;
    let row = place(pixel / OUTPUT_W % OUTPUT_H);
    let column = place(OUTPUT_H + pixel % OUTPUT_W);
    if (min(row, column) < 0) {
        return vec4f(FILL);
    }
    let image = pixel / (OUTPUT_W * OUTPUT_H);
    let source = (image * INPUT_H + u32(row)) * INPUT_W + u32(column);
    return load_0(source * QUADS + i % QUADS);
}
