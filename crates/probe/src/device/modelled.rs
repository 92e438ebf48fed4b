//! A described core on a described board: the lab's own kernels, run on lanes that tell a model what they do.
//!
//! A network runs once, or twice where much of it stays in the caches from run to run. Accesses of all operators are
//! followed, one after the other through the same caches; instructions of those that do the same, once. What the model
//! leaves out, `docs/METHODOLOGY.md` says.

use super::{Prepared, Target};
use crate::interrupt;
use cores::{CoreOnBoard, Simulation, Work};
use ops::{
    Graph, Keep, Look, Node, Session, SessionError, Tensor, Tune,
    cpu::{CpuOptions, CpuSession},
    simd::{Isa, Observer},
};
use profile::{
    Calibration, Device, DeviceKind, Instruction, Memory, Modelled, Overhead, Rendering, Timing,
    Vectors, nanos,
};
use std::{cell::RefCell, collections::HashMap, rc::Rc, time::Instant};

/// What is said of times beside them.
const NOTE: &str = "one thread; no TLBs, no branches, no temperature; instruction scheduling alone may change \
     them by a fifth";

/// A described core on a described board.
pub struct OnBoard {
    device: Device,
    core: CoreOnBoard,
    seed: u64,
    calibration: Option<Calibration>,
}

impl OnBoard {
    /// `CORE@BOARD`, with a seed of weights.
    ///
    /// # Errors
    /// Where there is no such core or board, or a file describes none.
    pub fn open(spec: &str, seed: u64) -> anyhow::Result<Self> {
        let core: CoreOnBoard = spec.parse()?;
        let kind = match core.vectors() {
            Vectors::Neon => DeviceKind::Arm,
            Vectors::Avx2 | Vectors::Avx512 => DeviceKind::X86,
        };
        let device = Device {
            name: core.name().to_owned(),
            kind,
            arch: core.vectors().to_string(),
            rendering: Rendering::Modelled,
            driver: String::new(),
            bus: String::new(),
        };
        Ok(Self { device, core, seed, calibration: None })
    }

    fn on_model(&self, graph: &Graph, keep: Keep) -> Result<OnModel, SessionError> {
        let isa = Isa::traced(self.core.vectors());
        let (threads, processors, seed) = (1, Vec::new(), self.seed);
        let (tune, stop) = (Tune::OFF, interrupt::stop());
        let options = CpuOptions { isa, threads, processors, keep, seed, tune, stop };
        let start = Instant::now();
        let session = CpuSession::prepare(graph, options)?;
        let (core, prepare_ns) = (self.core.clone(), nanos(start.elapsed()));
        Ok(OnModel { session, core, found: Vec::new(), prepare_ns })
    }
}

impl Target for OnBoard {
    fn device(&self) -> &Device {
        &self.device
    }

    fn threads(&self) -> usize {
        1
    }

    /// Nothing: there is nothing to measure.
    fn calibrate(&self, _: &mut dyn FnMut()) -> anyhow::Result<Option<Calibration>> {
        Ok(None)
    }

    fn calibration(&mut self) -> &mut Option<Calibration> {
        &mut self.calibration
    }

    fn ceilings(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    fn prepare(&self, graph: &Graph, keep: Keep) -> anyhow::Result<Box<dyn Prepared>> {
        Ok(Box::new(self.on_model(graph, keep)?))
    }
}

/// A network ready to run on a modelled device.
struct OnModel {
    session: CpuSession,
    core: CoreOnBoard,
    /// What was found for the input that is set: each operator's time, nanoseconds, and what it did.
    found: Vec<(u64, Modelled)>,
    prepare_ns: u64,
}

impl OnModel {
    /// Runs the network on the model, unless it has run with this input.
    fn find(&mut self) {
        if self.found.is_empty() {
            self.found = self.follow(&self.alike());
        }
    }

    /// Runs the network on the model, and follows the instructions of nodes that are `alike` once: what was found of
    /// each.
    fn follow(&mut self, alike: &[usize]) -> Vec<(u64, Modelled)> {
        let recorder = Rc::new(RefCell::new(Recorder::of(self.core.simulation())));
        let mut found = vec![(0, Modelled::default()); alike.len()];
        let in_bands: Vec<bool> =
            self.session.graph().nodes.iter().map(|node| node.in_bands).collect();
        // The nodes of the step that begins with a node, at most.
        let step = |first: usize| {
            let with = usize::from(in_bands.get(first + 1) == Some(&true));
            alike.iter().skip(first).take(1 + with)
        };
        let mut followed = HashMap::new();
        for _ in 0..self.runs() {
            recorder.borrow_mut().follows = !step(0).all(|like| followed.contains_key(like));
            self.session.run_observed(recorder.clone(), &mut |nodes| {
                let mut recorder = recorder.borrow_mut();
                let next = nodes.end;
                for (node, mut work) in nodes.zip(recorder.take()) {
                    match recorder.follows {
                        true => _ = followed.insert(alike[node], work.clone()),
                        false => take_over(&mut work, &followed[&alike[node]]),
                    }
                    found[node] = self.core.modelled(&work);
                }
                recorder.follows = !step(next).all(|like| followed.contains_key(like));
            });
        }
        found
    }

    /// For each node a number that those have in common whose kernels do the same, whatever the numbers in their maps.
    fn alike(&self) -> Vec<usize> {
        let graph = self.session.graph();
        let mut known = HashMap::new();
        let number = |(node, kernel): (&Node, String)| {
            let Node { op, epilogue, output, view, .. } = node;
            let does =
                format!("{op:?} {epilogue:?} {:?} {output:?} {view}", graph.input_shapes(node));
            let next = known.len();
            *known.entry((does, kernel)).or_insert(next)
        };
        graph.nodes.iter().zip(self.session.kernels()).map(number).collect()
    }

    /// Runs until the caches are as in a run after many: what does not fit into them finds nothing there anyway.
    fn runs(&self) -> usize {
        let kept = self
            .session
            .memory()
            .map_or(0, |Memory { weights, activations, .. }| weights + activations);
        if kept <= 2 * self.core.cache_bytes() { 2 } else { 1 }
    }

    fn whole(&self) -> u64 {
        self.found.iter().map(|(ns, _)| ns).sum()
    }
}

/// Gives `work`, of which accesses alone were followed, what `like` did besides.
fn take_over(work: &mut Work, like: &Work) {
    work.instructions.clone_from(&like.instructions);
    work.chain_cycles = like.chain_cycles;
}

/// A simulation, and what it found of a step's nodes.
struct Recorder {
    simulation: Simulation,
    /// Whether it hears of instructions, too, not of accesses alone.
    follows: bool,
    parts: [Option<Work>; 2],
}

impl Recorder {
    const fn of(simulation: Simulation) -> Self {
        Self { simulation, follows: true, parts: [None, None] }
    }

    /// What the nodes of a step did, which has ended.
    fn take(&mut self) -> impl Iterator<Item = Work> + use<> {
        self.part_ended(0);
        std::mem::take(&mut self.parts).into_iter().flatten()
    }
}

impl Observer for Recorder {
    fn issue(&mut self, instruction: Instruction, operands: u64, sum: u64) -> u64 {
        if self.follows { self.simulation.issue(instruction, operands, sum) } else { 0 }
    }

    fn touch(&mut self, address: usize, bytes: usize, write: bool) {
        self.simulation.touch(address, bytes, write);
    }

    fn part_ended(&mut self, part: usize) {
        let work = self.simulation.take();
        match &mut self.parts[part] {
            Some(sum) => *sum += work,
            none => *none = Some(work),
        }
    }
}

impl Session for OnModel {
    fn graph(&self) -> &Graph {
        self.session.graph()
    }

    fn kernels(&self) -> Vec<String> {
        self.session.kernels()
    }

    fn executed_flops(&self) -> Vec<Option<u64>> {
        self.session.executed_flops()
    }

    fn tolerances(&self) -> Vec<f64> {
        self.session.tolerances()
    }

    fn in_place(&self) -> Vec<bool> {
        self.session.in_place()
    }

    fn memory(&self) -> Option<Memory> {
        self.session.memory()
    }

    fn set_inputs(&mut self, inputs: &[Tensor]) -> Result<(), SessionError> {
        self.found.clear();
        self.session.set_inputs(inputs)
    }

    fn run(&mut self) -> Result<u64, SessionError> {
        self.find();
        Ok(self.whole())
    }

    fn run_timed(&mut self, times: &mut [u64]) -> Result<u64, SessionError> {
        self.find();
        times.iter_mut().zip(&self.found).for_each(|(time, (ns, _))| *time = *ns);
        Ok(self.whole())
    }

    fn run_each(&mut self, inputs: &[Tensor], look: &mut Look<'_>) -> Result<(), SessionError> {
        self.session.run_each(inputs, look)
    }

    fn fetch(&mut self, node: usize) -> Result<Tensor, SessionError> {
        self.session.fetch(node)
    }
}

impl Prepared for OnModel {
    fn session(&mut self) -> &mut dyn Session {
        self
    }

    fn pinned(&self) -> bool {
        false
    }

    fn timing(&self) -> Timing {
        Timing {
            source: "core model".to_owned(),
            resolution_ns: 1.0,
            note: NOTE.to_owned(),
            prepare_ns: self.prepare_ns,
        }
    }

    fn modelled(&self) -> Vec<Modelled> {
        self.found.iter().map(|(_, modelled)| modelled.clone()).collect()
    }

    /// Nothing: no clock was read.
    fn overhead(self: Box<Self>) -> anyhow::Result<Overhead> {
        Ok(Overhead::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use profile::Level;

    /// Where the caches leave instructions waiting, chains begin a little later or earlier.
    #[test]
    fn nodes_that_do_the_same_take_what_each_would_take_if_it_was_followed() {
        let options = zoo::Options { input: Some((64, 64)), batch: 1 };
        for (model, level) in [("shufflenet_v2", Level::Folded), ("mobilenet_v2", Level::Fused)] {
            let graph = zoo::build(model, options).unwrap().at(level);
            let target = OnBoard::open("cortex-a53@raspberry-pi-3b-plus", 1).unwrap();
            let mut run = |once: bool| {
                let mut on_model = target.on_model(&graph, Keep::Output).unwrap();
                let inputs: Vec<Tensor> = graph.inputs.iter().map(|&s| Tensor::zeros(s)).collect();
                on_model.set_inputs(&inputs).unwrap();
                let alike = on_model.alike();
                assert!(alike.iter().max() < Some(&(alike.len() * 3 / 4)), "many are alike");
                let each: Vec<usize> = (0..alike.len()).collect();
                on_model.follow(if once { &alike } else { &each })
            };
            let [once, each] = [true, false].map(&mut run);
            for ((node, one), other) in graph.nodes.iter().zip(&once).zip(&each) {
                let (one, other) = (&one.1, &other.1);
                assert_eq!(one.instructions, other.instructions, "{}", node.name);
                assert_eq!(one.issued_bytes, other.issued_bytes, "{}", node.name);
            }
            let whole =
                |run: Vec<(u64, Modelled)>| run.iter().map(|(ns, _)| *ns as f64).sum::<f64>();
            let [once, each] = [once, each].map(whole);
            let off = once / each - 1.0;
            assert!(off.abs() < 0.005, "{model}: {once} and {each}");
        }
    }
}
