// Reductions over a workgroup of 64: each lane brings a quad, all lanes get the result.

const LANES = 64u;

var<workgroup> partial: array<vec4f, LANES>;

fn combine(a: vec4f, b: vec4f, largest: bool) -> vec4f {
    return select(a + b, max(a, b), largest);
}

// The sum, or the largest, of all lanes' values. All lanes of the workgroup must call it.
fn reduce(lane: u32, value: vec4f, largest: bool) -> vec4f {
    workgroupBarrier();
    partial[lane] = value;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        if (lane < half) {
            partial[lane] = combine(partial[lane], partial[lane + half], largest);
        }
        workgroupBarrier();
    }
    return partial[0];
}
