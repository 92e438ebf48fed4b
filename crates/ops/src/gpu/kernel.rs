//! What a GPU kernel is given, and what it must be.

use super::{
    access::{Beside, Binding, End, Scratch, declared, lying},
    constants::{Constant, Constants, constants},
    hardware::Hardware,
    layout::{Layout, Layouts},
    load::{ABOUT_AS_FAST, Load},
    quads::vectors,
};
use crate::{Epilogue, Tensor, unary};
use profile::Shape;
use std::{borrow::Cow, rc::Rc};

/// What matters of an adapter when a kernel is chosen and planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdapterLimits {
    /// Whether a CPU plays the GPU.
    pub software: bool,
    /// Whether activations lie in textures instead of storage buffers, and weights, unless a trial of the other
    /// place was won.
    pub textures: bool,
    /// The GPU that the model of a dispatch takes it for; `None` where a CPU plays it.
    pub hardware: Option<Hardware>,
    /// Invocations that run in lockstep.
    pub subgroup: u32,
    /// Whether shaders may combine what these invocations hold.
    pub subgroups: bool,
    /// Bytes of the largest storage buffer that a shader can see.
    pub max_binding: u64,
    /// Bytes of the largest buffer of any use.
    pub max_buffer: u64,
    /// Texels along the longer side of the largest texture.
    pub max_texture: u32,
    /// Workgroups along one axis of a dispatch.
    pub max_workgroups: u32,
}

impl AdapterLimits {
    /// What every WebGPU adapter can do.
    pub const WEBGPU: Self = Self {
        software: false,
        textures: false,
        hardware: Some(Hardware::UNKNOWN),
        subgroup: 32,
        subgroups: false,
        max_binding: 128 << 20,
        max_buffer: 256 << 20,
        max_texture: 8192,
        max_workgroups: 65_535,
    };

    /// Quads of the largest activation or weight that a shader can see, and that can be read back, which
    /// takes a buffer.
    pub fn most_quads(&self) -> usize {
        let seen = if self.textures {
            // Rows are as long as a power of two.
            u64::from(self.max_texture) << self.max_texture.ilog2()
        } else {
            self.max_binding / 16
        };
        seen.min(self.max_buffer / 16) as usize
    }
}

/// A node as a kernel sees it while it is planned.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// Shapes of its inputs.
    pub inputs: &'a [Shape],
    /// Shape of its output.
    pub output: Shape,
    /// The adapter.
    pub traits: AdapterLimits,
    /// How its maps lie; each alone in its memory where this says nothing.
    layouts: Option<&'a Layouts>,
}

impl<'a> Site<'a> {
    /// A node whose maps lie alone in their memory.
    pub const fn new(inputs: &'a [Shape], output: Shape, traits: AdapterLimits) -> Self {
        Self { inputs, output, traits, layouts: None }
    }

    /// The same with maps that lie so.
    pub(super) const fn lying(self, layouts: &'a Layouts) -> Self {
        Self { layouts: Some(layouts), ..self }
    }

    /// How input `i` lies; the map that is written beside the output is one more.
    pub(crate) fn input_layout(&self, i: usize) -> Layout {
        let own = || Layout::whole(self.inputs[i]);
        self.layouts.map_or_else(own, |l| l.inputs.get(i).copied().or(l.beside).unwrap_or_else(own))
    }

    /// How its output lies.
    pub(super) fn output_layout(&self) -> Layout {
        self.layouts.map_or_else(|| Layout::whole(self.output), |layouts| layouts.output)
    }

    /// How what is bound lies, where that is a map.
    fn layout(&self, binding: Binding) -> Option<Layout> {
        match binding {
            Binding::Input(i) => Some(self.input_layout(i)),
            Binding::Output => Some(self.output_layout()),
            Binding::ScratchOut(_) => Some(Layout::whole(self.output)),
            Binding::Weight(_) | Binding::ScratchIn(_) => None,
        }
    }

    /// Whether input `i` lies in the output.
    pub(crate) fn is_in_place(&self, i: usize) -> bool {
        self.layouts.is_some_and(|layouts| layouts.in_place[i])
    }
}

/// Loop iterations that an invocation may do, all of its loops together: software rasterisers end it after
/// 65,535.
pub(crate) const MOST_ITERATIONS: usize = 60_000;

/// How well a kernel suits a node on an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suits {
    /// Expected to be among the fastest: the first such row of a table, or the one that the model
    /// of a dispatch finds fastest, is the choice without tuning, and tuning tries them all.
    Well,
    /// Right, but taken only where nothing suits better.
    Poorly,
    /// It cannot take this node.
    No,
}

impl Suits {
    /// `Well` where `good`, `Poorly` where not.
    pub(crate) const fn well_if(good: bool) -> Self {
        if good { Self::Well } else { Self::Poorly }
    }
}

/// A row of an operator's table of kernels.
pub struct GpuKernel<O> {
    /// Its name in files.
    pub name: &'static str,
    /// How well it suits this node.
    pub suits: fn(&O, &Site<'_>) -> Suits,
    /// What to dispatch for this node.
    pub plan: fn(&O, &Site<'_>) -> KernelPlan,
    /// The packed weights, one vector each, as long as [`KernelPlan::weights`] says.
    pub pack: fn(&O, &Site<'_>, &[Tensor]) -> Vec<Vec<f32>>,
}

/// The packing of an operator that has no weights.
pub(crate) fn nothing<O>(_: &O, _: &Site<'_>, _: &[Tensor]) -> Vec<Vec<f32>> {
    Vec::new()
}

/// What a node needs and does on a GPU.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KernelPlan {
    /// Quads of each packed weight.
    pub weights: Vec<usize>,
    /// What is dispatched, in this order.
    pub dispatches: Vec<Dispatch>,
}

impl KernelPlan {
    /// One dispatch without weights.
    pub(crate) fn one(dispatch: Dispatch) -> Self {
        Self { weights: Vec::new(), dispatches: vec![dispatch] }
    }

    /// The same, with what the node's epilogue does done to all that is written, and what belongs there
    /// written beside it. The map that the epilogue adds is the last input.
    pub fn finish(&mut self, epilogue: Epilogue, site: &Site<'_>) {
        self.dispatches.iter_mut().for_each(|d| d.finish(epilogue, site));
    }

    /// Whether each of its weights and grids is within the limits of an adapter of such traits.
    pub fn fits(&self, traits: &AdapterLimits) -> bool {
        let mut seen = self.weights.iter().copied().chain(self.scratch());
        let within =
            |d: &Dispatch| d.workgroups.iter().all(|groups| *groups <= traits.max_workgroups);
        seen.all(|quads| quads <= traits.most_quads()) && self.dispatches.iter().all(within)
    }

    /// Nanoseconds that it takes a GPU by the model of a dispatch: nothing for what has no model, and
    /// for ever where the GPU cannot run it.
    pub(crate) fn modelled_ns(&self, gpu: &Hardware) -> f64 {
        let loads = self.dispatches.iter().filter_map(|d| d.load);
        loads.map(|load| load.on(gpu).map_or(f64::INFINITY, |figures| figures.ns)).sum()
    }

    /// Quads of each memory in which its dispatches leave something for later ones.
    pub fn scratch(&self) -> Vec<usize> {
        let mut quads = Vec::new();
        for binding in self.dispatches.iter().flat_map(|d| &d.bindings) {
            if let Binding::ScratchOut(Scratch { id, quads: of }) = *binding {
                quads.resize(quads.len().max(id + 1), 0);
                quads[id] = of;
            }
        }
        quads
    }

    /// How many times the usual rounding errors are excused: more than once where it says so.
    pub fn tolerance(&self) -> f64 {
        self.algorithm().map_or(1.0, |algorithm| algorithm.tolerance)
    }

    /// Its algorithm, where that is not the operator's definition.
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.dispatches.iter().find_map(|d| d.algorithm)
    }

    /// Bytes of its packed weights.
    pub fn weight_bytes(&self) -> u64 {
        self.weights.iter().map(|quads| *quads as u64 * 16).sum()
    }
}

/// How an algorithm differs from the sums by which operators are defined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Algorithm {
    /// How many times larger rounding errors are.
    pub tolerance: f64,
    /// Floating-point operations of the node.
    pub flops: u64,
}

/// The first part of every shader: which invocation of a dispatch is this one.
pub(crate) const GRID: &str = include_str!("grid.wgsl");

/// One dispatch of a shader whose entry point is `main`.
#[derive(Clone, Debug, PartialEq)]
pub struct Dispatch {
    /// Values of `const` declarations, which stand before the text: sizes of arrays, and bounds of
    /// loops that compilers should unroll.
    pub sizes: Vec<(&'static str, usize)>,
    /// Its WGSL text, in parts that stand one after the other.
    pub parts: Vec<Cow<'static, str>>,
    /// Values of its `override` constants.
    pub constants: Constants,
    /// What `@group(0) @binding(i)` is, for each i.
    pub bindings: Vec<Binding>,
    /// What is done to a quad of the output as it is written.
    pub end: End,
    /// Workgroups along x, y and z.
    pub workgroups: [u32; 3],
    /// What it asks of a GPU, where its kernel says so.
    pub load: Option<Load>,
    /// The algorithm of its plan, said by one of the dispatches, where that is not the operator's definition.
    pub algorithm: Option<Algorithm>,
}

impl Dispatch {
    /// `invocations` of a shader, `group` to a workgroup; the shader opens with [`GRID`] and reads
    /// its index with it.
    pub(crate) fn of_invocations(
        site: &Site<'_>,
        parts: &[&'static str],
        mut constants: Constants,
        bindings: &[Binding],
        invocations: usize,
        group: usize,
    ) -> Self {
        constants.push(("GROUP", group.value()));
        Self::of_groups(site, parts, constants, bindings, invocations.div_ceil(group))
    }

    /// `item` of a shader, called with every number below `items`.
    pub(crate) fn of_items(
        site: &Site<'_>,
        parts: &[&'static str],
        mut constants: Constants,
        bindings: &[Binding],
        items: usize,
    ) -> Self {
        constants.push(("COUNT", items.value()));
        let parts = [&[include_str!("per_invocation.wgsl")], parts].concat();
        let group = group_size(site, items);
        Self::of_invocations(site, &parts, constants, bindings, items, group)
    }

    /// `value` of a shader, which gives each quad of the output.
    pub(crate) fn element_wise(
        site: &Site<'_>,
        parts: &[&'static str],
        mut constants: Constants,
        bindings: &[Binding],
    ) -> Self {
        let count = vectors(site.output);
        constants.extend(constants! { COUNT: count, EACH: EACH });
        let parts = [&[include_str!("element_wise.wgsl")], parts].concat();
        Self::of_invocations(site, &parts, constants, bindings, count.div_ceil(EACH), 64)
    }

    /// `groups` workgroups of a shader that says itself how large they are.
    pub(crate) fn of_groups(
        site: &Site<'_>,
        parts: &[&'static str],
        mut constants: Constants,
        bindings: &[Binding],
        groups: usize,
    ) -> Self {
        let maps = bindings.iter().enumerate();
        let maps = maps.filter_map(|(i, binding)| Some(lying(i, site.layout(*binding)?)));
        constants.extend(maps.flatten());
        constants.extend(site.traits.hardware.map(|gpu| ("AT_ONCE", f64::from(gpu.quads_at_once))));
        let max = site.traits.max_workgroups as usize;
        let rows = groups.div_ceil(max).max(1);
        let columns = groups.div_ceil(rows);
        Self {
            sizes: Vec::new(),
            parts: std::iter::once(GRID).chain(parts.iter().copied()).map(Cow::from).collect(),
            constants,
            bindings: bindings.to_vec(),
            end: End::default(),
            workgroups: [columns as u32, rows as u32, 1],
            load: None,
            algorithm: None,
        }
    }

    /// The same for a shader that calls `reduce`: over its 64 lanes, and by subgroups where there are any.
    pub(crate) fn of_reducing_groups(
        site: &Site<'_>,
        parts: &[&'static str],
        constants: Constants,
        bindings: &[Binding],
        groups: usize,
    ) -> Self {
        Self::of_reducing_teams(site, parts, constants, bindings, (groups, REDUCING_LANES))
    }

    /// The same for a shader that calls `reduce` over so many teams of so many lanes, a power of two up to
    /// [`REDUCING_LANES`].
    pub(crate) fn of_reducing_teams(
        site: &Site<'_>,
        parts: &[&'static str],
        constants: Constants,
        bindings: &[Binding],
        (teams, lanes): (usize, usize),
    ) -> Self {
        let reduce = match site.traits.subgroups && lanes == REDUCING_LANES {
            true => include_str!("reduce_in_subgroups.wgsl"),
            false => include_str!("reduce_in_memory.wgsl"),
        };
        let parts = [&[include_str!("reduce.wgsl"), reduce], parts].concat();
        let groups = teams.div_ceil(REDUCING_LANES / lanes);
        Self::of_groups(site, &parts, constants, bindings, groups).sized(&[("TEAM", lanes)])
    }

    /// One workgroup of a shader that does nothing.
    pub fn empty() -> Self {
        Self {
            sizes: Vec::new(),
            parts: vec![include_str!("empty.wgsl").into()],
            constants: Constants::new(),
            bindings: Vec::new(),
            end: End::default(),
            workgroups: [1, 1, 1],
            load: None,
            algorithm: None,
        }
    }

    /// The same with values of `const` declarations.
    pub(crate) fn sized(self, sizes: &[(&'static str, usize)]) -> Self {
        Self { sizes: sizes.to_vec(), ..self }
    }

    /// The same with a part that was written for it.
    pub(crate) fn written(mut self, part: String) -> Self {
        self.parts.push(part.into());
        self
    }

    /// Adds the quad of the last input to each quad of the output, applies the function, and writes beside
    /// it what belongs there.
    fn finish(&mut self, epilogue: Epilogue, site: &Site<'_>) {
        if !self.bindings.contains(&Binding::Output) {
            return;
        }
        if let Some(algorithm) = &mut self.algorithm {
            algorithm.flops += epilogue.flops() * site.output.elements() as u64;
        }
        if epilogue.add {
            self.end.added = Some(self.bind(site.inputs.len() - 1, 1, site));
        }
        if let Some(function) = epilogue.function {
            self.end.function = true;
            self.parts.push(unary::FUNCTIONS.into());
            self.constants.extend(unary::choice(function));
        }
        if site.layouts.is_some_and(|layouts| layouts.beside.is_some()) {
            let map = self.bind(site.inputs.len(), 2, site);
            let beside = match site.output_layout().step {
                1 => Beside::Before(map),
                _ => Beside::Between(map),
            };
            self.end.beside = Some(beside);
            self.constants.extend(beside.constants(site.output.c));
        }
    }

    /// Binds one more input, whose quads are moved so many times; the number of its binding.
    fn bind(&mut self, input: usize, moved: usize, site: &Site<'_>) -> usize {
        let (i, layout) = (self.bindings.len(), site.input_layout(input));
        self.bindings.push(Binding::Input(input));
        self.constants.extend(lying(i, layout));
        if let Some(load) = &mut self.load {
            load.bytes += moved * site.output.pixels() * layout.own * 16;
        }
        i
    }

    /// The shader's text, its sizes and bindings declared before it; `in_texture` says of each binding whether it
    /// lies in a texture.
    pub fn source(&self, in_texture: impl Fn(usize) -> bool) -> String {
        let sizes = self.sizes.iter().map(|(name, size)| format!("const {name} = {size}u;\n"));
        let bindings = self.bindings.iter().enumerate();
        let declarations =
            bindings.map(|(i, b)| declared(i, *b, in_texture(i), &self.constants, self.end));
        sizes.chain(declarations).chain(self.parts.iter().map(ToString::to_string)).collect()
    }
}

/// Lanes of a workgroup that reduces.
pub(crate) const REDUCING_LANES: usize = 64;

/// Quads an invocation of what is done element by element.
const EACH: usize = 4;

/// Invocations to a workgroup for a dispatch of so many. A rasteriser runs a workgroup on one core,
/// eight invocations to a vector, so few invocations are cut into small groups there.
const fn group_size(site: &Site<'_>, invocations: usize) -> usize {
    if site.traits.software && invocations < 64 * 16 { 8 } else { 64 }
}

/// Packs a node's weights.
type Pack<'a> = Rc<dyn Fn(&[Tensor]) -> Vec<Vec<f32>> + 'a>;

/// A kernel that can take a node.
#[derive(Clone)]
pub struct Candidate<'a> {
    /// Its name in files.
    pub name: &'static str,
    /// How well it suits the node.
    pub suits: Suits,
    /// What it needs and does.
    pub plan: KernelPlan,
    /// Whether its packed weights lie in textures.
    pub textures: bool,
    pack: Pack<'a>,
}

impl Candidate<'_> {
    /// Its name in records: that of the kernel, and what its weights lie in, where that is not what maps lie in.
    pub fn called(&self, traits: &AdapterLimits) -> String {
        match (self.textures, traits.textures) {
            (true, false) => format!("{}, weights in textures", self.name),
            (false, true) => format!("{}, weights in buffers", self.name),
            _ => self.name.to_owned(),
        }
    }

    /// The same with its weights in buffers where they would lie in textures, and the other way round; `None` where
    /// they would not fit, or there are none.
    pub fn elsewhere(&self, traits: &AdapterLimits) -> Option<Self> {
        let there = AdapterLimits { textures: !self.textures, ..*traits };
        let fits = self.plan.weights.iter().all(|quads| *quads <= there.most_quads());
        let other = || Self { textures: there.textures, ..self.clone() };
        (fits && !self.plan.weights.is_empty()).then(other)
    }

    /// The node's weights as the plan wants them.
    pub fn pack(&self, weights: &[Tensor]) -> Vec<Vec<f32>> {
        (self.pack)(weights)
    }
}

/// The rows of `table` that can take the node, those that suit it well first. Of these, those that the model finds
/// about as fast as any stand first, the ones with the fewest dispatches before the others.
pub(crate) fn candidates<'a, O>(
    op: &'a O,
    table: &'static [GpuKernel<O>],
    site: &'a Site<'a>,
) -> Vec<Candidate<'a>> {
    let rows = table.iter().map(|k| ((k.suits)(op, site), k)).filter(|(s, _)| *s != Suits::No);
    let mut candidates: Vec<Candidate<'a>> = rows
        .map(|(suits, k)| Candidate {
            name: k.name,
            suits,
            plan: (k.plan)(op, site),
            textures: site.traits.textures,
            pack: Rc::new(move |weights| (k.pack)(op, site, weights)),
        })
        .collect();
    candidates.sort_by_key(|c| c.suits);
    if let Some(gpu) = site.traits.hardware {
        candidates.chunk_by_mut(|a, b| a.suits == b.suits).for_each(|equals| rank(equals, &gpu));
    }
    candidates
}

/// Sorts candidates that suit a node equally well.
fn rank(candidates: &mut [Candidate<'_>], gpu: &Hardware) {
    let ns = |c: &Candidate<'_>| c.plan.modelled_ns(gpu);
    let least = candidates.iter().map(ns).fold(f64::INFINITY, f64::min);
    let dispatches = |c: &Candidate<'_>| match ns(c) <= ABOUT_AS_FAST * least {
        true => c.plan.dispatches.len(),
        false => usize::MAX,
    };
    candidates
        .sort_by(|a, b| dispatches(a).cmp(&dispatches(b)).then_with(|| ns(a).total_cmp(&ns(b))));
}
