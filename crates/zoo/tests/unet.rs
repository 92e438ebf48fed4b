//! What a U-Net's skip connections cost, against sums done by hand from the paper's figure 1.

use profile::Level;
use zoo::Options;

/// Elements that the node called `name` touches.
fn touched(graph: &ops::Graph, name: &str) -> u64 {
    let node = graph.nodes.iter().find(|n| n.name == name).expect(name);
    graph.node_cost(node).access.elements()
}

/// Both halves are read and written once: four times the encoder's map.
#[test]
fn a_skip_connection_is_read_and_written_with_what_it_joins() {
    let options = Options { input: Some((64, 48)), batch: 2 };
    let raw = zoo::build("unet", options).expect("it is of the zoo");
    for level in [Level::Raw, Level::Folded] {
        let graph = raw.at(level);
        for (name, map) in [
            ("up0.concat", 2 * 64 * 64 * 48),
            ("up1.concat", 2 * 128 * 32 * 24),
            ("up2.concat", 2 * 256 * 16 * 12),
            ("up3.concat", 2 * 512 * 8 * 6),
        ] {
            assert_eq!(touched(&graph, name), 4 * map, "{level} {name}");
        }
    }
}

/// The paper's crops: of 64² pixels 56² are kept, of 136² 104², of 280² 200², of 568² 392². What is
/// cut off is not read.
#[test]
fn a_crop_touches_what_it_keeps() {
    let graph = zoo::build("unet_2015", Options::default()).expect("it is of the zoo");
    for (name, kept) in [
        ("up3.crop", 512 * 56 * 56),
        ("up2.crop", 256 * 104 * 104),
        ("up1.crop", 128 * 200 * 200),
        ("up0.crop", 64 * 392 * 392),
    ] {
        assert_eq!(touched(&graph, name), 2 * kept, "{name}");
    }
}

/// An odd line is lost where a map is halved, and zeros take its place: 75 becomes 37, then 74.
#[test]
fn any_size_comes_back_from_a_padded_network() {
    let options = Options { input: Some((75, 50)), batch: 1 };
    for model in ["unet", "unet_bilinear"] {
        let graph = zoo::build(model, options).expect(model);
        let output = graph.shape(graph.outputs[0]);
        assert_eq!((output.c, output.h, output.w), (2, 75, 50), "{model}");
        assert_eq!(touched(&graph, "up0.pad"), 64 * 50 * (74 + 75), "{model}");
    }
}
