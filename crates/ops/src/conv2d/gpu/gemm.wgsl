// An implicit product of matrices: ROWS output pixels × COLUMNS output quads a workgroup.
//
// The walk is over taps, and the input quads of the group under each; in slices of SLICE quads:
//     into registers: what the next slice of the pixels is made of, and that of the weights
//     from workgroup memory: each lane OWN_ROWS pixels × OWN_COLUMNS quads, sum += weight · input
//     into workgroup memory: what the registers hold, settled
// sum begins with the bias
//
// `Place`, `place`, `next`, `Fetched`, `fetch` and `settled` stand in another part: pixels are the map's, or outputs of
// a depthwise convolution that are computed here.
//
// TEAMS of lanes share a slice, each takes its part of every slice; their sums meet at the end. A walk is
// cut into SPLITS parts, a workgroup each, whose sums lie one after the other in the output.
//
// Binding 2: for each tile of output quads, input quad of the walk and channel of it: COLUMNS quads.
// Binding 3: the bias.

// Column tiles of this dispatch, and of a group.
override TILES: u32;
override GROUP_TILES: u32;
// Output quads of a group.
override GROUP_QUADS: u32;
// Whether a tap may lie outside the map.
override PADDED: bool;
// Slices of the whole walk, whose weights are zero past its end, and of a part of it.
override ALL_SLICES: u32;
override SLICES: u32;

const ACROSS = COLUMNS / OWN_COLUMNS;
const DOWN = ROWS / OWN_ROWS;
const TEAM = ACROSS * DOWN;
const LANES = TEAM * TEAMS;
// Quads that a lane fetches of a slice.
const EACH_INPUT = ROWS * SLICE / LANES;
const EACH_WEIGHT = COLUMNS * SLICE * 4u / LANES;

// A slice of the inputs by quad of the walk, then pixel; from WEIGHTS on, one of the weights by channel,
// then output quad. Neighbouring lanes touch neighbouring places, or the same.
var<workgroup> room: array<vec4f, ROOM>;
const WEIGHTS = ROWS * SLICE;

// Where pixel r lies in quad k of a slice: eight lanes that store quads of one pixel, or of two, touch as
// many banks. Pixels in steps of eight lie in steps of eight.
fn swizzled(k: u32, r: u32) -> u32 {
    return k * ROWS + (r ^ (k * (8u / SLICE)));
}

// Whether a tap is inside the map for an output pixel whose origin is `o`, and where its pixel lies.
struct Under {
    inside: bool,
    at: u32,
}

fn under(o: Origin, tap_y: u32, tap_x: u32) -> Under {
    let y = o.y + i32(tap_y * DILATION_H);
    let x = o.x + i32(tap_x * DILATION_W);
    var inside = tap_y < KERNEL_H;
    if (PADDED) {
        inside = inside && y >= 0 && x >= 0 && y < i32(INPUT_H) && x < i32(INPUT_W);
    }
    let pixel = u32((o.image + y) * i32(INPUT_W) + x);
    return Under(inside, pixel_0(select(0u, pixel, inside)));
}

@compute @workgroup_size(LANES)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let id = group_index(group, groups);
    let pixel = id % ROW_TILES * ROWS;
    let tile = id / ROW_TILES % TILES;
    let part = id / (ROW_TILES * TILES);
    if (part >= SPLITS) {
        return;
    }
    // The tile's group, and its output quads before `end`.
    let owner = (FIRST_TILE + tile) / GROUP_TILES;
    let quad = owner * GROUP_QUADS + (FIRST_TILE + tile) % GROUP_TILES * COLUMNS;
    let end = (owner + 1u) * GROUP_QUADS;

    // What the lane fetches: one quad of each slice under EACH_INPUT pixels, and weights as they lie.
    var origins: array<Origin, EACH_INPUT>;
    for (var i = 0u; i < EACH_INPUT; i++) {
        origins[i] = origin(pixel + lane / SLICE + i * (LANES / SLICE));
    }
    var at = place(part * SLICES * SLICE + lane % SLICE);
    var begin = (tile * ALL_SLICES + part * SLICES) * SLICE * 4u * COLUMNS + lane;
    let last = TILES * ALL_SLICES * SLICE * 4u * COLUMNS - 1u;
    // It is settled as it is stored, not before: nothing waits for a load that arithmetic could go on beside.
    var inputs: array<Fetched, EACH_INPUT>;
    var weights: array<vec4f, EACH_WEIGHT>;
    for (var i = 0u; i < EACH_INPUT; i++) {
        inputs[i] = fetch(origins[i], at, owner);
    }
    for (var i = 0u; i < EACH_WEIGHT; i++) {
        weights[i] = load_2(min(begin + i * LANES, last));
    }

    // What the lane computes.
    let team = lane / TEAM;
    let member = lane % TEAM;
    let row = member / ACROSS;
    let column = member % ACROSS;
    let stored = swizzled(lane % SLICE, lane / SLICE);
    var sum: array<array<vec4f, OWN_COLUMNS>, OWN_ROWS>;
    for (var c = 0u; c < OWN_COLUMNS; c++) {
        let bias = load_3(min(quad + column + c * ACROSS, OUTPUT_QUADS - 1u));
        for (var r = 0u; r < OWN_ROWS; r++) {
            sum[r][c] = select(vec4f(), bias, part == 0u && team == 0u);
        }
    }

    for (var slice = 0u; slice < SLICES; slice++) {
        workgroupBarrier();
        for (var i = 0u; i < EACH_INPUT; i++) {
            room[stored + i * (LANES / SLICE)] = settled(inputs[i], origins[i]);
        }
        for (var i = 0u; i < EACH_WEIGHT; i++) {
            room[WEIGHTS + lane + i * LANES] = weights[i];
        }
        workgroupBarrier();
        at = next(at);
        begin += SLICE * 4u * COLUMNS;
        for (var i = 0u; i < EACH_INPUT; i++) {
            inputs[i] = fetch(origins[i], at, owner);
        }
        for (var i = 0u; i < EACH_WEIGHT; i++) {
            weights[i] = load_2(min(begin + i * LANES, last));
        }
        for (var j = 0u; j < SLICE / TEAMS; j++) {
            let k = team * (SLICE / TEAMS) + j;
            var x: array<vec4f, OWN_ROWS>;
            for (var r = 0u; r < OWN_ROWS; r++) {
                x[r] = room[swizzled(k, row) + r * DOWN];
            }
            for (var channel = 0u; channel < 4u; channel++) {
                let w = WEIGHTS + (k * 4u + channel) * COLUMNS + column;
                for (var c = 0u; c < OWN_COLUMNS; c++) {
                    let weight = room[w + c * ACROSS];
                    for (var r = 0u; r < OWN_ROWS; r++) {
                        sum[r][c] = fma(vec4f(x[r][channel]), weight, sum[r][c]);
                    }
                }
            }
        }
    }

    // Half of the teams hand their sums to the other half, until one has all.
    for (var half = TEAMS / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        for (var r = 0u; r < OWN_ROWS; r++) {
            for (var c = 0u; c < OWN_COLUMNS; c++) {
                if (team >= half && team < 2u * half) {
                    room[(r * OWN_COLUMNS + c) * half * TEAM + lane - half * TEAM] = sum[r][c];
                }
            }
        }
        workgroupBarrier();
        for (var r = 0u; r < OWN_ROWS; r++) {
            for (var c = 0u; c < OWN_COLUMNS; c++) {
                if (team < half) {
                    sum[r][c] += room[(r * OWN_COLUMNS + c) * half * TEAM + lane];
                }
            }
        }
    }

    // Pixels past the last have its sums.
    for (var c = 0u; c < OWN_COLUMNS; c++) {
        let q = quad + column + c * ACROSS;
        if (team == 0u && q < end) {
            for (var r = 0u; r < OWN_ROWS; r++) {
                let p = min(pixel + row + r * DOWN, PIXELS - 1u);
                put_1(part * PIXELS + p, q, sum[r][c]);
            }
        }
    }
}
