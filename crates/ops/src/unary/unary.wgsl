// y = f(x) for each element.

fn value(i: u32) -> vec4f {
    return apply(load_0(i));
}
