//! Maps stacked along a new axis, of five in all, and what is computed of stacks: each map is written on its own. So are
//! split attention (a softmax over the maps' weights, then a sum) and plain sums over the new axis.

use super::view::seen;
use crate::{
    proto::Attribute,
    read::{
        array::strides,
        call::Known,
        geometry::{Strided, strided},
        infer,
        net::{FileNet, FileStep, Id, Kind},
    },
};
use std::collections::HashMap;

/// `net` with what is computed of stacks written for their maps.
pub(super) fn stacks(net: FileNet) -> FileNet {
    let mut stacks = Stacks::default();
    net.written_anew(|net, step| stacks.written(net, step))
}

#[derive(Default)]
struct Stacks {
    /// The value that each with five axes shows.
    shown: HashMap<Id, Id>,
    /// The maps of each stack.
    all: HashMap<Id, Stack>,
}

/// Maps of one shape.
#[derive(Clone)]
struct Stack {
    /// Which of the five axes goes from map to map.
    along: usize,
    maps: Vec<Id>,
}

impl Stacks {
    /// Most maps of a stack: there are steps for each, whenever something is computed of it.
    const MOST: usize = 16;

    /// What a step becomes.
    fn written(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        if let Some(source) = seen(net, step) {
            return self.view(net, source, step);
        }
        match net.call(step)?.kind {
            "Concat" => {
                self.all.insert(step.outputs[0], self.concat(net, step)?);
                None
            }
            "ReduceSum" => self.sum(net, step),
            "Mul" => self.product(net, step),
            "Softmax" => self.softmax(net, step),
            "Slice" | "Split" => self.pick(net, step),
            _ => None,
        }
    }

    /// Remembers what is shown in five axes. Where they cut the channels, it is a stack.
    fn view(&mut self, net: &mut FileNet, source: Id, step: &FileStep) -> Option<Vec<FileStep>> {
        let to = step.outputs[0];
        (net.dims(to)?.len() == 5).then_some(())?;
        let map = if net.dims(source)?.len() == 5 { *self.shown.get(&source)? } else { source };
        self.shown.insert(to, map);
        let (&[n, channels, h, w], &[_, count, each, ..]) = (net.dims(map)?, net.dims(to)?) else {
            return None;
        };
        let cut = count.checked_mul(each) == Some(channels) && (2..=Self::MOST).contains(&count);
        (cut && net.dims(to)? == [n, count, each, h, w]).then_some(())?;
        Some(vec![self.cut(net, step, map)?, step.clone()])
    }

    /// The split that cuts the channels of `map` into those of the maps that the step's output stacks.
    fn cut(&mut self, net: &mut FileNet, step: &FileStep, map: Id) -> Option<FileStep> {
        let &[n, count, each, h, w] = net.dims(step.outputs[0])? else { return None };
        let mut part = |_| net.value_like(map, Known::Dims(vec![n, each, h, w]));
        let maps: Vec<Id> = (0..count).map(&mut part).collect();
        self.all.insert(step.outputs[0], Stack { along: 1, maps: maps.clone() });
        Some(FileStep { outputs: maps, ..step.instead(along_channels("Split"), &[map]) })
    }

    /// The maps that a concatenation stacks.
    fn concat(&self, net: &FileNet, step: &FileStep) -> Option<Stack> {
        let along = net.call(step)?.axis("axis", 1, 5)?;
        let map = |id: &Option<Id>| {
            let map = *self.shown.get(&(*id)?)?;
            let mut dims = net.dims(map).filter(|dims| dims.len() == 4)?.to_vec();
            dims.insert(along, 1);
            (net.dims((*id)?)? == dims).then_some(map)
        };
        let maps: Vec<Id> = step.inputs.iter().map(map).collect::<Option<_>>()?;
        let same = maps.iter().all(|&m| net.dims(m) == net.dims(maps[0]));
        (same && maps.len() <= Self::MOST).then_some(Stack { along, maps })
    }

    /// Single maps of a stack.
    fn pick(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let input = step.input(0)?;
        let Stack { along, maps } = self.all.get(&input)?;
        let (parts, apart) = (strided(&net.call(step)?)?, strides(net.dims(input)?)[*along]);
        let one = |part: &Strided| {
            let index = usize::try_from(part.offset / apart).ok()?;
            (part.offset % apart == 0 && part.dims[*along] == 1).then(|| maps.get(index))?
        };
        let picked: Vec<Id> = parts.iter().map(|part| one(part).copied()).collect::<Option<_>>()?;
        let whole = |(&map, part): (&Id, &Strided)| {
            net.dims(map).map(|d| d.iter().product::<usize>()) == Some(part.dims.iter().product())
        };
        picked.iter().zip(&parts).all(whole).then_some(())?;
        let shown = step.outputs.iter().zip(picked).map(|(&output, map)| {
            self.shown.insert(output, map);
            let shown = net.reshaped(step, map, output)?;
            Some(FileStep { outputs: vec![output], ..shown })
        });
        shown.collect()
    }

    /// The sum of a stack's maps.
    fn sum(&self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let Stack { along, maps } = self.all.get(&step.input(0)?)?;
        let sum = infer::reduce(&net.call(step)?)?;
        let (&[mut so_far, ref rest @ ..], last) = (&maps[..], step.outputs[0]) else {
            return None;
        };
        (sum.over == [*along] && net.dims(so_far)? == sum.dims).then_some(())?;
        let add = |(i, &map): (usize, &Id)| {
            let whole = i + 1 == rest.len();
            let to = if whole { last } else { net.value_like(last, dims_of(&sum.dims)) };
            let add = FileStep { outputs: vec![to], ..step.instead(node("Add"), &[so_far, map]) };
            so_far = to;
            add
        };
        Some(rest.iter().enumerate().map(add).collect())
    }

    /// The products of two stacks' maps.
    fn product(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let of = |i: usize| self.all.get(&step.input(i)?);
        let (a, b) = (of(0)?, of(1)?);
        (a.along == b.along && a.maps.len() == b.maps.len()).then_some(())?;
        let (along, to) = (a.along, step.outputs[0]);
        let mut dims = net.dims(to)?.to_vec();
        dims.remove(along);
        let multiply = |(&a, &b): (&Id, &Id)| FileStep {
            outputs: vec![net.value_like(to, dims_of(&dims))],
            ..step.instead(step.kind.clone(), &[a, b])
        };
        let mut steps: Vec<FileStep> = a.maps.iter().zip(&b.maps).map(multiply).collect();
        let maps = steps.iter().map(|s| s.outputs[0]).collect();
        self.all.insert(to, Stack { along, maps });
        steps.push(step.clone());
        Some(steps)
    }

    /// A softmax over a stack that one map shows: of a map whose channels are the stack's maps.
    fn softmax(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let (input, to) = (step.input(0)?, step.outputs[0]);
        let (map, count) = (*self.shown.get(&input)?, self.all.get(&input)?.maps.len());
        let call = net.call(step)?;
        // Before operator set 13 it goes over all axes from this one on.
        (call.opset >= 13 && call.axis("axis", -1, 5)? == 1).then_some(())?;
        let whole = net.dims(map)?.to_vec();
        let &[n, channels, h, w] = &whole[..] else { return None };
        let mut value = |dims: &[usize]| net.value_like(to, dims_of(dims));
        let rows = [n, count, channels / count * h, w];
        let (before, after, made) = (value(&rows), value(&rows), value(&whole));
        let softmax = step.instead(along_channels("Softmax"), &[before]);
        self.shown.insert(to, made);
        Some(vec![
            net.reshaped(step, map, before)?,
            FileStep { outputs: vec![after], ..softmax },
            net.reshaped(step, after, made)?,
            self.cut(net, step, made)?,
            step.clone(),
        ])
    }
}

fn dims_of(dims: &[usize]) -> Known {
    Known::Dims(dims.to_vec())
}

/// A node without attributes.
fn node(kind: &str) -> Kind {
    Kind::Node { kind: kind.to_owned(), attributes: Vec::new() }
}

/// A node along the channels of a map.
fn along_channels(kind: &str) -> Kind {
    let axis = Attribute { name: "axis".to_owned(), i: Some(1), ..Attribute::default() };
    Kind::Node { kind: kind.to_owned(), attributes: vec![axis] }
}

#[cfg(test)]
mod tests {
    use crate::{
        lift::testing::{Sketch, kinds, op},
        read::net::FileNet,
    };
    use ops::{ChannelSplit, Reshape};

    /// Two maps of `input`, stacked along an axis.
    fn stacked(s: &mut Sketch, along: i64) -> String {
        let new = s.ints("new", &[along]);
        let a = s.node("Relu", &["input"]);
        let b = s.node("Tanh", &["input"]);
        let a = s.node("Unsqueeze", &[&a, &new]);
        let b = s.node("Unsqueeze", &[&b, &new]);
        s.with("Concat", &[&a, &b], &[("axis", &[along])])
    }

    fn summed(s: &mut Sketch, x: &str, over: &str) -> String {
        s.with("ReduceSum", &[x, over], &[("keepdims", &[0])])
    }

    #[test]
    fn a_sum_over_a_new_axis_is_an_addition() {
        let kinds_of = |along: i64, over: i64| {
            let mut s = Sketch::new(&[1, 4, 3, 3]);
            let x = stacked(&mut s, along);
            let over = s.ints("over", &[over]);
            let x = summed(&mut s, &x, &over);
            kinds(&s.net(&x)).join(" ")
        };
        for along in [0, 1, 4] {
            assert_eq!(kinds_of(along, along), "relu tanh add");
        }
        assert!(kinds_of(0, 2).contains("ReduceSum"));
    }

    #[test]
    fn a_stack_of_many_maps_is_left() {
        let summed = |count: usize| {
            let mut s = Sketch::new(&[1, 4, 3, 3]);
            let new = s.ints("new", &[1]);
            let x = s.node("Unsqueeze", &["input", &new]);
            let x = s.with("Concat", &vec![&x[..]; count], &[("axis", &[1])]);
            let x = summed(&mut s, &x, &new);
            kinds(&s.net(&x)).contains(&"ReduceSum")
        };
        assert!(!summed(16) && summed(17));
    }

    /// Selective kernels: weights of both maps of their sum, and the sum of the weighted maps.
    fn selected(axis: i64) -> FileNet {
        let mut s = Sketch::new(&[1, 4, 3, 3]);
        let kernel = s.floats("kernel", &[8, 4, 1, 1], &[0.5; 32]);
        let shape = s.ints("shape", &[1, 2, 4, 1, 1]);
        let maps = stacked(&mut s, 1);
        let over = s.ints("over", &[1]);
        let x = summed(&mut s, &maps, &over);
        let x = s.node("GlobalAveragePool", &[&x]);
        let x = s.node("Conv", &[&x, &kernel]);
        let x = s.node("Reshape", &[&x, &shape]);
        let x = s.with("Softmax", &[&x], &[("axis", &[axis])]);
        let x = s.node("Mul", &[&maps, &x]);
        let x = summed(&mut s, &x, &over);
        s.net(&x)
    }

    #[test]
    fn selective_kernels_are_said_with_the_labs_operators() {
        let net = selected(1);
        let expected = [
            "relu tanh add global_avg_pool2d conv2d",
            "reshape softmax reshape channel_split channel_split",
            "mul mul add",
        ];
        assert_eq!(kinds(&net).join(" "), expected.join(" "));
        assert_eq!(op(&net, 5), &Reshape { c: 2, h: 4, w: 1 }.into());
        assert_eq!(op(&net, 7), &Reshape { c: 8, h: 1, w: 1 }.into());
        assert_eq!(op(&net, 9), &ChannelSplit { start: 4, len: 4 }.into());
        assert!(kinds(&selected(2)).contains(&"Softmax"));
    }

    #[test]
    fn single_maps_are_taken_from_a_stack() {
        let mut s = Sketch::new(&[1, 12, 3, 3]);
        let (maps, map) = (s.ints("maps", &[1, 3, 4, 3, 3]), s.ints("map", &[1, 4, 3, 3]));
        let second = s.whole("second", 1);
        let x = s.node("Reshape", &["input", &maps]);
        let x = s.with("Gather", &[&x, &second], &[("axis", &[1])]);
        let x = s.node("Reshape", &[&x, &map]);
        let x = s.node("Relu", &[&x]);
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["channel_split", "view", "relu"]);
        assert_eq!(op(&net, 0), &ChannelSplit { start: 4, len: 4 }.into());
    }

    /// Split attention: a map's channels are the stack.
    #[test]
    fn channels_cut_by_an_axis_are_a_stack() {
        let mut s = Sketch::new(&[1, 12, 3, 3]);
        let (maps, weights) =
            (s.ints("maps", &[1, 3, 4, 3, 3]), s.ints("weights", &[1, 3, 4, 1, 1]));
        let gap = s.node("GlobalAveragePool", &["input"]);
        let gate = s.node("Sigmoid", &[&gap]);
        let gate = s.node("Reshape", &[&gate, &weights]);
        let x = s.node("Reshape", &["input", &maps]);
        let x = s.node("Mul", &[&x, &gate]);
        let over = s.ints("over", &[1]);
        let x = summed(&mut s, &x, &over);
        let counts = |kind: &str, net: &FileNet| kinds(net).iter().filter(|k| **k == kind).count();
        let net = s.net(&x);
        assert_eq!(["channel_split", "mul", "add"].map(|kind| counts(kind, &net)), [6, 3, 2]);
        assert_eq!(net.steps.len(), 13);
    }
}
