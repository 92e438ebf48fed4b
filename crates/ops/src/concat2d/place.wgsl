// Copies an input to its place in the output, from row TOP and column LEFT on.

override QUADS: u32;
override INPUT_H: u32;
override INPUT_W: u32;
override OUTPUT_H: u32;
override OUTPUT_W: u32;
override TOP: u32;
override LEFT: u32;

fn item(i: u32) {
    let pixel = i / QUADS;
    let y = pixel / INPUT_W % INPUT_H + TOP;
    let x = pixel % INPUT_W + LEFT;
    let image = pixel / (INPUT_W * INPUT_H);
    store_1(((image * OUTPUT_H + y) * OUTPUT_W + x) * QUADS + i % QUADS, load_0(i));
}
