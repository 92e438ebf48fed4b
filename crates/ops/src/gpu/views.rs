//! Which maps of a network lie in others on a GPU, and which nodes are left with nothing to do.
//!
//! A split is read in its input, whole quads or not. The inputs of a concatenation are written in its output where
//! quads allow it; a store of whole quads must not touch the next map's channels. Where the first of two
//! maps is made for others as well, what makes the second writes both. A shuffle that sorts even from odd channels,
//! for splits that take one or the other, is a step between channels. What makes the input of any other, for nobody
//! else, stores it shuffled, where maps lie in buffers: a texel is written whole. Features of a single pixel are its
//! channels. What is joined with the maker of its input is all that the maker writes (`joined`).
//!
//! A dispatch may not read and write one buffer, nor one texture: wgpu gives each one use at a time. An
//! input of a concatenation that is made out of another one is kept apart therefore, and copied. Maps that have
//! nothing to do with each other never share memory: wgpu would make their dispatches wait for each other.

use super::layout::channel_at;
use crate::{ChannelShuffle, ChannelSplit, ConcatShuffle, Graph, Node, Op, Value};
use profile::Level;
use std::ops::Range;

/// Where a value lies in another: its channel c is channel `at(c)` of that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Alias {
    /// The other value, by [`Graph::index`]; itself where it lies there in another order.
    pub of: usize,
    pub first: usize,
    pub step: usize,
    /// Channels after which steps begin anew, one channel on: those of a map whose even channels come first, or that
    /// is written shuffled.
    pub round: usize,
}

impl Alias {
    /// Channels from `first` on, `step` apart, of value `of`.
    const fn run(of: usize, first: usize, step: usize) -> Self {
        Self { of, first, step, round: usize::MAX }
    }

    /// The channels of value `of` from `first` on, `round` of them, the even ones first.
    const fn sorted(of: usize, first: usize, round: usize) -> Self {
        Self { of, first, step: 2, round }
    }

    /// Every channel of value `of`, `groups` groups of them interleaved.
    const fn shuffled(of: usize, groups: usize, channels: usize) -> Self {
        Self { of, first: 0, step: groups, round: channels }
    }

    /// Which channel of the other value channel `c` is.
    pub const fn at(&self, c: usize) -> usize {
        channel_at(self.first, self.step, self.round, c)
    }

    /// Where some channels of it lie, if they are one run there.
    fn part(&self, channels: Range<usize>) -> Option<Self> {
        let (first, last) = (self.at(channels.start), self.at(channels.end - 1));
        let run = Self::run(self.of, first, self.step);
        (run.at(channels.len() - 1) == last).then_some(run)
    }

    /// Whether shaders can read it.
    const fn is_readable(&self) -> bool {
        self.round == usize::MAX && (self.step == 1 || (self.step == 2 && self.first % 4 < 2))
    }
}

/// What lies where.
pub(super) struct Views {
    outer: Vec<Option<Alias>>,
    /// For each node, the map that it writes beside its own output.
    pub beside: Vec<Option<Value>>,
    /// For each node, whether others do its work.
    pub done: Vec<bool>,
    /// For each value that others lie in, the nodes that write there.
    writers: Vec<Vec<usize>>,
}

impl Views {
    /// The views of `graph`, whose maps lie in buffers or in textures; none below level `fused`.
    pub fn new(graph: &Graph, buffers: bool) -> Self {
        let values = graph.inputs.len() + graph.nodes.len();
        let writer = |value: usize| value.checked_sub(graph.inputs.len());
        let mut views = Self {
            outer: vec![None; values],
            beside: vec![None; graph.nodes.len()],
            done: vec![false; graph.nodes.len()],
            writers: (0..values).map(|value| writer(value).into_iter().collect()).collect(),
        };
        if graph.level != Level::Fused {
            return views;
        }
        let (halved, readers) = (only_halves(graph), graph.readers());
        for (i, node) in graph.nodes.iter().enumerate() {
            match &node.op {
                Op::ChannelShuffle(_) if halved[i] => views.sort(graph, i),
                Op::ChannelShuffle(shuffle)
                    if buffers && readers[graph.index(node.inputs[0])] == 1 =>
                {
                    views.shuffle(graph, i, *shuffle);
                }
                Op::ChannelSplit(part) if node.view => views.split(graph, i, part),
                Op::Concat(_) if node.view => views.place(graph, i),
                Op::Flatten(_) => views.flatten(graph, i),
                _ if node.view => views.merge(graph, i),
                _ if node.joined => views.join(graph, i, halved[i]),
                _ => (),
            }
        }
        views
    }

    /// Where a value lies at last: in itself, if nowhere else.
    pub fn alias(&self, value: usize) -> Alias {
        let mut alias = self.outer[value].unwrap_or(Alias::run(value, 0, 1));
        while let Some(next) = self.outer[alias.of].filter(|next| next.of != alias.of) {
            // Only views lie in what is sorted, and those were looked for beyond it; in what is shuffled, all of it.
            let (first, step) = (next.at(alias.first), alias.step * next.step);
            alias = Alias { of: next.of, first, step, round: alias.round.min(next.round) };
        }
        alias
    }

    /// Whether input `value` of node `i` lies in its output.
    pub fn is_in_place(&self, graph: &Graph, i: usize, value: Value) -> bool {
        let output = graph.index(Value::of_node(i));
        self.outer[graph.index(value)].is_some_and(|alias| alias.of == output)
    }

    /// What node `i` reads: its inputs, and what it writes beside its output.
    pub fn reads<'a>(&'a self, graph: &'a Graph, i: usize) -> impl Iterator<Item = Value> + 'a {
        graph.nodes[i].inputs.iter().copied().chain(self.beside[i])
    }

    /// Node `i`, a shuffle of which the even channels come first.
    fn sort(&mut self, graph: &Graph, i: usize) {
        let (node, output) = (&graph.nodes[i], graph.index(Value::of_node(i)));
        let input = self.alias(graph.index(node.inputs[0]));
        if input.step == 1 && input.first.is_multiple_of(4) {
            self.outer[output] = Some(Alias::sorted(input.of, input.first, node.output.c));
            self.done[i] = true;
        }
    }

    /// Node `i`, the only reader of what it shuffles: what makes that stores it where the shuffle has it.
    fn shuffle(&mut self, graph: &Graph, i: usize, shuffle: ChannelShuffle) {
        let (node, output) = (&graph.nodes[i], graph.index(Value::of_node(i)));
        let input = graph.index(node.inputs[0]);
        if let Some(maker) = self.sole_maker(graph, input) {
            self.outer[input] = Some(Alias::shuffled(output, shuffle.groups, node.output.c));
            self.writers[output] = vec![maker];
            self.done[i] = true;
        }
    }

    /// Node `i`, which what makes its input does: that lies where its output does.
    fn merge(&mut self, graph: &Graph, i: usize) {
        let [input, output] = [graph.nodes[i].inputs[0], Value::of_node(i)].map(|v| graph.index(v));
        self.outer[input] = Some(Alias::run(output, 0, 1));
        self.writers[output] = self.writers[input].clone();
        self.done[i] = true;
    }

    /// The node whose stores make all of a value, if that lies nowhere else.
    fn sole_maker(&self, graph: &Graph, value: usize) -> Option<usize> {
        let [maker] = self.writers[value][..] else { return None };
        let made = self.alias(graph.index(Value::of_node(maker)));
        (!self.done[maker] && made == Alias::run(value, 0, 1)).then_some(maker)
    }

    /// Node `i`, a split.
    fn split(&mut self, graph: &Graph, i: usize, part: &ChannelSplit) {
        let input = self.alias(graph.index(graph.nodes[i].inputs[0]));
        let run = input.part(part.start..part.start + part.len).filter(Alias::is_readable);
        self.outer[graph.index(Value::of_node(i))] = run;
        self.done[i] = run.is_some();
    }

    /// Node `i`, which makes features of a map: those of one pixel are its channels.
    fn flatten(&mut self, graph: &Graph, i: usize) {
        let input = graph.nodes[i].inputs[0];
        if graph.shape(input).area() == 1 {
            self.outer[graph.index(Value::of_node(i))] = Some(self.alias(graph.index(input)));
            self.done[i] = true;
        }
    }

    /// Node `i`, a concatenation whose inputs are made for it.
    fn place(&mut self, graph: &Graph, i: usize) {
        let inputs = &graph.nodes[i].inputs;
        let room = graph.index(Value::of_node(i));
        let (_, others) = inputs.split_last().expect("a concatenation has inputs");
        if others.iter().any(|&v| !graph.shape(v).c.is_multiple_of(4)) {
            return;
        }
        self.writers[room].clear();
        let mut first = 0;
        for &v in inputs {
            let value = graph.index(v);
            if self.outer[value].is_none() && v.node().is_some() {
                self.move_in(graph, value, Alias::run(room, first, 1));
            }
            first += graph.shape(v).c;
        }
        self.done[i] = inputs.iter().all(|&v| self.is_in_place(graph, i, v));
        if !self.done[i] {
            self.writers[room].push(i);
        }
    }

    /// Puts a value where `alias` says, unless a node would then read and write the same memory.
    fn move_in(&mut self, graph: &Graph, value: usize, alias: Alias) {
        self.outer[value] = Some(alias);
        let writers = [&self.writers[alias.of][..], &self.writers[value]].concat();
        let reads_room = |v: Value| self.alias(graph.index(v)).of == alias.of;
        let along = |i: usize| graph.read_along(i).iter().copied();
        if writers.iter().any(|&i| self.reads(graph, i).chain(along(i)).any(reads_room)) {
            self.outer[value] = None;
        } else {
            self.writers[alias.of] = writers;
        }
    }

    /// Node `i`, a concatenation, shuffled perhaps, of two maps: what makes the second writes both. Where only halves
    /// of a sorted one are read, it lies unsorted.
    fn join(&mut self, graph: &Graph, i: usize, halved: bool) {
        let node = &graph.nodes[i];
        let ([first, second], room) = (&node.inputs[..], graph.index(Value::of_node(i))) else {
            unreachable!("two maps are joined")
        };
        let [before, own] = [first, second].map(|v| graph.shape(*v).c);
        let alias = match node.op {
            Op::ConcatShuffle(ConcatShuffle { groups: 2 }) if !halved => Alias::run(room, 1, 2),
            Op::ConcatShuffle(_) if !halved => return,
            _ => Alias::run(room, before, 1),
        };
        // A store writes at most a quad of the other map beside one of its own.
        let fits =
            alias.step == 2 || (before.is_multiple_of(4) && before.div_ceil(4) <= own.div_ceil(4));
        let value = graph.index(*second);
        // It may be made earlier than the node that it is the output of.
        let is_there = |maker: &usize| *first < Value::of_node(*maker);
        let maker = self.sole_maker(graph, value).filter(is_there);
        if let Some(maker) = maker.filter(|_| fits) {
            self.outer[value] = Some(alias);
            self.outer[room] = halved.then(|| Alias::sorted(room, 0, node.output.c));
            self.writers[room] = vec![maker];
            self.beside[maker] = Some(*first);
            self.done[i] = true;
        }
    }
}

/// For each node, whether it is a shuffle that sorts even from odd channels, and only views of either half read it. The
/// shuffle may be one of a concatenation.
fn only_halves(graph: &Graph) -> Vec<bool> {
    let mut readers = graph.readers();
    for node in &graph.nodes {
        let Op::ChannelSplit(part) = &node.op else { continue };
        let half = graph.shape(node.inputs[0]).c / 2;
        if node.view && [0, half].contains(&part.start) && part.len <= half {
            readers[graph.index(node.inputs[0])] -= 1;
        }
    }
    let sorts = |node: &Node| match node.op {
        Op::ChannelShuffle(ChannelShuffle { groups })
        | Op::ConcatShuffle(ConcatShuffle { groups }) => 2 * groups == node.output.c,
        _ => false,
    };
    let others = readers.split_off(graph.inputs.len());
    graph.nodes.iter().zip(others).map(|(node, others)| sorts(node) && others == 0).collect()
}
