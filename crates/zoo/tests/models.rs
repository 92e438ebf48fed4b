//! Models by name: every preset builds, names are canonical, whatever is asked for that makes no
//! network is an error that says why.

use proptest::prelude::*;
use std::collections::HashSet;
use zoo::{FAMILIES, Family, Kind, Model, Options, micro::GUIDES};

#[test]
fn every_family_and_preset_builds_at_its_own_input() {
    let mut names = HashSet::new();
    for family in FAMILIES {
        assert!(!family.presets.is_empty(), "{}", family.name);
        let presets = family.presets.iter().map(|p| p.name);
        for name in presets.chain([family.name]) {
            let graph = zoo::build(name, Options::default()).unwrap();
            assert_eq!(graph.name, name);
            let output = graph.shape(graph.outputs[0]);
            let size = match (family.name, name) {
                (_, "unet_2015") => (388, 388),
                ("unet" | "deeplab_v3", _) => (graph.inputs[0].h, graph.inputs[0].w),
                _ => (1, 1),
            };
            assert_eq!((output.n, output.h, output.w), (1, size.0, size.1), "{name}");
            assert!(names.insert(name) || name == family.name, "two presets are called {name}");
        }
    }
}

#[test]
fn models_are_distinct() {
    let models = zoo::models();
    let named = |m: &Model| format!("{} {}", m.family().name, m.arguments());
    let distinct: HashSet<String> = models.iter().map(named).collect();
    assert_eq!(models.len(), distinct.len());
    assert!(models.iter().any(|m| m.name() == "mobilenet_v2"));
    assert!(models.iter().all(|m| m.name() != "mobilenetv2_100"), "the same as mobilenet_v2");
}

#[test]
fn names_are_canonical() {
    for (asked, name) in [
        ("resnet50", "resnet50"),
        (" shufflenet_v1 ( groups = 3 ) ", "shufflenet_v1(groups=3)"),
        ("shufflenet_v1(width=1.50,groups=8)", "shufflenet_v1(groups=8,width=1.5)"),
        ("mobilenet_v2(width=1.0)", "mobilenet_v2(width=1)"),
        ("vgg()", "vgg"),
    ] {
        let model = Model::parse(asked).unwrap();
        assert_eq!(model.name(), name);
        assert_eq!(Model::parse(name).unwrap().name(), name);
    }
}

/// So no two of them are alike: whatever is asked for stands for one network.
#[test]
fn every_name_is_found_however_it_is_written() {
    for name in zoo::names() {
        let without = name.replace('_', "");
        for asked in [name.to_uppercase(), name.replace('_', "-"), without] {
            assert_eq!(Model::parse(&asked).unwrap().name(), name, "{asked}");
        }
    }
    let model = Model::parse("ShuffleNet-V1(groups=3)").unwrap();
    assert_eq!(model.name(), "shufflenet_v1(groups=3)");
    assert_eq!(zoo::build("ResNet50", Options::default()).unwrap().name, "resnet50");
    let block = zoo::build("G1(c1=8,c2=8)", Options::default()).unwrap();
    assert_eq!(block.name, "g1(c1=8,c2=8,blocks=10,size=56x56)");
    assert!(zoo::names().iter().all(|name| !GUIDES.iter().any(|g| g.name == *name)));
}

#[test]
fn batch_and_input_are_the_callers() {
    let options = Options { input: Some((64, 96)), batch: 3 };
    let graph = zoo::build("mobilenet_v2(classes=7)", options).unwrap();
    assert_eq!(graph.inputs, [profile::Shape::new(3, 3, 64, 96)]);
    assert_eq!(graph.shape(graph.outputs[0]), profile::Shape::features(3, 7));
}

#[test]
fn adaptive_classifiers_keep_their_parameters_at_any_input() {
    for (model, params) in [("vgg16", 138_357_544), ("alexnet", 61_100_840)] {
        for size in [64, 160, 224, 300, 448] {
            let options = Options { input: Some((size, size + 32)), batch: 1 };
            let cost = zoo::build(model, options).unwrap().cost();
            assert_eq!(cost.params, params, "{model} at {size}");
        }
    }
}

#[test]
fn bad_requests_say_what_is_wrong() {
    let own = Options::default();
    let sized = |h, w| Options { input: Some((h, w)), batch: 1 };
    let cases: &[(&str, Options, &[&str])] = &[
        ("shuflenet_v2", own, &["no model `shuflenet_v2`", "shufflenet_v2"]),
        ("", own, &["is empty"]),
        ("resnet50(", own, &["does not end in `)`"]),
        ("resnet50(depth)", own, &["parameter without `=`"]),
        ("resnet50(dept=18)", own, &["resnet takes no parameter `dept`", "depth, version"]),
        ("mobilenet_v2(classes=5, classes=6)", own, &["mobilenet_v2", "`classes` stands twice"]),
        ("shufflenet_v1(groups=5)", own, &["shufflenet_v1", "`groups` is 5", "1, 2, 3, 4, 8"]),
        ("mobilenet_v2(width=1e9)", own, &["`width` is 1e9", "from 0.001 to 64"]),
        ("mobilenet_v2(width=NaN)", own, &["`width` is NaN"]),
        ("mobilenet_v2(width=-1)", own, &["`width` is -1"]),
        ("densenet121(depth=0)", own, &["`depth` is 0"]),
        ("resnet(depth=51)", own, &["resnet: parameter `depth` is 51", "18, 34, 50"]),
        ("pyramidnet(depth=111,dataset=cifar10)", own, &["`depth` is 111", "6·n + 2"]),
        ("mobilenet_v1(width=0.01)", own, &["width=0.01", "node `conv1`", "0 output channels"]),
        ("shufflenet_v2(width=0.001)", own, &["width=0.001", "node `stage2.0", "0 output"]),
        ("alexnet(groups=7)", own, &["groups=7", "node `conv2`", "7 groups, which do not divide"]),
        ("inception_v3", sized(40, 40), &["inception_v3", "node `", "larger input"]),
        ("vgg16", sized(20, 20), &["vgg16", "node `pool5`", "larger input"]),
        ("resnet50", Options { batch: 0, ..own }, &["resnet50: batch is 0", "1 to"]),
        ("resnet50", sized(0, 224), &["input height is 0"]),
        (
            "resnet50",
            Options { batch: 9, ..sized(65_536, 65_536) },
            &["node `conv1`", "the limit is"],
        ),
    ];
    for (spec, options, expected) in cases {
        let built = zoo::build(spec, *options).map(|graph| graph.name);
        let error = built.expect_err(spec).to_string();
        for part in *expected {
            assert!(error.contains(part), "{spec}: `{part}` is not in: {error}");
        }
    }
}

/// Values that some parameter takes and some that none does.
const VALUES: [&str; 22] = [
    "0", "1", "2", "3", "5", "7", "8", "16", "50", "100", "1000", "4096", "0.001", "0.33", "1.7",
    "1e9", "-1", "NaN", "inf", "true", "false", "",
];

/// A specification of `family`: each parameter left alone, one of [`VALUES`], or one of its own.
fn specification(family: &'static Family) -> impl Strategy<Value = String> {
    let value = |kind: Kind| {
        let own: Vec<String> = match kind {
            Kind::Whole { min, max } => vec![min.to_string(), max.to_string()],
            Kind::WholeOf { values } => values.iter().map(usize::to_string).collect(),
            Kind::Real { min, max } => vec![min.to_string(), max.to_string()],
            Kind::Flag => vec!["true".to_owned()],
            Kind::Word { values } => values.iter().map(|w| (*w).to_owned()).collect(),
            Kind::Size { max } => vec!["1x1".to_owned(), format!("{max}x{max}")],
        };
        prop::option::of(prop_oneof![
            1 => prop::sample::select(&VALUES[..]).prop_map(str::to_owned),
            3 => prop::sample::select(own),
        ])
    };
    let values: Vec<_> = family.parameters.iter().map(|p| value(p.kind)).collect();
    values.prop_map(|values| {
        let given = family.parameters.iter().zip(values);
        let pairs: Vec<String> =
            given.filter_map(|(p, v)| Some(format!("{}={}", p.name, v?))).collect();
        format!("{}({})", family.name, pairs.join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// Nothing panics, and what is built can be costed at every level.
    #[test]
    fn any_parameters_make_a_network_or_an_error(
        spec in prop::sample::select(FAMILIES).prop_flat_map(specification),
        h in prop::sample::select(&[0_usize, 1, 7, 32, 64, 224, 299, 2048, 65_536, usize::MAX][..]),
        w in prop::sample::select(&[1_usize, 31, 32, 224, 300, 65_536][..]),
        batch in prop::sample::select(&[0_usize, 1, 2, 64, 65_536, usize::MAX][..]),
    ) {
        match zoo::build(&spec, Options { input: Some((h, w)), batch }) {
            Ok(graph) => {
                let cost = graph.cost();
                prop_assert!(cost.params > 0 && cost.mul_adds > 0);
                let folded = graph.at(profile::Level::Folded).cost();
                prop_assert_eq!((folded.params, folded.mul_adds), (cost.params, cost.mul_adds));
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}

#[test]
fn a_network_is_as_old_as_its_family() {
    let year = zoo::year;
    assert_eq!([year("lenet5"), year("shufflenet_v2(width=1.5)")], [Some(1998), Some(2018)]);
    assert_eq!([year("resnet50@0a1b2c3d"), year("g1(c1=128,c2=128)"), year("")], [None; 3]);
}
