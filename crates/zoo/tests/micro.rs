//! The guideline experiments' networks against the mult-adds and memory access that the paper's
//! formulas give (equations 1 and 2), at the channels of its tables.

use ops::Graph;
use zoo::micro::{Arrangement, Block, Stack};

fn build(block: Block) -> Graph {
    Stack { block, blocks: 10, size: (56, 56), batch: 1 }.build().expect("a network")
}

fn convs(graph: &Graph) -> usize {
    graph.nodes.iter().filter(|n| n.op.kind() == "conv2d").count()
}

/// hw(c1 + c2) + c1·c2/g.
fn access(c1: u64, c2: u64, groups: u64) -> u64 {
    56 * 56 * (c1 + c2) + c1 * c2 / groups
}

#[test]
fn pairs_follow_equation_1() {
    for (c1, c2, mul_adds, elements) in [
        (128, 128, 51_380_224, 819_200),
        (90, 180, 50_803_200, 862_920),
        (52, 312, 50_878_464, 1_157_728),
        (36, 432, 48_771_072, 1_483_200),
    ] {
        let graph = build(Block::Pair { c1, c2 });
        let cost = graph.cost();
        assert_eq!(convs(&graph), 20);
        assert_eq!((cost.mul_adds, cost.access.elements()), (20 * mul_adds, 20 * elements));
        assert_eq!(access(c1 as u64, c2 as u64, 1), elements);
    }
}

#[test]
fn groups_follow_equation_2() {
    for (channels, groups, mul_adds, elements) in [
        (128, 1, 51_380_224, 819_200),
        (180, 2, 50_803_200, 1_145_160),
        (256, 4, 51_380_224, 1_622_016),
        (360, 8, 50_803_200, 2_274_120),
    ] {
        let graph = build(Block::Grouped { channels, groups });
        let cost = graph.cost();
        assert_eq!(convs(&graph), 10);
        assert_eq!((cost.mul_adds, cost.access.elements()), (10 * mul_adds, 10 * elements));
        assert_eq!(access(channels as u64, channels as u64, groups as u64), elements);
    }
}

#[test]
fn fragments_keep_mult_adds_when_channels_shrink_with_their_root() {
    let block =
        |channels, fragments, arrangement| Block::Fragments { channels, fragments, arrangement };
    let whole = build(block(128, 1, Arrangement::Series));
    for arrangement in [Arrangement::Series, Arrangement::Parallel] {
        let four = build(block(64, 4, arrangement));
        assert_eq!(four.cost().mul_adds, whole.cost().mul_adds);
        assert_eq!(convs(&four), 40);
        let adds = four.nodes.len() - convs(&four);
        assert_eq!(adds, if arrangement == Arrangement::Parallel { 30 } else { 0 });
    }
}

#[test]
fn bottlenecks_lose_what_is_switched_off() {
    let block = |relu, shortcut, depthwise| {
        build(Block::Bottleneck { outer: 128, inner: 32, relu, shortcut, depthwise })
    };
    let full = block(true, true, false);
    assert_eq!(full.nodes.len(), 10 * 7);
    assert_eq!(full.cost().mul_adds, 10 * 56 * 56 * (2 * 128 * 32 + 9 * 32 * 32));
    for (graph, nodes) in [
        (block(true, false, false), 60),
        (block(false, true, false), 40),
        (block(false, false, false), 30),
    ] {
        assert_eq!(graph.nodes.len(), nodes);
        assert_eq!(graph.cost().mul_adds, full.cost().mul_adds);
    }
    let depthwise = block(true, true, true);
    assert_eq!(depthwise.cost().mul_adds, 10 * 56 * 56 * (2 * 128 * 32 + 9 * 32));
}

#[test]
fn groups_that_do_not_divide_name_the_node() {
    let block = Block::Grouped { channels: 180, groups: 8 };
    let stack = Stack { block, blocks: 10, size: (56, 56), batch: 1 };
    let error = stack.build().map(|g| g.name).expect_err("22.5 channels a group").to_string();
    assert!(error.contains("g2(channels=180,groups=8,blocks=10,size=56x56)"), "{error}");
    assert!(error.contains("block0.conv"), "{error}");
}
