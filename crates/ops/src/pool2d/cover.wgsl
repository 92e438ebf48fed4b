// What a pooling window covers. Output quad i is quad i % QUADS of output pixel i / QUADS.

override QUADS: u32;
override INPUT_H: u32;
override INPUT_W: u32;
override OUTPUT_H: u32;
override OUTPUT_W: u32;
override KERNEL_H: u32;
override KERNEL_W: u32;
override STRIDE_H: u32;
override STRIDE_W: u32;
override PADDING_H: u32;
override PADDING_W: u32;
// Sides of the padded map.
override PADDED_H: u32;
override PADDED_W: u32;
// Pixels from one of a window's to its next.
override DILATION_H: u32;
override DILATION_W: u32;
// Whether the windows are as many parts of the map as there are output pixels.
override PARTS: bool;
override LARGEST: bool;
override COUNT_PADDING: bool;

const LOWEST = -3.4028234e38;

struct Cover {
    // The first pixel of the map under the window, as an index into the input.
    first: u32,
    // Pixels of the map under the window.
    rows: u32,
    columns: u32,
    // What an average divides by.
    divisor: f32,
}

// Of every `step`-th pixel from `start` to `end` of a padded map, those of the map itself: first and count.
fn clip(start: u32, end: u32, padding: u32, len: u32, step: u32) -> vec2u {
    let skipped = (max(start, padding) - start + step - 1u) / step * step;
    let first = min(start + skipped - min(start + skipped, padding), len);
    let last = max(min(end - min(end, padding), len), first);
    return vec2u(first, (last - first + step - 1u) / step);
}

fn cover(i: u32) -> Cover {
    let pixel = i / QUADS;
    let y = pixel / OUTPUT_W % OUTPUT_H;
    let x = pixel % OUTPUT_W;
    var start_h = y * STRIDE_H;
    var start_w = x * STRIDE_W;
    var end_h = min(start_h + (KERNEL_H - 1u) * DILATION_H + 1u, PADDED_H);
    var end_w = min(start_w + (KERNEL_W - 1u) * DILATION_W + 1u, PADDED_W);
    if (PARTS) {
        start_h = y * INPUT_H / OUTPUT_H;
        start_w = x * INPUT_W / OUTPUT_W;
        end_h = ((y + 1u) * INPUT_H + OUTPUT_H - 1u) / OUTPUT_H;
        end_w = ((x + 1u) * INPUT_W + OUTPUT_W - 1u) / OUTPUT_W;
    }
    let h = clip(start_h, end_h, PADDING_H, INPUT_H, DILATION_H);
    let w = clip(start_w, end_w, PADDING_W, INPUT_W, DILATION_W);
    let image = pixel / (OUTPUT_W * OUTPUT_H);
    let first = ((image * INPUT_H + h.x) * INPUT_W + w.x) * QUADS + i % QUADS;
    let padded = (end_h - start_h) * (end_w - start_w);
    let divisor = select(h.y * w.y, padded, COUNT_PADDING);
    return Cover(first, h.y, w.y, f32(divisor));
}
