// Independent chains of fused multiply-adds, x = x·a + b or x = x·a + a: CHAINS vectors an invocation.

override STEPS: u32;
override THREE_OPERANDS: bool;

@compute @workgroup_size(GROUP)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    // From memory, so that the compiler knows nothing of them.
    let a = load_0(0u);
    let b = load_0(1u);
    let added = select(a, b, THREE_OPERANDS);
    var x: array<vec4f, CHAINS>;
    for (var i = 0u; i < CHAINS; i++) {
        x[i] = a + f32(i) * b;
    }
    for (var step = 0u; step < STEPS; step++) {
        for (var round = 0u; round < ROUNDS; round++) {
            for (var i = 0u; i < CHAINS; i++) {
                x[i] = fma(x[i], a, added);
            }
        }
    }
    var sum = vec4f();
    for (var i = 0u; i < CHAINS; i++) {
        sum += x[i];
    }
    store_1(invocation(group, groups, lane), sum);
}
