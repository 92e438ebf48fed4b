// Output pixel (y, x) is input pixel (x, y).

override QUADS: u32;
override OUTPUT_H: u32;
override OUTPUT_W: u32;

fn value(i: u32) -> vec4f {
    let pixel = i / QUADS;
    let y = pixel / OUTPUT_W % OUTPUT_H;
    let x = pixel % OUTPUT_W;
    let image = pixel / (OUTPUT_W * OUTPUT_H);
    return load_0(((image * OUTPUT_W + x) * OUTPUT_H + y) * QUADS + i % QUADS);
}
