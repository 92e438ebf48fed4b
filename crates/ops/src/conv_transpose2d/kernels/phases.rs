//! A stride of s makes s² convolutions at stride 1: each output pixel meets only the taps of its phase.
//!
//! ```text
//! for each chunk of output rows:
//!     for each phase (Y + p) mod s, (X + p) mod s:
//!         point at the input pixels under its taps, for each of its pixels in the chunk
//!         for each panel of output channels, for each row of the phase:
//!             a matrix product, whose results lie s pixels apart
//!     what the epilogue has that does not clamp, over whole rows
//! ```

use super::super::definition::{Axis, ConvTranspose2d};
use crate::{
    Epilogue, Tensor, Weights,
    conv2d::{Added, Product, ProductRows},
    cpu::{AlignedBuffer, Bounds, Cut, Grid, Io, Kernel, Layout, Site, tasks_for},
    unary::DeferredActivation,
};
use profile::Shape;
use std::ops::Range;

/// Output pixels of a phase to a chunk: enough for a panel's weights to be read seldom, few enough for the inputs
/// under them to stay in a second-level cache.
const CHUNK: usize = 128;

/// Multiply-adds below which a task is not worth handing out (a few microseconds).
const TASK_MUL_ADDS: usize = 200_000;

/// The kernel, ready to run.
pub(super) fn prepare(op: &ConvTranspose2d, site: &Site<'_>) -> Box<dyn Kernel> {
    Box::new(Phases::new(op, site))
}

struct Phases {
    axes: [Axis; 2],
    x: Layout,
    y: Layout,
    phases: Vec<Phase>,
    /// (Y + p) mod s of the phases, each once.
    rows: Vec<usize>,
    /// What stands for pixels outside the map.
    zeros: AlignedBuffer,
    /// Input and output channels of a group.
    group: (usize, usize),
    /// Strides of output rows of all images, and panels of output channels.
    grid: Grid,
    /// The map that is added to the sums, the last input.
    added: Option<Layout>,
    /// Limits of the sums; `None` where nothing is done to them in registers.
    bounds: Option<Bounds>,
    ending: Option<DeferredActivation>,
}

/// The output pixels that meet the same taps.
struct Phase {
    /// (Y + p) mod s and (X + p) mod s.
    at: [usize; 2],
    /// The taps of the kernel; one that meets no pixel where there are none.
    taps: Vec<Option<(usize, usize)>>,
    product: Product,
}

impl Phase {
    fn new(op: &ConvTranspose2d, site: &Site<'_>, kernel: &[Tensor], at: [usize; 2]) -> Self {
        let [rows, columns] = [
            (op.kernel.0, op.stride.0, op.dilation.0, at[0]),
            (op.kernel.1, op.stride.1, op.dilation.1, at[1]),
        ]
        .map(|(kernel, s, d, at)| (0..kernel).filter(move |k| k * d % s == at));
        let mut taps: Vec<_> =
            rows.flat_map(|ky| columns.clone().map(move |kx| Some((ky, kx)))).collect();
        if taps.is_empty() {
            taps.push(None);
        }
        let whole = kernel[0].shape();
        let part = Shape { h: 1, w: taps.len(), ..whole };
        let weight = |[o, i, _, t]: [usize; 4]| {
            taps[t].map_or(0.0, |(ky, kx)| kernel[0].at([o, i, ky, kx]) as f32)
        };
        let weights = [Tensor::from_fn(part, weight)].into_iter().chain(kernel.get(1).cloned());
        let weights = Weights::held(weights.collect());
        let product = Product::new(&weights, op.groups, taps.len(), site.isa);
        Self { at, taps, product }
    }
}

impl Phases {
    fn new(op: &ConvTranspose2d, site: &Site<'_>) -> Self {
        let (x, y) = (site.inputs[0], site.output);
        let kernel = site.weights.all();
        let axes = op.axes(x.shape);
        // Those that have pixels: of a small output, a large stride has none in most.
        let places = |axis: Axis, out: usize| {
            (0..axis.stride.min(out)).map(move |at| axis.place(at) % axis.stride)
        };
        let rows: Vec<usize> = places(axes[0], y.shape.h).collect();
        let columns = places(axes[1], y.shape.w);
        let at = rows.iter().flat_map(|&row| columns.clone().map(move |column| [row, column]));
        let phases: Vec<Phase> = at.map(|at| Phase::new(op, site, &kernel, at)).collect();
        let strides = y.shape.n * Self::strides(&axes, y.shape).len();
        let panels = op.groups * phases.first().map_or(0, |phase| phase.product.panels());
        let mul_adds = x.shape.pixels() * kernel[0].shape().elements();
        let wanted = tasks_for(site.threads, mul_adds, TASK_MUL_ADDS);
        let inner = Cut::new(strides, wanted.min(strides));
        let outer = Cut::new(panels, (wanted / inner.parts()).clamp(1, panels));
        Self {
            axes,
            x,
            y,
            phases,
            rows,
            zeros: AlignedBuffer::zeros(x.shape.c),
            group: (x.shape.c / op.groups, op.out / op.groups),
            grid: Grid { inner, outer },
            added: site.added(),
            bounds: (site.epilogue != Epilogue::NONE).then(|| Bounds::of(site.epilogue)),
            ending: DeferredActivation::new(site),
        }
    }

    /// Strides of rows that the output of an image lies in.
    const fn strides(axes: &[Axis; 2], y: Shape) -> Range<usize> {
        let [vertical, _] = axes;
        vertical.place(0) / vertical.stride..vertical.place(y.h - 1) / vertical.stride + 1
    }

    /// Image and output row of a phase in stride number `item`, counted over all images, where there is one.
    fn row(&self, item: usize, at: usize) -> Option<(usize, usize)> {
        let [vertical, _] = &self.axes;
        let strides = Self::strides(&self.axes, self.y.shape);
        let (image, stride) = (item / strides.len(), strides.start + item % strides.len());
        let row = (stride * vertical.stride + at).checked_sub(vertical.place(0))?;
        (row < self.y.shape.h).then_some((image, row))
    }

    /// The first output column of a phase, and how many it has.
    fn columns(&self, at: usize) -> (usize, usize) {
        let stride = self.axes[1].stride;
        let first = (at + stride - self.axes[1].place(0) % stride) % stride;
        (first, self.y.shape.w.saturating_sub(first).div_ceil(stride))
    }

    /// Strides of rows to a chunk.
    fn chunk(&self) -> usize {
        (CHUNK / self.y.shape.w.div_ceil(self.axes[1].stride)).max(1)
    }

    /// Pointers that the table of a chunk has at most.
    fn pointers(&self) -> usize {
        let of = |phase: &Phase| phase.taps.len() * self.columns(phase.at[1]).1;
        self.chunk() * self.phases.iter().map(of).max().unwrap_or(0)
    }

    /// The first output channel of a panel, counted over all groups; past the last, their number.
    fn first_channel(&self, phase: &Phase, panel: usize) -> usize {
        let panels = phase.product.panels();
        let within = panel % panels;
        panel / panels * self.group.1 + phase.product.channels(&(within..within)).start
    }

    /// Points at what is under each tap of the pixels of an output row, from column `first` on.
    ///
    /// # Safety
    /// `table` takes a pointer for each tap and pixel.
    unsafe fn point(
        &self,
        io: &Io,
        phase: &Phase,
        (image, row): (usize, usize),
        (first, count): (usize, usize),
        table: *mut *const f32,
    ) {
        let [vertical, horizontal] = &self.axes;
        let map = self.x.shape;
        for (t, tap) in phase.taps.iter().enumerate() {
            let under = tap.and_then(|(ky, kx)| {
                let y = vertical.under(row, ky).filter(|&y| y < map.h)?;
                Some((y, horizontal.under(first, kx)?))
            });
            for m in 0..count {
                let pixel = under.map(|(y, x)| (y, x.wrapping_add(m))).filter(|(_, x)| *x < map.w);
                let at = pixel.map_or(self.zeros.as_ptr(), |(y, x)| {
                    io.inputs[0].wrapping_add(self.x.offset(image, y, x))
                });
                // SAFETY: passed on from the caller.
                unsafe { *table.add(t * count + m) = at };
            }
        }
    }

    /// Does some panels of the output rows of a phase in `items`.
    ///
    /// # Safety
    /// As [`Kernel::run`]; `table` takes the pointers of a chunk.
    unsafe fn run_phase(
        &self,
        io: &Io,
        phase: &Phase,
        items: Range<usize>,
        panels: Range<usize>,
        table: *mut *const f32,
    ) {
        let columns @ (first, count) = self.columns(phase.at[1]);
        let rows = || items.clone().filter_map(|item| self.row(item, phase.at[0])).enumerate();
        if count == 0 {
            return;
        }
        let pitch = count * phase.taps.len();
        // SAFETY: a chunk has no more rows than the table takes; pixels are the output's, each with all channels.
        unsafe {
            for (i, row) in rows() {
                self.point(io, phase, row, columns, table.add(i * pitch));
            }
            for panel in panels {
                for (i, (image, row)) in rows() {
                    let step = self.axes[1].stride;
                    phase.product.run(
                        panel..panel + 1,
                        ProductRows {
                            count,
                            pointers: table.add(i * pitch),
                            matrix_inputs: self.group.0,
                            output: io.output.wrapping_add(self.y.offset(image, row, first)),
                            matrix_outputs: self.group.1,
                            stride: step * self.y.pixel,
                            added: self.added.map(|layout| Added {
                                map: io.inputs[io.inputs.len() - 1]
                                    .wrapping_add(layout.offset(image, row, first)),
                                stride: step * layout.pixel,
                            }),
                            bounds: self.bounds,
                        },
                    );
                }
            }
        }
    }

    /// Ends all output rows in `items`, some panels of their channels.
    ///
    /// # Safety
    /// As [`Kernel::run`]; the rows are done.
    unsafe fn end(&self, io: &Io, items: Range<usize>, panels: &Range<usize>) {
        let (Some(ending), Some(phase)) = (&self.ending, self.phases.first()) else { return };
        let channels =
            self.first_channel(phase, panels.start)..self.first_channel(phase, panels.end);
        let Shape { h, w, .. } = self.y.shape;
        for item in items {
            for (image, row) in self.rows.iter().filter_map(|&at| self.row(item, at)) {
                let first = (image * h + row) * w;
                // SAFETY: passed on from the caller.
                unsafe { ending.run(io, first..first + w, channels.clone()) };
            }
        }
    }
}

impl Kernel for Phases {
    fn tasks(&self) -> usize {
        self.grid.tasks()
    }

    fn scratch(&self) -> usize {
        // One more, to start the pointers where a pointer may.
        1 + self.pointers() * (size_of::<*const f32>() / size_of::<f32>())
    }

    fn bytes(&self) -> usize {
        self.phases.iter().map(|phase| phase.product.bytes()).sum()
    }

    unsafe fn run(&self, io: &Io, task: usize, scratch: &mut [f32]) {
        let (items, panels) = self.grid.task(task);
        let skip = scratch.as_ptr().align_offset(align_of::<*const f32>());
        let table: *mut *const f32 = scratch[skip..].as_mut_ptr().cast();
        for first in items.clone().step_by(self.chunk()) {
            let chunk = first..items.end.min(first + self.chunk());
            // SAFETY: passed on from the caller; scratch memory is as long as was asked for.
            unsafe {
                for phase in &self.phases {
                    self.run_phase(io, phase, chunk.clone(), panels.clone(), table);
                }
                self.end(io, chunk, &panels);
            }
        }
    }
}
