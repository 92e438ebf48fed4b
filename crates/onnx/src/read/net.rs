//! The file's network while it is lifted: its values, and the steps that make them.

use super::{
    Error,
    call::{Call, Info, Known},
};
use crate::{proto::Attribute, read::array::Array};
use ops::Op;
use profile::Shape;

/// A value, by its place among all.
pub(crate) type Id = usize;

/// A network of the file; its constants are computed.
#[derive(Clone, Debug)]
pub(crate) struct FileNet {
    /// What is known of each value.
    pub infos: Vec<Info>,
    /// What makes them, in an order in which it can run.
    pub steps: Vec<FileStep>,
    /// The network's inputs, also those that nothing reads.
    pub inputs: Vec<Id>,
    /// Its outputs; one value may be several.
    pub outputs: Vec<Id>,
    /// The operator set that its nodes are of.
    pub opset: i64,
    /// The step that makes each value.
    makers: Vec<Option<usize>>,
    /// How many steps read each value; each output counts as one reader more.
    readers: Vec<usize>,
}

/// What makes some values.
#[derive(Clone, Debug)]
pub(crate) struct FileStep {
    /// Its name.
    pub name: String,
    /// What it does.
    pub kind: Kind,
    /// What it reads; some inputs of a node may be left out.
    pub inputs: Vec<Option<Id>>,
    /// What it makes.
    pub outputs: Vec<Id>,
}

/// What a step does.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A node of the file that no pass has taken yet.
    Node {
        /// Its operator; with its domain in front where that is not ONNX's own.
        kind: String,
        /// Its attributes.
        attributes: Vec<Attribute>,
    },
    /// The same elements in the same order, in other axes; with the operator that shows them so.
    View(String),
    /// An operator of the lab, with its weights.
    Lab(Op, Vec<Weight>),
}

/// A weight of a lab's operator, as it lies in a constant of the file.
#[derive(Clone, Debug)]
pub(crate) struct Weight {
    /// Its name within the operator.
    pub name: &'static str,
    /// The constant.
    pub array: Array,
    /// The stride of each of the weight's axes (N, C, H, W) in it.
    pub strides: [usize; 4],
    /// What its elements are multiplied by.
    pub factor: f32,
    /// Whether it is 1 over that.
    pub inverse: bool,
}

impl Weight {
    /// A vector of a value a channel; one value may stand for all.
    pub fn vector(name: &'static str, array: &Array) -> Self {
        let step = usize::from(array.len() > 1);
        Self::new(name, array, [0, step, 0, 0])
    }

    /// A weight whose axes have these strides in a constant.
    pub fn new(name: &'static str, array: &Array, strides: [usize; 4]) -> Self {
        Self { name, array: array.clone(), strides, factor: 1.0, inverse: false }
    }

    /// Whether another weight is this one.
    pub fn is(&self, other: &Self) -> bool {
        let key = |w: &Self| {
            (w.name, w.array.place(), w.array.len(), w.strides, w.factor.to_bits(), w.inverse)
        };
        key(self) == key(other)
    }

    /// The element at (n, c, h, w).
    pub fn at(&self, index: [usize; 4]) -> f32 {
        let place = index.iter().zip(self.strides).map(|(i, s)| i * s).sum();
        let value = self.factor * self.array.float(place).unwrap_or(0.0);
        if self.inverse { value.recip() } else { value }
    }
}

impl Kind {
    /// A node with one attribute that lists integers.
    pub fn listed(kind: &str, name: &str, list: impl IntoIterator<Item = i64>) -> Self {
        let ints = list.into_iter().collect();
        let attribute = Attribute { name: name.to_owned(), ints, ..Attribute::default() };
        Self::Node { kind: kind.to_owned(), attributes: vec![attribute] }
    }

    /// A transpose in which axis `i` is the old axis `order[i]`.
    pub fn transpose(order: &[usize]) -> Self {
        Self::listed("Transpose", "perm", order.iter().map(|&a| a as i64))
    }
}

impl FileStep {
    /// A step with one output in place of this one, called as it is.
    pub fn instead(&self, kind: Kind, inputs: &[Id]) -> Self {
        let inputs = inputs.iter().map(|&i| Some(i)).collect();
        Self { name: self.name.clone(), kind, inputs, outputs: self.outputs[..1].to_vec() }
    }

    /// An operator of the lab without weights in place of this step.
    pub fn lab(&self, op: impl Into<Op>, inputs: &[Id]) -> Self {
        self.instead(Kind::Lab(op.into(), Vec::new()), inputs)
    }

    /// Input `i`.
    pub fn input(&self, i: usize) -> Option<Id> {
        self.inputs.get(i).copied().flatten()
    }
}

impl FileNet {
    /// A network of these steps.
    pub fn new(
        infos: Vec<Info>,
        steps: Vec<FileStep>,
        inputs: Vec<Id>,
        outputs: Vec<Id>,
        opset: i64,
    ) -> Self {
        let (makers, readers) = (vec![None; infos.len()], vec![0; infos.len()]);
        let mut net = Self { infos, steps: Vec::new(), inputs, outputs, opset, makers, readers };
        net.extend(steps);
        net.swept()
    }

    fn extend(&mut self, steps: Vec<FileStep>) {
        for step in steps {
            step.outputs.iter().for_each(|&o| self.makers[o] = Some(self.steps.len()));
            self.steps.push(step);
        }
    }

    /// The same network without the steps that make nothing that anyone reads.
    fn swept(mut self) -> Self {
        self.readers.fill(0);
        self.outputs.iter().for_each(|&output| self.readers[output] += 1);
        let mut kept = Vec::with_capacity(self.steps.len());
        for step in std::mem::take(&mut self.steps).into_iter().rev() {
            if step.outputs.iter().any(|&o| self.readers[o] > 0) {
                step.inputs.iter().flatten().for_each(|&i| self.readers[i] += 1);
                kept.push(step);
            }
        }
        kept.reverse();
        self.makers.fill(None);
        self.extend(kept);
        self
    }

    /// The same network with each step in turn replaced by what `pass` makes of it, which sees those
    /// before it as they were replaced.
    pub fn rewritten(mut self, pass: impl Fn(&Self, &FileStep) -> Option<Vec<FileStep>>) -> Self {
        let steps = std::mem::take(&mut self.steps);
        self.makers.fill(None);
        for step in steps {
            let made = pass(&self, &step).unwrap_or_else(|| vec![step]);
            self.extend(made);
        }
        self.swept()
    }

    /// The network of what `write` makes of each step; it may add values to the network, whose steps it doesn't see.
    /// A step for which it makes nothing stays.
    pub fn written_anew(
        mut self,
        mut write: impl FnMut(&mut Self, &FileStep) -> Option<Vec<FileStep>>,
    ) -> Self {
        let mut all = Vec::new();
        for step in std::mem::take(&mut self.steps) {
            match write(&mut self, &step) {
                Some(new) => all.extend(new),
                None => all.push(step),
            }
        }
        let Self { infos, inputs, outputs, opset, .. } = self;
        Self::new(infos, all, inputs, outputs, opset)
    }

    /// The same network, with `other` of each output in its place.
    pub fn with_outputs(mut self, other: impl Fn(Id) -> Id) -> Self {
        self.outputs.iter_mut().for_each(|output| *output = other(*output));
        self.swept()
    }

    /// A new value, called as another.
    pub fn value_like(&mut self, other: Id, known: Known) -> Id {
        let name = self.infos[other].name.clone();
        self.infos.push(Info { name, known });
        self.infos.len() - 1
    }

    /// The reshape that makes a value of another, in place of a step.
    pub fn reshaped(&mut self, step: &FileStep, from: Id, to: Id) -> Option<FileStep> {
        let dims = Array::lengths(self.dims(to)?);
        let dims = self.value_like(to, Known::Constant(dims));
        let kind = Kind::Node { kind: "Reshape".to_owned(), attributes: Vec::new() };
        Some(FileStep { outputs: vec![to], ..step.instead(kind, &[from, dims]) })
    }

    /// Whether a step reads a value, or it is an output.
    pub fn is_read(&self, id: Id) -> bool {
        self.readers[id] > 0
    }

    /// The inputs that something reads; an error where there are none.
    pub fn read_inputs(&self) -> Result<(Id, Vec<Id>), Error> {
        let mut read = self.inputs.iter().copied().filter(|&id| self.is_read(id));
        let first = read.next();
        let first = first.ok_or_else(|| Error::Refused("has outputs that need no input".into()))?;
        Ok((first, read.collect()))
    }

    /// The step that makes a value.
    pub fn maker(&self, id: Id) -> Option<&FileStep> {
        self.makers[id].map(|at| &self.steps[at])
    }

    /// The step that makes a value, where it is made for one reader alone.
    pub fn sole_maker(&self, id: Id) -> Option<&FileStep> {
        self.maker(id).filter(|_| self.readers[id] == 1)
    }

    /// The node of this kind that makes a value.
    pub fn node(&self, id: Id, kind: &str) -> Option<&FileStep> {
        self.maker(id).filter(|step| matches!(&step.kind, Kind::Node { kind: k, .. } if k == kind))
    }

    /// The operator of the lab that makes a value.
    pub fn lab(&self, id: Id) -> Option<(&FileStep, &Op)> {
        let step = self.maker(id)?;
        match &step.kind {
            Kind::Lab(op, _) => Some((step, op)),
            _ => None,
        }
    }

    /// Axes of a value.
    pub fn dims(&self, id: Id) -> Option<&[usize]> {
        self.infos[id].dims()
    }

    /// A value's shape as the lab has it: a row of features is a map of one pixel, a sequence one of
    /// one row.
    pub fn shape(&self, id: Id) -> Option<Shape> {
        match *self.dims(id)? {
            [n, c, h, w] => Some(Shape::new(n, c, h, w)),
            [n, c, w] => Some(Shape::new(n, c, 1, w)),
            [n, c] => Some(Shape::features(n, c)),
            _ => None,
        }
    }

    /// A constant.
    pub fn constant(&self, id: Id) -> Option<&Array> {
        self.infos[id].constant()
    }

    /// A step as a node of the file with what is known of its inputs.
    pub fn call<'a>(&'a self, step: &'a FileStep) -> Option<Call<'a>> {
        let Kind::Node { kind, attributes } = &step.kind else { return None };
        Some(Call {
            kind,
            attributes,
            inputs: step.inputs.iter().map(|id| id.map(|id| &self.infos[id])).collect(),
            outputs: step.outputs.len(),
            opset: self.opset,
        })
    }

    /// Of an operator with two inputs: the one that is computed, and the constant beside it.
    pub fn with_constant(&self, step: &FileStep) -> Option<(Id, &Array)> {
        let &[Some(a), Some(b)] = &step.inputs[..] else { return None };
        match (self.constant(a), self.constant(b)) {
            (None, Some(array)) => Some((a, array)),
            (Some(array), None) => Some((b, array)),
            _ => None,
        }
    }

    /// The same, where the constant is one number.
    pub fn with_scalar(&self, step: &FileStep) -> Option<(Id, f32)> {
        let (id, array) = self.with_constant(step)?;
        // One element in more axes than the value has would give it these axes.
        let rank = self.dims(id)?.len();
        // Exponents may be whole numbers.
        let whole = || array.as_ints().filter(|all| all.len() == 1).map(|all| all[0] as f32);
        let number = array.scalar().or_else(whole).filter(|k| k.is_finite())?;
        (array.dims.len() <= rank).then_some((id, number))
    }

    /// Both inputs of an operator with two, where both are computed.
    pub fn operands(&self, step: &FileStep) -> Option<(Id, Id)> {
        let &[Some(a), Some(b)] = &step.inputs[..] else { return None };
        (self.constant(a).is_none() && self.constant(b).is_none()).then_some((a, b))
    }
}
