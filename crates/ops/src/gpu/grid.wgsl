// Which invocation this is. Workgroups that do not fit into one row of a dispatch fill several.

override GROUP: u32 = 64;

// Quads that a compiler has registers for which loads all that it can before it computes.
override AT_ONCE: u32 = 0xffffffffu;

// The end of a loop that loads so many quads in all. Where such a compiler would unroll the loop and spill, it is not
// told the end: `unknown` is any number that it cannot know.
fn loop_end(end: u32, quads: u32, unknown: u32) -> u32 {
    return select(end, min(end, end + unknown), quads > AT_ONCE);
}

// The index of a workgroup.
fn group_index(group: vec3u, groups: vec3u) -> u32 {
    return group.y * groups.x + group.x;
}

// The index of an invocation.
fn invocation(group: vec3u, groups: vec3u, lane: u32) -> u32 {
    return group_index(group, groups) * GROUP + lane;
}

// The first of `each` items of an invocation; the others follow in steps of GROUP, so that
// neighbouring invocations touch neighbouring memory.
fn first_item(group: vec3u, groups: vec3u, lane: u32, each: u32) -> u32 {
    return group_index(group, groups) * GROUP * each + lane;
}

// Where quad i lies in a texture whose rows are 2^shift texels long.
fn texel(i: u32, shift: u32) -> vec2u {
    return vec2u(i & ((1u << shift) - 1u), i >> shift);
}
