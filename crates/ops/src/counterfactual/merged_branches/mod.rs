//! G3: the network with the branches of its blocks merged into one.
//!
//! Of each region between a fork and its join the branch with the most mult-adds stays, widened
//! inside until it alone does the mult-adds of all and makes the region's output; the other branches
//! and the join go. So the region keeps its mult-adds, the shapes at its ends, and the kinds of
//! operators of its main branch; it has fewer operators, none of which can run beside another.
//!
//! A branch that is one convolution has no inside. Where what it reads was made for the branches
//! alone (SqueezeNet's squeeze convolution before its expanding ones), that belongs to the region as
//! well, and its width is the one inside.

mod region;
mod widen;

use crate::{Graph, Node, Value};
use region::{Region, regions};
use widen::widened;

/// A network with merged branches.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The network.
    pub graph: Graph,
    /// Names of the nodes at which the merged regions ended.
    pub merged: Vec<String>,
    /// Names of those at which regions end that were left as they are, because no single branch of
    /// theirs is a chain that can do the mult-adds of all.
    pub left: Vec<String>,
}

/// The same network, every region of branches that can be merged merged, inner ones first.
pub fn merged_branches(graph: &Graph) -> Merged {
    let mut found = Merged { graph: graph.clone(), merged: Vec::new(), left: Vec::new() };
    loop {
        let name = |graph: &Graph, region: &Region| graph.nodes[region.join].name.clone();
        let open = regions(&found.graph).into_iter().find_map(|region| {
            let name = name(&found.graph, &region);
            (!found.left.contains(&name)).then_some((region, name))
        });
        let Some((region, name)) = open else { break };
        match merge(&found.graph, &region) {
            Some(graph) => {
                found.graph = graph;
                found.merged.push(name);
                // What holds the region may have become a chain.
                found.left.clear();
            }
            None => found.left.push(name),
        }
    }
    found.graph.name = format!("{} with merged branches", graph.name);
    found
}

/// `graph` with the branches of `region` merged, with what was made for them alone if need be.
fn merge(graph: &Graph, region: &Region) -> Option<Graph> {
    merge_with(graph, region).or_else(|| merge_with(graph, &region.with_stem(graph)?))
}

fn merge_with(graph: &Graph, region: &Region) -> Option<Graph> {
    let mul_adds = |branch: &Vec<usize>| -> u64 {
        branch.iter().map(|&i| graph.node_cost(&graph.nodes[i]).mul_adds).sum()
    };
    let heaviest = region.branches.iter().max_by_key(|branch| mul_adds(branch))?;
    let all = region.branches.iter().map(mul_adds).sum::<u64>() + mul_adds(&region.stem);
    let ends = (graph.shape(region.fork), graph.nodes[region.join].output);
    let chain = widened(graph, &[region.stem.as_slice(), heaviest].concat(), ends, all)?;
    Some(replaced(graph, region, &chain))
}

/// `graph` with `chain` in the place of `region`.
fn replaced(graph: &Graph, region: &Region, chain: &[Node]) -> Graph {
    graph.rewritten(|new, i, node| {
        if i == region.join {
            let fork = new.value(region.fork);
            let link = |at, link: &Node| new.push(Node { inputs: vec![at], ..link.clone() });
            chain.iter().fold(fork, link)
        } else if region.nodes().any(|inside| inside == i) {
            // Nobody reads it.
            Value::INPUT
        } else {
            new.push(node)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Binary, ChannelSplit, Concat, Conv2d, GraphBuilder, GraphError, Op, Pool2d, Unary, UnaryFn,
    };
    use profile::Shape;

    type Built = Result<Value, GraphError>;

    fn network(build: impl FnOnce(&mut GraphBuilder, Value) -> Built) -> Graph {
        let mut b = GraphBuilder::new("test", Shape::new(1, 3, 8, 8));
        let x = b.push("stem", Conv2d::new(32, 1), &[Value::INPUT]).expect("a stem");
        let output = build(&mut b, x).expect("a network");
        let output = b.push("head", Conv2d::new(8, 1), &[output]).expect("a head");
        b.finish(output)
    }

    fn convs(graph: &Graph) -> Vec<(&str, usize)> {
        let conv = |n: &Node| matches!(n.op, Op::Conv2d(_));
        graph.nodes.iter().filter(|n| conv(n)).map(|n| (n.name.as_str(), n.output.c)).collect()
    }

    #[test]
    fn two_pointwise_branches_become_one_with_the_very_mult_adds() {
        let graph = network(|b, x| {
            let left = b.push("left", Conv2d::new(24, 1), &[x])?;
            let right = b.push("right", Conv2d::new(40, 1), &[x])?;
            b.push("concat", Concat, &[left, right])
        });
        let found = merged_branches(&graph);
        assert_eq!((found.merged, found.left), (vec!["concat".to_owned()], vec![]));
        assert_eq!(convs(&found.graph), [("stem", 32), ("right", 64), ("head", 8)]);
        assert_eq!(found.graph.nodes.len(), 3);
        assert_eq!(found.graph.cost().mul_adds, graph.cost().mul_adds);
    }

    #[test]
    fn the_heaviest_branch_is_widened_inside() {
        let graph = network(|b, x| {
            let a = b.push("a1", Conv2d::new(16, 1), &[x])?;
            let a = b.push("a.relu", Unary(UnaryFn::Relu), &[a])?;
            let a = b.push("a2", Conv2d::new(32, 3).padding(1), &[a])?;
            let c = b.push("b1", Conv2d::new(32, 1), &[x])?;
            let p = b.push("pool", Pool2d::max(3, 1).padding(1), &[x])?;
            b.push("concat", Concat, &[a, c, p])
        });
        let found = merged_branches(&graph);
        // Per pixel 32·16 + 9·16·32 + 32·32 = 6144 = m·(32 + 9·96): m = 6.86, aligned to 8: 16.7 %
        // too much; 7 channels do 6272, 2.1 % more.
        assert_eq!(convs(&found.graph), [("stem", 32), ("a1", 7), ("a2", 96), ("head", 8)]);
        assert_eq!(found.graph.nodes.len(), 5);
    }

    #[test]
    fn a_split_goes_and_depthwise_follows() {
        let graph = network(|b, x| {
            let left = b.push("split.0", ChannelSplit { start: 0, len: 16 }, &[x])?;
            let right = b.push("split.1", ChannelSplit { start: 16, len: 16 }, &[x])?;
            let left = b.push("left", Conv2d::new(16, 1), &[left])?;
            let right = b.push("right1", Conv2d::new(64, 1), &[right])?;
            let right = b.push("right2", Conv2d::depthwise(64, 3), &[right])?;
            let right = b.push("right3", Conv2d::new(16, 1), &[right])?;
            b.push("concat", Concat, &[left, right])
        });
        let found = merged_branches(&graph);
        assert_eq!(found.merged.len(), 1);
        // 16·16 + 64·(16 + 9 + 16) = 2880 = m·(32 + 9 + 32): m = 39.5, a multiple of 8: 40.
        let expected = [("stem", 32), ("right1", 40), ("right2", 40), ("right3", 32), ("head", 8)];
        assert_eq!(convs(&found.graph), expected);
    }

    #[test]
    fn what_was_made_for_the_branches_alone_is_widened_with_them() {
        let graph = network(|b, x| {
            let s = b.push("squeeze", Conv2d::new(16, 1), &[x])?;
            let s = b.push("squeeze.relu", Unary(UnaryFn::Relu), &[s])?;
            let one = b.push("one", Conv2d::new(64, 1), &[s])?;
            let three = b.push("three", Conv2d::new(64, 3).padding(1), &[s])?;
            b.push("concat", Concat, &[one, three])
        });
        let found = merged_branches(&graph);
        assert_eq!((found.merged, found.left), (vec!["concat".to_owned()], vec![]));
        // 16·(32 + 64 + 9·64) = 10752 = m·(32 + 9·128): m = 9.08; 8 would do 12 % too little.
        let expected = [("stem", 32), ("squeeze", 9), ("three", 128), ("head", 8)];
        assert_eq!(convs(&found.graph), expected);
        assert_eq!(found.graph.nodes.len(), 5);
    }

    #[test]
    fn what_is_no_fragmentation_stays() {
        let shortcut = network(|b, x| {
            let y = b.push("conv", Conv2d::new(32, 3).padding(1), &[x])?;
            b.push("add", Binary::ADD, &[y, x])
        });
        let found = merged_branches(&shortcut);
        assert_eq!((found.graph.nodes, found.left.len()), (shortcut.nodes, 0));
    }

    #[test]
    fn what_cannot_be_merged_is_named() {
        let graph = network(|b, x| {
            let a = b.push("a", Conv2d::new(64, 3).padding(1), &[x])?;
            let p = b.push("pool", Pool2d::max(3, 1).padding(1), &[x])?;
            let c = b.push("concat", Concat, &[a, p])?;
            // Reads the stem, so that this was not made for the branches alone.
            b.push("dense", Concat, &[x, c])
        });
        let found = merged_branches(&graph);
        assert_eq!((found.graph.nodes, found.left), (graph.nodes, vec!["concat".to_owned()]));
    }

    #[test]
    fn inner_regions_go_first() {
        let graph = network(|b, x| {
            let a = b.push("a", Conv2d::new(32, 1), &[x])?;
            let a1 = b.push("a1", Conv2d::new(16, 1), &[a])?;
            let a2 = b.push("a2", Conv2d::new(16, 1), &[a])?;
            let a = b.push("inner", Concat, &[a1, a2])?;
            let c = b.push("c", Conv2d::new(32, 1), &[x])?;
            b.push("outer", Binary::ADD, &[a, c])
        });
        let found = merged_branches(&graph);
        assert_eq!(found.merged, ["inner", "outer"]);
        // 3 · 32·32 = m·(32 + 32): m = 48.
        assert_eq!(convs(&found.graph), [("stem", 32), ("a", 48), ("a2", 32), ("head", 8)]);
    }
}
