// Reductions over teams of TEAM lanes of a workgroup of 64: each lane brings a quad, all of its team get the result.
// `reduce` stands in one of two files behind this one.

const LANES = 64u;

var<workgroup> partial: array<vec4f, LANES>;

fn combine(a: vec4f, b: vec4f, largest: bool) -> vec4f {
    return select(a + b, max(a, b), largest);
}
