//! Where every activation lies in the arena.
//!
//! A value lives from the step that makes it to the last that reads it. Two values may share
//! memory where their lives do not overlap; the largest are placed first, each at the lowest offset
//! that is free for its whole life (greedy by size: Pisarchyk and Lee 2020, arXiv 2001.03288).
//!
//! A view has no memory of its own: the output of a split lies in its input, the inputs of a
//! concatenation lie in its output. All values that lie in one another share the room of the
//! outermost, which lives as long as any of them.

use super::{LINE, Layout};
use crate::{Graph, Op, Value, session::Keep};
use profile::Shape;
use std::ops::Range;

/// Bytes: an eighth of what a way of a first-level cache holds (4 KiB, nearly everywhere).
const ALIASED: usize = 512;

/// Places of all values of a graph in one arena.
pub(super) struct Plan {
    /// By [`Value::index`].
    places: Vec<Place>,
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

impl Plan {
    /// Plans all values of `graph`.
    pub fn new(graph: &Graph, keep: Keep) -> Self {
        let homes = homes(graph);
        let items = items(graph, keep, &homes);
        let roots = (0..items.len()).filter(|&i| homes[i].root == i);
        let mut order: Vec<usize> = roots.collect();
        order.sort_by_key(|&i| std::cmp::Reverse(items[i].len));
        let mut offsets = vec![0; items.len()];
        let mut placed: Vec<usize> = Vec::new();
        for i in order {
            offsets[i] = lowest_free(&items, &offsets, &placed, i);
            placed.push(i);
        }
        let len = placed.iter().map(|&i| offsets[i] + items[i].len).max().unwrap_or(0);
        let place = |(i, home): (usize, &Home)| Place {
            offset: offsets[home.root] + home.channel,
            layout: Layout { shape: shape(graph, i), pixel: pitch(graph, home.root) },
        };
        Self { places: homes.iter().enumerate().map(place).collect(), len }
    }

    /// Where a value lies.
    pub fn place(&self, value: Value) -> Place {
        self.places[value.index()]
    }
}

/// The shape of value `i`.
fn shape(graph: &Graph, i: usize) -> Shape {
    i.checked_sub(1).map_or(graph.input, |node| graph.nodes[node].output)
}

/// Elements from one pixel of value `i` to the next.
///
/// Windows of a convolution touch the same channels of many pixels. Where those lie a multiple of
/// [`ALIASED`] bytes apart they all fall into a few sets of a first-level cache, and push each other
/// out of it; a cache line between two pixels spreads them. The input stays as it is given.
fn pitch(graph: &Graph, i: usize) -> usize {
    let shape = shape(graph, i);
    let aliased = shape.c > 0 && (shape.c * size_of::<f32>()).is_multiple_of(ALIASED);
    if i > 0 && aliased && shape.area() > 1 { shape.c + LINE } else { shape.c }
}

/// The value in whose room another lies, and its first channel there.
#[derive(Clone, Copy)]
struct Home {
    root: usize,
    channel: usize,
}

/// The homes of all values, by [`Value::index`]: themselves, but for views.
fn homes(graph: &Graph) -> Vec<Home> {
    let mut outer: Vec<Option<Home>> = vec![None; graph.nodes.len() + 1];
    for (i, node) in graph.nodes.iter().enumerate().filter(|(_, node)| node.view) {
        match &node.op {
            Op::ChannelSplit(part) => {
                let home = Home { root: node.inputs[0].index(), channel: part.start };
                outer[Value::of_node(i).index()] = Some(home);
            }
            Op::Concat(_) => {
                let mut channel = 0;
                for &input in &node.inputs {
                    let root = Value::of_node(i).index();
                    outer[input.index()] = Some(Home { root, channel });
                    channel += graph.shape(input).c;
                }
            }
            op => unreachable!("{} is never a view", op.kind()),
        }
    }
    let outermost = |i: usize| {
        let mut home = Home { root: i, channel: 0 };
        while let Some(next) = outer[home.root] {
            home = Home { root: next.root, channel: home.channel + next.channel };
        }
        home
    };
    (0..outer.len()).map(outermost).collect()
}

/// Lengths and lives of all values, those of the values that lie in one included.
fn items(graph: &Graph, keep: Keep, homes: &[Home]) -> Vec<Item> {
    let lives = graph.lives(keep);
    let len = |i| (shape(graph, i).pixels() * pitch(graph, i)).next_multiple_of(LINE);
    let mut items: Vec<Item> = lives
        .iter()
        .enumerate()
        .map(|(i, life)| Item { len: len(i), life: life.clone() })
        .collect();
    for (life, home) in lives.iter().zip(homes) {
        let whole = &mut items[home.root].life;
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
        Binary, ChannelSplit, Concat, GraphBuilder, Unary, UnaryFn, Value,
        cpu::testing::{Dice, random},
    };
    use profile::Shape;

    /// A graph of up to 20 nodes, each of which reads whatever came before.
    fn random_graph(dice: &mut Dice) -> Graph {
        let mut b = GraphBuilder::new("random", dice.shape());
        let mut values = vec![Value::INPUT];
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
        let output = dice.pick(&values);
        b.finish(output)
    }

    /// Steps in which a value holds what is still needed: a step a node, and one before for the
    /// input, which stays for the next run.
    fn life(graph: &Graph, value: usize) -> Range<usize> {
        let after = graph.nodes.len() + 1;
        let reads = |n: &crate::Node| n.inputs.iter().any(|v| v.index() == value);
        let last = graph.nodes.iter().rposition(reads).map_or(value, |node| node + 1);
        let stays = value == 0 || graph.output.index() == value;
        value..if stays { after + 1 } else { last + 1 }
    }

    #[test]
    fn values_that_live_at_once_never_overlap_and_reuse_never_costs() {
        random(300, |dice| {
            let graph = random_graph(dice);
            let plan = Plan::new(&graph, Keep::Output);
            let each = Plan::new(&graph, Keep::Each);
            let all = Plan::new(&graph, Keep::Everything);
            assert!(plan.len <= all.len && each.len <= all.len, "{} and {}", plan.len, all.len);
            for (plan, keep) in
                [(&plan, Keep::Output), (&each, Keep::Each), (&all, Keep::Everything)]
            {
                let place = |i: usize| {
                    let Place { offset, layout } = plan.places[i];
                    offset..offset + layout.span()
                };
                for i in 0..=graph.nodes.len() {
                    assert!(place(i).end <= plan.len && place(i).start.is_multiple_of(LINE));
                    for j in 0..i {
                        let (a, b) = (life(&graph, i), life(&graph, j));
                        // A step more, in which somebody looks.
                        let more = usize::from(keep == Keep::Each);
                        let at_once = keep == Keep::Everything
                            || (a.start < b.end + more && b.start < a.end + more);
                        let (a, b) = (place(i), place(j));
                        let apart = a.end <= b.start || b.end <= a.start;
                        assert!(apart || !at_once, "values {i} and {j} of {graph:?}");
                    }
                }
            }
        });
    }

    #[test]
    fn a_chain_needs_its_input_and_two_maps() {
        let mut b = GraphBuilder::new("chain", Shape::new(1, 16, 4, 4));
        let mut x = Value::INPUT;
        for i in 0..10 {
            x = b.push(format!("relu{i}"), Unary(UnaryFn::Relu), &[x]).unwrap();
        }
        let graph = b.finish(x);
        assert_eq!(Plan::new(&graph, Keep::Output).len, 3 * 256);
        assert_eq!(Plan::new(&graph, Keep::Everything).len, 11 * 256);
    }
}
