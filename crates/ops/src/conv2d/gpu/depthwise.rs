//! Depthwise convolution on a GPU: a block of neighbouring outputs of a quad an invocation. A variant is a
//! row of numbers.
//!
//! ```text
//! for each part of the kernel:
//!     for so many rows ahead of those under any tap of any of the outputs:
//!         v = their pixels under any tap, w = the weights of the taps there; all loads before the first use
//!         for each of these rows, and each row of outputs with a tap there: sum += w · v
//! ```
//!
//! so that a part loads each pixel and each weight once. On GPUs, kernels of up to seven taps a side are one part.
//!
//! What is done with a part stands in the shader without loops: which tap of which output a pixel is under depends
//! on kernel, stride and dilation, and not every compiler unrolls loops: SwiftShader's leaves arrays in memory.

use super::{
    super::Conv2d,
    rolling,
    tile::{bias, conv_bytes, most_registers},
};
use crate::{
    Tensor,
    gpu::{
        Binding, Dispatch, GpuKernel, Hardware, KernelPlan, Load, MOST_ITERATIONS, Site, Suits,
        constants, quads,
    },
};

/// The variants, by name: outputs of an invocation, across × down. A rasteriser takes the first that suits.
const VARIANTS: [(&str, (usize, usize)); 5] = [
    ("depthwise_2x2", (2, 2)),
    ("depthwise_4x2", (4, 2)),
    ("depthwise_4x1", (4, 1)),
    ("depthwise_2x1", (2, 1)),
    ("depthwise_1x1", (1, 1)),
];

/// Taps of a part of a kernel, along one side: the largest kernel that networks have often.
const MOST_TAPS: usize = 7;

/// Multiply-adds of quads that a rasteriser should do in one part: past that, its code and what it spills take
/// longer than loading pixels once for each row of taps (measured on llvmpipe).
const MOST_UNROLLED: usize = 128;

/// A variant: its place in [`VARIANTS`].
pub(super) struct Depthwise<const V: usize>;

impl<const V: usize> Depthwise<V> {
    /// The row of the table.
    pub const KERNEL: GpuKernel<Conv2d> = GpuKernel {
        name: VARIANTS[V].0,
        suits: |conv, site| Blocks::new(conv, site, VARIANTS[V].1).suits(),
        plan: |conv, site| Blocks::new(conv, site, VARIANTS[V].1).plan(),
        pack: |conv, site, weights| Blocks::new(conv, site, VARIANTS[V].1).pack(weights),
    };
}

/// Outputs and taps along one side, over the pixels that both have in common.
#[derive(Clone, Copy)]
struct Side {
    /// Neighbouring outputs of an invocation.
    outputs: usize,
    /// Taps of a part of the kernel, and parts.
    taps: usize,
    parts: usize,
    /// Pixels from one that is loaded to the next.
    step: usize,
    /// Steps from one output to the next, and from one tap to the next.
    apart: usize,
    between: usize,
}

impl Side {
    /// With parts of at most so many taps.
    fn new(outputs: usize, kernel: usize, stride: usize, dilation: usize, most: usize) -> Self {
        let parts = kernel.div_ceil(most);
        let taps = kernel.div_ceil(parts);
        // What there is one of is nowhere from its next.
        let between = if taps > 1 { dilation } else { stride };
        let apart = if outputs > 1 { stride } else { between };
        let step = common_divisor(apart, between);
        Self { outputs, taps, parts, step, apart: apart / step, between: between / step }
    }

    /// Pixels from the first under a tap to the last, in steps.
    const fn span(&self) -> usize {
        (self.outputs - 1) * self.apart + (self.taps - 1) * self.between + 1
    }

    /// The tap of an output that a pixel is under.
    fn tap(&self, pixel: usize, output: usize) -> Option<usize> {
        let steps = pixel.checked_sub(output * self.apart)?;
        let tap = steps / self.between;
        (steps.is_multiple_of(self.between) && tap < self.taps).then_some(tap)
    }

    /// Whether a pixel is under taps of several outputs, if there are several. A kernel in parts shares weights at
    /// least.
    fn shares(&self) -> bool {
        self.outputs == 1 || self.parts > 1 || self.pixels().len() < self.outputs * self.taps
    }

    /// The pixels under any tap.
    fn pixels(&self) -> Vec<usize> {
        let under = |pixel: &usize| (0..self.outputs).any(|o| self.tap(*pixel, o).is_some());
        (0..self.span()).filter(under).collect()
    }
}

/// The greatest.
const fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// A node as blocks of outputs.
struct Blocks<'a> {
    conv: &'a Conv2d,
    site: &'a Site<'a>,
    down: Side,
    across: Side,
}

impl<'a> Blocks<'a> {
    fn new(conv: &'a Conv2d, site: &'a Site<'a>, (across, down): (usize, usize)) -> Self {
        let ((kernel_h, kernel_w), (stride_h, stride_w)) = (conv.kernel, conv.stride);
        let across = Side::new(across, kernel_w, stride_w, conv.dilation.1, MOST_TAPS);
        let unrolled = kernel_h * across.taps * across.outputs * down;
        let by_row = site.traits.software && unrolled > MOST_UNROLLED;
        let in_parts = |most| Side::new(down, kernel_h, stride_h, conv.dilation.0, most);
        let blocks = |most| Self { conv, site, down: in_parts(most), across };
        let most = if by_row { 1 } else { MOST_TAPS };
        (1..=most).rev().map(blocks).find(Self::is_held).unwrap_or_else(|| blocks(1))
    }

    /// Pixels and weights of a part.
    fn quads_of_part(&self) -> usize {
        let Self { down, across, .. } = self;
        down.pixels().len() * across.pixels().len() + down.taps * across.taps
    }

    /// Whether a compiler that loads all of a part before it computes has registers for it.
    fn is_held(&self) -> bool {
        let held = |gpu: Hardware| self.quads_of_part() <= gpu.quads_at_once as usize;
        self.site.traits.hardware.is_none_or(held)
    }

    fn suits(&self) -> Suits {
        let Self { conv, site, down, across } = self;
        let parts = down.parts * across.parts;
        if !conv.is_depthwise(site.inputs[0]) || parts > MOST_ITERATIONS || rolling::is_narrow(site)
        {
            return Suits::No;
        }
        let full = across.outputs <= site.output.w && down.outputs <= site.output.h;
        let fits = match site.traits.hardware {
            Some(gpu) => self.is_held() && self.registers(1) <= most_registers(&gpu),
            None => self.suits_rasteriser(),
        };
        Suits::well_if(full && fits && across.shares() && down.shares())
    }

    /// Whether a rasteriser can be fast with it, as measured on llvmpipe. Where the kernel is small, an output too many
    /// costs more than loading a row twice.
    fn suits_rasteriser(&self) -> bool {
        let Self { conv, site: Site { output, .. }, down, across } = self;
        let computed =
            |down, across| output.h.next_multiple_of(down) * output.w.next_multiple_of(across);
        match (across.outputs, down.outputs) {
            (_, 1) => true,
            (across, _) if conv.taps() > 9 => across == 4,
            (across, down) => computed(down, across) <= computed(1, 4),
        }
    }

    /// Rows whose loads stand before their first use: a real GPU waits once for all of them. As many as
    /// registers hold, where that is all; a rasteriser's hold no more than one.
    fn ahead(&self) -> usize {
        let all = self.down.pixels().len();
        let fits = self
            .site
            .traits
            .hardware
            .is_some_and(|gpu| self.registers(all) <= most_registers(&gpu));
        if fits { all } else { 1 }
    }

    /// Registers of operands and sums, so many rows loaded ahead.
    fn registers(&self, ahead: usize) -> usize {
        let Self { down, across, .. } = self;
        // A row of weights is held from the first output row that it serves to the last.
        let weights = down.taps.min(ahead.max(down.outputs)) * across.taps;
        4 * (ahead * across.pixels().len() + weights + down.outputs * across.outputs)
    }

    /// What a dispatch of so many workgroups asks of a GPU.
    fn load(&self, workgroups: usize) -> Load {
        let Self { conv, site, down, across } = self;
        let rows = down.pixels().len();
        let rounds = rows.div_ceil(self.ahead());
        let taps = down.taps * across.taps;
        Load {
            workgroups,
            lanes: 64,
            registers: self.registers(self.ahead()),
            shared_bytes: 0,
            rounds: down.parts * across.parts * rounds,
            loads: self.quads_of_part().div_ceil(rounds),
            shared_loads: 0,
            mul_adds: (4 * taps * down.outputs * across.outputs).div_ceil(rounds),
            bytes: conv_bytes(conv, site),
        }
    }

    fn plan(&self) -> KernelPlan {
        let Self { conv, site, down, across } = self;
        let (x, y) = (site.inputs[0], site.output);
        let quads = quads(x.c);
        let blocks = (y.h.div_ceil(down.outputs), y.w.div_ceil(across.outputs));
        let constants = constants! {
            QUADS: quads,
            BLOCKS_H: blocks.0,
            BLOCKS_W: blocks.1,
            INPUT_H: x.h,
            INPUT_W: x.w,
            OUTPUT_H: y.h,
            OUTPUT_W: y.w,
            PARTS_H: down.parts,
            PARTS_W: across.parts,
            TAPS_H: down.taps,
            TAPS_W: across.taps,
            STRIDE_H: conv.stride.0,
            STRIDE_W: conv.stride.1,
            PADDING_H: conv.padding.first().0,
            PADDING_W: conv.padding.first().1,
            DILATION_H: conv.dilation.0,
            DILATION_W: conv.dilation.1,
        };
        let sizes = [("DOWN", down.outputs), ("ACROSS", across.outputs)];
        let parts = [include_str!("depthwise.wgsl")];
        let bindings = [Binding::Input(0), Binding::Output, Binding::Weight(0), Binding::Weight(1)];
        let items = x.n * blocks.0 * blocks.1 * quads;
        let dispatch = Dispatch::of_items(site, &parts, constants, &bindings, items)
            .sized(&sizes)
            .written(self.item());
        let load = Some(self.load(items.div_ceil(64)));
        let rows = down.parts * down.taps;
        KernelPlan {
            weights: vec![rows * self.weights_across() * quads, quads],
            dispatches: vec![Dispatch { load, ..dispatch }],
        }
    }

    /// The shader's `item`. Pixel v, row r and column c of those under the taps; weight w, sum s.
    fn item(&self) -> String {
        let Self { down, across, .. } = self;
        let (rows, columns) = (down.pixels(), across.pixels());
        let outputs: Vec<(usize, usize)> =
            (0..down.outputs).flat_map(|d| (0..across.outputs).map(move |o| (d, o))).collect();
        let mut text = "fn item(i: u32) {\nlet b = block(i);\n".to_owned();
        let mut add = |line: String| text.extend([line.as_str(), "\n"]);
        outputs.iter().for_each(|(d, o)| add(format!("var s{d}_{o} = bias(b);")));
        let quads = down.parts * across.parts * self.quads_of_part();
        add(format!("let parts = loop_end(PARTS_H * PARTS_W, {quads}u, i);"));
        add("for (var part = 0u; part < parts; part++) {".to_owned());
        add("let tap = first_tap(part);\nlet first = under(b, tap);".to_owned());
        for &c in &columns {
            add(format!("let x{c} = first.y + {};", c * across.step));
        }
        for rows in rows.chunks(self.ahead()) {
            for &r in rows {
                add(format!("let line{r} = line(b, first.x + {});", r * down.step));
                for c in &columns {
                    add(format!("var v{r}_{c} = pixel(b, line{r}, x{c});"));
                }
                let taps = down.tap(r, 0).into_iter();
                for (y, x) in taps.flat_map(|y| (0..across.taps).map(move |x| (y, x))) {
                    add(format!("let w{y}_{x} = weight(b, tap, {y}u, {x}u);"));
                }
            }
            for &r in rows {
                for c in &columns {
                    add(format!("v{r}_{c} = select(vec4f(), v{r}_{c}, inside(line{r}, x{c}));"));
                }
                for &(d, o) in &outputs {
                    let Some(y) = down.tap(r, d) else { continue };
                    for (c, x) in columns.iter().filter_map(|&c| Some((c, across.tap(c, o)?))) {
                        add(format!("s{d}_{o} = fma(w{y}_{x}, v{r}_{c}, s{d}_{o});"));
                    }
                }
            }
        }
        add("}".to_owned());
        outputs.iter().for_each(|(d, o)| add(format!("store(b, {d}u, {o}u, s{d}_{o});")));
        add("}".to_owned());
        text
    }

    /// Weights of a row of whole parts.
    const fn weights_across(&self) -> usize {
        self.across.parts * self.across.taps
    }

    /// Weights by row, column, then channel, whole parts of the kernel; then the bias.
    fn pack(&self, weights: &[Tensor]) -> Vec<Vec<f32>> {
        let padded = quads(self.site.output.c) * 4;
        let (rows, columns) = (self.down.parts * self.down.taps, self.weights_across());
        let mut packed = vec![0.0; rows * columns * padded];
        for (c, kernel) in weights[0].data().chunks_exact(self.conv.taps()).enumerate() {
            for (tap, w) in kernel.iter().enumerate() {
                let (y, x) = (tap / self.conv.kernel.1, tap % self.conv.kernel.1);
                packed[(y * columns + x) * padded + c] = *w;
            }
        }
        vec![packed, bias(weights, padded / 4)]
    }
}
