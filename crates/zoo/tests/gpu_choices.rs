//! The untuned choices of kernels for GPUs that are described, and the model that they come from.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use ops::{
    Graph, Op, Operator,
    gpu::{AdapterLimits, Figures, Hardware, Load, Site, dispatches, paired},
};
use profile::{Level, Shape};
use serde::Deserialize;

/// A dispatch of the kernel that is chosen without tuning for a convolution.
struct Choice {
    name: String,
    kernel: &'static str,
    load: Load,
    figures: Figures,
}

/// The dispatches of the choices for every convolution of a network.
fn choices(network: &str, batch: usize, gpu: Hardware) -> Vec<Choice> {
    let options = zoo::Options { batch, ..zoo::Options::default() };
    let graph: Graph = zoo::build(network, options).unwrap().at(Level::Folded);
    let traits = AdapterLimits { hardware: Some(gpu), ..AdapterLimits::WEBGPU };
    let mut choices = Vec::new();
    for node in &graph.nodes {
        let inputs = graph.input_shapes(node);
        let site = Site::new(&inputs, node.output, traits);
        let Op::Conv2d(conv) = &node.op else { continue };
        let chosen = conv.gpu(&site).swap_remove(0);
        for (i, dispatch) in chosen.plan.dispatches.iter().enumerate() {
            let load = dispatch.load.unwrap();
            let figures = load.on(&gpu).unwrap();
            let name = format!("{network} {batch} {} {i} {conv:?} {:?}", node.name, inputs[0]);
            choices.push(Choice { name, kernel: chosen.name, load, figures });
        }
    }
    choices
}

/// Networks whose choices are held to what keeps a GPU busy.
const NETWORKS: [&str; 4] = ["resnet50", "vgg16", "mobilenet_v2", "shufflenet_v2"];

fn each_choice(gpu: Hardware, f: impl Fn(&Choice)) {
    for network in NETWORKS {
        [1, 8].iter().for_each(|batch| choices(network, *batch, gpu).iter().for_each(&f));
    }
}

/// Few waves are right only where cutting the walk in two saves less than adding up costs, which is a
/// dispatch and its round. Cut in two, half of the rounds are saved but for the first, which both parts have.
/// A long walk is right only where other waves work while one waits.
#[test]
fn choices_keep_an_h100_busy() {
    let gpu = Hardware::described("h100").unwrap();
    let adding_ns = f64::from(gpu.dispatch_ns + 2 * gpu.round_ns);
    each_choice(gpu, |Choice { name, load, figures, .. }| {
        assert!(load.registers <= 128, "{name}: {load:?}");
        let walk_ns = figures.ns - f64::from(gpu.dispatch_ns);
        let saved_ns = walk_ns * ((load.rounds - 1) / 2) as f64 / load.rounds as f64;
        assert!(figures.waves >= 4.0 || saved_ns <= adding_ns, "{name}: {load:?} {figures:?}");
        assert!(load.rounds <= 40 || figures.waves >= 8.0, "{name}: {load:?} {figures:?}");
    });
}

#[test]
fn choices_run_on_every_described_gpu() {
    for file in Hardware::files() {
        let gpu = Hardware::described(file).unwrap();
        each_choice(gpu, |Choice { name, kernel, load, .. }| {
            let fits = load.registers <= gpu.registers_each as usize;
            assert!(fits, "{file}: {kernel} of {name}: {load:?}");
            let stages = load.shared_bytes > 0;
            assert!(!stages || gpu.shared_bytes > 0, "{file}: {kernel} of {name}: {load:?}");
        });
    }
}

/// A row of `data/h100_convolutions.csv`: medians of the dense convolutions of the six networks that an
/// H100 ran for `reports/example`, each in a pass of its own, with the kernels of that time.
#[derive(Deserialize)]
struct Measured {
    operator: String,
    kernel: String,
    input: String,
    output: String,
    taps: usize,
    ns: f64,
}

/// What a pass with its two time stamps takes longer than a dispatch in a pass of many, nanoseconds.
const PASS_NS: f64 = 2600.0;

impl Measured {
    /// What the kernels of that time asked of the GPU: a quad of the walk a round. Those that staged
    /// it fetched four behind a branch each, and so waited for each.
    fn load(&self) -> Load {
        let shape = |text: &str| {
            let sides: Vec<usize> = text.split('x').map(|side| side.parse().unwrap()).collect();
            Shape::new(sides[0], sides[1], sides[2], sides[3])
        };
        let (x, y) = (shape(&self.input), shape(&self.output));
        let rounds = self.taps * x.c.div_ceil(4);
        let bytes = 4 * (x.elements() + y.elements() + self.taps * x.c * y.c);
        let tile = self.kernel.strip_prefix("tile_").and_then(|tile| tile.split_once('x'));
        let (rows, columns) =
            tile.map_or((8, 2), |(r, c)| (r.parse().unwrap(), c.parse().unwrap()));
        let operands = rows + 4 * columns;
        let staged = self.kernel == "staged";
        let tiles = if staged {
            y.pixels().div_ceil(64) * y.c.div_ceil(64)
        } else {
            (y.pixels().div_ceil(rows) * y.c.div_ceil(4 * columns)).div_ceil(64)
        };
        Load {
            workgroups: tiles,
            lanes: 64,
            registers: 4 * (rows * columns + operands),
            shared_bytes: if staged { 8192 } else { 0 },
            rounds,
            loads: if staged { 2 } else { operands },
            shared_loads: if staged { operands } else { 0 },
            mul_adds: rows * columns * 16,
            bytes,
        }
    }
}

#[test]
fn the_model_ranks_what_an_h100_took() {
    let gpu = Hardware::described("h100").unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/h100_convolutions.csv");
    let mut pairs = Vec::new();
    for row in csv::Reader::from_path(file).unwrap().deserialize() {
        let row: Measured = row.unwrap();
        let modelled = row.load().on(&gpu).unwrap().ns + PASS_NS;
        println!("{} {} {:.0} {modelled:.0}", row.operator, row.kernel, row.ns);
        pairs.push((modelled, row.ns));
    }
    assert_eq!(pairs.len(), 154);
    let mut errors: Vec<f64> = pairs.iter().map(|(m, ns)| (m / ns - 1.0).abs()).collect();
    let error = stats::median_of(&mut errors).unwrap();
    let rank = stats::spearman(&pairs).unwrap();
    println!("median error {error:.3}, rank {rank:.3}");
    assert!(error <= 0.25 && rank >= 0.9, "{error} {rank}");
}

/// What all dispatches of a network take at level `fused`, by the model, nanoseconds. One whose kernel tells of no load
/// takes what starting it does, and what memory takes for its maps and weights.
fn modelled_ns(network: &str, batch: usize, gpu: Hardware) -> f64 {
    let options = zoo::Options { batch, ..zoo::Options::default() };
    let graph: Graph = zoo::build(network, options).unwrap().at(Level::Fused);
    let traits = AdapterLimits { hardware: Some(gpu), ..AdapterLimits::WEBGPU };
    let (counts, mut pairs) = (dispatches(&graph, traits).unwrap(), paired(&graph, traits));
    let node_ns = |i: usize| {
        let node = &graph.nodes[i];
        let inputs = graph.input_shapes(node);
        let site = Site::new(&inputs, node.output, traits);
        let chosen = node.op.gpu(&site).swap_remove(0);
        let weights = node.op.weights(&inputs);
        let shapes = inputs.iter().chain([&node.output]).chain(weights.iter().map(|w| &w.shape));
        let bytes = 4 * shapes.map(|shape| shape.elements()).sum::<usize>();
        let moved = f64::from(gpu.dispatch_ns) + bytes as f64 / f64::from(gpu.memory_gb_s);
        let ns = |load: Option<Load>| load.map_or(moved, |load| load.on(&gpu).unwrap().ns);
        let plan = pairs.remove(&i).unwrap_or(chosen.plan);
        plan.dispatches.iter().map(|dispatch| ns(dispatch.load)).sum::<f64>()
    };
    (0..graph.nodes.len()).filter(|&i| counts[i] > 0).map(node_ns).sum()
}

/// What METHODOLOGY says that an H100 would take. No H100 has run these kernels.
#[test]
fn an_h100_is_modelled_to_run_networks_in_time() {
    let gpu = Hardware::described("h100").unwrap();
    for (network, batch, most_ms) in [
        ("vgg16", 1, 1.8),
        ("resnet50", 1, 1.2),
        ("mobilenet_v2", 1, 0.5),
        ("shufflenet_v2", 1, 0.35),
        ("resnet50", 8, 3.2),
    ] {
        let ms = modelled_ns(network, batch, gpu) / 1e6;
        println!("{network} {batch}: {ms:.2} ms modelled");
        assert!(ms <= most_ms, "{network} {batch}: {ms} ms");
    }
}
