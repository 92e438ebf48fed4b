//! A file that is being written: what is in it so far, and what each value is called there.

use super::attribute::int;
use crate::proto::{self, Attribute};
use ops::{Graph, Node, Tensor, Value};
use std::collections::{HashMap, HashSet};

/// A value that was written: its name, and whether as N×C rows rather than an N×C×H×W map.
#[derive(Clone)]
pub(super) struct Written {
    pub name: String,
    pub rows: bool,
}

impl Written {
    pub const fn map(name: String) -> Self {
        Self { name, rows: false }
    }
}

pub(super) struct Emitter<'a> {
    pub graph: &'a Graph,
    pub seed: u64,
    pub out: proto::Graph,
    pub names: HashMap<Value, Written>,
}

impl Emitter<'_> {
    /// The name of `value` as an N×C×H×W map.
    pub(super) fn as_map(&mut self, value: Value) -> String {
        let written = self.names[&value].clone();
        if !written.rows {
            return written.name;
        }
        let name = format!("{}.as_map", written.name);
        let s = self.graph.shape(value);
        let shape = self.integers(&format!("{name}.shape"), &[s.n, s.c, s.h, s.w]);
        let name = self.push("Reshape", name, vec![written.name, shape], vec![]);
        self.names.insert(value, Written::map(name.clone()));
        name
    }

    /// The name of `value`, a map of one pixel, as N×C rows.
    pub(super) fn as_rows(&mut self, value: Value) -> String {
        let written = self.names[&value].clone();
        if written.rows {
            return written.name;
        }
        let name = format!("{}.as_rows", written.name);
        self.push("Flatten", name, vec![written.name], vec![int("axis", 1)])
    }

    pub(super) fn weights(&self, node: &Node) -> Vec<Tensor> {
        self.graph.weights(node, self.seed)
    }

    /// Appends a node with one output, called as the node; returns that name.
    pub(super) fn push(
        &mut self,
        op_type: &str,
        name: String,
        input: Vec<String>,
        attribute: Vec<Attribute>,
    ) -> String {
        self.out.node.push(proto::Node {
            input,
            output: vec![name.clone()],
            name: name.clone(),
            op_type: op_type.to_owned(),
            attribute,
            ..proto::Node::default()
        });
        name
    }

    /// Appends a constant of floats; returns its name.
    pub(super) fn floats(&mut self, name: &str, dims: &[usize], data: &[f32]) -> String {
        let raw = data.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.constant(name, dims, proto::FLOAT, raw)
    }

    /// Appends a constant vector of integers; returns its name.
    pub(super) fn integers(&mut self, name: &str, data: &[usize]) -> String {
        let data: Vec<i64> = data.iter().map(|&x| x as i64).collect();
        self.signed(name, &data)
    }

    /// The same of integers that may be below 0.
    pub(super) fn signed(&mut self, name: &str, data: &[i64]) -> String {
        let raw = data.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.constant(name, &[data.len()], proto::INT64, raw)
    }

    pub(super) fn constant(
        &mut self,
        name: &str,
        dims: &[usize],
        data_type: i32,
        raw_data: Vec<u8>,
    ) -> String {
        let dims = dims.iter().map(|&d| d as i64).collect();
        self.out.initializer.push(proto::Tensor {
            dims,
            data_type,
            name: name.to_owned(),
            raw_data: raw_data.into(),
            ..proto::Tensor::default()
        });
        name.to_owned()
    }

    /// Declares the network's inputs and outputs. A name stands for one output: where a value is several, the
    /// others are made of it.
    pub(super) fn finish(mut self) -> proto::Graph {
        for (i, s) in self.graph.inputs.iter().enumerate() {
            let name = &self.names[&Value::Input(i)].name;
            self.out.input.push(declared(name, &[s.n, s.c, s.h, s.w]));
        }
        let mut seen = HashSet::new();
        for (i, value) in self.graph.outputs.iter().enumerate() {
            let (written, s) = (self.names[value].clone(), self.graph.shape(*value));
            let dims = if written.rows { vec![s.n, s.c] } else { vec![s.n, s.c, s.h, s.w] };
            let name = if seen.insert(*value) {
                written.name
            } else {
                self.push(
                    "Identity",
                    format!("{}.output{i}", written.name),
                    vec![written.name],
                    vec![],
                )
            };
            self.out.output.push(declared(&name, &dims));
        }
        self.out
    }
}

fn declared(name: &str, dims: &[usize]) -> proto::ValueInfo {
    let dim =
        |&d: &usize| proto::Dimension { dim_value: Some(d as i64), ..proto::Dimension::default() };
    let shape = proto::TensorShape { dim: dims.iter().map(dim).collect() };
    let tensor = proto::TypeTensor { elem_type: proto::FLOAT, shape: Some(shape) };
    let r#type = proto::Type { tensor_type: Some(Box::new(tensor)), ..proto::Type::default() };
    proto::ValueInfo { name: name.to_owned(), r#type: Some(r#type), ..proto::ValueInfo::default() }
}
