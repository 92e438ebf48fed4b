//! Invented profiles for tests: the shapes and costs are a network's, the times a formula's.
//!
//! They carry names that nobody could take for a measurement.
#![allow(
    dead_code,
    reason = "the unit tests and the command's tests share this; neither needs all"
)]

use profile::{
    Access, Attr, Build, Cache, Calibration, Class, Comparison, Device, DeviceKind, Experiment,
    Guideline, Letter, Level, Machine, Memory, Modelled, Mountain, Noise, OpRecord, Overhead, Peak,
    Profile, Rendering, Rewrite, SCHEMA, Settings, Shape, Side, Timing, Verification,
};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// What an invented device takes: `overhead + max(flops / rate, bytes / bandwidth)`.
#[derive(Clone, Debug)]
pub struct Speed {
    /// FLOPs per nanosecond.
    pub gflops: f64,
    /// Bytes per nanosecond.
    pub gbytes: f64,
    /// Nanoseconds that every operator costs.
    pub overhead_ns: f64,
}

/// An invented processor.
pub fn core() -> (Device, Speed) {
    let speed = Speed { gflops: 90.0, gbytes: 16.0, overhead_ns: 300.0 };
    (device("Synthetic Core X-1", DeviceKind::X86, "avx2", Rendering::Real), speed)
}

/// An invented software-rendered adapter with a long name.
pub fn rasteriser() -> (Device, Speed) {
    let speed = Speed { gflops: 20.0, gbytes: 4.0, overhead_ns: 22_000.0 };
    let name = "synthpipe (Synthetic 19.1.7, 256 bits)";
    (device(name, DeviceKind::Gpu, "vulkan", Rendering::SoftwareRendered), speed)
}

/// An invented core that is described, not at hand.
pub fn modelled() -> (Device, Speed) {
    let speed = Speed { gflops: 10.0, gbytes: 4.0, overhead_ns: 0.0 };
    (device("Synthetic Core A-1 on a board", DeviceKind::Arm, "neon", Rendering::Modelled), speed)
}

/// An invented adapter.
pub fn adapter() -> (Device, Speed) {
    let speed = Speed { gflops: 4000.0, gbytes: 300.0, overhead_ns: 2500.0 };
    (device("Synthetic GTX 1", DeviceKind::Gpu, "vulkan", Rendering::Real), speed)
}

/// Invented ceilings of [`core`]: caches of 32 KiB, 512 KiB and 16 MiB, of which the system tells
/// the first rightly, the second roughly and the third wrongly.
pub fn calibration() -> Calibration {
    let bytes: Vec<u64> = (13..27)
        .flat_map(|power| (0..4).map(move |step| (1 << power) + (1 << power) / 4 * step))
        .collect();
    let slope = |[l1, l2, l3, dram]: [f64; 4]| {
        let height = |&b: &u64| match b >> 10 {
            0..=32 => l1,
            33..=512 => l2,
            513..=16_384 => l3,
            _ => dram,
        };
        bytes.iter().map(height).collect()
    };
    let peak = |arch: &str, threads, gflops| Peak { arch: arch.to_owned(), threads, gflops };
    Calibration {
        taken_at: "2000-01-01T00:00:00Z".into(),
        peaks: vec![
            peak("avx2", 1, 100.0),
            peak("avx2", 2, 198.0),
            peak("scalar", 1, 12.5),
            peak("scalar", 2, 25.0),
        ],
        mountain: Mountain {
            read: slope([200.0, 100.0, 40.0, 12.0]),
            copy: slope([150.0, 80.0, 30.0, 8.0]),
            triad: slope([180.0, 95.0, 35.0, 10.0]),
            update: slope([170.0, 90.0, 45.0, 16.0]),
            bytes,
        },
        caches: [("L1", 32_u64 << 10), ("L2", 448 << 10), ("L3", 64 << 20)]
            .map(|(name, bytes)| Cache { name: name.to_owned(), bytes })
            .into(),
        dispatch_ns: 1200.0,
        dependent_ns: None,
        workgroups: None,
        resolution_ns: 10.0,
        reasons: Vec::new(),
    }
}

/// An invented emulated core.
pub fn emulated() -> (Device, Speed) {
    let speed = Speed { gflops: 0.5, gbytes: 0.5, overhead_ns: 9000.0 };
    (device("Synthetic emulator", DeviceKind::Arm, "neon", Rendering::Emulated), speed)
}

fn device(name: &str, kind: DeviceKind, arch: &str, rendering: Rendering) -> Device {
    let (name, arch) = (name.into(), arch.into());
    Device { name, kind, arch, rendering, driver: String::new(), bus: String::new() }
}

/// A network under construction.
pub struct Net {
    at: Shape,
    ops: Vec<OpRecord>,
}

impl Net {
    /// An empty network over an image.
    pub fn new(size: usize) -> Self {
        Self { at: Shape::new(1, 3, size, size), ops: Vec::new() }
    }

    /// The operators in the order in which they run.
    pub fn ops(self) -> Vec<OpRecord> {
        self.ops
    }

    fn push(&mut self, name: String, kind: &str, class: Class, output: Shape) -> &mut OpRecord {
        let input = self.at;
        self.at = output;
        self.ops.push(OpRecord {
            name,
            kind: kind.into(),
            class,
            inputs: vec![input],
            sources: vec![self.ops.len()],
            output,
            attrs: [].into(),
            params: 0,
            mul_adds: 0,
            flops: if class == Class::ElementWise { output.elements() as u64 } else { 0 },
            access: Access {
                read: input.elements() as u64,
                written: output.elements() as u64,
                weights: 0,
            },
            kernel: format!("{kind} over lanes"),
            executed_flops: None,
            in_place: false,
            samples_ns: Vec::new(),
            warm_ns: Vec::new(),
            repeated_ns: Vec::new(),
            modelled: None,
        });
        self.ops.last_mut().expect("pushed above")
    }

    /// A k×k convolution.
    pub fn conv(&mut self, name: &str, out: usize, k: usize, stride: usize, groups: usize) {
        let x = self.at;
        let y = Shape::new(x.n, out, x.h.div_ceil(stride), x.w.div_ceil(stride));
        let weights = (out * x.c / groups * k * k) as u64;
        let op = self.push(name.into(), "conv2d", Class::Conv, y);
        op.attrs = [
            ("kernel", Attr::from(vec![k, k])),
            ("stride", Attr::from(vec![stride, stride])),
            ("groups", Attr::from(groups)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        op.params = weights + 2 * out as u64;
        op.mul_adds = weights * y.pixels() as u64;
        op.flops = 2 * op.mul_adds;
        op.access.weights = weights;
    }

    /// An operator that keeps its input's shape.
    pub fn same(&mut self, name: &str, kind: &str, class: Class) {
        self.push(name.into(), kind, class, self.at);
    }

    /// An operator that changes the number of channels.
    pub fn channels(&mut self, name: &str, kind: &str, c: usize) {
        self.push(name.into(), kind, Class::Data, self.at.with_channels(c));
    }

    /// Pooling, flatten and a linear layer.
    pub fn head(&mut self, classes: usize) {
        let c = self.at.c;
        let pooled = self.at.with_size(1, 1);
        self.push("pool".into(), "global_avg_pool2d", Class::Other, pooled);
        self.push("flatten".into(), "flatten", Class::Data, pooled);
        let op = self.push("fc".into(), "linear", Class::Other, Shape::features(1, classes));
        op.mul_adds = (c * classes) as u64;
        op.params = op.mul_adds + classes as u64;
        op.flops = 2 * op.mul_adds;
        op.access.weights = op.mul_adds;
    }
}

/// A network of ShuffleNetV2's shape with stages of `repeats` units: 4, 8, 4 is the paper's 1×.
pub fn shufflenet(repeats: [usize; 3]) -> Vec<OpRecord> {
    let mut net = Net::new(224);
    net.conv("conv1", 24, 3, 2, 1);
    net.same("conv1.relu", "relu", Class::ElementWise);
    net.at = net.at.with_size(56, 56);
    net.same("maxpool", "max_pool2d", Class::Other);
    for (stage, (units, out)) in repeats.into_iter().zip([116, 232, 464]).enumerate() {
        for unit in 0..units {
            let name = |op: &str| format!("stage{}.{unit}.{op}", stage + 2);
            let stride = if unit == 0 { 2 } else { 1 };
            let half = out / 2;
            net.channels(&name("split"), "channel_split", half);
            net.conv(&name("branch2.conv1"), half, 1, 1, 1);
            net.same(&name("branch2.relu1"), "relu", Class::ElementWise);
            net.conv(&name("branch2.dw"), half, 3, stride, half);
            net.conv(&name("branch2.conv2"), half, 1, 1, 1);
            net.same(&name("branch2.relu2"), "relu", Class::ElementWise);
            net.channels(&name("concat"), "concat", out);
            net.same(&name("shuffle"), "channel_shuffle", Class::Shuffle);
        }
    }
    net.conv("conv5", 1024, 1, 1, 1);
    net.same("conv5.relu", "relu", Class::ElementWise);
    net.head(1000);
    net.ops()
}

/// A plain network of `ops` operators whose names are long and have no stages.
pub fn plain(ops: usize) -> Vec<OpRecord> {
    let mut net = Net::new(32);
    for i in 0..ops / 2 {
        net.conv(&format!("a_layer_with_an_exceedingly_long_name_{i}"), 16 << (i / 2), 3, 1, 1);
        net.same(&format!("an_activation_with_a_long_name_{i}"), "relu", Class::ElementWise);
    }
    net.ops()
}

/// A profile of `ops` on an invented device; the same for the same arguments.
pub fn profile(model: &str, ops: Vec<OpRecord>, place: (Device, Speed), seed: u64) -> Profile {
    let (device, speed) = place;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut jitter = move || 1.0 + 0.03 * f64::from(rng.next_u32()) / 2f64.powi(32);
    let is_modelled = device.rendering == Rendering::Modelled;
    let runs = if is_modelled { 1 } else { 40 };
    let mut ops = ops;
    for op in &mut ops {
        op.modelled = is_modelled.then(|| on_a_model(op, &speed));
        let work = (op.flops as f64 / speed.gflops).max(op.access.bytes() as f64 / speed.gbytes)
            + speed.overhead_ns;
        op.samples_ns = (0..runs).map(|_| (work * jitter()) as u64).collect();
    }
    let whole: u64 = ops.iter().map(|op| op.samples_ns[0]).sum::<u64>() * 51 / 50;
    let mut wholes = || (0..runs).map(|_| (whole as f64 * jitter()) as u64).collect();
    Profile {
        schema: SCHEMA,
        model: model.into(),
        year: None,
        input: ops[0].inputs[0],
        more_inputs: Vec::new(),
        batch: 1,
        level: Level::Folded,
        threads: 1,
        device,
        machine: Machine {
            os: "Synthetic OS 1".into(),
            kernel: "1.0".into(),
            cpu: "Synthetic Core X-1".into(),
            model: String::new(),
            cores: 2,
            memory_bytes: 8 << 30,
        },
        workers: Vec::new(),
        build: Build {
            version: "0.1.0".into(),
            commit: "0123456789ab".into(),
            rustc: "rustc 1.95.0".into(),
            target: "x86_64-unknown-linux-gnu".into(),
        },
        taken_at: "2000-01-01T00:00:00Z".into(),
        settings: Settings {
            seed: 1,
            warmup: 5,
            iters: 0,
            max_secs: 10.0,
            precision: 0.02,
            pinned: true,
            without: Vec::new(),
        },
        params: ops.iter().map(|op| op.params).sum(),
        mul_adds: ops.iter().map(|op| op.mul_adds).sum(),
        verification: Verification {
            passed: true,
            ops: ops.len(),
            elements: 123_456,
            note: String::new(),
            worst_op: ops[ops.len() / 2].name.clone(),
            worst_share: 0.21,
            against_cpu: None,
        },
        timing: Timing {
            source: "monotonic clock".into(),
            resolution_ns: 10.0,
            note: String::new(),
            prepare_ns: 12_345_678,
        },
        overhead: Overhead { per_op_ns: 42.0, dispatch_ns: 900.0, dependent_ns: None },
        memory: Some(Memory { weights: 9_437_184, activations: 5_242_880, scratch: 262_144 }),
        calibration: None,
        noise: Noise {
            load: [0.12, 0.34],
            steal: Some(0.0),
            others: Some(0.01),
            drift: 1.01,
            spread: 0.004,
            ..Noise::default()
        },
        experiment: None,
        comparison: None,
        side: None,
        whole_ns: wholes(),
        gpu_ns: Vec::new(),
        encode_ns: Vec::new(),
        submit_ns: Vec::new(),
        instrumented_ns: wholes(),
        ops,
    }
}

/// What an invented core does for an operator: it asks for everything twice.
fn on_a_model(op: &OpRecord, speed: &Speed) -> Modelled {
    let bytes = op.access.bytes();
    let vector = (op.flops as f64 / speed.gflops) as u64;
    let memory = (bytes as f64 / speed.gbytes) as u64;
    Modelled {
        instructions: [("fma".to_owned(), op.mul_adds / 4)].into(),
        issued_bytes: 2 * bytes,
        traffic_bytes: [("l2".to_owned(), bytes), ("memory".to_owned(), bytes / 2)].into(),
        resource_ns: [("vector".to_owned(), vector), ("memory".to_owned(), memory)].into(),
        bound_by: Some(if memory > vector { "memory" } else { "vector" }.to_owned()),
    }
}

/// A network on `place` that passes for one of the paper's figure 2.
pub fn published(place: (Device, Speed)) -> Profile {
    let model = "shufflenet_v1(groups=3)".to_owned();
    Profile { model, mul_adds: 137_460_672, ..shufflenet_on(place, 1) }
}

/// The paper's 1× on `place`.
pub fn shufflenet_on(place: (Device, Speed), seed: u64) -> Profile {
    profile("shufflenet_v2", shufflenet([4, 8, 4]), place, seed)
}

/// The same, on a device that was calibrated; with warm maps, operators take four fifths.
pub fn calibrated() -> Profile {
    let mut profile = shufflenet_on(core(), 1);
    for op in &mut profile.ops {
        op.warm_ns = op.samples_ns.iter().map(|ns| ns * 4 / 5).collect();
    }
    Profile { calibration: Some(calibration()), ..profile }
}

/// The ARM grid of a guideline's experiment on `place`: four doses at three multipliers, each
/// `slower` than the base by the given factor, within the noise of the samples.
pub fn experiment(guideline: Guideline, place: (Device, Speed), slower: [f64; 4]) -> Vec<Profile> {
    let mut profiles = Vec::new();
    for multiplier in [1, 2, 4] {
        let doses = [(1, "1:1"), (2, "1:2"), (6, "1:6"), (12, "1:12")];
        for ((dose, label), slower) in doses.into_iter().zip(slower) {
            let mut net = Net::new(56);
            net.conv("conv", 32 * multiplier, 1, 1, 1);
            let seed = (dose * multiplier) as u64;
            let mut profile = profile("synthetic", net.ops(), place.clone(), seed);
            profile.whole_ns.iter_mut().for_each(|ns| *ns = (*ns as f64 * slower) as u64);
            profile.experiment = Some(Experiment {
                guideline,
                grid: "arm".into(),
                label: label.into(),
                dose: dose as f64,
                multiplier: multiplier as f64,
                runs: 1,
                twin: false,
                session: None,
            });
            profiles.push(profile);
        }
    }
    profiles
}

/// A network of ShuffleNetV2's shape on `place` beside itself without element-wise operators, which
/// takes 80 % of its time; the network last.
pub fn compared(model: &str, place: (Device, Speed)) -> Vec<Profile> {
    let mut network = profile(model, shufflenet([4, 8, 4]), place, 1);
    let side = Comparison {
        network: model.into(),
        input: network.input,
        operator: None,
        times: 1,
        rewrite: None,
        obeys: vec![Guideline::G1, Guideline::G2, Guideline::G3],
    };
    let mut bare = network.clone();
    bare.ops.retain(|op| op.class != Class::ElementWise);
    bare.whole_ns = network.whole_ns.iter().map(|ns| ns * 4 / 5).collect();
    let rewrite = Rewrite { guideline: Guideline::G4, changed: "element-wise removed".into() };
    bare.comparison = Some(Comparison { rewrite: Some(rewrite), ..side.clone() });
    network.comparison = Some(side);
    vec![bare, network]
}

/// Two sides that were measured in turn in 20 sittings: B lacks an activation, calls another operator otherwise,
/// and takes a fifth more for a third.
pub fn sides() -> [Profile; 2] {
    let side = |letter, seed| {
        let mut profile = profile("synthetic_small", shufflenet([1, 0, 0]), core(), seed);
        let session = "2000-01-01T00:00:00.000Z".to_owned();
        profile.side = Some(Side { session, letter, rounds: 2, command: None });
        profile
    };
    let (mut a, mut b) = (side(Letter::A, 1), side(Letter::B, 2));
    (a.level, b.level) = (Level::Raw, Level::Fused);
    b.ops.retain(|op| op.name != "conv5.relu");
    for op in &mut b.ops {
        match op.name.as_str() {
            "stage2.0.branch2.dw" => op.samples_ns.iter_mut().for_each(|ns| *ns = *ns * 6 / 5),
            "stage2.0.shuffle" => op.name = "stage2.0.mix".into(),
            _ => {}
        }
    }
    b.whole_ns.iter_mut().for_each(|ns| *ns = *ns * 9 / 10);
    [a, b]
}
