//! Files of our own read back: the very networks that were written. Files that contradict themselves, or
//! lead elsewhere: refused in a line.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use onnx::proto::{self, Attribute, Dimension, StringStringEntry, Tensor, ValueInfo};
use onnx::{Error, Options};
use ops::{
    Along, BatchNorm, Binary, BinaryFn, BlockOrder, ChannelAffine, ChannelConv, ChannelPool,
    ChannelSlice, Concat2d, Conv2d, ConvTranspose2d, GlobalL2Pool, Graph, GraphBuilder, GroupNorm,
    LayerNorm, LogSoftmax, MapConstant, MapFn, Node, Op, PRelu, Pad2d, PadMode, Permute,
    PixelShuffle, Pool2d, Reshape, Resize, Sides, Softmax, Transpose2d, Unary, UnaryFn, Value,
};
use profile::{Cost, Level};
use prost::Message;
use std::{collections::HashMap, fs, path::Path};
use tempfile::TempDir;

/// A node as a file can say it: whether γ is trained, and how large its drawn values are, it cannot.
fn message(graph: &Graph, node: &Node) -> (Op, Vec<String>, profile::Shape, Cost) {
    let op = match node.op {
        Op::BatchNorm(norm) => BatchNorm { epsilon: norm.epsilon, ..BatchNorm::default() }.into(),
        ref op => op.clone(),
    };
    let name = |v: &Value| v.node().map_or("input".to_owned(), |i| graph.nodes[i].name.clone());
    let cost = Cost { params: 0, ..graph.node_cost(node) };
    (op, node.inputs.iter().map(name).collect(), node.output, cost)
}

fn read_back(graph: &Graph, folder: &TempDir) -> Graph {
    let path = folder.path().join("net.onnx");
    fs::write(&path, onnx::bytes(graph, 7, &ops::Stop::default()).expect("a small network"))
        .unwrap();
    let options = Options { batch: graph.inputs[0].n, input: None };
    onnx::read(&path, options).unwrap_or_else(|e| panic!("{}: {e}", graph.name))
}

#[test]
fn what_was_written_is_read() {
    let folder = TempDir::new().unwrap();
    let guidelines = ["g2(channels=8,groups=4,size=5x5)", "g4(outer=8,inner=4,size=5x5)"];
    let models = zoo::models().into_iter().map(|model| model.name().to_owned());
    let mut count = 0;
    for spec in models.chain(guidelines.map(str::to_owned)) {
        let raw = zoo::build(&spec, zoo::Options::default()).unwrap();
        if raw.cost().params > 4_000_000 {
            continue;
        }
        for level in [Level::Raw, Level::Folded] {
            let graph = raw.at(level);
            let read = read_back(&graph, &folder);
            assert_eq!(read.nodes.len(), graph.nodes.len(), "{spec}");
            let by_name: HashMap<&str, &Node> =
                read.nodes.iter().map(|n| (n.name.as_str(), n)).collect();
            for node in &graph.nodes {
                let back = by_name.get(node.name.as_str()).expect("names are kept");
                assert_eq!(message(&read, back), message(&graph, node), "{spec}, {}", node.name);
            }
            count += 1;
        }
    }
    assert!(count > 20, "only {count} networks are small enough");
}

/// The names of the nodes that make a network's outputs.
fn outputs(graph: &Graph) -> Vec<&str> {
    graph.output_nodes().map(|i| graph.nodes[i].name.as_str()).collect()
}

#[test]
fn several_outputs_keep_their_order() {
    let folder = TempDir::new().unwrap();
    let one = zoo::build("squeezenet1_1", zoo::Options::default()).unwrap();
    let early = Value::of_node(one.nodes.len() / 2);
    for graph in [
        Graph { outputs: vec![early, one.outputs[0]], ..one.clone() },
        Graph { outputs: vec![one.outputs[0], early], ..one.clone() },
    ] {
        let read = read_back(&graph, &folder);
        assert_eq!(outputs(&read), outputs(&graph));
        assert_eq!(read.nodes.len(), graph.nodes.len());
    }
}

/// A network with one more output, of this name, which `Identity` makes of `source`.
fn with_output(source: &str) -> Result<Graph, Error> {
    changed(|model| {
        let graph = model.graph.as_mut().unwrap();
        let again = "again".to_owned();
        graph.output.push(ValueInfo { name: again.clone(), ..ValueInfo::default() });
        graph.node.push(proto::Node {
            op_type: "Identity".to_owned(),
            input: vec![source.to_owned()],
            output: vec![again],
            ..proto::Node::default()
        });
    })
}

#[test]
fn one_map_may_be_several_outputs() {
    let twice = with_output("relu").unwrap();
    assert_eq!(outputs(&twice), ["relu", "relu"]);
    let folder = TempDir::new().unwrap();
    assert_eq!(outputs(&read_back(&twice, &folder)), ["relu", "relu"]);
}

#[test]
fn outputs_that_nothing_computes_are_refused() {
    for (source, expected) in [("input", "is its input"), ("conv.weight", "is a constant")] {
        let message = with_output(source).unwrap_err().to_string();
        assert!(message.contains("\"again\"") && message.contains(expected), "{message}");
    }
}

/// Operators that no network of the zoo has.
#[test]
fn other_operators_are_read_as_they_were_written() {
    let folder = TempDir::new().unwrap();
    let mut b = GraphBuilder::new("others", profile::Shape::new(2, 6, 5, 4));
    let mut x = Value::INPUT;
    let functions = [
        UnaryFn::Offset(2.5),
        UnaryFn::Clip(-1.5, f32::INFINITY),
        UnaryFn::LeakyRelu(0.1),
        UnaryFn::Gelu,
        UnaryFn::GeluTanh,
        UnaryFn::QuickGelu,
        UnaryFn::Elu(1.5),
        UnaryFn::Selu,
        UnaryFn::Celu(0.5),
        UnaryFn::Softplus,
        UnaryFn::Mish,
        UnaryFn::Abs,
        UnaryFn::Exp,
        UnaryFn::Sqrt,
        UnaryFn::Square,
        UnaryFn::Reciprocal,
        UnaryFn::KMinus(2.5),
        UnaryFn::KOver(-2.5),
        UnaryFn::Pow(3.0),
        UnaryFn::Log,
        UnaryFn::Erf,
        UnaryFn::Softsign,
        UnaryFn::Swish(0.7),
        UnaryFn::Ramp(0.2, 0.25),
        UnaryFn::ThresholdedRelu(0.5),
        UnaryFn::Sign,
        UnaryFn::Floor,
        UnaryFn::Ceil,
        UnaryFn::Round,
    ];
    for f in functions {
        x = b.push(f.name(), Unary(f), &[x]).unwrap();
    }
    let affines = [
        ("both", ChannelAffine::BOTH),
        ("scale", ChannelAffine::SCALE),
        ("neither", ChannelAffine::NEITHER),
        ("shift", ChannelAffine::SHIFT),
    ];
    for (name, affine) in affines {
        x = b.push(name, LayerNorm { epsilon: 1e-3, affine }, &[x]).unwrap();
        x = b.push(format!("relu {name}"), Unary(UnaryFn::Relu), &[x]).unwrap();
        if affine != ChannelAffine::NEITHER {
            x = b.push(format!("affine {name}"), affine, &[x]).unwrap();
            x = b.push(format!("tanh {name}"), Unary(UnaryFn::Tanh), &[x]).unwrap();
        }
    }
    let binaries = [
        BinaryFn::Sub,
        BinaryFn::ReverseSub,
        BinaryFn::Div,
        BinaryFn::ReverseDiv,
        BinaryFn::Max,
        BinaryFn::Min,
    ];
    for (name, norm) in [
        ("one", GroupNorm::new(1)),
        ("instance", GroupNorm::new(6)),
        ("plain", GroupNorm { affine: ChannelAffine::NEITHER, ..GroupNorm::new(3) }),
    ] {
        x = b.push(name, norm, &[x]).unwrap();
    }
    x = b.push("shared", PRelu { shared: true }, &[x]).unwrap();
    x = b.push("slopes", PRelu { shared: false }, &[x]).unwrap();
    x = b.push("logarithm", LogSoftmax(Along::Channels), &[x]).unwrap();
    for (name, pool) in [("sum", ChannelPool::Sum), ("l2", ChannelPool::L2)] {
        let pooled = b.push(name, pool, &[x]).unwrap();
        x = b.push(format!("times {name}"), Binary::MUL, &[x, pooled]).unwrap();
    }
    let size = b.shape(x);
    for (name, kernel) in [("row", (size.h, 1)), ("column", (1, size.w))] {
        let pool = Pool2d { kernel: Some(kernel), ..Pool2d::average(1, 1) };
        let pooled = b.push(name, pool, &[x]).unwrap();
        x = b.push(format!("times {name}"), Binary::MUL, &[x, pooled]).unwrap();
    }
    let whole = MapConstant::whole(MapFn::Add);
    for (name, map) in [
        ("map", whole),
        ("slopes of pixels", MapConstant { channels: false, function: MapFn::Slope, ..whole }),
        ("columns", MapConstant { rows: false, function: MapFn::Mul, ..whole }),
    ] {
        x = b.push(name, map, &[x]).unwrap();
    }
    let length = b.push("length", GlobalL2Pool, &[x]).unwrap();
    x = b.push("times length", Binary::MUL, &[x, length]).unwrap();
    let small = b.push("pool", Pool2d::global_average(), &[x]).unwrap();
    let small = b.push("along", ChannelConv { kernel: 3 }, &[small]).unwrap();
    for f in binaries {
        x = b.push(f.name(), Binary(f), &[x, small]).unwrap();
    }
    let graph = b.finish(x);
    let read = read_back(&graph, &folder);
    assert_eq!(read.nodes.len(), graph.nodes.len());
    for (node, back) in graph.nodes.iter().zip(&read.nodes) {
        assert_eq!(back.name, node.name);
        assert_eq!(message(&read, back), message(&graph, node));
        assert_eq!(read.weights(back, 8), graph.weights(node, 7), "{}", node.name);
    }
}

/// A graph of one operator over a map of 16 × 6 × 8 after another.
fn chain(ops: impl IntoIterator<Item = Op>) -> Graph {
    let mut builder = GraphBuilder::new("chain", profile::Shape::new(1, 16, 6, 8));
    let mut x = Value::INPUT;
    for (i, op) in ops.into_iter().enumerate() {
        x = builder.push(format!("op{i}"), op, &[x]).unwrap();
    }
    builder.finish(x)
}

/// The graph with its output twice below, and that twice beside itself.
fn joined(graph: &Graph) -> Graph {
    let mut builder = GraphBuilder::new("joined", graph.inputs[0]);
    for node in &graph.nodes {
        builder.push(node.name.clone(), node.op.clone(), &node.inputs).unwrap();
    }
    let x = builder.push("below", Concat2d::Height, &[graph.outputs[0]; 2]).unwrap();
    let x = builder.push("beside", Concat2d::Width, &[x, x]).unwrap();
    builder.finish(x)
}

#[test]
fn operators_that_no_model_has_are_read_as_they_were_written() {
    let folder = TempDir::new().unwrap();
    let sides = Sides { vertical: (0, 1), horizontal: (2, 1) };
    let pad = |mode| Pad2d { mode, ..Pad2d::zeros(1) };
    let scaled = Resize { scale: Some((1.7, 1.2)), ..Resize::bilinear(10, 9) };
    let orders = [BlockOrder::Dcr, BlockOrder::Crd, BlockOrder::Focus];
    let shuffles = orders.into_iter().flat_map(|order| {
        [PixelShuffle::to_space(2), PixelShuffle::to_depth(2)]
            .map(|shuffle| PixelShuffle { order, ..shuffle }.into())
    });
    let transposed = ConvTranspose2d::new(16, 3).stride(2).groups(4).padding(1).bias();
    let ops: Vec<Op> = [
        Conv2d { padding: sides, ..Conv2d::new(16, 3) }.into(),
        Pool2d { padding: sides, ..Pool2d::average(4, 1) }.into(),
        Pool2d::max(2, 1).dilation(2).padding(1).into(),
        pad(PadMode::Constant(0.5)).into(),
        pad(PadMode::Edge).into(),
        Pad2d::reflect(1).into(),
        Pad2d::crop(2, 1, 3, 4).into(),
        scaled.into(),
        transposed.output_padding(1).into(),
        Transpose2d.into(),
        Softmax(Along::Height).into(),
        Softmax(Along::Width).into(),
        LogSoftmax(Along::Map).into(),
        ChannelSlice { start: 15, step: -1, len: 16 }.into(),
        Resize::nearest(6, 8).into(),
        Permute { axes: vec![16, 2, 24], order: vec![2, 1, 0], to: (24, 8, 4) }.into(),
        Unary(UnaryFn::Relu).into(),
        Permute { axes: vec![24, 32], order: vec![1, 0], to: (16, 8, 6) }.into(),
        Unary(UnaryFn::Tanh).into(),
        Reshape { c: 8, h: 16, w: 6 }.into(),
        Resize::nearest(16, 6).into(),
        Reshape { c: 16, h: 6, w: 8 }.into(),
        Resize::bicubic(12, 9).into(),
        Resize::bilinear(6, 8).align_corners().into(),
    ]
    .into_iter()
    .chain(shuffles)
    .collect();
    let graph = joined(&chain(ops));
    let read = read_back(&graph, &folder);
    for (back, node) in read.nodes.iter().zip(&graph.nodes) {
        assert_eq!(message(&read, back), message(&graph, node));
    }
    assert_eq!(read.nodes.len(), graph.nodes.len());
}

#[test]
fn weights_are_the_files_folded_ones_too() {
    let folder = TempDir::new().unwrap();
    let raw = zoo::build("shufflenet_v2_x0_5", zoo::Options::default()).unwrap();
    let read = read_back(&raw, &folder);
    for (mine, theirs) in
        [(raw.clone(), read.clone()), (raw.at(Level::Folded), read.at(Level::Folded))]
    {
        let by_name: HashMap<&str, &Node> =
            theirs.nodes.iter().map(|n| (n.name.as_str(), n)).collect();
        for node in &mine.nodes {
            // Drawn from another seed than the file's: only the file can say what they are.
            let back = theirs.weights(by_name[node.name.as_str()], 8);
            assert_eq!(back, mine.weights(node, 7), "{}", node.name);
        }
    }
}

#[test]
fn the_name_tells_files_of_other_content_apart() {
    let folder = TempDir::new().unwrap();
    let named = |spec: &str| {
        let graph = zoo::build(spec, zoo::Options::default()).unwrap();
        read_back(&graph, &folder).name
    };
    let (one, other) = (named("g1(c1=8,c2=8,size=4x4)"), named("g1(c1=8,c2=9,size=4x4)"));
    assert!(one.starts_with("net.onnx@") && one != other, "{one}, {other}");
    assert_eq!(one, named("g1(c1=8,c2=8,size=4x4)"));
}

/// A network that `change` makes of a convolution: N×2×8×8 → 1×1 convolution to 3 channels → relu.
fn changed(change: impl FnOnce(&mut proto::Model)) -> Result<Graph, Error> {
    let mut builder = GraphBuilder::new("small", profile::Shape::new(1, 2, 8, 8));
    let x = builder.push("conv", Conv2d::new(3, 1), &[Value::INPUT]).unwrap();
    let x = builder.push("relu", Unary(UnaryFn::Relu), &[x]).unwrap();
    let mut model = onnx::model(&builder.finish(x), 0, &ops::Stop::default()).unwrap();
    change(&mut model);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("in/net.onnx");
    fs::create_dir(folder.path().join("in")).unwrap();
    fs::write(folder.path().join("outside"), [0; 24]).unwrap();
    fs::write(folder.path().join("in/inside"), [0; 24]).unwrap();
    fs::write(&path, model.encode_to_vec()).unwrap();
    onnx::read(&path, Options::default())
}

fn refusal(change: impl FnOnce(&mut proto::Graph)) -> String {
    changed(|model| change(model.graph.as_mut().unwrap())).expect_err("it is wrong").to_string()
}

/// The kernel's elements in another file.
fn elsewhere(graph: &mut proto::Graph, location: &str, length: &str) {
    let entry =
        |key: &str, value: &str| StringStringEntry { key: key.to_owned(), value: value.to_owned() };
    let kernel = &mut graph.initializer[0];
    *kernel = Tensor {
        data_location: proto::EXTERNAL,
        external_data: vec![entry("location", location), entry("length", length)],
        raw_data: Vec::new().into(),
        ..kernel.clone()
    };
}

#[test]
fn weights_beside_the_file_are_read_and_others_refused() {
    for location in ["inside", "./inside"] {
        let read = changed(|m| elsewhere(m.graph.as_mut().unwrap(), location, "24")).unwrap();
        assert!(read.weights(&read.nodes[0], 0)[0].data().iter().all(|&w| w == 0.0));
    }
    let gone = refusal(|graph| elsewhere(graph, "gone", "24"));
    assert!(gone.contains("missing") && !gone.contains("malformed"), "{gone}");
    for location in ["../outside", "/etc/hostname", "gone", ""] {
        let message = refusal(|graph| elsewhere(graph, location, "24"));
        assert!(message.contains(&format!("{location:?}")), "{message}");
    }
    let beyond = refusal(|graph| elsewhere(graph, "inside", "25"));
    assert!(beyond.contains("beyond the 24 bytes"), "{beyond}");
}

#[test]
fn weights_in_a_large_file_are_read() {
    let folder = TempDir::new().unwrap();
    let graph = zoo::build("g1(c1=8,c2=8,size=4x4)", zoo::Options::default()).unwrap();
    let mut model = onnx::model(&graph, 0, &ops::Stop::default()).unwrap();
    let weights = model.graph.as_ref().unwrap().initializer[0].raw_data.clone();
    elsewhere(model.graph.as_mut().unwrap(), "net.data", &weights.len().to_string());
    let (path, data) = (folder.path().join("net.onnx"), folder.path().join("net.data"));
    fs::write(&path, model.encode_to_vec()).unwrap();
    fs::write(&data, &weights).unwrap();
    // Sparse, and large enough to be mapped.
    fs::OpenOptions::new().write(true).open(&data).unwrap().set_len(65 << 20).unwrap();
    let read = onnx::read(&path, Options::default()).unwrap();
    assert_eq!(read.weights(&read.nodes[0], 1), graph.weights(&graph.nodes[0], 0));
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_not_followed() {
    let folder = TempDir::new().unwrap();
    let inside = folder.path().join("in");
    fs::create_dir(&inside).unwrap();
    fs::write(folder.path().join("outside"), [0; 24]).unwrap();
    std::os::unix::fs::symlink("../outside", inside.join("link")).unwrap();
    let graph = zoo::build("g1(c1=8,c2=8,size=4x4)", zoo::Options::default()).unwrap();
    let mut model = onnx::model(&graph, 0, &ops::Stop::default()).unwrap();
    elsewhere(model.graph.as_mut().unwrap(), "link", "24");
    let path = inside.join("net.onnx");
    fs::write(&path, model.encode_to_vec()).unwrap();
    let message = onnx::read(&path, Options::default()).unwrap_err().to_string();
    assert!(message.contains("outside the model's folder"), "{message}");
}

/// As Hugging Face's cache lays them out.
#[cfg(unix)]
#[test]
fn links_beside_a_linked_model_are_followed_and_ways_out_are_not() {
    let cache = TempDir::new().unwrap();
    let snapshot = cache.path().join("snapshots/one");
    fs::create_dir_all(&snapshot).unwrap();
    fs::create_dir(cache.path().join("blobs")).unwrap();
    let read = |location: &str| {
        let graph = zoo::build("g1(c1=8,c2=8,size=4x4)", zoo::Options::default()).unwrap();
        let mut model = onnx::model(&graph, 0, &ops::Stop::default()).unwrap();
        let weights = model.graph.as_ref().unwrap().initializer[0].raw_data.clone();
        elsewhere(model.graph.as_mut().unwrap(), location, &weights.len().to_string());
        let bytes = [model.encode_to_vec(), weights.to_vec()];
        for ((blob, name), bytes) in [("a", "net.onnx"), ("b", "net.data")].into_iter().zip(bytes) {
            fs::write(cache.path().join("blobs").join(blob), bytes).unwrap();
            let link = snapshot.join(name);
            let _ = fs::remove_file(&link);
            std::os::unix::fs::symlink(format!("../../blobs/{blob}"), link).unwrap();
        }
        let read = onnx::read(&snapshot.join("net.onnx"), Options::default())?;
        assert_eq!(read.weights(&read.nodes[0], 1), graph.weights(&graph.nodes[0], 0));
        Ok::<_, Error>(())
    };
    read("net.data").unwrap();
    let blob = cache.path().join("blobs/b");
    for location in ["../../blobs/b", "net.onnx/../net.data", blob.to_str().unwrap()] {
        let message = read(location).unwrap_err().to_string();
        assert!(message.contains("outside the model's folder"), "{message}");
    }
}

#[test]
fn what_contradicts_itself_is_refused() {
    type Change = fn(&mut proto::Graph);
    fn length(g: &mut proto::Graph, len: i64) {
        let tensor = g.input[0].r#type.as_mut().unwrap().tensor_type.as_mut().unwrap();
        tensor.shape.as_mut().unwrap().dim[2].dim_value = Some(len);
    }
    let cases: [(&str, Change); 10] = [
        ("reads \"nowhere\", which nothing makes", |g| g.node[0].input[0] = "nowhere".to_owned()),
        ("reads what is made of its output", |g| g.node[0].input[0] = "relu".to_owned()),
        ("makes \"conv\" twice", |g| g.node[1].output[0] = "conv".to_owned()),
        ("an axis of -3 elements", |g| g.initializer[0].dims[0] = -3),
        ("an input with an axis of 0 elements", |g| length(g, 0)),
        ("an input with an axis of -1 elements", |g| length(g, -1)),
        ("too many", |g| g.initializer[0].dims = vec![1_000_000_000; 4]),
        ("has 5 elements where its axes", |g| g.initializer[0].raw_data = vec![0; 20].into()),
        ("has 0 inputs", |g| g.input.clear()),
        ("an output that no node makes", |g| g.output[0].name = "nowhere".to_owned()),
    ];
    for (expected, change) in cases {
        let message = refusal(change);
        assert!(message.contains(expected) && !message.contains('\n'), "{expected}: {message}");
    }
}

#[test]
fn weights_that_are_no_numbers_are_refused_with_their_node() {
    let message = refusal(|graph| {
        graph.initializer[0].raw_data = [f32::NAN.to_le_bytes(); 6].concat().into();
    });
    assert!(message.contains("\"conv\" whose weight"), "{message}");
}

#[test]
fn operator_sets_and_types_that_are_not_read_are_named() {
    let message = changed(|model| model.opset_import[0].version = 99).unwrap_err().to_string();
    assert!(message.contains("operator set 99") && message.contains("7 to 23"), "{message}");
    let message = refusal(|graph| graph.initializer[0].data_type = 10);
    assert!(message.contains("16-bit floats"), "{message}");
}

#[test]
fn vast_axes_cost_nothing() {
    let dim = Dimension { dim_value: Some(1_000_000_000), ..Dimension::default() };
    let vast = |value: &mut ValueInfo| {
        let tensor = value.r#type.as_mut().unwrap().tensor_type.as_mut().unwrap();
        tensor.shape.as_mut().unwrap().dim[2..].fill(dim.clone());
    };
    let message = refusal(|graph| vast(&mut graph.input[0]));
    assert!(message.contains("too many elements"), "{message}");
    // A constant of 10¹⁸ elements that the file only asks for.
    let message = refusal(|graph| {
        let shape = Tensor {
            name: "shape".to_owned(),
            dims: vec![2],
            data_type: proto::INT64,
            int64_data: vec![1_000_000_000; 2],
            ..Tensor::default()
        };
        graph.initializer.push(shape);
        graph.node[1].op_type = "ConstantOfShape".to_owned();
        graph.node[1].input = vec!["shape".to_owned()];
    });
    assert!(message.contains("ConstantOfShape"), "{message}");
}

#[test]
fn a_branch_on_a_constant_is_taken() {
    let taken = |holds: i32| {
        changed(|model| {
            let graph = model.graph.as_mut().unwrap();
            let branch = |kind: &str| {
                let node = proto::Node {
                    op_type: kind.to_owned(),
                    input: vec!["conv".to_owned()],
                    output: vec!["inside".to_owned()],
                    ..proto::Node::default()
                };
                let output = vec![ValueInfo { name: "inside".to_owned(), ..ValueInfo::default() }];
                proto::Graph { node: vec![node], output, ..proto::Graph::default() }
            };
            let attribute = |name: &str, kind: &str| Attribute {
                name: name.to_owned(),
                g: Some(Box::new(branch(kind))),
                ..Attribute::default()
            };
            graph.initializer.push(Tensor {
                name: "condition".to_owned(),
                data_type: proto::BOOL,
                int32_data: vec![holds],
                ..Tensor::default()
            });
            graph.node[1].op_type = "If".to_owned();
            graph.node[1].input = vec!["condition".to_owned()];
            graph.node[1].attribute =
                vec![attribute("then_branch", "Tanh"), attribute("else_branch", "Sigmoid")];
        })
        .unwrap()
    };
    let kind = |graph: Graph| graph.nodes[1].op.kind();
    assert_eq!((kind(taken(1)), kind(taken(0))), ("tanh", "sigmoid"));
}

#[test]
fn all_that_is_unsupported_is_listed() {
    let message = refusal(|graph| {
        let pads = graph.node[0].attribute.iter_mut().find(|a| a.name == "pads").unwrap();
        pads.ints[3] = -1;
        graph.node[1].op_type = "Erf".to_owned();
    });
    assert!(
        message.contains("1 × Conv") && message.contains("1 × Erf") && message.contains("[relu]"),
        "{message}"
    );
}

#[test]
fn what_is_said_of_a_flood_of_nodes_is_short() {
    let message = refusal(|graph| {
        let first = proto::Node { name: "n".repeat(900), ..graph.node[1].clone() };
        let node = |i: usize| proto::Node {
            op_type: format!("Kind{}", i % 50),
            output: vec![format!("out{i}")],
            ..first.clone()
        };
        let inputs = (0..5000).map(|i| format!("out{i}")).collect();
        let last =
            proto::Node { op_type: "Mean".to_owned(), input: inputs, ..graph.node[1].clone() };
        graph.node.truncate(1);
        graph.node.extend((0..5000).map(node).chain([last]));
    });
    assert!(message.contains("and 80 more") && message.contains("and 31 more"), "{message}");
    assert!(message.len() < 50_000, "{} bytes", message.len());
}

#[test]
fn names_of_any_length_are_refused_in_a_line() {
    type Change = fn(&mut proto::Graph);
    fn long() -> String {
        "n".repeat(1001)
    }
    let changes: [Change; 3] = [
        |g| g.node[0].name = long(),
        |g| g.node[0].op_type = long(),
        |g| {
            g.node[1].output[0] = long();
            g.output[0].name = long();
        },
    ];
    for change in changes {
        let message = refusal(change);
        assert!(message.contains("a name of 1001 bytes") && message.len() < 200, "{message}");
    }
    let message = refusal(|g| g.node[0].input[0] = long());
    assert!(message.contains("which nothing makes") && message.len() < 200, "{message}");
}

#[test]
fn bytes_that_are_no_model_are_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("net.onnx");
    let graph = zoo::build("g1(c1=8,c2=8,size=4x4)", zoo::Options::default()).unwrap();
    let whole = onnx::bytes(&graph, 0, &ops::Stop::default()).unwrap();
    for bytes in [&whole[..whole.len() / 2], &[], b"\x89PNG\r\n\x1a\n", &[0xff; 64]] {
        fs::write(&path, bytes).unwrap();
        assert!(onnx::read(&path, Options::default()).is_err(), "{} bytes", bytes.len());
    }
    assert!(matches!(onnx::read(Path::new("/nowhere"), Options::default()), Err(Error::Io(_))));
}

/// Bytes of a file changed at random: some of them are still a model, and none of them is trouble.
#[test]
fn damaged_files_are_read_or_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("net.onnx");
    let whole = fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("models/shuffle_script_free_batch.onnx"),
    );
    let whole = whole.unwrap();
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut refused = 0;
    for _ in 0..3000 {
        let mut bytes = whole.clone();
        for _ in 0..=next(4) {
            let at = next(bytes.len());
            bytes[at] = next(256) as u8;
        }
        fs::write(&path, bytes).unwrap();
        refused += usize::from(onnx::read(&path, Options { batch: 1, input: None }).is_err());
    }
    assert!(refused > 300, "only {refused} were refused");
}
