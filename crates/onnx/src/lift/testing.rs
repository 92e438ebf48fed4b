//! Small files for the tests of passes.

use super::lift;
use crate::{
    Options,
    proto::{self, Attribute, Dimension, Tensor, TensorShape, TypeTensor, ValueInfo},
    read::{
        file::Folder,
        import::import,
        net::{FileNet, FileStep, Kind, Weight},
    },
};
use ops::Op;

/// A file's graph that is being written; values are called by number.
pub(crate) struct Sketch {
    graph: proto::Graph,
    batch: usize,
}

impl Sketch {
    /// With an input called `input`.
    pub fn new(input: &[usize]) -> Self {
        let dim = |&d: &usize| Dimension { dim_value: Some(d as i64), ..Dimension::default() };
        let shape = TensorShape { dim: input.iter().map(dim).collect() };
        let tensor = TypeTensor { elem_type: proto::FLOAT, shape: Some(shape) };
        let r#type = proto::Type { tensor_type: Some(Box::new(tensor)), ..proto::Type::default() };
        let value =
            ValueInfo { name: "input".to_owned(), r#type: Some(r#type), ..ValueInfo::default() };
        let graph = proto::Graph { input: vec![value], ..proto::Graph::default() };
        Self { graph, batch: input[0] }
    }

    /// A constant vector of integers.
    pub fn ints(&mut self, name: &str, data: &[i64]) -> String {
        self.constant(
            name,
            Tensor {
                dims: vec![data.len() as i64],
                data_type: proto::INT64,
                int64_data: data.to_vec(),
                ..Tensor::default()
            },
        )
    }

    /// A constant integer without axes.
    pub fn whole(&mut self, name: &str, number: i64) -> String {
        let data_type = proto::INT64;
        self.constant(name, Tensor { data_type, int64_data: vec![number], ..Tensor::default() })
    }

    /// A constant of floats.
    pub fn floats(&mut self, name: &str, dims: &[i64], data: &[f32]) -> String {
        self.constant(
            name,
            Tensor {
                dims: dims.to_vec(),
                data_type: proto::FLOAT,
                float_data: data.to_vec(),
                ..Tensor::default()
            },
        )
    }

    fn constant(&mut self, name: &str, tensor: Tensor) -> String {
        self.graph.initializer.push(Tensor { name: name.to_owned(), ..tensor });
        name.to_owned()
    }

    /// A node without attributes.
    pub fn node(&mut self, kind: &str, inputs: &[&str]) -> String {
        self.with(kind, inputs, &[])
    }

    /// A node with attributes, each a number or several.
    pub fn with(&mut self, kind: &str, inputs: &[&str], attributes: &[(&str, &[i64])]) -> String {
        let one = |&(name, values): &(&str, &[i64])| Attribute {
            name: name.to_owned(),
            i: values.first().copied(),
            ints: values.to_vec(),
            ..Attribute::default()
        };
        self.push(kind, inputs, attributes.iter().map(one).collect())
    }

    /// A node with two outputs.
    pub fn two(
        &mut self,
        kind: &str,
        inputs: &[&str],
        attributes: &[(&str, &[i64])],
    ) -> [String; 2] {
        let first = self.with(kind, inputs, attributes);
        let second = format!("{first}b");
        let node = self.graph.node.last_mut().expect("it was just written");
        node.output.push(second.clone());
        [first, second]
    }

    /// A node that pads to keep the size.
    pub fn same(&mut self, kind: &str, inputs: &[&str]) -> String {
        self.worded(kind, inputs, &[("auto_pad", "SAME_UPPER")])
    }

    /// A node with attributes of text.
    pub fn worded(
        &mut self,
        kind: &str,
        inputs: &[&str],
        attributes: &[(&str, &'static str)],
    ) -> String {
        self.push(kind, inputs, attributes.iter().map(word).collect())
    }

    /// A node with an attribute that is a real number.
    pub fn real(&mut self, kind: &str, inputs: &[&str], name: &str, number: f32) -> String {
        let name = name.to_owned();
        self.push(kind, inputs, vec![Attribute { name, f: Some(number), ..Attribute::default() }])
    }

    /// A node that shuffles blocks of pixels, in an order.
    pub fn blocks(&mut self, kind: &str, input: &str, size: i64, mode: &'static str) -> String {
        let block =
            Attribute { name: "blocksize".to_owned(), i: Some(size), ..Attribute::default() };
        self.push(kind, &[input], vec![block, word(&("mode", mode))])
    }

    fn push(&mut self, kind: &str, inputs: &[&str], attribute: Vec<Attribute>) -> String {
        let output = self.graph.node.len().to_string();
        self.graph.node.push(proto::Node {
            input: inputs.iter().map(|&i| i.to_owned()).collect(),
            output: vec![output.clone()],
            op_type: kind.to_owned(),
            attribute,
            ..proto::Node::default()
        });
        output
    }

    /// The network that ends in `output`, lifted.
    pub fn net(mut self, output: &str) -> FileNet {
        self.graph.output = vec![ValueInfo { name: output.to_owned(), ..ValueInfo::default() }];
        let set = proto::OperatorSetId { version: 17, ..proto::OperatorSetId::default() };
        let model = proto::Model {
            opset_import: vec![set],
            graph: Some(self.graph),
            ..proto::Model::default()
        };
        let options = Options { batch: self.batch, ..Options::default() };
        lift(import(model, &mut Folder::none(), 0, options).expect("a sketch is well-formed"))
    }
}

fn word(&(name, text): &(&str, &'static str)) -> Attribute {
    Attribute { name: name.to_owned(), s: text.into(), ..Attribute::default() }
}

/// What each step is.
pub(crate) fn kinds(net: &FileNet) -> Vec<&str> {
    net.steps.iter().map(kind).collect()
}

fn kind(step: &FileStep) -> &str {
    match &step.kind {
        Kind::Node { kind, .. } => kind,
        Kind::View(_) => "view",
        Kind::Lab(op, _) => op.kind(),
    }
}

/// The operator of step `i`.
pub(crate) fn op(net: &FileNet, i: usize) -> &Op {
    match &net.steps[i].kind {
        Kind::Lab(op, _) => op,
        other => panic!("step {i} is {other:?}"),
    }
}

/// A weight of step `i`.
pub(crate) fn weight<'a>(net: &'a FileNet, i: usize, name: &str) -> &'a Weight {
    match &net.steps[i].kind {
        Kind::Lab(_, weights) => weights.iter().find(|w| w.name == name).expect("it has it"),
        other => panic!("step {i} is {other:?}"),
    }
}
