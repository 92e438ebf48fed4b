//! Maps as tokens, N×L×C: what is computed of them is computed of the maps, with channels second, and the transposes
//! go where nobody reads them any more. A product of each token's channels with a matrix is a convolution of one pixel.

use super::{
    anew::{Anew, int, ints, node},
    elements::{ELEMENT_WISE, POINTWISE},
    named::LAYER_NORM,
    view::seen,
};
use crate::{
    proto::Attribute,
    read::{
        array::{Array, places, strides},
        call::{Call, Known, axis},
        infer,
        net::{FileNet, FileStep, Id, Kind, Weight},
    },
};
use ops::Conv2d;
use std::collections::HashMap;

/// `net` with what is computed of tokens computed of their maps.
pub(super) fn tokens(net: FileNet) -> FileNet {
    let mut tokens = Tokens::default();
    net.written_anew(|net, step| tokens.written(net, step))
}

#[derive(Default)]
struct Tokens {
    /// The map, of four axes, for each value that has the channels last.
    maps: HashMap<Id, Id>,
    /// The map of four axes that each sequence N×C×L shows.
    shown: HashMap<Id, Id>,
    /// For each that was turned, what it was before.
    turned: HashMap<Id, Id>,
    /// Constants of so many axes with channels second, each turned once.
    constants: HashMap<(Id, usize), Array>,
    /// Values that got their maps from the step at hand.
    fresh: Vec<Id>,
}

impl Tokens {
    /// What a step becomes; where that is nothing new, nor are there new maps.
    fn written(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        self.fresh.clear();
        let written = self.anew(net, step);
        if written.is_none() {
            let Self { maps, fresh, .. } = self;
            maps.retain(|id, _| !fresh.contains(id));
        }
        written
    }

    fn remember(&mut self, id: Id, map: Id) {
        self.maps.insert(id, map);
        self.fresh.push(id);
    }

    fn anew(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        if let Some(source) = seen(net, step) {
            return self.view(net, source, step);
        }
        let call = net.call(step)?;
        let kind = call.kind;
        match kind {
            "Transpose" => return self.transpose(net, step),
            "MatMul" if call.constant(0).is_some() => return mixed(net, step),
            "MatMul" => {
                call.constant(1).filter(|kernel| kernel.dims.len() == 2)?;
                return self.product(net, step);
            }
            "LayerNormalization" => {
                let rank = call.dims(0)?.len();
                (call.axis("axis", -1, rank)? + 1 == rank && call.outputs == 1).then_some(())?;
                return self.norm(net, step);
            }
            _ => {}
        }
        let are_tokens = step.inputs.iter().flatten().any(|id| self.maps.contains_key(id));
        (are_tokens || self.has_channels_last(net, step)).then_some(())?;
        match kind {
            kind if POINTWISE.contains(&kind) => self.pointwise(net, step),
            kind if ELEMENT_WISE.contains(&kind) => self.element_wise(net, step),
            kind if kind.starts_with("Reduce") => self.reduction(net, step),
            "Softmax" | "LogSoftmax" | "Concat" | "Slice" | "Split" => self.along(net, step),
            _ => None,
        }
    }

    /// Whether a value that was turned meets a value a channel, its channels last.
    fn has_channels_last(&self, net: &FileNet, step: &FileStep) -> bool {
        let meets = |(id, array): (Id, &Array)| {
            let channels = net.dims(id).and_then(<[usize]>::last);
            let each = array.dims.last() == channels && array.len() > 1;
            self.turned.contains_key(&id) && each && channels == Some(&array.len())
        };
        net.with_constant(step).is_some_and(meets)
    }

    /// Remembers which sequences show maps, and which tokens are others in other axes.
    fn view(&mut self, net: &mut FileNet, from: Id, step: &FileStep) -> Option<Vec<FileStep>> {
        let to = step.outputs[0];
        let (before, after) = (net.dims(from)?.to_vec(), net.dims(to)?.to_vec());
        if let (&[n, c, h, w], &[images, channels, len]) = (&before[..], &after[..])
            && [n, c, h * w] == [images, channels, len]
        {
            self.shown.insert(to, from);
        }
        let map = *self.maps.get(&from)?;
        let same = after.len() >= 3 && after[0] == before[0] && after.last() == before.last();
        same.then_some(())?;
        let mut anew = Anew::new(net, step);
        let map = match after[..] {
            [n, h, w, c] => anew.shown(map, &[n, c, h, w]),
            [_, _, _] => map,
            _ => return None,
        };
        self.remember(to, map);
        anew.push(step.clone());
        Some(anew.steps())
    }

    /// Remembers what a transpose turns, or undoes one.
    fn transpose(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let (from, to) = (step.input(0)?, step.outputs[0]);
        let call = net.call(step)?;
        let rank = call.dims(0)?.len();
        let perm: Vec<usize> =
            call.ints("perm").iter().map(|&a| axis(a, rank)).collect::<Option<_>>()?;
        let (to_last, to_first) = match perm[..] {
            [0, 2, 1] => (true, true),
            [0, 2, 3, 1] => (true, false),
            [0, 3, 1, 2] => (false, true),
            _ => return None,
        };
        let map = self.maps.get(&from).copied();
        let mut anew = Anew::new(net, step);
        match map {
            Some(map) if to_first => {
                anew.show(map, to);
                self.shown.insert(to, map);
            }
            None if to_last => {
                let map = self.shown.get(&from).copied().unwrap_or(from);
                let map = match anew.net.dims(map)? {
                    &[n, c, len] => anew.shown(map, &[n, c, 1, len]),
                    _ => map,
                };
                self.remember(to, map);
                anew.push(step.clone());
            }
            _ => return None,
        }
        self.turned.insert(to, from);
        Some(anew.steps())
    }

    /// The map for tokens N×L×C, turned for this where nothing has made it.
    fn map(&mut self, anew: &mut Anew<'_>, id: Id) -> Option<Id> {
        if let Some(map) = self.maps.get(&id) {
            return Some(*map);
        }
        let &[n, len, c] = anew.net.dims(id)? else { return None };
        let turned =
            self.turned.get(&id).copied().filter(|&t| anew.net.dims(t) == Some(&[n, c, len]));
        let turn = vec![ints("perm", vec![0, 2, 1])];
        let turned = turned.unwrap_or_else(|| anew.node("Transpose", turn, &[id], &[n, c, len]));
        let map = anew.shown(turned, &[n, c, 1, len]);
        self.remember(id, map);
        Some(map)
    }

    /// Remembers the map `made` for tokens, and makes them of it for whoever still reads them.
    fn made(&mut self, anew: &mut Anew<'_>, made: Id, tokens: Id) -> Option<()> {
        let &[n, c, h, w] = anew.net.dims(made)? else { return None };
        self.remember(tokens, made);
        let rank = anew.net.dims(tokens)?.len();
        let (map, perm) = match rank {
            3 => (anew.shown(made, &[n, c, h * w]), vec![0, 2, 1]),
            _ => (made, vec![0, 2, 3, 1]),
        };
        anew.make("Transpose", vec![ints("perm", perm)], &[map], tokens);
        Some(())
    }

    /// A product of each token's channels with a matrix.
    fn product(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let kernel = net.constant(step.input(1)?)?;
        let &[_, out] = &kernel.dims[..] else { return None };
        let weight = Weight::new("weight", kernel, [1, out, 0, 0]);
        let conv = Kind::Lab(Conv2d::new(out, 1).into(), vec![weight]);
        let mut anew = Anew::new(net, step);
        let map = self.map(&mut anew, step.input(0)?)?;
        let &[n, _, h, w] = anew.net.dims(map)? else { return None };
        let made = anew.step(conv, &[map], &[n, out, h, w]);
        self.made(&mut anew, made, step.outputs[0])?;
        Some(anew.steps())
    }

    /// A layer norm over each token's channels.
    fn norm(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let attributes = net.call(step)?.attributes.to_vec();
        let mut anew = Anew::new(net, step);
        let map = self.map(&mut anew, step.input(0)?)?;
        let weights = step.inputs[1..].iter().flatten().copied();
        let inputs: Vec<Id> = [map].into_iter().chain(weights).collect();
        let dims = anew.net.dims(map)?.to_vec();
        let made = anew.node(LAYER_NORM, attributes, &inputs, &dims);
        self.made(&mut anew, made, step.outputs[0])?;
        Some(anew.steps())
    }

    /// What treats each element alone.
    fn pointwise(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let map = *self.maps.get(&step.input(0)?)?;
        let dims = net.dims(map)?.to_vec();
        let mut anew = Anew::new(net, step);
        let made = anew.step(step.kind.clone(), &[map], &dims);
        anew.with_inputs(&step.inputs[1..]);
        self.made(&mut anew, made, step.outputs[0])?;
        Some(anew.steps())
    }

    /// What is computed element by element of tokens and of constants that broadcast to them.
    fn element_wise(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let dims = net.dims(step.outputs[0])?.to_vec();
        let (channels, len) = (*dims.last()?, dims[1..dims.len() - 1].iter().product::<usize>());
        let mut anew = Anew::new(net, step);
        for id in step.inputs.iter().flatten() {
            if anew.net.constant(*id).is_none() {
                self.map(&mut anew, *id)?;
            }
        }
        let sizes = step.inputs.iter().flatten().filter_map(|id| self.size(anew.net, *id));
        let size = sizes.filter(|[h, w]| h * w == len).max_by_key(|[h, _]| *h > 1)?;
        let mut inputs = Vec::new();
        for id in &step.inputs {
            inputs.push(self.operand(&mut anew, (*id)?, size, dims.len())?);
        }
        let made = [dims[0], channels, size[0], size[1]];
        let made = anew.step(step.kind.clone(), &inputs, &made);
        self.made(&mut anew, made, step.outputs[0])?;
        Some(anew.steps())
    }

    /// Height and width of the map of tokens.
    fn size(&self, net: &FileNet, id: Id) -> Option<[usize; 2]> {
        let &[_, _, h, w] = net.dims(*self.maps.get(&id)?)? else { return None };
        Some([h, w])
    }

    /// An operand beside maps of this size, in whose place it was one with so many axes.
    fn operand(
        &mut self,
        anew: &mut Anew<'_>,
        id: Id,
        [h, w]: [usize; 2],
        rank: usize,
    ) -> Option<Id> {
        let sized = |n, c, len| match len {
            1 => Some([n, c, 1, 1]),
            _ => (len == h * w).then_some([n, c, h, w]),
        };
        let Some(array) = anew.net.constant(id).cloned() else {
            let map = self.map(anew, id)?;
            let &[n, c, height, width] = anew.net.dims(map)? else { return None };
            return Some(anew.shown(map, &sized(n, c, height * width)?));
        };
        if array.len() == 1 {
            return Some(id);
        }
        let missing = rank.checked_sub(array.dims.len())?;
        let dims: Vec<usize> = std::iter::repeat_n(1, missing).chain(array.dims.clone()).collect();
        let (n, c) = (dims[0], *dims.last()?);
        let len = dims[1..rank - 1].iter().product();
        let dims = sized(n, c, len)?.to_vec();
        let turned = self.constants.entry((id, rank));
        let turned = turned.or_insert_with(|| channels_second(&array, &[n, len, c]));
        Some(anew.constant(turned.reshaped(dims)))
    }

    /// A reduction over channels or over all tokens.
    fn reduction(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let call = net.call(step)?;
        let (rank, over) = (call.dims(0)?.len(), infer::reduce(&call)?.over);
        let &[n, c, h, w] = net.dims(*self.maps.get(&step.input(0)?)?)? else { return None };
        let (axes, dims) = if over == [rank - 1] {
            (vec![1], [n, 1, h, w])
        } else if over.iter().copied().eq(1..rank - 1) {
            (vec![2, 3], [n, c, 1, 1])
        } else {
            return None;
        };
        let keeps = call.int("keepdims", 1) != 0;
        let kind = call.kind.to_owned();
        let map = *self.maps.get(&step.input(0)?)?;
        let attributes = vec![ints("axes", axes), int("keepdims", 1)];
        let mut anew = Anew::new(net, step);
        let made = anew.node(&kind, attributes, &[map], &dims);
        if keeps {
            self.made(&mut anew, made, step.outputs[0])?;
            return Some(anew.steps());
        }
        Some(anew.end(made))
    }

    /// What goes along the channels, or along the tokens as along a row.
    fn along(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let call = net.call(step)?;
        let rank = call.dims(0)?.len();
        let (attributes, along) = moved(&call, rank)?;
        let kind = call.kind.to_owned();
        let count = if kind == "Concat" { step.inputs.len() } else { 1 };
        let mut anew = Anew::new(net, step);
        let mut inputs = Vec::new();
        for id in &step.inputs[..count] {
            let map = self.map(&mut anew, (*id)?)?;
            let &[n, c, h, w] = anew.net.dims(map)? else { return None };
            let in_a_row = along == 3 || count > 1;
            inputs.push(if in_a_row { anew.shown(map, &[n, c, 1, h * w]) } else { map });
        }
        let &[n, _, h, w] = anew.net.dims(inputs[0])? else { return None };
        let mut made = Vec::new();
        for &output in &step.outputs {
            let dims = anew.net.dims(output)?;
            let (c, len) = (*dims.last()?, dims[1..rank - 1].iter().product());
            let dims = if along == 3 { [n, c, 1, len] } else { [n, c, h, w] };
            made.push(anew.net.value_like(output, Known::Dims(dims.to_vec())));
        }
        let others: &[Option<Id>] = if kind == "Split" { &step.inputs[1..] } else { &[] };
        let inputs = inputs.into_iter().map(Some).chain(others.iter().copied()).collect();
        let node = node(&kind, attributes);
        let name = step.name.clone();
        anew.push(FileStep { name, kind: node, inputs, outputs: made.clone() });
        for (made, &output) in made.into_iter().zip(&step.outputs) {
            self.made(&mut anew, made, output)?;
        }
        Some(anew.steps())
    }
}

/// The attributes of a node along an axis of tokens for one along an axis of maps, and this axis.
fn moved(call: &Call<'_>, rank: usize) -> Option<(Vec<Attribute>, usize)> {
    let at = |a: usize| match a {
        0 => None,
        a if a + 1 == rank => Some(1),
        _ => (rank == 3).then_some(3),
    };
    if call.kind == "Slice" {
        let lists = [call.list("starts", 1)?, call.list("ends", 2)?, call.list("axes", 3)?];
        let [starts, ends, axes] = lists;
        let &[a] = &axes[..] else { return None };
        let along = at(axis(a, rank)?)?;
        let mut all = vec![ints("starts", starts), ints("ends", ends)];
        all.extend([ints("axes", vec![along as i64]), ints("steps", call.list("steps", 4)?)]);
        return Some((all, along));
    }
    let default = match call.kind {
        "Split" => 0,
        "Concat" => 1,
        _ => -1,
    };
    // Before operator set 13 a softmax goes over all axes from this one on.
    let softmax = call.kind.contains("Softmax");
    (!softmax || call.opset >= 13).then_some(())?;
    let along = at(call.axis("axis", default, rank)?)?;
    let others = call.attributes.iter().filter(|a| a.name != "axis").cloned();
    Some((others.chain([int("axis", along as i64)]).collect(), along))
}

/// A product of a matrix with the tokens N×L×C of each image: a convolution to which the tokens are channels.
fn mixed(net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let (kernel, x) = (net.constant(step.input(0)?)?, step.input(1)?);
    let (&[.., out, len], &[n, inputs, columns]) = (&kernel.dims[..], net.dims(x)?) else {
        return None;
    };
    (kernel.len() == out * len && len == inputs && net.constant(x).is_none()).then_some(())?;
    let weight = Weight::new("weight", kernel, [len, 1, 0, 0]);
    let conv = Kind::Lab(Conv2d::new(out, 1).into(), vec![weight]);
    let mut anew = Anew::new(net, step);
    let map = anew.shown(x, &[n, len, 1, columns]);
    let made = anew.step(conv, &[map], &[n, out, 1, columns]);
    Some(anew.end(made))
}

/// Elements N×L×C with C second.
fn channels_second(array: &Array, dims: &[usize; 3]) -> Array {
    let ([n, len, c], steps) = (*dims, strides(dims));
    let turned = vec![n, c, len];
    array.picked(turned.clone(), places(turned, vec![steps[0], steps[2], steps[1]], 0))
}

#[cfg(test)]
mod tests {
    use crate::{
        lift::testing::{Sketch, kinds, op, weight},
        read::net::FileNet,
    };
    use ops::{Along, Conv2d, Softmax};

    const TURN: [(&str, &[i64]); 1] = [("perm", &[0, 2, 1])];

    /// A map of 4 × 2 × 3 as 6 tokens.
    fn tokens() -> (Sketch, String) {
        let mut s = Sketch::new(&[1, 4, 2, 3]);
        let rows = s.ints("rows", &[1, 4, 6]);
        let x = s.node("Reshape", &["input", &rows]);
        let x = s.with("Transpose", &[&x], &TURN);
        (s, x)
    }

    /// What is no view.
    fn operators(net: &FileNet) -> Vec<&str> {
        kinds(net).into_iter().filter(|kind| *kind != "view").collect()
    }

    #[test]
    fn a_linear_operator_over_tokens_is_a_convolution_of_their_map() {
        let (mut s, x) = tokens();
        let numbers: Vec<f32> = (0..20).map(|i| i as f32).collect();
        let kernel = s.floats("kernel", &[4, 5], &numbers);
        let five = s.floats("five", &[5], &numbers[..5]);
        let x = s.node("MatMul", &[&x, &kernel]);
        let x = s.node("Add", &[&five, &x]);
        let x = s.node("LayerNormalization", &[&x, &five]);
        let x = s.with("ReduceMean", &[&x], &[("axes", &[1]), ("keepdims", &[0])]);
        let net = s.net(&x);
        assert_eq!(operators(&net), ["conv2d", "layer_norm", "global_avg_pool2d"]);
        let at = net.steps.iter().position(|step| step.input(0) == Some(net.inputs[0]));
        assert_eq!(op(&net, at.unwrap()), &Conv2d::new(5, 1).bias().into());
        assert_eq!(weight(&net, at.unwrap(), "weight").at([1, 2, 0, 0]), 11.0);
    }

    #[test]
    fn tokens_are_mixed_as_channels() {
        let (mut s, x) = tokens();
        let kernel = s.floats("kernel", &[6, 6], &[0.5; 36]);
        let y = s.with("Transpose", &[&x], &TURN);
        let y = s.node("MatMul", &[&y, &kernel]);
        let y = s.with("Transpose", &[&y], &TURN);
        let x = s.node("Add", &[&x, &y]);
        let x = s.with("ReduceMax", &[&x], &[("axes", &[1]), ("keepdims", &[0])]);
        let expected = ["permute", "conv2d", "permute", "add", "global_max_pool2d"];
        assert_eq!(operators(&s.net(&x)), expected);
    }

    #[test]
    fn what_was_turned_keeps_its_channels_last() {
        let (mut s, x) = tokens();
        let (kernel, four) =
            (s.floats("kernel", &[6, 6], &[0.5; 36]), s.floats("four", &[4], &[0.5; 4]));
        let y = s.with("Transpose", &[&x], &TURN);
        let y = s.node("MatMul", &[&y, &kernel]);
        let y = s.with("Transpose", &[&y], &TURN);
        let y = s.node("Mul", &[&four, &y]);
        let x = s.node("Add", &[&x, &y]);
        let x = s.with("ReduceMax", &[&x], &[("axes", &[1]), ("keepdims", &[0])]);
        // Nobody says that their tokens are rows of a map, before they meet such.
        let expected = [
            "permute",
            "conv2d",
            "permute",
            "channel_affine",
            "reshape",
            "add",
            "global_max_pool2d",
        ];
        assert_eq!(operators(&s.net(&x)), expected);
    }

    #[test]
    fn tokens_that_no_map_shows_are_turned() {
        let mut s = Sketch::new(&[1, 6, 4]);
        let kernel = s.floats("kernel", &[4, 5], &[0.5; 20]);
        let x = s.node("MatMul", &["input", &kernel]);
        let x = s.with("Softmax", &[&x], &[("axis", &[-1])]);
        let net = s.net(&x);
        assert_eq!(operators(&net), ["permute", "conv2d", "softmax", "permute"]);
        let softmax = kinds(&net).iter().position(|kind| *kind == "softmax");
        assert_eq!(op(&net, softmax.unwrap()), &Softmax(Along::Channels).into());
    }

    #[test]
    fn attention_is_left() {
        let (mut s, x) = tokens();
        let y = s.with("Transpose", &[&x], &TURN);
        let x = s.node("MatMul", &[&x, &y]);
        assert!(kinds(&s.net(&x)).contains(&"MatMul"));
    }
}
