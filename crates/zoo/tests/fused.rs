//! Every family fused: the same outputs as folded, within rounding, and less memory access.

use ops::{
    Graph, Keep, Session, Tensor,
    cpu::{CpuOptions, CpuSession},
    input_tensor,
    verify::verify,
};
use profile::Level;

/// A model, and the height and width of a small input that it takes.
const MODELS: [(&str, usize); 33] = [
    ("lenet5", 32),
    ("alexnet", 224),
    ("zfnet", 96),
    ("googlenet", 96),
    ("googlenet_2014", 96),
    ("bn_inception", 96),
    ("inception_v3", 107),
    ("inception_v4", 107),
    ("inception_resnet_v1", 107),
    ("inception_resnet_v2", 107),
    ("highway19_cifar10", 32),
    ("highway10_mnist", 28),
    ("resnet152", 64),
    ("resnet110_cifar10", 32),
    ("resnet(depth=1001,dataset=cifar10,bottleneck=true)", 8),
    ("wrn40_8_cifar10", 16),
    ("resnext101_32x4d", 64),
    ("densenet201", 64),
    ("pyramidnet272_a200_bn_cifar10", 16),
    ("pyramidnet101_a360", 64),
    ("xception", 96),
    ("xception71", 64),
    ("seresnet152", 64),
    ("senet154", 64),
    ("cbam_resnet50", 64),
    ("squeezenet1_1", 64),
    ("mobilenet_v1", 64),
    ("mobilenet_v2", 64),
    ("mobilenet_v3_large", 64),
    ("mnasnet1_0", 64),
    ("efficientnet_b4", 64),
    ("shufflenet_v1_g8", 64),
    ("shufflenet_v2_se_residual", 64),
];

fn raw(model: &str, size: usize) -> Graph {
    let options = zoo::Options { input: Some((size, size)), batch: 1 };
    zoo::build(model, options).expect("a model of the table builds")
}

fn output(graph: &Graph) -> Tensor {
    let mut session = CpuSession::prepare(graph, CpuOptions::default());
    session.set_input(&input_tensor(0, graph.input)).expect("the input fits");
    session.run().expect("a processor is not lost");
    session.fetch(graph.output.node().expect("a network has nodes")).expect("as above")
}

#[test]
fn every_family_makes_the_same_when_it_is_fused() {
    for (model, size) in MODELS {
        let raw = raw(model, size);
        let [folded, fused] = [Level::Folded, Level::Fused].map(|level| raw.at(level));
        let (before, after) = (folded.cost(), fused.cost());
        assert_eq!((before.params, before.flops), (after.params, after.flops), "{model}");
        assert!(after.access.elements() < before.access.elements(), "{model}");
        let [a, b] = [&folded, &fused].map(output);
        let difference =
            a.data().iter().zip(b.data()).fold(0.0f64, |m, (x, y)| m.max(f64::from(x - y).abs()));
        let scale = f64::from(a.max_abs());
        assert!(difference <= 1e-4 * scale, "{model}: {difference:e} of {scale:e}");
    }
}

#[test]
fn fused_nodes_are_verified_against_the_reference() {
    let models = ["shufflenet_v2", "shufflenet_v2_x1_0", "shufflenet_v1(groups=3)", "mobilenet_v2"];
    for model in models.into_iter().chain(["mobilenet_v3_large", "resnet18", "densenet121"]) {
        let fused = raw(model, 64).at(Level::Fused);
        let options = CpuOptions { keep: Keep::Everything, ..CpuOptions::default() };
        let mut session = CpuSession::prepare(&fused, options);
        let verified = verify(&mut session, &input_tensor(0, fused.input), 0).expect("it runs");
        assert!(verified.passed(), "{model}: {verified:?}");
    }
}
