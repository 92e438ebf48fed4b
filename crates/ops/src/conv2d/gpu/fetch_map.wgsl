// What a lane of `gemm` fetches of a slice of the pixels: a quad of the map.

// A place of the walk, its digits those of a number of mixed radix.
struct Place {
    quad: u32,
    x: u32,
    y: u32,
}

fn place(k: u32) -> Place {
    let tap = k / SPAN;
    return Place(k % SPAN, tap % KERNEL_W, tap / KERNEL_W);
}

// The place a slice further. Past the walk's end, y is past the kernel.
fn next(p: Place) -> Place {
    let step = place(SLICE);
    var to = Place(p.quad + step.quad, p.x + step.x, p.y + step.y);
    if (to.quad >= SPAN) {
        to.quad -= SPAN;
        to.x += 1u;
    }
    if (to.x >= KERNEL_W) {
        to.x -= KERNEL_W;
        to.y += 1u;
    }
    return to;
}

struct Fetched {
    inside: bool,
    value: vec4f,
}

fn fetch(o: Origin, p: Place, owner: u32) -> Fetched {
    let pixel = under(o, p.y, p.x);
    return Fetched(pixel.inside, read_0(pixel.at, owner * SPAN + p.quad));
}

// What lies outside the map becomes zero as it is stored, not before.
fn settled(f: Fetched, o: Origin) -> vec4f {
    return select(vec4f(), f.value, f.inside);
}
