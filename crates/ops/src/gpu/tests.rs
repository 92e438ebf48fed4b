//! What can be tested of GPU kernels without a GPU: that shaders are valid for real plans, that no
//! shader is orphaned, that plans and packed weights agree.

use super::{
    AdapterLimits, Binding, Chains, Dispatch, Hardware, KernelPlan, Site, Suits,
    cases::{self, Case},
    joined::joined,
    languages::write_all,
    pairs::Paired,
    slots::Slots,
    whole::dispatches,
};
use crate::{
    Binary, ChannelShuffle, ChannelSplit, Concat, ConcatShuffle, Conv2d, Graph, GraphBuilder, Keep,
    Op, Tensor, Unary, UnaryFn, Value,
    dice::{Dice, random},
    draw::weight_tensor,
};
use profile::{Level, Shape};
use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

const LLVMPIPE: AdapterLimits = AdapterLimits {
    software: true,
    textures: true,
    hardware: None,
    subgroup: 8,
    ..AdapterLimits::WEBGPU
};
const SWIFTSHADER: AdapterLimits = AdapterLimits { subgroup: 4, ..LLVMPIPE };

/// Cases of every operator.
fn all_cases(dice: &mut Dice) -> Vec<Case> {
    cases::random(dice).into_iter().chain(cases::long()).collect()
}

/// Calls `f` with each candidate of each case on each kind of adapter; cases are drawn with so many seeds.
fn each_candidate(seeds: u64, mut f: impl FnMut(&Op, &Site<'_>, &super::Candidate<'_>)) {
    random(seeds, |dice| all_cases(dice).iter().for_each(|case| each_of(case, &mut f)));
}

fn each_of(case: &Case, f: &mut impl FnMut(&Op, &Site<'_>, &super::Candidate<'_>)) {
    let output = case.output();
    let subgroups = AdapterLimits { subgroups: true, ..AdapterLimits::WEBGPU };
    for traits in [AdapterLimits::WEBGPU, subgroups, LLVMPIPE, SWIFTSHADER] {
        let site = Site::new(&case.inputs, output, traits);
        let candidates = case.candidates(&site);
        assert!(!candidates.is_empty(), "no kernel takes {:?} of {:?}", case.op, case.inputs);
        candidates.iter().for_each(|c| f(&case.op, &site, c));
    }
}

/// Kinds of adapters for each described GPU.
fn described() -> impl Iterator<Item = (&'static str, AdapterLimits)> {
    Hardware::files().map(|file| {
        (file, AdapterLimits { hardware: Hardware::described(file), ..AdapterLimits::WEBGPU })
    })
}

/// Every `.wgsl` file of this crate.
fn shaders() -> Vec<PathBuf> {
    fn walk(at: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => walk(&path, found),
                Some(e) if e == "wgsl" => found.push(path),
                _ => (),
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../src"), &mut found);
    found
}

/// Parses and validates a shader, then again with its constants in place.
fn validate(dispatch: &Dispatch, textures: bool) -> Result<(), String> {
    let source = dispatch.source(|_| textures);
    let module = naga::front::wgsl::parse_str(&source).map_err(|e| e.emit_to_string(&source))?;
    let validate = |module: &naga::Module| {
        naga::valid::Validator::new(
            naga::valid::ValidationFlags::all(),
            naga::valid::Capabilities::SUBGROUP,
        )
        .subgroup_stages(naga::valid::ShaderStages::COMPUTE)
        .subgroup_operations(naga::valid::SubgroupOperationSet::all())
        .validate(module)
        .map_err(|e| e.emit_to_string(&source))
    };
    let info = validate(&module)?;
    let known: HashSet<&str> =
        module.overrides.iter().filter_map(|(_, o)| o.name.as_deref()).collect();
    if let Some((name, _)) = dispatch.constants.iter().find(|(n, _)| !known.contains(n)) {
        return Err(format!("no override is called {name}"));
    }
    let shifts = (0..dispatch.bindings.len() * usize::from(textures)).map(|i| format!("SHIFT_{i}"));
    let constants: naga::back::PipelineConstants = dispatch
        .constants
        .iter()
        .map(|(n, v)| ((*n).to_owned(), *v))
        .chain(shifts.map(|n| (n, 6.0)))
        .collect();
    let (module, _) =
        naga::back::pipeline_constants::process_overrides(&module, &info, None, &constants)
            .map_err(|e| format!("{e:?}"))?;
    let info = validate(&module)?;
    write_all(&module, &info)?;
    let bound = module.global_variables.iter().filter(|(_, v)| v.binding.is_some()).count();
    if bound != dispatch.bindings.len() {
        return Err(format!("{bound} bindings, the plan has {}", dispatch.bindings.len()));
    }
    Ok(())
}

#[test]
fn every_shader_is_valid_with_the_constants_of_real_plans() {
    // Constants change values, not the shape of the text: one plan of each kernel and operator
    // in each build of constants that switches something off.
    let mut seen: HashMap<String, usize> = HashMap::new();
    each_candidate(3, |op, site, candidate| {
        let count = seen.entry(format!("{} {}", op.kind(), candidate.name)).or_default();
        *count += 1;
        if *count > 5 {
            return;
        }
        for dispatch in &candidate.plan.dispatches {
            if let Err(e) = validate(dispatch, site.traits.textures) {
                panic!("{} of {op:?} at {site:?}: {e}", candidate.name);
            }
        }
    });
}

#[test]
fn what_is_chosen_for_a_described_gpu_is_valid_there_and_within_its_limits() {
    random(2, |dice| {
        for (case, (file, traits)) in
            all_cases(dice).iter().flat_map(|c| described().map(move |d| (c, d)))
        {
            let site = Site::new(&case.inputs, case.output(), traits);
            let candidates = case.candidates(&site);
            let gpu = traits.hardware.unwrap();
            for dispatch in &candidates[0].plan.dispatches {
                let name = format!("{} of {:?} on {file}", candidates[0].name, case.op);
                validate(dispatch, false).unwrap_or_else(|e| panic!("{name}: {e}"));
                let Some(load) = dispatch.load else { continue };
                let room = load.shared_bytes <= gpu.shared_bytes as usize;
                assert!(room && load.lanes <= gpu.invocations as usize, "{name}: {load:?}");
            }
        }
    });
}

/// Calls `f` with each kernel of random pairs on each described GPU, and the pair's weights.
fn each_of_pairs(seeds: u64, mut f: impl FnMut(&str, &Hardware, &super::Candidate<'_>, &[Tensor])) {
    random(seeds, |dice| {
        let graph = cases::separable(dice).at(Level::Fused);
        for (file, traits) in described() {
            let slots = Slots::new(&graph, Keep::Output, traits);
            let pairs: Vec<Paired<'_>> = Paired::all(&graph, &slots).collect();
            assert_eq!(pairs.len(), 1, "{graph:?}");
            let (site, gpu) = (pairs[0].site(traits), traits.hardware.unwrap());
            let weights = pairs[0].weights(0);
            pairs[0].kernels(&site).iter().for_each(|c| f(file, &gpu, c, &weights));
        }
    });
}

#[test]
fn pairs_are_valid_on_every_described_gpu_and_packed_as_planned() {
    each_of_pairs(12, |file, gpu, candidate, weights| {
        for dispatch in &candidate.plan.dispatches {
            validate(dispatch, false)
                .unwrap_or_else(|e| panic!("{} on {file}: {e}", candidate.name));
            let load = dispatch.load.unwrap();
            assert!(load.lanes <= gpu.invocations as usize, "{file}: {load:?}");
        }
        let packed = candidate.pack(weights);
        let lens: Vec<usize> = packed.iter().map(|data| data.len() / 4).collect();
        assert_eq!(lens, candidate.plan.weights, "{}", candidate.name);
        let sum = |data: &[f32]| data.iter().map(|x| f64::from(*x).abs()).sum::<f64>();
        let (all, own): (f64, f64) =
            (packed.iter().map(|p| sum(p)).sum(), weights.iter().map(|w| sum(w.data())).sum());
        assert!((all - own).abs() < 1e-9 * own, "{}", candidate.name);
    });
}

#[test]
fn every_shader_file_is_part_of_a_plan() {
    let patterns = Dispatch::STREAMS.map(|pattern| Dispatch::stream(pattern, 3));
    let chains = Chains::FORMS.map(|form| Dispatch::chains(form, 3));
    let others = std::iter::once(Dispatch::empty()).chain(chains).chain(patterns);
    let mut used = HashSet::new();
    for dispatch in others {
        assert_eq!([false, true].map(|t| validate(&dispatch, t)), [Ok(()), Ok(())]);
        used.extend(dispatch.parts.iter().map(ToString::to_string));
    }
    each_candidate(1, |_, _, candidate| {
        for dispatch in &candidate.plan.dispatches {
            used.extend(dispatch.parts.iter().map(ToString::to_string));
        }
    });
    each_of_pairs(2, |_, _, candidate, _| {
        used.extend(
            candidate.plan.dispatches.iter().flat_map(|d| &d.parts).map(ToString::to_string),
        );
    });
    for path in shaders() {
        let text = fs::read_to_string(&path).unwrap();
        assert!(used.contains(&text), "{} is in no kernel of any table", path.display());
    }
}

#[test]
fn packed_weights_are_as_large_as_the_plan_says() {
    each_candidate(4, |op, site, candidate| {
        if candidate.plan.weight_bytes() > 50_000_000 {
            return;
        }
        let weights: Vec<_> =
            op.weights(site.inputs).iter().map(|w| weight_tensor(0, "node", w)).collect();
        let packed = candidate.pack(&weights);
        let lens: Vec<usize> = packed.iter().map(Vec::len).collect();
        let message: Vec<usize> = candidate.plan.weights.iter().map(|quads| quads * 4).collect();
        assert_eq!(lens, message, "{} of {op:?} over {:?}", candidate.name, site.inputs);
        let sum = |data: &[f32]| data.iter().map(|x| f64::from(*x).abs()).sum::<f64>();
        // A convolution's packed weights are its weights in another order, and zeros; if its algorithm takes them so.
        if candidate.plan.algorithm().is_none()
            && matches!(op, Op::Conv2d(_) | Op::ConvTranspose2d(_) | Op::Linear(_))
        {
            let (all, own): (f64, f64) =
                (packed.iter().map(|p| sum(p)).sum(), weights.iter().map(|w| sum(w.data())).sum());
            assert!((all - own).abs() < 1e-9 * own, "{} of {op:?}", candidate.name);
        }
    });
}

/// Plans of the kernels of `op` that suit `traits` best and worst.
fn plans(
    op: &Op,
    inputs: &[Shape],
    traits: AdapterLimits,
) -> Vec<(&'static str, Suits, KernelPlan)> {
    let site = Site::new(inputs, op.output(inputs).unwrap(), traits);
    op.gpu(&site).into_iter().map(|c| (c.name, c.suits, c.plan)).collect()
}

#[test]
fn weights_too_large_for_a_binding_are_cut_into_several() {
    // VGG's first fully connected operator: 411 MB.
    let op: Op = crate::Linear::new(4096).into();
    let inputs = [Shape::features(1, 25_088)];
    for (name, _, plan) in plans(&op, &inputs, AdapterLimits::WEBGPU) {
        for quads in &plan.weights {
            let bytes = *quads as u64 * 16;
            assert!(bytes <= AdapterLimits::WEBGPU.max_binding, "{name} binds {bytes} bytes");
        }
        let weights = plan.dispatches.iter().filter_map(|d| match d.bindings[2] {
            Binding::Weight(i) => Some(i),
            _ => None,
        });
        assert_eq!(weights.collect::<HashSet<_>>().len(), plan.dispatches.len(), "{name}");
        assert!(plan.dispatches.len() >= 4, "{name} has {} dispatches", plan.dispatches.len());
    }
}

#[test]
fn the_first_choice_follows_the_adapter() {
    let op: Op = Conv2d::new(512, 1).into();
    let inputs = [Shape::new(1, 512, 14, 14)];
    let first = |traits| plans(&op, &inputs, traits)[0].0;
    assert_eq!(first(AdapterLimits::WEBGPU), "gemm_32x32");
    assert_eq!(first(LLVMPIPE), "tile_8x4");
    assert_eq!(first(SWIFTSHADER), "tile_8x2");
}

/// What was fastest on llvmpipe; what SwiftShader compiles in time; and no tile anywhere.
#[test]
fn the_block_of_a_depthwise_convolution_follows_the_adapter() {
    let first = |traits, size, kernel: usize| {
        let op: Op = Conv2d::depthwise(96, kernel).padding(kernel / 2).into();
        plans(&op, &[Shape::new(1, 96, size, size)], traits)[0].0
    };
    assert_eq!(first(LLVMPIPE, 14, 3), "depthwise_2x2");
    assert_eq!(first(LLVMPIPE, 7, 3), "depthwise_4x1");
    assert_eq!([5, 7].map(|kernel| first(LLVMPIPE, 14, kernel)), ["depthwise_4x2"; 2]);
    assert_eq!(first(SWIFTSHADER, 14, 3), "depthwise_rolling");
    for file in Hardware::files() {
        let traits = AdapterLimits { hardware: Hardware::described(file), ..AdapterLimits::WEBGPU };
        for (size, kernel) in [(112, 3), (7, 3), (14, 5), (14, 7)] {
            let chosen = first(traits, size, kernel);
            println!("{file}: {size}×{size}, kernel {kernel}: {chosen}");
            assert!(chosen.starts_with("depthwise_") && chosen != "depthwise_rolling", "{file}");
        }
    }
}

#[test]
fn many_workgroups_fill_several_rows() {
    let shape = Shape::new(64, 64, 1024, 1024);
    let [(_, _, plan)] = &plans(&Unary(UnaryFn::Relu).into(), &[shape], AdapterLimits::WEBGPU)[..]
    else {
        panic!("unary has one kernel")
    };
    let [x, y, z] = plan.dispatches[0].workgroups;
    assert!(x <= 65_535 && y > 1 && z == 1, "{x} {y} {z}");
    assert!(u64::from(x) * u64::from(y) >= 64 * 1024 * 1024 * 16 / 4 / 64);
}

/// Four relus in a row.
fn chain() -> Graph {
    let mut b = GraphBuilder::new("chain", Shape::new(1, 5, 4, 4));
    let mut x = Value::INPUT;
    for i in 0..4 {
        x = b.push(format!("relu{i}"), Unary(UnaryFn::Relu), &[x]).unwrap();
    }
    b.finish(x)
}

#[test]
fn values_share_slots_where_their_lives_allow() {
    let graph = chain();
    let shared = Slots::new(&graph, Keep::Output, AdapterLimits::WEBGPU);
    for i in 0..graph.nodes.len() {
        let [read, written] =
            [graph.nodes[i].inputs[0], Value::of_node(i)].map(|v| shared.place(&graph, v).slot);
        assert_ne!(read, written, "node {i} reads the buffer that it writes");
    }
    assert_eq!(shared.quads, vec![4 * 4 * 2; 3], "the input, and two that take turns");
    let kept = Slots::new(&graph, Keep::Everything, AdapterLimits::WEBGPU);
    assert_eq!(kept.quads.len(), 5);
}

/// A graph of splits, shuffles, concatenations, convolutions, pairs of these, additions and functions of whatever came
/// before.
fn random_graph(dice: &mut Dice) -> Graph {
    let shape = Shape::new(1, dice.pick(&[4, 6, 8, 16]), 2, 3);
    let mut b = GraphBuilder::new("random", shape);
    let mut values = vec![Value::INPUT];
    for i in 0..dice.within(1..=20) {
        let (x, y) = (dice.pick(&values), dice.pick(&values));
        let (c, name) = (b.shape(x).c, format!("node{i}"));
        let divisors: Vec<usize> = (1..=c).filter(|groups| c.is_multiple_of(*groups)).collect();
        let pushed = match dice.within(0..=12) {
            0 => b.push(name, ChannelSplit { start: 0, len: c.div_ceil(2) }, &[x]),
            1 => b.push(name, ChannelSplit { start: c / 2, len: c - c / 2 }, &[x]),
            2 if c.is_multiple_of(2) => b.push(name, ChannelShuffle { groups: c / 2 }, &[x]),
            3 => b.push(name, Concat, &[x, y]),
            4 if b.shape(x) == b.shape(y) => b.push(name, ConcatShuffle { groups: 2 }, &[x, y]),
            5 if b.shape(x) == b.shape(y) => b.push(name, ConcatShuffle { groups: c }, &[x, y]),
            6 if b.shape(x) == b.shape(y) => b.push(name, Binary::ADD, &[x, y]),
            7 => b.push(name, ChannelShuffle { groups: dice.pick(&divisors) }, &[x]),
            8 => b.push(name, Unary(UnaryFn::Silu), &[x]),
            9 => b.push(name, Conv2d::depthwise(c, 3), &[x]),
            10 => b.push(name, Conv2d::new(dice.pick(&[4, 6, 8]), 3).padding(1), &[x]),
            11 => {
                let first = b.push(format!("first{i}"), Conv2d::depthwise(c, 1), &[x]).unwrap();
                b.push(name, Conv2d::new(dice.pick(&[4, 6, 8]), 1), &[first])
            }
            _ => b.push(name, Conv2d::new(dice.pick(&[4, 6, 8]), 1), &[x]),
        };
        values.push(pushed.unwrap());
    }
    let outputs = (0..dice.within(1..=3)).map(|_| dice.pick(&values)).collect();
    b.finish_with(outputs)
}

/// What a value's channel is: the node or input that computed it, and which of its channels.
type Origin = (Value, usize);

/// The channels of a value as those of what computes them.
fn origins(graph: &Graph, origins: &HashMap<Value, Vec<Origin>>, i: usize) -> Vec<Origin> {
    let node = &graph.nodes[i];
    let inputs: Vec<Origin> = node.inputs.iter().flat_map(|v| origins[v].clone()).collect();
    let (c, at) = (node.output.c, |source: usize| inputs[source]);
    let shuffled =
        |groups: usize| (0..c).map(|o| at(o % groups * (c / groups) + o / groups)).collect();
    match node.op {
        Op::ChannelSplit(ChannelSplit { start, len }) => inputs[start..start + len].to_vec(),
        Op::ChannelShuffle(ChannelShuffle { groups }) => shuffled(groups),
        Op::ConcatShuffle(ConcatShuffle { groups }) => shuffled(groups),
        Op::Concat(_) => inputs,
        _ if node.view => inputs,
        _ => (0..c).map(|c| (Value::of_node(i), c)).collect(),
    }
}

/// Runs a graph on names of channels: each dispatch writes those of its output, and what belongs beside
/// it. Whoever reads must find the channels that it asks for, in a slot that it does not write. Where the run `joins`
/// pairs, that holds of what a pair reads. How many it joined.
fn demand_found(graph: &Graph, traits: AdapterLimits, joins: bool) -> usize {
    let graph = &joined(graph, Keep::Output);
    let slots = Slots::new(graph, Keep::Output, traits);
    let dispatches = dispatches(graph, traits).unwrap();
    let pairs: HashMap<usize, Vec<Value>> = match joins {
        true => {
            Paired::all(graph, &slots).map(|pair| (pair.second, pair.reads().collect())).collect()
        }
        false => HashMap::new(),
    };
    let mut memory: HashMap<(usize, usize), Origin> = HashMap::new();
    let mut known: HashMap<Value, Vec<Origin>> = HashMap::new();
    let place = |v: Value, c| (slots.place(graph, v).slot, slots.place(graph, v).channel(c));
    let put = |memory: &mut HashMap<_, _>, v: Value, channels: &[Origin]| {
        channels.iter().enumerate().for_each(|(c, origin)| _ = memory.insert(place(v, c), *origin));
    };
    known.insert(Value::INPUT, (0..graph.inputs[0].c).map(|c| (Value::INPUT, c)).collect());
    put(&mut memory, Value::INPUT, &known[&Value::INPUT]);
    for (i, dispatched) in dispatches.into_iter().enumerate() {
        let output = Value::of_node(i);
        known.insert(output, origins(graph, &known, i));
        let demand = |known: &HashMap<Value, Vec<Origin>>, memory: &HashMap<_, _>, v: Value| {
            let found =
                known[&v].iter().enumerate().all(|(c, origin)| memory[&place(v, c)] == *origin);
            assert!(found, "node {i} finds no {v:?} in {graph:?}");
        };
        if pairs.contains_key(&(i + 1)) {
            continue;
        }
        if dispatched > 0 {
            let in_place = slots.layouts(graph, i).in_place;
            let own = || slots.reads(graph, i).collect();
            let reads: Vec<Value> = pairs.get(&i).cloned().unwrap_or_else(own);
            for (at, v) in reads.into_iter().enumerate() {
                demand(&known, &memory, v);
                let apart = place(v, 0).0 != place(output, 0).0;
                assert!(
                    apart || in_place.get(at) == Some(&true),
                    "node {i} writes {v:?} in {graph:?}"
                );
            }
            put(&mut memory, output, &known[&output]);
            if slots.reads(graph, i).count() > in_place.len() {
                let reader = |v| graph.nodes.iter().position(|n| n.inputs.contains(&v)).unwrap();
                let mut both = reader(output);
                while graph.nodes[both].view {
                    known.insert(Value::of_node(both), known[&output].clone());
                    both = reader(Value::of_node(both));
                }
                put(&mut memory, Value::of_node(both), &origins(graph, &known, both));
            }
        }
        demand(&known, &memory, output);
    }
    for v in &graph.outputs {
        let found = (0..graph.shape(*v).c).all(|c| memory[&place(*v, c)] == known[v][c]);
        assert!(found, "{v:?} is lost in {graph:?}");
    }
    pairs.len()
}

#[test]
fn whoever_reads_finds_what_was_made_where_views_say() {
    let (mut graphs, mut views, mut pairs) = (0, 0, 0);
    random(500, |dice| {
        graphs += 1;
        let raw = random_graph(dice);
        for level in [Level::Folded, Level::Fused] {
            let graph = raw.at(level);
            for traits in [AdapterLimits::WEBGPU, LLVMPIPE] {
                pairs += [false, true].map(|joins| demand_found(&graph, traits, joins))[1];
                let dispatches = dispatches(&graph, traits).unwrap();
                views += dispatches.iter().filter(|dispatches| **dispatches == 0).count();
            }
        }
    });
    assert!(views > 2 * graphs && pairs > 50, "{views} views and {pairs} pairs of {graphs}");
}
