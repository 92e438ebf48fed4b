//! Activations of the deepest network of each family, run on the CPU with drawn weights: finite and
//! of a moderate size at every node, nowhere all zero, nowhere denormal. Times, and comparisons
//! with a reference, mean nothing otherwise.

use ops::{
    Keep, Session, Tensor,
    cpu::{CpuOptions, CpuSession},
    input_tensor,
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

#[test]
fn activations_stay_in_range_through_the_deepest_networks() {
    for (model, size) in MODELS {
        let options = zoo::Options { input: Some((size, size)), batch: 1 };
        let graph = zoo::build(model, options).unwrap().at(Level::Folded);
        let options = CpuOptions { keep: Keep::Everything, ..CpuOptions::default() };
        let mut session = CpuSession::prepare(&graph, options);
        session.set_input(&input_tensor(0, graph.input)).unwrap();
        session.run().unwrap();
        for (i, node) in graph.nodes.iter().enumerate() {
            if let Some(what) = out_of_range(&session.fetch(i).unwrap()) {
                panic!("{model}: node `{}` ({}) {what}", node.name, node.op.kind());
            }
        }
    }
}

fn out_of_range(output: &Tensor) -> Option<String> {
    let values = output.data();
    let largest = output.max_abs();
    if let Some(x) = values.iter().find(|x| !x.is_finite() || x.is_subnormal()) {
        return Some(format!("makes {x:e}"));
    }
    if !(1e-4..1e6).contains(&largest) {
        return Some(format!("has {largest:e} as its largest value"));
    }
    None
}
