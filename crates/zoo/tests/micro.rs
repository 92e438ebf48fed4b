//! The guideline experiments' networks against the mult-adds and memory access that the paper's
//! formulas give (equations 1 and 2), at the channels of its tables.

use ops::Graph;
use zoo::{
    Options,
    micro::{Arrangement, Block, Stack},
};

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

#[test]
fn a_network_is_found_again_under_its_name() {
    for block in [
        Block::Pair { c1: 36, c2: 432 },
        Block::Grouped { channels: 360, groups: 8 },
        Block::Fragments { channels: 64, fragments: 4, arrangement: Arrangement::Series },
        Block::Fragments { channels: 64, fragments: 4, arrangement: Arrangement::Parallel },
        Block::Bottleneck { outer: 8, inner: 4, relu: false, shortcut: true, depthwise: true },
    ] {
        let stack = Stack { block, blocks: 3, size: (28, 14), batch: 1 };
        assert_eq!(Stack::named(&stack.to_string()).expect("a name"), Some(stack));
        let asked = Options { batch: 2, input: Some((7, 8)) };
        let graph = zoo::build(&stack.to_string(), asked).expect("a network");
        assert_eq!(graph, Stack { size: (7, 8), batch: 2, ..stack }.build().expect("a network"));
    }
    let short = Stack::named(" g3( parallel, fragments=2, channels=8 )").expect("a name");
    assert_eq!(
        short.expect("a guideline's").to_string(),
        "g3(channels=8,fragments=2,parallel,blocks=10,size=56x56)"
    );
    let long = "g3(arrangement=parallel,fragments=2,channels=8)";
    assert_eq!(Stack::named(long).expect("a name"), short);
    assert_eq!(Stack::named("resnet50").expect("no guideline's"), None);
}

#[test]
fn bad_names_say_what_was_expected() {
    for (spec, parts) in [
        ("g1(c1=8)", ["`c2` is missing", "a whole number from 1 to 65536"]),
        ("g1(c1=0,c2=8)", ["`c1` is 0", "a whole number"]),
        ("g2(channels=8,groups=2,size=56)", ["`size` is 56", "56x56"]),
        ("g2(channels=8,groups=2,width=1)", ["no parameter `width`", "channels, groups, blocks"]),
        ("g3(channels=8,fragments=2)", ["`arrangement` is missing", "one of series, parallel"]),
        ("g3(channels=8,fragments=2,series,parallel)", ["g3: ", "`arrangement` stands twice"]),
        ("g3(channels=8,fragments=2,diagonal)", ["no parameter `diagonal`", "arrangement, blocks"]),
        ("g1(c1=8,c1=9,c2=8)", ["g1: ", "`c1` stands twice"]),
        ("g4(outer=8,inner=8,relu=yes)", ["`relu` is yes", "true or false"]),
        ("g2(channels=9,groups=2)", ["block0.conv", "groups=2"]),
        ("g1(c1=8,c2=8", ["does not end in `)`", "name(parameter=value"]),
    ] {
        let message = zoo::build(spec, Options::default()).expect_err(spec).to_string();
        assert!(parts.iter().all(|part| message.contains(part)), "{spec}: {message}");
    }
    let batch = Options { batch: 0, input: None };
    let message = zoo::build("g1(c1=8,c2=8)", batch).expect_err("no images").to_string();
    assert!(message.contains("batch is 0"), "{message}");
}
