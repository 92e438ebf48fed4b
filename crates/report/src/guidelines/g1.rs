//! G1: equal input and output channels minimise memory access cost.
//!
//! A 1×1 convolution over h×w pixels that maps c₁ to c₂ channels does B = h·w·c₁·c₂ mult-adds and
//! touches h·w·(c₁ + c₂) + c₁·c₂ elements. At a given B that is least where c₁ = c₂
//! (ShuffleNetV2, arXiv 1807.11164, equation 1).

/// The least memory access cost, elements, of a dense 1×1 convolution that does `mul_adds` mult-adds
/// over `area` pixels: 2·√(hw·B) + B/hw, reached at equal channels.
pub fn access_bound(area: f64, mul_adds: f64) -> f64 {
    2.0 * (area * mul_adds).sqrt() + mul_adds / area
}

/// Memory access cost, elements, of a dense 1×1 convolution from `c1` to `c2` channels over `area`
/// pixels.
pub fn pointwise_access(area: f64, c1: f64, c2: f64) -> f64 {
    area * (c1 + c2) + c1 * c2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The rows of the paper's table 1, GPU, ×1: access of one convolution over its bound.
    #[test]
    fn access_over_bound_by_hand() {
        let area = 56.0 * 56.0;
        for (c1, c2, access, over) in [
            (128.0, 128.0, 819_200.0, 1.0),
            (90.0, 180.0, 862_920.0, 1.05945),
            (52.0, 312.0, 1_157_728.0, 1.42033),
            (36.0, 432.0, 1_483_200.0, 1.85930),
        ] {
            assert_eq!(pointwise_access(area, c1, c2), access);
            let bound = access_bound(area, area * c1 * c2);
            assert!((access / bound - over).abs() < 1e-5, "{c1}:{c2}: {}", access / bound);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_under_the_bound(area in 1.0..1e5, c1 in 1.0..4e3, c2 in 1.0..4e3) {
            let (area, c1, c2): (f64, f64, f64) = (area, c1, c2);
            let bound = access_bound(area, area * c1 * c2);
            prop_assert!(pointwise_access(area, c1, c2) >= bound * (1.0 - 1e-12));
            let c = (c1 * c2).sqrt();
            prop_assert!((pointwise_access(area, c, c) / bound - 1.0).abs() < 1e-9);
        }
    }
}
