//! The harness in which every kernel is tested.
//!
//! [`check`] runs an operator on every kernel that fits, with every instruction set of this machine
//! and traced lanes, of another width, over dense operands and over views with gaps between pixels,
//! for one worker and for three, in place where it may be, and compares every element with the f64
//! reference. Guard values stand round every operand and in every gap: a stray write changes one, a
//! stray read is caught by the traced lanes or shows in the result.

use super::{Io, Kernel, Layout, Site};
use crate::{
    Epilogue, Exact, MapRef, Op, Operands, Tensor, Weights, draw, input_tensor,
    simd::{Isa, guard::forbidding},
    verify::{error_share, every_place},
};
use profile::{Cost, Shape, Vectors};
use std::ops::Range;

pub(crate) use crate::dice::{Dice, random};

/// Guard elements on either side of an operand: more than any vector, and not a multiple of one.
const GUARD: usize = 101;

/// Elements added between pixels of inputs and of the output, and whether such gaps are the maps' own.
type Gaps = (usize, usize, bool);

/// All that are tried.
const GAPS: [Gaps; 6] =
    [NO_GAPS, (0, 5, false), (3, 0, false), (1, 16, false), (5, 5, false), (5, 5, true)];

/// None.
const NO_GAPS: Gaps = (0, 0, true);

/// Workers, and the guard value used with them. A sum shows the one, a maximum the other.
const WORKERS: [(usize, f32); 2] = [(1, f32::NAN), (3, 3.0e38)];

/// Checks `op` over drawn inputs of these shapes.
///
/// # Panics
/// Where a kernel is wrong, naming it and the element.
pub(crate) fn check(op: impl Into<Op>, inputs: &[Shape]) {
    check_ending(op, Epilogue::NONE, inputs);
}

/// Checks `op` with an epilogue over drawn inputs of these shapes, its own and then the one that
/// is added.
///
/// # Panics
/// As [`check`].
pub(crate) fn check_ending(op: impl Into<Op>, epilogue: Epilogue, inputs: &[Shape]) {
    let inputs = drawn(inputs);
    check_all(&op.into(), epilogue, &inputs.iter().collect::<Vec<_>>());
}

/// Checks `op` over drawn inputs of these shapes, its tasks shared by so many workers.
///
/// # Panics
/// As [`check`].
pub(crate) fn check_shared(op: impl Into<Op>, inputs: &[Shape], workers: usize) {
    let (op, inputs) = (op.into(), drawn(inputs));
    let inputs: Vec<&Tensor> = inputs.iter().collect();
    let case = Case::new(&op, Epilogue::NONE, &inputs);
    Isa::for_tests().into_iter().for_each(|isa| case.check(isa, GAPS[3], workers, f32::NAN));
}

/// Checks `op` over these inputs.
///
/// # Panics
/// As [`check`].
pub(crate) fn check_on(op: impl Into<Op>, inputs: &[&Tensor]) {
    check_all(&op.into(), Epilogue::NONE, inputs);
}

fn drawn(shapes: &[Shape]) -> Vec<Tensor> {
    (0..).zip(shapes).map(|(i, &s)| input_tensor(i, s)).collect()
}

fn check_all(op: &Op, epilogue: Epilogue, inputs: &[&Tensor]) {
    let case = Case::new(op, epilogue, inputs);
    for isa in Isa::for_tests() {
        for gaps in GAPS {
            for (threads, guard) in WORKERS {
                case.check(isa, gaps, threads, guard);
            }
        }
    }
}

/// What the best kernel of the best instruction set makes of `inputs`: for laws.
pub(crate) fn run(op: impl Into<Op>, inputs: &[&Tensor]) -> Tensor {
    made(&op.into(), inputs, Isa::best())
}

/// What the best kernel of each instruction set makes of `inputs`: for laws that each may break.
pub(crate) fn run_on_all(op: impl Into<Op>, inputs: &[&Tensor]) -> Vec<Tensor> {
    let op = op.into();
    Isa::for_tests().into_iter().map(|isa| made(&op, inputs, isa)).collect()
}

fn made(op: &Op, inputs: &[&Tensor], isa: Isa) -> Tensor {
    let case = Case::new(op, Epilogue::NONE, inputs);
    let layouts = case.layouts(NO_GAPS);
    let site = case.site(&layouts, isa, 1);
    let kernel = op.cpu(&site)[0].prepare(&site);
    case.run(&*kernel, &site, f32::NAN, None).0
}

/// What the operator's shape rule says against inputs that it must refuse.
///
/// # Panics
/// Where it takes them.
pub(crate) fn refusal(op: impl Into<Op>, inputs: &[Shape]) -> String {
    let op = op.into();
    op.output(inputs).expect_err("these inputs must be refused")
}

/// What the operator costs over these inputs.
///
/// # Panics
/// Where it refuses them.
pub(crate) fn cost(op: impl Into<Op>, inputs: &[Shape]) -> Cost {
    let op = op.into();
    op.cost(inputs, op.output(inputs).unwrap())
}

impl Dice {
    /// One more, one less or exactly a small multiple of a lane count.
    pub fn channels(&mut self) -> usize {
        let lanes = self.pick(&[1, 4, 8, 16]);
        (lanes * self.within(1..=3) + self.within(0..=2)).max(2) - 1
    }

    /// A shape of up to 2 images, [`Self::channels`], and up to 9×9 pixels.
    pub fn shape(&mut self) -> Shape {
        let [n, c] = [self.within(1..=2), self.channels()];
        Shape::new(n, c, self.within(1..=9), self.within(1..=9))
    }
}

/// An operator, its operands, and what it must make of them.
struct Case<'a> {
    op: &'a Op,
    epilogue: Epilogue,
    inputs: &'a [&'a Tensor],
    weights: Weights<'static>,
    output: Shape,
    /// By offset in a dense output.
    expected: Vec<Exact>,
}

impl<'a> Case<'a> {
    fn new(op: &'a Op, epilogue: Epilogue, inputs: &'a [&'a Tensor]) -> Self {
        let own = &inputs[..inputs.len() - usize::from(epilogue.add)];
        let shapes: Vec<Shape> = own.iter().map(|t| t.shape()).collect();
        let output = op.output(&shapes).unwrap_or_else(|e| panic!("{} {e}: {shapes:?}", op.kind()));
        let weights: Vec<Tensor> =
            op.weights(&shapes).iter().map(|w| draw::weight_tensor(0, "case", w)).collect();
        let maps: Vec<MapRef<'_>> = inputs.iter().map(|x| x.as_map()).collect();
        let operands = Operands { inputs: &maps, weights: &weights };
        let element =
            |at| epilogue.exact(op.reference(&operands, at), || inputs[inputs.len() - 1].at(at));
        let expected = every_place(output).map(element).collect();
        let weights = Weights::held(weights);
        Self { op, epilogue, inputs, weights, output, expected }
    }

    /// Layouts of all inputs and of the output, with these gaps between pixels.
    fn layouts(&self, (of_inputs, of_output, own_gaps): Gaps) -> (Vec<Layout>, Layout) {
        let gapped = |shape: Shape, gap| Layout { shape, pixel: shape.c + gap, own_gaps };
        let inputs = self.inputs.iter().map(|t| gapped(t.shape(), of_inputs)).collect();
        (inputs, gapped(self.output, of_output))
    }

    fn site<'s>(
        &'s self,
        (inputs, output): &'s (Vec<Layout>, Layout),
        isa: Isa,
        threads: usize,
    ) -> Site<'s> {
        let (output, epilogue) = (*output, self.epilogue);
        Site { inputs, output, epilogue, weights: &self.weights, isa, threads }
    }

    fn check(&self, isa: Isa, gaps: Gaps, threads: usize, guard: f32) {
        let layouts = self.layouts(gaps);
        let site = self.site(&layouts, isa, threads);
        let candidates = self.op.cpu(&site);
        let shapes: Vec<String> = self.inputs.iter().map(|t| t.shape().to_string()).collect();
        let case = format!(
            "{} {:?} {:?} of {}, {isa} with {} lanes, gaps {gaps:?}, {threads} threads",
            self.op.kind(),
            self.op.attrs(),
            self.epilogue.names(),
            shapes.join(" and "),
            isa.lanes(),
        );
        assert!(!candidates.is_empty(), "no kernel takes {case}");
        let in_place = self.op.in_place().filter(|&i| layouts.0[i] == layouts.1);
        let places: Vec<Option<usize>> = [None].into_iter().chain(in_place.map(Some)).collect();
        for (candidate, &over) in candidates.iter().flat_map(|c| places.iter().map(move |p| (c, p)))
        {
            let kernel = candidate.prepare(&site);
            let (output, intact) = self.run(&*kernel, &site, guard, over);
            assert!(intact, "kernel `{}` wrote outside of its output: {case}", candidate.name);
            for (at, exact) in every_place(self.output).zip(&self.expected) {
                let got = output.at(at);
                assert!(
                    error_share(got, *exact) <= kernel.tolerance(),
                    "kernel `{}` makes {got} of {exact:?} at {at:?} (n, c, h, w), over {over:?}: {case}",
                    candidate.name,
                );
            }
        }
    }

    /// Runs all tasks, the output written over input `over` where there is one; returns the output and
    /// whether everything else is as it was.
    fn run(
        &self,
        kernel: &dyn Kernel,
        site: &Site<'_>,
        guard: f32,
        over: Option<usize>,
    ) -> (Tensor, bool) {
        let mut inputs: Vec<Guarded> = site
            .inputs
            .iter()
            .zip(self.inputs)
            .map(|(&layout, tensor)| Guarded::new(layout, guard, |at| tensor.at(at) as f32))
            .collect();
        let mut output = Guarded::new(site.output, guard, |_| f32::NAN);
        let room = Layout::dense(Shape::features(1, kernel.scratch()));
        let mut scratch: Vec<Guarded> =
            (0..site.threads).map(|_| Guarded::new(room, guard, |_| f32::NAN)).collect();
        let before = inputs.clone();
        let places: Vec<_> = inputs.iter_mut().map(|b| b.start().cast_const()).collect();
        let to = over.map_or_else(|| output.start(), |i| places[i].cast_mut());
        let io = Io { inputs: &places, output: to };
        let operands = inputs.iter().chain([&output]).chain(&scratch);
        forbidding(operands.flat_map(Guarded::zones).collect(), || {
            for (worker, task) in order(kernel.tasks(), site.threads) {
                // SAFETY: each operand has the site's layout inside a buffer of its own, and so has
                // the scratch memory; tasks run one after another.
                unsafe { kernel.run(&io, task, scratch[worker].operand()) };
            }
        });
        let intact = output.intact() && scratch.iter().all(Guarded::intact);
        let same = |i: usize| inputs[i].same_bits(&before[i]) || over == Some(i);
        let intact = intact && (0..inputs.len()).all(same);
        let written = over.map_or(&output, |i| &inputs[i]);
        (written.tensor(), intact && written.intact())
    }
}

/// Tasks with the worker that takes each: the last worker's first, so that none can rely on those
/// before it.
fn order(tasks: usize, workers: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..workers).rev().flat_map(move |w| (w..tasks).step_by(workers).map(move |task| (w, task)))
}

/// An operand with guard values before it, behind it and in the gaps between its pixels.
#[derive(Clone)]
struct Guarded {
    layout: Layout,
    guard: f32,
    data: Vec<f32>,
}

impl Guarded {
    fn new(layout: Layout, guard: f32, value: impl Fn([usize; 4]) -> f32) -> Self {
        let mut data = vec![guard; layout.span() + 2 * GUARD];
        for at in every_place(layout.shape) {
            data[Self::index(layout, at)] = value(at);
        }
        Self { layout, guard, data }
    }

    /// Where an element is in `data`.
    fn index(layout: Layout, [n, c, h, w]: [usize; 4]) -> usize {
        GUARD + layout.offset(n, h, w) + c
    }

    /// The operand's first element.
    fn start(&mut self) -> *mut f32 {
        self.operand().as_mut_ptr()
    }

    /// The operand, gaps included.
    fn operand(&mut self) -> &mut [f32] {
        let end = self.data.len() - GUARD;
        &mut self.data[GUARD..end]
    }

    /// Addresses of the guards before and behind.
    fn zones(&self) -> [Range<usize>; 2] {
        let all = self.data.as_ptr_range();
        let bytes = GUARD * size_of::<f32>();
        let (start, end) = (all.start.addr(), all.end.addr());
        [start..start + bytes, end - bytes..end]
    }

    /// Whether all guards are as they were, and all gaps but its own.
    fn intact(&self) -> bool {
        let Layout { shape, pixel, own_gaps } = self.layout;
        let mut guards = self.data.clone();
        let channels = if own_gaps { pixel } else { shape.c };
        every_place(shape.with_channels(channels))
            .for_each(|at| guards[Self::index(self.layout, at)] = self.guard);
        guards.iter().all(|x| x.to_bits() == self.guard.to_bits())
    }

    fn same_bits(&self, other: &Self) -> bool {
        self.data.iter().zip(&other.data).all(|(a, b)| a.to_bits() == b.to_bits())
    }

    fn tensor(&self) -> Tensor {
        Tensor::from_fn(self.layout.shape, |at| self.data[Self::index(self.layout, at)])
    }
}

mod tests {
    use super::*;
    use crate::{
        Unary, UnaryFn,
        simd::{Lanes, Vectorised},
    };

    /// Copies one element more or fewer than it should, in one of two ways.
    struct Sloppy {
        read: usize,
        written: usize,
    }

    impl Kernel for Sloppy {
        fn tasks(&self) -> usize {
            1
        }

        unsafe fn run(&self, io: &Io, _: usize, _: &mut [f32]) {
            // SAFETY: the buffers' guards are wider than what is read or written too much.
            unsafe {
                (0..self.read)
                    .for_each(|i| Isa::traced(Vectors::Neon).run(Read(io.inputs[0].add(i))));
                (0..self.written).for_each(|i| io.output.add(i).write(1.0));
            }
        }
    }

    /// Reads what is there.
    struct Read(*const f32);

    impl Vectorised for Read {
        type Output = ();

        #[inline(always)]
        fn run<L: Lanes>(self) {
            // SAFETY: its maker vouches for the element.
            unsafe { L::broadcast(self.0) };
        }
    }

    /// What the harness says of a sloppy kernel over one pixel of four channels.
    fn judged(kernel: &Sloppy) -> (Tensor, bool) {
        let op = Unary(UnaryFn::Relu).into();
        let input = input_tensor(0, Shape::features(1, 4));
        let inputs = [&input];
        let case = Case::new(&op, Epilogue::NONE, &inputs);
        let layouts = case.layouts(NO_GAPS);
        case.run(kernel, &case.site(&layouts, Isa::SCALAR, 1), f32::NAN, None)
    }

    #[test]
    fn a_stray_write_changes_a_guard() {
        assert!(judged(&Sloppy { read: 4, written: 4 }).1);
        assert!(!judged(&Sloppy { read: 4, written: 5 }).1);
    }

    #[test]
    fn a_missing_write_leaves_nan() {
        assert!(judged(&Sloppy { read: 4, written: 3 }).0.data()[3].is_nan());
    }

    #[test]
    #[should_panic(expected = "beyond its operand")]
    fn a_stray_read_is_caught() {
        judged(&Sloppy { read: 5, written: 4 });
    }

    #[test]
    fn every_task_is_done_once_whatever_the_workers() {
        for workers in 1..=4 {
            let mut tasks: Vec<usize> = order(7, workers).map(|(_, task)| task).collect();
            tasks.sort_unstable();
            assert_eq!(tasks, [0, 1, 2, 3, 4, 5, 6]);
        }
    }
}
