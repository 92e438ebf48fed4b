//! The inner loops of products of matrices on NEON, as the compiler has written them.
//!
//! Reads a listing of a cross-compiled `probe`:
//!
//! ```sh
//! aarch64-linux-gnu-objdump -d --no-show-raw-insn PROBE > LISTING
//! NEON_LISTING=LISTING cargo test -p ops --test neon_loops -- --ignored
//! ```

use ops::{
    Conv2d, GraphBuilder, Session, Tune, Value,
    cpu::{CpuOptions, CpuSession},
    simd::{Isa, Observer},
};
use profile::{Instruction, Shape, Vectors};
use std::{cell::RefCell, collections::HashMap, env, fs, rc::Rc};

/// A tile: output pixels, vectors of output channels.
type Tile = (usize, usize);

/// Steps of k in one turn of a loop.
const STEPS: usize = 4;

/// The highest tile of each width, and those that tract has, too.
const TILES: [Tile; 6] = [(12, 1), (9, 2), (7, 3), (5, 4), (8, 2), (4, 4)];

/// Multiply-adds and 128-bit loads a step of k in tract's kernels for the same tiles: `8x8_gen` and `16x4_gen` in
/// linalg/arm64/arm64simd of sonos/tract, at 38b383fbd8ee33873fd0b58fcc23480011554c0c.
const TRACT: [(Tile, usize, usize); 2] = [((8, 2), 16, 4), ((4, 4), 16, 5)];

/// What a loop does in one turn.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
struct Turn {
    /// Multiply-adds by one lane.
    by_lane: usize,
    /// Loads of 128 bits; a pair counts as two.
    loads: usize,
    /// Loads of one element to every lane.
    broadcasts: usize,
    /// Stores of vectors, which would be accumulators without a register.
    stores: usize,
}

impl Turn {
    fn count(&mut self, instruction: &str, operands: &str) {
        let whole = operands.trim_start().starts_with('q');
        match instruction {
            "fmla" if operands.contains(".s[") => self.by_lane += 1,
            "ldr" | "ldur" if whole => self.loads += 1,
            "ldp" if whole => self.loads += 2,
            "ld1r" => self.broadcasts += 1,
            "str" | "stur" | "stp" if whole => self.stores += 1,
            _ => {}
        }
    }

    /// What a tile's loop has to do.
    fn of((rows, vectors): Tile) -> Self {
        let by_lane = STEPS * rows * vectors;
        Self { by_lane, loads: STEPS * vectors + rows, ..Self::default() }
    }
}

/// A line of a listing: address, instruction, operands.
fn parsed(line: &str) -> Option<(u64, &str, &str)> {
    let (address, rest) = line.split_once(':')?;
    let address = u64::from_str_radix(address.trim(), 16).ok()?;
    let (instruction, operands) = rest.trim().split_once('\t').unwrap_or((rest.trim(), ""));
    Some((address, instruction, operands))
}

/// Where a jump leads: the last operand that is an address.
fn target(instruction: &str, operands: &str) -> Option<u64> {
    let jumps =
        instruction.starts_with("b.") || matches!(instruction, "cbz" | "cbnz" | "tbz" | "tbnz");
    let operand = operands.split('<').next()?.rsplit(',').next()?.trim();
    jumps.then(|| u64::from_str_radix(operand, 16).ok()).flatten()
}

/// The innermost loops of a listing: jumps back over code that has none.
fn loops(listing: &str) -> Vec<Turn> {
    let lines: Vec<_> = listing.lines().filter_map(parsed).collect();
    let at: HashMap<u64, usize> = lines.iter().enumerate().map(|(i, line)| (line.0, i)).collect();
    let mut found = Vec::new();
    let mut last = 0;
    for (end, &(address, instruction, operands)) in lines.iter().enumerate() {
        let back = target(instruction, operands).filter(|&to| to < address);
        let Some(&start) = back.and_then(|to| at.get(&to)) else { continue };
        if start >= last {
            let mut turn = Turn::default();
            lines[start..=end].iter().for_each(|line| turn.count(line.1, line.2));
            found.push(turn);
        }
        last = end;
    }
    found
}

#[test]
#[ignore = "needs a listing of a cross-compiled probe"]
fn tiles_are_loops_without_waste() {
    let path = env::var("NEON_LISTING").expect("NEON_LISTING is the listing's path");
    let found = loops(&fs::read_to_string(path).expect("the listing can be read"));
    for tile in TILES {
        let turn = Turn::of(tile);
        let alike: Vec<_> = found.iter().filter(|f| f.by_lane == turn.by_lane).collect();
        assert!(alike.contains(&&turn), "{tile:?} should be {turn:?}, found {alike:?}");
    }
    for (tile, by_lane, loads) in TRACT {
        let turn = Turn::of(tile);
        assert_eq!(turn.by_lane, STEPS * by_lane);
        assert!(turn.loads <= STEPS * loads, "{tile:?}: {turn:?}, tract loads {loads} a step");
    }
}

/// Multiply-adds, loads and broadcasts of traced lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Traced([usize; 3]);

impl Observer for Traced {
    fn issue(&mut self, instruction: Instruction, _: u64, _: u64) -> u64 {
        let counted = [Instruction::Fma, Instruction::Load, Instruction::Broadcast];
        if let Some(place) = counted.iter().position(|kind| *kind == instruction) {
            self.0[place] += 1;
        }
        0
    }

    fn touch(&mut self, _: usize, _: usize, _: bool) {}
}

/// What a pointwise convolution from `k` channels does, over square maps of `edge` pixels.
fn traced(k: usize, edge: usize, vectors: usize) -> Traced {
    let mut b = GraphBuilder::new("net", Shape::new(1, k, edge, edge));
    let conv = b.push("conv", Conv2d::new(4 * vectors, 1), &[Value::INPUT]).expect("a convolution");
    let graph = b.finish(conv);
    let options =
        CpuOptions { isa: Isa::traced(Vectors::Neon), tune: Tune::OFF, ..CpuOptions::default() };
    let mut session = CpuSession::prepare(&graph, options).expect("room for the network");
    session.set_inputs(&graph.drawn_inputs(0)).expect("inputs of the network");
    let counts = Rc::new(RefCell::new(Traced::default()));
    session.run_observed(counts.clone(), &mut |_| ());
    counts.take()
}

/// The compiler's loops are [`Turn::of`] their tiles, and so is what traced lanes tell of the same tiles: 64 channels
/// more are 16 turns more of each.
#[test]
fn traced_lanes_tell_of_as_many_turns() {
    for (edge, tile) in [(6, (12, 1)), (9, (9, 2)), (7, (7, 3)), (5, (5, 4))] {
        let (rows, vectors) = tile;
        let [less, more] = [64, 128].map(|k| traced(k, edge, vectors).0);
        let turns = edge * edge / rows * 16;
        let Turn { by_lane, loads, broadcasts, .. } = Turn::of(tile);
        let expected = [by_lane, loads, broadcasts].map(|each| turns * each);
        let found: Vec<usize> = more.iter().zip(less).map(|(more, less)| more - less).collect();
        assert_eq!(found, expected, "{tile:?}");
    }
}

#[test]
fn a_loop_is_read_from_a_listing() {
    let listing = "\
0000000000000010 <f>:
  10:\tmov\tx0, xzr
  14:\tldp\tq0, q1, [x1], #32
  18:\tldr\tq2, [x2, x0]
  1c:\tfmla\tv3.4s, v0.4s, v2.s[1]
  20:\tfmla\tv4.4s, v1.4s, v2.4s
  24:\tstr\tq3, [sp, #16]
  28:\tb.ne\t14 <f+0x4>  // b.any
  2c:\tcbnz\tx3, 10 <f>
";
    let turn = Turn { by_lane: 1, loads: 3, broadcasts: 0, stores: 1 };
    assert_eq!(loops(listing), [turn]);
}
