//! G2: much group convolution raises memory access cost.
//!
//! A 1×1 convolution in g groups does B = h·w·c₁·c₂/g mult-adds and touches h·w·(c₁ + c₂) + c₁·c₂/g
//! elements: at a given B and c₁ that is h·w·c₁ + B·g/c₁ + B/hw and grows with g (ShuffleNetV2,
//! arXiv 1807.11164, equation 2).

/// Memory access cost, elements, of a 1×1 convolution of `c1` channels in `groups` groups that does
/// `mul_adds` mult-adds over `area` pixels.
pub fn grouped_access(area: f64, c1: f64, groups: f64, mul_adds: f64) -> f64 {
    area * c1 + mul_adds * groups / c1 + mul_adds / area
}

/// The least of [`grouped_access`] over all channel counts: 2·√(hw·B·g) + B/hw, at c₁ = c₂.
pub fn access_bound(area: f64, groups: f64, mul_adds: f64) -> f64 {
    2.0 * (area * mul_adds * groups).sqrt() + mul_adds / area
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The rows of the paper's table 2, GPU, ×1.
    #[test]
    fn access_by_hand() {
        let area = 56.0 * 56.0;
        for (groups, c, access) in [
            (1.0, 128.0, 819_200.0),
            (2.0, 180.0, 1_145_160.0),
            (4.0, 256.0, 1_622_016.0),
            (8.0, 360.0, 2_274_120.0),
        ] {
            let mul_adds = area * c * c / groups;
            assert!((grouped_access(area, c, groups, mul_adds) - access).abs() < 1e-6);
        }
    }

    proptest! {
        #[test]
        fn access_grows_with_groups_by_a_known_slope(
            area in 1.0..1e5, c1 in 1.0..4e3, b in 1.0..1e9, g in 1.0..64.0,
        ) {
            let (area, c1, b, g): (f64, f64, f64, f64) = (area, c1, b, g);
            let step = grouped_access(area, c1, g + 1.0, b) - grouped_access(area, c1, g, b);
            prop_assert!((step / (b / c1) - 1.0).abs() < 1e-3 + 1e-9 * area * c1 / (b / c1));
            prop_assert!(grouped_access(area, c1, g, b) >= access_bound(area, g, b) * (1.0 - 1e-12));
        }
    }
}
