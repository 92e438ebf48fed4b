//! Where every activation lies in the arena.
//!
//! A value lives from the step that makes it to the last that reads it. Two values may share
//! memory where their lives do not overlap; the largest are placed first, each at the lowest offset
//! that is free for its whole life (greedy by size: Pisarchyk and Lee 2020, arXiv 2001.03288).

use crate::{Graph, session::Keep};
use std::ops::Range;

/// Elements to a cache line: every value starts on one.
const LINE: usize = 16;

/// Offsets, in elements, of all values of a graph in one arena.
pub(super) struct Plan {
    /// By [`Value::index`](crate::Value::index).
    pub offsets: Vec<usize>,
    /// Elements of the arena.
    pub len: usize,
}

/// One value to place: how long, and for which steps.
struct Item {
    len: usize,
    life: Range<usize>,
}

impl Plan {
    /// Plans all values of `graph`.
    pub fn new(graph: &Graph, keep: Keep) -> Self {
        let items = items(graph, keep);
        let mut order: Vec<usize> = (0..items.len()).collect();
        order.sort_by_key(|&i| std::cmp::Reverse(items[i].len));
        let mut offsets = vec![0; items.len()];
        let mut placed: Vec<usize> = Vec::new();
        for i in order {
            offsets[i] = lowest_free(&items, &offsets, &placed, i);
            placed.push(i);
        }
        let len = (0..items.len()).map(|i| offsets[i] + items[i].len).max().unwrap_or(0);
        Self { offsets, len }
    }
}

/// Lengths and lives of all values.
fn items(graph: &Graph, keep: Keep) -> Vec<Item> {
    std::iter::once(graph.input)
        .chain(graph.nodes.iter().map(|n| n.output))
        .zip(graph.lives(keep))
        .map(|(shape, life)| Item { len: shape.elements().next_multiple_of(LINE), life })
        .collect()
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
