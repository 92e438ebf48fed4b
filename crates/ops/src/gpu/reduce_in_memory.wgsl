// The sum, or the largest, of the values of a team's lanes. All lanes of the workgroup must call it.
fn reduce(lane: u32, value: vec4f, largest: bool) -> vec4f {
    if (TEAM == 1u) {
        return value;
    }
    workgroupBarrier();
    partial[lane] = value;
    workgroupBarrier();
    for (var half = TEAM / 2u; half > 0u; half /= 2u) {
        if (lane % TEAM < half) {
            partial[lane] = combine(partial[lane], partial[lane + half], largest);
        }
        workgroupBarrier();
    }
    return partial[lane / TEAM * TEAM];
}
