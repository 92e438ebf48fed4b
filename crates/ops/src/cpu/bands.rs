//! Two nodes that run as one step: a band of rows of the first, then the same rows of the second,
//! which reads them while they still lie in the second-level cache.
//!
//! ```text
//! for each image, for each band of rows:                   (a task a band)
//!     first: those rows of the map between
//!     second: those rows of the output
//! ```
//!
//! A run that times operators reads the clock between the two, on every worker; the step's time is
//! shared out as all workers together spent it.

use super::{
    kernel::{Io, Kernel, PreparedNode},
    layout::Layout,
    machine::L2,
    prefetch::Span,
};
use crate::simd::part_ended;
use profile::nanos;
use std::{
    ops::Range,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    time::Instant,
};

/// Bytes that a band's rows of all three maps may have: half of a second-level cache.
const BAND_BYTES: usize = L2 / 2;

/// Pixels that a band has at least: the second node reads all its weights for each.
const PIXELS: usize = 48;

/// Bytes of weights that the cache holds beside a band.
const WEIGHT_BYTES: usize = L2 / 8;

/// A pair of nodes, ready to run.
pub(super) struct Bands {
    nodes: [PreparedNode; 2],
    /// Of the first node's input, the map between and the output.
    layouts: [Layout; 3],
    /// Rows of a band.
    rows: usize,
    room: Room,
    clock: Clock,
}

/// Where the map between lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// In its place, whole.
    Arena,
    /// In a worker's scratch memory, which has room for a band.
    Scratch,
}

/// How many rows a band has: `None` where the map between is small enough to stay in the cache whole,
/// or a row too large. `maps` are the first node's input, the map between and the output.
fn band_rows(maps: [Layout; 3]) -> Option<usize> {
    let bytes = |map: &Layout| map.shape.h * map.shape.w * map.pixel * size_of::<f32>();
    let [_, between, _] = maps;
    let (height, width) = (between.shape.h, between.shape.w);
    if bytes(&between) <= BAND_BYTES {
        return None;
    }
    let row = maps.iter().map(bytes).sum::<usize>() / height;
    // Depthwise kernels do two rows at once.
    let rows = (BAND_BYTES / row).max(PIXELS.div_ceil(width)).next_multiple_of(2);
    (rows < height).then_some(rows)
}

impl Bands {
    /// How many rows a band of two nodes would have: `None` where one of the kernels cannot do any rows, or
    /// bands are not worth a trial. `maps` are the first node's input, the map between and the output.
    pub fn rows(nodes: &[PreparedNode; 2], maps: [Layout; 3]) -> Option<usize> {
        let can = nodes.iter().all(|node| node.kernel.by_rows().is_some());
        band_rows(maps).filter(|_| can)
    }

    /// Joins two nodes in bands of so many rows.
    pub fn new(nodes: [PreparedNode; 2], maps: [Layout; 3], rows: usize) -> Self {
        Self { nodes, layouts: maps, rows, room: Room::Scratch, clock: Clock::default() }
    }

    /// The same, with the map between in its place, where it can be read after a run.
    pub fn keeping(self) -> Self {
        Self { room: Room::Arena, ..self }
    }

    /// Both nodes.
    pub const fn nodes(&self) -> &[PreparedNode; 2] {
        &self.nodes
    }

    /// How the first node's input, the map between and the output lie.
    pub const fn layouts(&self) -> [Layout; 3] {
        self.layouts
    }

    /// The map between.
    const fn between(&self) -> Layout {
        self.layouts[1]
    }

    /// Both nodes back.
    pub fn into_nodes(self) -> [PreparedNode; 2] {
        self.nodes
    }

    /// Where the operands of the second node are, which are the pair's.
    pub fn io(&self) -> Io<'_> {
        self.nodes[1].places.io()
    }

    /// The maps that both touch, each once, but for the one between: it is never whole, and stays where the
    /// band is.
    pub fn maps(&self) -> Vec<Span> {
        let between = self.io().inputs[0];
        let apart = |map: &&Span| map.from != between;
        self.nodes.iter().flat_map(|node| &node.maps).filter(apart).copied().collect()
    }

    /// Whether bands are expected to be faster: the second node's weights, which each band reads, stay
    /// in the cache beside it.
    pub fn should_pay(&self) -> bool {
        self.nodes[1].kernel.bytes() <= WEIGHT_BYTES
    }

    /// What tells the times of the two apart.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Image and rows of a task.
    fn band(&self, task: usize) -> (usize, Range<usize>) {
        let first = task % self.bands() * self.rows;
        (task / self.bands(), first..(first + self.rows).min(self.between().shape.h))
    }

    /// Bands of an image.
    const fn bands(&self) -> usize {
        self.between().shape.h.div_ceil(self.rows)
    }

    /// Floats of scratch memory for the map between.
    const fn room(&self) -> usize {
        match self.room {
            Room::Arena => 0,
            Room::Scratch => self.rows * self.between().shape.w * self.between().pixel,
        }
    }
}

impl Kernel for Bands {
    fn tasks(&self) -> usize {
        self.between().shape.n * self.bands()
    }

    fn scratch(&self) -> usize {
        let [first, second] = self.nodes.each_ref().map(|node| node.kernel.scratch());
        self.room() + first.max(second)
    }

    fn bytes(&self) -> usize {
        self.nodes.iter().map(|node| node.kernel.bytes()).sum()
    }

    unsafe fn run(&self, io: &Io, task: usize, scratch: &mut [f32]) {
        let (image, rows) = self.band(task);
        let first = self.nodes[0].places.io();
        let (band, scratch) = scratch.split_at_mut(self.room());
        let between = match self.room {
            Room::Arena => first.output,
            // Where the map would begin if all of it were there.
            Room::Scratch => {
                band.as_mut_ptr().wrapping_sub(self.between().offset(image, rows.start, 0))
            }
        };
        let inputs = [between.cast_const(), io.inputs[io.inputs.len() - 1]];
        let first = Io { output: between, ..first };
        let second = Io { inputs: &inputs[..io.inputs.len()], ..*io };
        let mut lap = self.clock.start();
        for (part, io) in [first, second].iter().enumerate() {
            if let Some(kernel) = self.nodes[part].kernel.by_rows() {
                // SAFETY: the caller vouches for `io`, the session for that of the first node; its rows
                // are made before the second node reads them, which is pointwise.
                unsafe { kernel.run_rows(io, image, rows.clone(), scratch) };
            }
            self.clock.lap(part, &mut lap);
            part_ended(part);
        }
    }
}

/// What the two nodes of a pair took, while it is switched on.
#[derive(Debug, Default)]
pub(super) struct Clock {
    on: AtomicBool,
    ns: [AtomicU64; 2],
}

impl Clock {
    /// Switches it on or off.
    pub fn switch(&self, on: bool) {
        self.on.store(on, Relaxed);
    }

    /// The share of the first node since the last call.
    pub fn take(&self) -> f64 {
        let [first, second] = [0, 1].map(|part| self.ns[part].swap(0, Relaxed) as f64);
        if first + second > 0.0 { first / (first + second) } else { 0.0 }
    }

    fn start(&self) -> Option<Instant> {
        self.on.load(Relaxed).then(Instant::now)
    }

    fn lap(&self, part: usize, since: &mut Option<Instant>) {
        if let Some(since) = since {
            self.ns[part].fetch_add(nanos(since.elapsed()), Relaxed);
            *since = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::kernel::Places;
    use profile::Shape;

    fn layout(c: usize, size: usize) -> Layout {
        Layout::dense(Shape::new(1, c, size, size))
    }

    #[test]
    fn bands_are_cut_where_the_map_between_is_large() {
        // 56·56·64 floats each way: 43 KiB a row of all three maps.
        assert_eq!(band_rows([layout(64, 56); 3]), Some(6));
        // 14·14·256 floats are 196 KiB.
        assert_eq!(band_rows([layout(256, 14); 3]), None);
        // A row has 32 pixels: two rows for the weights' sake, however large they are.
        assert_eq!(band_rows([layout(4096, 32); 3]), Some(2));
        // Two bands would be one.
        assert_eq!(band_rows([layout(40_000, 2); 3]), None);
    }

    #[test]
    fn the_bands_are_all_rows_once() {
        for (images, height, rows) in [(1, 7, 2), (2, 8, 4), (3, 5, 6)] {
            let nothing = || PreparedNode {
                name: String::new(),
                kernel: Box::new(Still),
                places: Places::new(Vec::new(), std::ptr::null_mut()),
                maps: Vec::new(),
            };
            let between = Layout::dense(Shape::new(images, 1, height, 1));
            let bands = Bands::new([nothing(), nothing()], [between; 3], rows);
            let all = (0..bands.tasks()).flat_map(|task| {
                let (image, rows) = bands.band(task);
                rows.map(move |row| (image, row))
            });
            let expected = (0..images).flat_map(|image| (0..height).map(move |row| (image, row)));
            assert!(all.eq(expected));
        }
    }

    struct Still;

    impl Kernel for Still {
        fn tasks(&self) -> usize {
            1
        }
        unsafe fn run(&self, _: &Io, _: usize, _: &mut [f32]) {}
    }

    #[test]
    fn a_clock_counts_only_while_it_is_on() {
        let clock = Clock::default();
        clock.lap(0, &mut clock.start());
        assert_eq!(clock.take(), 0.0);
        clock.switch(true);
        let mut lap = clock.start();
        std::thread::sleep(std::time::Duration::from_millis(2));
        clock.lap(0, &mut lap);
        clock.lap(1, &mut lap);
        assert!(clock.take() > 0.5);
        assert_eq!(clock.take(), 0.0);
    }
}
