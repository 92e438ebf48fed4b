//! Where every activation lies in the arena.
//!
//! A value lives from the step that makes it to the last that reads it. Two values may share
//! memory where their live ranges do not overlap; the largest are placed first, each at the lowest offset
//! that is free for its whole life (greedy by size: Pisarchyk and Lee 2020, arXiv 2001.03288).
//!
//! A view has no memory of its own: the output of a split lies in its input, the inputs of a
//! concatenation lie in its output. All values that lie in one another share the room of the
//! outermost, which lives as long as any of them.
//!
//! Nor has what is computed in place: an element-wise operator that is the last to read an input of its
//! output's shape writes over it, and touches one map less.

use super::{
    Layout,
    machine::{LINE, PAGE},
};
use crate::{Graph, Keep, Op, Value};
use profile::Shape;
use std::ops::Range;

/// Bytes: an eighth of what a way of a first-level cache holds.
const ALIASED: usize = PAGE / 8;

/// Places of all values of a graph in one arena.
pub(super) struct MemoryPlan {
    inputs: Vec<Place>,
    nodes: Vec<Place>,
    /// Elements of the arena.
    pub len: usize,
}

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its first element in the arena.
    pub offset: usize,
    /// How it lies there.
    pub layout: Layout,
}

/// One value to place: how long, and for which steps.
struct Item {
    len: usize,
    life: Range<usize>,
}

impl MemoryPlan {
    /// Plans all values of `graph`.
    pub fn new(graph: &Graph, keep: Keep) -> Self {
        let (shapes, live_ranges) = (graph.shapes(), graph.live_ranges(keep));
        let pitch = |i: usize| pitch(shapes[i], i < graph.inputs.len());
        let lens: Vec<usize> = (0..shapes.len()).map(|i| shapes[i].pixels() * pitch(i)).collect();
        let aliases = aliases(graph, &live_ranges);
        let items = items(&lens, &live_ranges, &aliases);
        let roots = (0..items.len()).filter(|&i| aliases[i].root == i);
        let mut order: Vec<usize> = roots.collect();
        order.sort_by_key(|&i| std::cmp::Reverse(items[i].len));
        let mut offsets = vec![0; items.len()];
        let mut placed: Vec<usize> = Vec::new();
        for i in order {
            offsets[i] = lowest_free(&items, &offsets, &placed, i);
            placed.push(i);
        }
        let len = placed.iter().map(|&i| offsets[i] + items[i].len).max().unwrap_or(0);
        let place = |(i, alias): (usize, &Alias)| {
            let (shape, room) = (shapes[i], shapes[alias.root]);
            let (pixel, own_gaps) = (pitch(alias.root), shape.c == room.c);
            let layout = Layout { shape, pixel, own_gaps };
            Place { offset: offsets[alias.root] + alias.channel, layout }
        };
        let mut inputs: Vec<Place> = aliases.iter().enumerate().map(place).collect();
        let nodes = inputs.split_off(graph.inputs.len());
        Self { inputs, nodes, len }
    }

    /// Where a value lies.
    pub fn place(&self, value: Value) -> Place {
        match value {
            Value::Input(i) => self.inputs[i],
            Value::Node(i) => self.nodes[i],
        }
    }
}

/// Elements from one pixel of a value of this shape to the next.
///
/// Windows of a convolution touch the same channels of many pixels. Where those lie a multiple of
/// [`ALIASED`] bytes apart they all fall into a few sets of a first-level cache, and push each other
/// out of it; a cache line between two pixels spreads them. An input stays as it is given.
fn pitch(shape: Shape, is_input: bool) -> usize {
    let aliased = shape.c > 0 && (shape.c * size_of::<f32>()).is_multiple_of(ALIASED);
    if !is_input && aliased && shape.area() > 1 { shape.c + LINE } else { shape.c }
}

/// The value in whose room another lies, and its first channel there.
#[derive(Clone, Copy)]
struct Alias {
    root: usize,
    channel: usize,
}

/// The aliases of all values, by [`Graph::index`]: themselves, but for views and what is done in place.
fn aliases(graph: &Graph, live_ranges: &[Range<usize>]) -> Vec<Alias> {
    let mut outer = views(graph);
    // What lies in another value, or has another lie in it, lives on in parts when it ends.
    let mut shared: Vec<bool> = outer.iter().map(Option::is_some).collect();
    outer.iter().flatten().for_each(|alias| shared[alias.root] = true);
    for (i, node) in graph.nodes.iter().enumerate().filter(|(_, node)| !node.view) {
        let output = graph.index(Value::of_node(i));
        let mut inputs = node.op.in_place().filter_map(|at| node.inputs.get(at));
        let over = inputs.find(|&&v| {
            let at = graph.index(v);
            let ends = live_ranges[at].end == live_ranges[output].start + 1;
            v.node().is_some() && ends && !shared[at] && graph.shape(v) == node.output
        });
        if let Some(over) = over.filter(|_| outer[output].is_none()) {
            outer[output] = Some(Alias { root: graph.index(*over), channel: 0 });
        }
    }
    let outermost = |i: usize| {
        let mut alias = Alias { root: i, channel: 0 };
        while let Some(next) = outer[alias.root] {
            alias = Alias { root: next.root, channel: alias.channel + next.channel };
        }
        alias
    };
    (0..outer.len()).map(outermost).collect()
}

/// For each value that a view makes lie in another, that one, and the first channel there.
fn views(graph: &Graph) -> Vec<Option<Alias>> {
    let mut outer: Vec<Option<Alias>> = vec![None; graph.inputs.len() + graph.nodes.len()];
    for (i, node) in graph.nodes.iter().enumerate().filter(|(_, node)| node.view) {
        let output = graph.index(Value::of_node(i));
        match &node.op {
            Op::ChannelSplit(part) => {
                let alias = Alias { root: graph.index(node.inputs[0]), channel: part.start };
                outer[output] = Some(alias);
            }
            Op::Concat(_) => {
                let mut channel = 0;
                for &input in &node.inputs {
                    outer[graph.index(input)] = Some(Alias { root: output, channel });
                    channel += graph.shape(input).c;
                }
            }
            op => unreachable!("{} is never a view", op.kind()),
        }
    }
    outer
}

/// Lengths and live ranges of all values, those of the values that lie in one included.
fn items(lens: &[usize], live_ranges: &[Range<usize>], aliases: &[Alias]) -> Vec<Item> {
    let item = |(len, life): (&usize, &Range<usize>)| Item {
        len: len.next_multiple_of(LINE),
        life: life.clone(),
    };
    let mut items: Vec<Item> = lens.iter().zip(live_ranges).map(item).collect();
    for (life, alias) in live_ranges.iter().zip(aliases) {
        let whole = &mut items[alias.root].life;
        *whole = whole.start.min(life.start)..whole.end.max(life.end);
    }
    items
}

/// The lowest offset at which item `i` meets none of the `placed` ones that live when it does.
fn lowest_free(items: &[Item], offsets: &[usize], placed: &[usize], i: usize) -> usize {
    let overlap = |j: &usize| {
        items[*j].life.start < items[i].life.end && items[i].life.start < items[*j].life.end
    };
    let mut taken: Vec<Range<usize>> = placed
        .iter()
        .copied()
        .filter(overlap)
        .map(|j| offsets[j]..offsets[j] + items[j].len)
        .collect();
    taken.sort_by_key(|r| r.start);
    let mut offset = 0;
    for range in taken {
        if offset + items[i].len <= range.start {
            break;
        }
        offset = offset.max(range.end);
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Binary, ChannelSplit, Concat, Conv2d, GraphBuilder, Unary, UnaryFn, Value,
        cpu::testing::{Dice, random},
    };
    use profile::Shape;

    /// A graph of one to three inputs and up to 20 nodes, each of which reads whatever came before.
    fn random_graph(dice: &mut Dice) -> Graph {
        let shape = dice.shape();
        let mut b = GraphBuilder::new("random", shape);
        let mut values = vec![Value::INPUT];
        values.extend((0..dice.within(0..=2)).map(|_| b.input(shape)));
        for i in 0..dice.within(1..=20) {
            let x = dice.pick(&values);
            let y = dice.pick(&values);
            let c = b.shape(x).c;
            let name = format!("node{i}");
            let value = match dice.within(0..=3) {
                0 => b.push(name, ChannelSplit { start: 0, len: c.div_ceil(2) }, &[x]),
                1 => b.push(name, Concat, &[x, y]),
                2 if b.shape(x) == b.shape(y) => b.push(name, Binary::ADD, &[x, y]),
                _ => b.push(name, Unary(UnaryFn::Relu), &[x]),
            };
            values.push(value.unwrap());
        }
        let outputs = (0..dice.within(1..=3)).map(|_| dice.pick(&values)).collect();
        b.finish_with(outputs)
    }

    /// Steps in which a value holds what is still needed: a step a node, and one before for the
    /// inputs, which stay for the next run.
    fn life(graph: &Graph, value: Value) -> Range<usize> {
        let step = |i: usize| i + 1;
        let first = value.node().map_or(0, step);
        let last = graph.nodes.iter().rposition(|n| n.inputs.contains(&value)).map_or(first, step);
        let stays = value.node().is_none() || graph.outputs.contains(&value);
        first..if stays { graph.nodes.len() + 2 } else { last + 1 }
    }

    /// Whether node `i` may write its output over `value`: as the last that reads it, place by place.
    fn over(graph: &Graph, i: usize, value: Value) -> bool {
        let node = &graph.nodes[i];
        let reads = node.op.in_place().any(|at| node.inputs.get(at) == Some(&value));
        reads && life(graph, value).end == i + 2 && graph.shape(value) == node.output
    }

    #[test]
    fn values_that_live_at_once_never_overlap_and_reuse_never_costs() {
        random(300, |dice| {
            let graph = random_graph(dice);
            let plan = MemoryPlan::new(&graph, Keep::Output);
            let each = MemoryPlan::new(&graph, Keep::Each);
            let all = MemoryPlan::new(&graph, Keep::Everything);
            assert!(plan.len <= all.len && each.len <= all.len, "{} and {}", plan.len, all.len);
            for (plan, keep) in
                [(&plan, Keep::Output), (&each, Keep::Each), (&all, Keep::Everything)]
            {
                let place = |value: Value| {
                    let Place { offset, layout } = plan.place(value);
                    offset..offset + layout.span()
                };
                let inputs = (0..graph.inputs.len()).map(Value::Input);
                let values: Vec<Value> =
                    inputs.chain((0..graph.nodes.len()).map(Value::of_node)).collect();
                for (at, &x) in values.iter().enumerate() {
                    assert!(place(x).end <= plan.len && place(x).start.is_multiple_of(LINE));
                    for &y in &values[..at] {
                        let (a, b) = (life(&graph, x), life(&graph, y));
                        let over = x.node().is_some_and(|i| over(&graph, i, y));
                        let at_once = keep == Keep::Everything
                            || (a.start < b.end && b.start < a.end && !over);
                        let (a, b) = (place(x), place(y));
                        let apart = a.end <= b.start || b.end <= a.start;
                        assert!(apart || !at_once, "{x:?} and {y:?} of {graph:?}");
                    }
                }
            }
        });
    }

    /// A chain of ten operators over 4×4 pixels of 16 channels.
    fn chain(op: impl Into<Op>) -> Graph {
        let op = op.into();
        let mut b = GraphBuilder::new("chain", Shape::new(1, 16, 4, 4));
        let mut x = Value::INPUT;
        for i in 0..10 {
            x = b.push(format!("node{i}"), op.clone(), &[x]).unwrap();
        }
        b.finish(x)
    }

    #[test]
    fn a_chain_needs_its_input_and_two_maps_or_one_in_place() {
        let len = |graph: &Graph, keep| MemoryPlan::new(graph, keep).len;
        let (apart, over) = (chain(Conv2d::new(16, 1)), chain(Unary(UnaryFn::Relu)));
        for keep in [Keep::Output, Keep::Each] {
            assert_eq!([len(&apart, keep), len(&over, keep)], [3 * 256, 2 * 256]);
        }
        assert_eq!(len(&over, Keep::Everything), 11 * 256);
    }

    #[test]
    fn gaps_are_the_whole_maps_and_not_its_parts() {
        let mut b = GraphBuilder::new("net", Shape::new(1, 16, 4, 4));
        let whole = b.push("whole", Conv2d::new(128, 1), &[Value::INPUT]).unwrap();
        let part = b.push("part", ChannelSplit { start: 64, len: 64 }, &[whole]).unwrap();
        let over = b.push("over", Unary(UnaryFn::Relu), &[whole]).unwrap();
        let mut graph = b.finish(over);
        let layout =
            |graph: &Graph, value| MemoryPlan::new(graph, Keep::Output).place(value).layout;
        assert_eq!(layout(&graph, part), Layout::dense(graph.shape(part)));
        graph.nodes[part.node().unwrap()].view = true;
        let [part, whole, over] = [part, whole, over].map(|value| layout(&graph, value));
        assert_eq!((part.pixel, part.own_gaps), (128 + LINE, false));
        assert_eq!((whole.pixel, whole.own_gaps), (128 + LINE, true));
        assert_eq!((over.pixel, over.own_gaps), (128 + LINE, true));
    }

    /// x is read by a ReLU, and then by an addition, which writes over it; a part of y lives on in a
    /// view, so that nothing may be written over y.
    #[test]
    fn what_is_read_again_or_lies_in_another_is_not_written_over() {
        let mut b = GraphBuilder::new("net", Shape::new(1, 16, 4, 4));
        let x = b.push("x", Conv2d::new(16, 1), &[Value::INPUT]).unwrap();
        let relu = b.push("relu", Unary(UnaryFn::Relu), &[x]).unwrap();
        let y = b.push("y", Binary::ADD, &[x, relu]).unwrap();
        let part = b.push("part", ChannelSplit { start: 0, len: 8 }, &[y]).unwrap();
        let z = b.push("z", Unary(UnaryFn::Relu), &[y]).unwrap();
        let end = b.push("end", Concat, &[z, part]).unwrap();
        let mut graph = b.finish(end);
        graph.nodes[part.node().unwrap()].view = true;
        let plan = MemoryPlan::new(&graph, Keep::Output);
        assert_eq!(plan.place(y), plan.place(x));
        for (a, b) in [(relu, x), (z, y), (x, Value::INPUT)] {
            assert_ne!(plan.place(a), plan.place(b), "{a:?} over {b:?}");
        }
    }
}
