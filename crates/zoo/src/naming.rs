//! Names as people write them: neither case nor dashes and underscores tell networks apart.

/// Whether `a` and `b` are one name: `resnet50` and `ResNet-50` are.
pub(crate) fn alike(a: &str, b: &str) -> bool {
    letters(a).eq(letters(b))
}

fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_dashes_and_underscores_do_not_matter() {
        assert!(alike("shufflenet_v2_x1_0", "ShuffleNet-V2-x1_0"));
        assert!(alike("vgg16_bn", "VGG16BN"));
        for other in ["shufflenet_v2_x1_5", "shufflenet v2 x1 0", "shufflenet_v2_x1.0", ""] {
            assert!(!alike("shufflenet_v2_x1_0", other), "{other}");
        }
    }
}
