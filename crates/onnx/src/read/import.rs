//! From the file's graph to a [`FileNet`]: names become places, free axes get their lengths, constants are
//! computed.

use super::{
    Error, Options,
    array::countable,
    call::{Call, Info, Known},
    error::cut,
    file::Folder,
    fold::{self, Budget},
    input::{self, Input},
    layout::{self, LAST},
    net::{FileNet, FileStep, Id, Kind},
    tensor,
};
use crate::proto::{self, Model, Node, ValueInfo};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

/// Operator sets that are read.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=23;

/// The network of a model, whose file has so many bytes and stands in `folder`.
pub(crate) fn import(
    model: Model,
    folder: &mut Folder,
    bytes: usize,
    options: Options,
) -> Result<FileNet, Error> {
    let opset = opset(&model)?;
    let graph = model.graph.ok_or_else(|| malformed("has no graph"))?;
    let mut importer = Importer {
        infos: Vec::new(),
        names: HashMap::new(),
        steps: Vec::new(),
        declared: graph.value_info.iter().filter_map(declared).collect(),
        opset,
    };
    for tensor in &graph.initializer {
        importer.initializer(tensor, folder)?;
    }
    let inputs = importer.inputs(&graph, options)?;
    let mut budget = Budget::of_file(bytes + folder.len());
    for i in order(&graph.node, &importer.names)? {
        importer.node(&graph.node[i], folder, &mut budget)?;
    }
    let outputs = importer.outputs(&graph.output)?;
    let ids = inputs.iter().map(|input| input.id).collect();
    let net = FileNet::new(importer.infos, importer.steps, ids, outputs, opset);
    input::demand(&net, inputs, options)?;
    Ok(net)
}

/// What is wrong with the file.
fn malformed(what: impl Into<String>) -> Error {
    Error::Malformed(what.into())
}

/// What the lab does not do.
fn refused(what: impl Into<String>) -> Error {
    Error::Refused(what.into())
}

/// Whether `domain` is ONNX's own.
fn own(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx")
}

fn opset(model: &Model) -> Result<i64, Error> {
    let set = model.opset_import.iter().find(|set| own(&set.domain));
    let set = set.ok_or_else(|| malformed("names no operator set"))?.version;
    if OPSETS.contains(&set) {
        return Ok(set);
    }
    let (first, last) = OPSETS.into_inner();
    Err(refused(format!("is of operator set {set}: the lab reads {first} to {last}")))
}

/// The axes that the file declares for a value, where all of them have lengths.
fn declared(value: &ValueInfo) -> Option<(&str, Vec<usize>)> {
    let dims = input::lengths(value)?.into_iter().collect::<Option<Vec<usize>>>()?;
    countable(&dims).then_some((&value.name, dims))
}

/// Bytes that a name may have: it stands in profiles.
const LONGEST_NAME: usize = 1000;

/// Refuses nodes with names of any length.
fn demand_names(nodes: &[Node]) -> Result<(), Error> {
    let names = nodes.iter().flat_map(|n| n.output.iter().chain([&n.name, &n.op_type, &n.domain]));
    match names.map(String::len).find(|&len| len > LONGEST_NAME) {
        None => Ok(()),
        Some(len) => Err(refused(format!(
            "has a node with a name of {len} bytes: the lab reads {LONGEST_NAME} at most"
        ))),
    }
}

/// An order in which each node's inputs are made before it runs, the file's where that is one.
fn order(nodes: &[Node], known: &HashMap<String, Id>) -> Result<Vec<usize>, Error> {
    demand_names(nodes)?;
    let mut maker: HashMap<&str, usize> = HashMap::new();
    for (i, node) in nodes.iter().enumerate() {
        for output in node.output.iter().filter(|o| !o.is_empty()) {
            if known.contains_key(output) || maker.insert(output, i).is_some() {
                return Err(malformed(format!("makes {:?} twice", cut(output))));
            }
        }
    }
    let mut waits = vec![0_usize; nodes.len()];
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (i, node) in nodes.iter().enumerate() {
        for input in node.input.iter().filter(|n| !n.is_empty() && !known.contains_key(*n)) {
            let &at = maker.get(input.as_str()).ok_or_else(|| {
                let (name, input) = (cut(&node.name), cut(input));
                malformed(format!("has a node {name:?} that reads {input:?}, which nothing makes"))
            })?;
            waits[i] += 1;
            readers[at].push(i);
        }
    }
    let free = (0..nodes.len()).filter(|&i| waits[i] == 0).map(Reverse);
    let mut free: BinaryHeap<Reverse<usize>> = free.collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(Reverse(i)) = free.pop() {
        order.push(i);
        for &reader in &readers[i] {
            waits[reader] -= 1;
            if waits[reader] == 0 {
                free.push(Reverse(reader));
            }
        }
    }
    match waits.iter().position(|&w| w > 0) {
        None => Ok(order),
        Some(i) => {
            let name = cut(&nodes[i].name);
            Err(malformed(format!("has a node {name:?} that reads what is made of its output")))
        }
    }
}

struct Importer<'a> {
    infos: Vec<Info>,
    names: HashMap<String, Id>,
    steps: Vec<FileStep>,
    /// Axes that the file declares for values.
    declared: HashMap<&'a str, Vec<usize>>,
    opset: i64,
}

impl Importer<'_> {
    fn value(&mut self, name: &str, known: Known) -> Id {
        self.infos.push(Info { name: name.to_owned(), known });
        let id = self.infos.len() - 1;
        if !name.is_empty() {
            self.names.insert(name.to_owned(), id);
        }
        id
    }

    fn initializer(&mut self, tensor: &proto::Tensor, folder: &mut Folder) -> Result<(), Error> {
        if tensor.data_type == 10 || tensor.data_type == 16 {
            return Err(refused("has weights of 16-bit floats: the lab runs 32-bit ones"));
        }
        let array = tensor::array(tensor, folder).map_err(|what| {
            refused(format!("has a constant {:?} that {what}", cut(&tensor.name)))
        })?;
        if self.names.contains_key(&tensor.name) {
            return Err(malformed(format!("makes {:?} twice", cut(&tensor.name))));
        }
        self.value(&tensor.name, Known::Constant(array));
        Ok(())
    }

    /// The inputs that are no constants, their channels first.
    fn inputs<'f>(
        &mut self,
        graph: &'f proto::Graph,
        options: Options,
    ) -> Result<Vec<Input<'f>>, Error> {
        let mut free = Vec::new();
        for value in &graph.input {
            match self.names.get(&value.name).map(|&id| self.infos[id].constant()) {
                // Older files list their weights among the inputs.
                Some(Some(_)) => {}
                Some(None) => {
                    let name = cut(&value.name);
                    return Err(malformed(format!("has two inputs called {name:?}")));
                }
                None => free.push(self.input(value, &graph.node, options)),
            }
        }
        match free.is_empty() {
            true => Err(refused("has 0 inputs: the lab runs networks with one at least")),
            false => Ok(free),
        }
    }

    fn input<'f>(&mut self, value: &'f ValueInfo, nodes: &[Node], options: Options) -> Input<'f> {
        let last = self.is_channels_last(value, nodes);
        let (known, refusal) = match input::axes(value, last, options) {
            Ok(dims) => (Known::Dims(dims), None),
            Err(refusal) => (Known::Nothing, Some(refusal)),
        };
        let turned = match &known {
            Known::Dims(dims) if last => Some(LAST.map(|a| dims[a]).to_vec()),
            _ => None,
        };
        let id = self.value(&value.name, known);
        let read = turned.map_or(id, |dims| self.turn(&value.name, id, dims));
        Input { id, read, value, last, refusal }
    }

    /// Whether the channels of an input are the last of its four axes.
    fn is_channels_last(&self, value: &ValueInfo, nodes: &[Node]) -> bool {
        let declared = input::lengths(value).unwrap_or_default();
        let &[_, _, _, len] = &declared[..] else { return false };
        let known = |name: &String| self.names.get(name).map(|&id| &self.infos[id]);
        layout::is_channels_last(nodes, &value.name, len, |node| Call {
            kind: &node.op_type,
            attributes: &node.attribute,
            inputs: node.input.iter().map(known).collect(),
            outputs: node.output.len(),
            opset: self.opset,
        })
    }

    /// The input as the file's nodes read it, with its channels last.
    fn turn(&mut self, name: &str, first: Id, dims: Vec<usize>) -> Id {
        let last = self.value(name, Known::Dims(dims));
        let kind = Kind::transpose(&LAST);
        let (inputs, outputs) = (vec![Some(first)], vec![last]);
        self.steps.push(FileStep { name: name.to_owned(), kind, inputs, outputs });
        last
    }

    /// What the network makes: constants it need not.
    fn outputs(&self, outputs: &[ValueInfo]) -> Result<Vec<Id>, Error> {
        let mut found = Vec::new();
        for output in outputs {
            let id = self.names.get(&output.name).copied();
            let id = id.ok_or_else(|| malformed("has an output that no node makes"))?;
            if self.infos[id].constant().is_some() {
                let name = cut(&output.name);
                return Err(refused(format!("has an output {name:?} that is a constant")));
            }
            found.push(id);
        }
        if found.is_empty() {
            return Err(malformed("has no output"));
        }
        Ok(found)
    }

    fn node(&mut self, node: &Node, folder: &mut Folder, budget: &mut Budget) -> Result<(), Error> {
        if own(&node.domain) && node.op_type == "Constant" {
            return self.constant(node, folder);
        }
        if let Some(branch) = self.branch(node) {
            return self.inline(node, branch, folder, budget);
        }
        let inputs: Vec<Option<Id>> =
            node.input.iter().map(|n| self.names.get(n).copied()).collect();
        let kind = match own(&node.domain) {
            true => node.op_type.clone(),
            false => format!("{}.{}", node.domain, node.op_type),
        };
        let call = Call {
            kind: &kind,
            attributes: &node.attribute,
            inputs: inputs.iter().map(|id| id.map(|id| &self.infos[id])).collect(),
            outputs: node.output.len(),
            opset: self.opset,
        };
        if let Some(arrays) = fold::fold(&call, budget).filter(|a| a.len() <= node.output.len()) {
            // Of outputs beyond the first, such as statistics, nothing may be known.
            let known = arrays.into_iter().map(Known::Constant);
            let known = known.chain(std::iter::repeat(Known::Nothing));
            for (name, known) in node.output.iter().zip(known) {
                self.value(name, known);
            }
            return Ok(());
        }
        let known = fold::known(&call);
        let outputs = node.output.iter().zip(known).map(|(name, known)| {
            let known = match (known, self.declared.get(name.as_str())) {
                (Known::Nothing, Some(dims)) => Known::Dims(dims.clone()),
                (known, _) => known,
            };
            self.value(name, known)
        });
        let outputs: Vec<Id> = outputs.collect();
        let unnamed = || node.output.first().cloned().unwrap_or_default();
        let name = if node.name.is_empty() { unnamed() } else { node.name.clone() };
        let kind = Kind::Node { kind, attributes: node.attribute.clone() };
        self.steps.push(FileStep { name, kind, inputs, outputs });
        Ok(())
    }

    fn constant(&mut self, node: &Node, folder: &mut Folder) -> Result<(), Error> {
        let name = cut(&node.name);
        let wrong = |what: &str| refused(format!("has a constant {name:?} that {what}"));
        let [output] = &node.output[..] else { return Err(wrong("has not one output")) };
        let tensor = node.attribute.iter().find(|a| a.name == "value").and_then(|a| a.t.as_deref());
        let array = match tensor {
            Some(tensor) => tensor::array(tensor, folder).map_err(|what| wrong(&what))?,
            None => fold::constant(node).ok_or_else(|| wrong("has no value that the lab reads"))?,
        };
        self.value(output, Known::Constant(array));
        Ok(())
    }

    /// The branch that an `If` on a constant takes.
    fn branch<'n>(&self, node: &'n Node) -> Option<&'n proto::Graph> {
        (own(&node.domain) && node.op_type == "If").then_some(())?;
        let &condition = self.names.get(node.input.first()?)?;
        let &[holds] = self.infos[condition].constant()?.as_ints()? else { return None };
        let name = if holds == 0 { "else_branch" } else { "then_branch" };
        node.attribute.iter().find(|a| a.name == name)?.g.as_deref()
    }

    /// The nodes of the branch in place of the `If`.
    fn inline(
        &mut self,
        node: &Node,
        branch: &proto::Graph,
        folder: &mut Folder,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        for tensor in &branch.initializer {
            self.initializer(tensor, folder)?;
        }
        for i in order(&branch.node, &self.names)? {
            self.node(&branch.node[i], folder, budget)?;
        }
        for (name, output) in node.output.iter().zip(&branch.output) {
            let id = self.names.get(&output.name).copied();
            let id =
                id.ok_or_else(|| malformed(format!("has an `If` that makes no {:?}", cut(name))))?;
            self.names.insert(name.clone(), id);
        }
        Ok(())
    }
}
