//! Nodes written in place of one, with the values between them.

use crate::{
    proto::Attribute,
    read::{
        array::Array,
        call::Known,
        net::{FileNet, FileStep, Id, Kind},
    },
};

/// Nodes in place of a step.
pub(super) struct Anew<'a> {
    /// The network.
    pub net: &'a mut FileNet,
    step: &'a FileStep,
    written: Vec<FileStep>,
}

impl<'a> Anew<'a> {
    /// None yet.
    pub const fn new(net: &'a mut FileNet, step: &'a FileStep) -> Self {
        Self { net, step, written: Vec::new() }
    }

    /// A node that makes a value with these axes.
    pub fn node(
        &mut self,
        kind: &str,
        attributes: Vec<Attribute>,
        inputs: &[Id],
        dims: &[usize],
    ) -> Id {
        self.step(node(kind, attributes), inputs, dims)
    }

    /// A step that makes a value with these axes.
    pub fn step(&mut self, kind: Kind, inputs: &[Id], dims: &[usize]) -> Id {
        let made = self.net.value_like(self.step.outputs[0], Known::Dims(dims.to_vec()));
        self.written.push(FileStep { outputs: vec![made], ..self.step.instead(kind, inputs) });
        made
    }

    /// The value in other axes; itself, where it has these.
    pub fn shown(&mut self, id: Id, dims: &[usize]) -> Id {
        if self.net.dims(id) == Some(dims) {
            return id;
        }
        let axes = self.constant(Array::lengths(dims));
        self.node("Reshape", Vec::new(), &[id, axes], dims)
    }

    /// A constant.
    pub fn constant(&mut self, array: Array) -> Id {
        self.net.value_like(self.step.outputs[0], Known::Constant(array))
    }

    /// A number.
    pub fn number(&mut self, k: f32) -> Id {
        self.constant(Array::floats(Vec::new(), [k]))
    }

    /// Gives the last step these inputs, too.
    pub fn with_inputs(&mut self, inputs: &[Option<Id>]) {
        if let Some(last) = self.written.last_mut() {
            last.inputs.extend_from_slice(inputs);
        }
    }

    /// A step, as it is.
    pub fn push(&mut self, step: FileStep) {
        self.written.push(step);
    }

    /// All of them, the last of which made `made`: the step's output, or what it shows.
    pub fn end(mut self, made: Id) -> Vec<FileStep> {
        let output = self.step.outputs[0];
        match self.written.last_mut() {
            Some(last)
                if last.outputs == [made] && self.net.dims(made) == self.net.dims(output) =>
            {
                last.outputs = vec![output];
            }
            _ => self.show(made, output),
        }
        self.written
    }

    /// All of them.
    pub fn steps(self) -> Vec<FileStep> {
        self.written
    }

    /// Makes `output` of `made`, which has the same elements.
    pub fn show(&mut self, made: Id, output: Id) {
        match self.net.dims(output).map(Array::lengths) {
            Some(dims) if self.net.dims(made) != self.net.dims(output) => {
                let axes = self.constant(dims);
                self.make("Reshape", Vec::new(), &[made, axes], output);
            }
            _ => self.make("Identity", Vec::new(), &[made], output),
        }
    }

    /// A node that makes a value that is there.
    pub fn make(&mut self, kind: &str, attributes: Vec<Attribute>, inputs: &[Id], output: Id) {
        let step = self.step.instead(node(kind, attributes), inputs);
        self.written.push(FileStep { outputs: vec![output], ..step });
    }
}

/// A node of the file.
pub(super) fn node(kind: &str, attributes: Vec<Attribute>) -> Kind {
    Kind::Node { kind: kind.to_owned(), attributes }
}

/// An attribute that is a number.
pub(super) fn int(name: &str, i: i64) -> Attribute {
    Attribute { name: name.to_owned(), i: Some(i), ..Attribute::default() }
}

/// An attribute that is several.
pub(super) fn ints(name: &str, ints: Vec<i64>) -> Attribute {
    Attribute { name: name.to_owned(), ints, ..Attribute::default() }
}
