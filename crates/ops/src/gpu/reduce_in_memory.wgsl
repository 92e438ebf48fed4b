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
