// Subgroups may have any size, and several sizes: nothing is taken for granted but what their lanes count.

fn of_subgroup(value: vec4f, largest: bool) -> vec4f {
    if (largest) {
        return subgroupMax(value);
    }
    return subgroupAdd(value);
}

// The sum, or the largest, of all lanes' values: they are one team. All lanes of the workgroup must call it.
//
// own = that of the lane's subgroup; in memory, one lane of each subgroup leaves it, the others zero
// result = that of what lies in memory, through which each subgroup walks
//
// The largest may be left by all lanes.
fn reduce(lane: u32, value: vec4f, largest: bool) -> vec4f {
    let own = of_subgroup(value, largest);
    let rank = subgroupExclusiveAdd(1u);
    let size = subgroupAdd(1u);
    workgroupBarrier();
    partial[lane] = select(vec4f(), own, largest || rank == 0u);
    workgroupBarrier();
    var all = partial[rank];
    for (var i = rank + size; i < LANES; i += size) {
        all = combine(all, partial[i], largest);
    }
    return of_subgroup(all, largest);
}
