// Independent chains of fused multiply-adds, x = x·a + b: three vectors an invocation.

override STEPS: u32;

@compute @workgroup_size(GROUP)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    // From memory, so that the compiler knows nothing of them.
    let a = load_0(0u);
    let b = load_0(1u);
    var x = a;
    var y = b;
    var z = a + b;
    for (var step = 0u; step < STEPS; step++) {
        x = fma(x, a, b);
        y = fma(y, a, b);
        z = fma(z, a, b);
        x = fma(x, a, b);
        y = fma(y, a, b);
        z = fma(z, a, b);
        x = fma(x, a, b);
        y = fma(y, a, b);
        z = fma(z, a, b);
        x = fma(x, a, b);
        y = fma(y, a, b);
        z = fma(z, a, b);
    }
    store_1(invocation(group, groups, lane), x + y + z);
}
