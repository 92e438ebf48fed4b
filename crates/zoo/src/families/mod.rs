//! The architectures: a file a family, a line a family.

/// Declares the families, in the order in which `probe list` shows them.
macro_rules! families {
    ($($family:ident,)*) => {
        $(mod $family;)*

        /// Every family of the zoo, oldest idea first.
        pub static FAMILIES: &[&crate::Family] = &[$(&$family::FAMILY,)*];
    };
}

families! {
    lenet,
    alexnet,
    zfnet,
    vgg,
    googlenet,
    bn_inception,
    inception_v3,
    inception_v4,
    inception_resnet,
    highway,
    unet,
    resnet,
    wide_resnet,
    resnext,
    densenet,
    pyramidnet,
    xception,
    senet,
    cbam,
    squeezenet,
    mobilenet_v1,
    mobilenet_v2,
    mobilenet_v3,
    deeplab_v3,
    mnasnet,
    efficientnet,
    shufflenet_v1,
    shufflenet_v2,
    res2net,
    hrnet,
    vovnet,
    ghostnet,
    regnet,
    repvgg,
    efficientnet_v2,
    convnext,
    mobileone,
    fasternet,
    starnet,
    mobilenet_v4,
}
