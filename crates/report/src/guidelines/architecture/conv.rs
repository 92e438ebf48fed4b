//! A convolution as its formulas want it, read off an operator's record.

use profile::OpRecord;

/// Channels, pixels, taps and groups of a convolution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conv {
    /// Pixels of its input, batch included.
    pub pixels_in: f64,
    /// Pixels of its output, batch included.
    pub pixels_out: f64,
    /// Input channels.
    pub c1: f64,
    /// Output channels.
    pub c2: f64,
    /// Taps of the kernel.
    pub taps: f64,
    /// Groups.
    pub groups: f64,
}

impl Conv {
    /// The convolution that `op` is, if it is one.
    pub fn of(op: &OpRecord) -> Option<Self> {
        let numbers = |name: &str| op.attrs.get(name).filter(|_| op.kind == "conv2d");
        let kernel = numbers("kernel")?.as_array()?;
        let input = op.inputs.first()?;
        Some(Self {
            pixels_in: input.pixels() as f64,
            pixels_out: op.output.pixels() as f64,
            c1: input.c as f64,
            c2: op.output.c as f64,
            taps: kernel.iter().filter_map(serde_json::Value::as_f64).product(),
            groups: numbers("groups")?.as_f64()?,
        })
    }

    /// Whether every input channel can reach every output channel.
    pub fn is_dense(&self) -> bool {
        self.groups == 1.0
    }

    /// Whether its channels are in several groups of several channels: neither dense nor depthwise.
    pub fn is_grouped(&self) -> bool {
        self.groups > 1.0 && self.groups < self.c1
    }

    /// Multiply-adds.
    pub fn mul_adds(&self) -> f64 {
        self.pixels_out * self.weights()
    }

    /// Memory access cost, elements.
    pub fn access(&self) -> f64 {
        self.pixels_in * self.c1 + self.pixels_out * self.c2 + self.weights()
    }

    fn weights(&self) -> f64 {
        self.taps * self.c1 * self.c2 / self.groups
    }

    /// The least memory access cost of a dense convolution of these mult-adds, maps and taps.
    ///
    /// With p pixels read, q written, t taps: B = q·t·c₁·c₂, access = p·c₁ + q·c₂ + t·c₁·c₂. The
    /// last term is B/q whatever the channels; of the first two the arithmetic mean is at least the
    /// geometric one: p·c₁ + q·c₂ ≥ 2·√(p·q·c₁·c₂) = 2·√(p·B/t), equal where p·c₁ = q·c₂. So the
    /// bound is 2·√(p·B/t) + B/q. For 1×1 at stride 1 that is the paper's 2·√(hwB) + B/hw, reached
    /// at equal channels; at stride s it is reached at c₂ = s²·c₁, where the maps are equally large.
    pub fn access_bound(&self) -> f64 {
        let b = self.mul_adds();
        2.0 * (self.pixels_in * b / self.taps).sqrt() + b / self.pixels_out
    }

    /// Memory access cost of the dense convolution with the same mult-adds, maps, taps and ratio of
    /// channels: both channel counts over √g.
    pub fn dense_access(&self) -> f64 {
        let root = self.groups.sqrt();
        Self { c1: self.c1 / root, c2: self.c2 / root, groups: 1.0, ..*self }.access()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use proptest::prelude::*;

    #[test]
    fn a_strided_kernel_by_hand() {
        let mut net = fixture::Net::new(8);
        net.conv("conv", 12, 3, 2, 1);
        let conv = Conv::of(&net.ops()[0]).unwrap();
        let expected =
            Conv { pixels_in: 64.0, pixels_out: 16.0, c1: 3.0, c2: 12.0, taps: 9.0, groups: 1.0 };
        assert_eq!(conv, expected);
        assert_eq!(conv.mul_adds(), 5184.0);
        assert_eq!(conv.access(), 64.0 * 3.0 + 16.0 * 12.0 + 9.0 * 36.0);
        // p·c₁ = q·c₂ = 192: it stands at its bound, 2·√(64·5184/9) + 324.
        assert_eq!(conv.access_bound(), 708.0);
        assert!(conv.is_dense() && !conv.is_grouped());
    }

    #[test]
    fn groups_by_hand() {
        let mut net = fixture::Net::new(8);
        net.conv("wide", 64, 1, 1, 1);
        net.conv("grouped", 64, 1, 1, 4);
        net.conv("depthwise", 64, 3, 1, 64);
        net.same("relu", "relu", profile::Class::ElementWise);
        let convs: Vec<_> = net.ops().iter().map(Conv::of).collect();
        let kinds = convs.iter().flatten().map(|c| (c.is_dense(), c.is_grouped()));
        assert!(kinds.eq([(true, false), (false, true), (false, false)]));
        assert_eq!(convs[3], None);
        let grouped = convs[1].unwrap();
        // 64·128 + 1024; dense with 32 channels: 64·64 + 1024.
        assert_eq!((grouped.access(), grouped.dense_access()), (9216.0, 5120.0));
    }

    /// The paper's tables 1 and 2, GPU, ×1: channels, groups, memory access cost, and that over its bound.
    #[test]
    fn the_papers_convolutions_by_hand() {
        for (c1, c2, groups, access, over_bound) in [
            (128.0, 128.0, 1.0, 819_200.0, Some(1.0)),
            (90.0, 180.0, 1.0, 862_920.0, Some(1.05945)),
            (52.0, 312.0, 1.0, 1_157_728.0, Some(1.42033)),
            (36.0, 432.0, 1.0, 1_483_200.0, Some(1.85930)),
            (180.0, 180.0, 2.0, 1_145_160.0, None),
            (256.0, 256.0, 4.0, 1_622_016.0, None),
            (360.0, 360.0, 8.0, 2_274_120.0, None),
        ] {
            let pixels = 56.0 * 56.0;
            let conv = Conv { pixels_in: pixels, pixels_out: pixels, c1, c2, taps: 1.0, groups };
            assert_eq!(conv.access(), access);
            if let Some(over) = over_bound {
                assert!((access / conv.access_bound() - over).abs() < 1e-5, "{c1}:{c2}");
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_is_under_the_bound(
            p in 1.0..1e5, q in 1.0..1e5, c1 in 1.0..4e3, c2 in 1.0..4e3, taps in 1.0..50.0,
        ) {
            let conv = Conv { pixels_in: p, pixels_out: q, c1, c2, taps, groups: 1.0 };
            prop_assert!(conv.access() >= conv.access_bound() * (1.0 - 1e-12));
            let balanced = (c1 * c2 * q / p).sqrt();
            let other = Conv { c1: balanced, c2: c1 * c2 / balanced, ..conv };
            prop_assert!((other.mul_adds() / conv.mul_adds() - 1.0).abs() < 1e-9);
            prop_assert!((other.access() / conv.access_bound() - 1.0).abs() < 1e-9);
        }

        #[test]
        fn for_1x1_it_is_the_paper_s(area in 1.0..1e5, c1 in 1.0..4e3, c2 in 1.0..4e3) {
            let (pixels_in, pixels_out): (f64, f64) = (area, area);
            let conv = Conv { pixels_in, pixels_out, c1, c2, taps: 1.0, groups: 1.0 };
            let b = conv.mul_adds();
            let paper = 2.0 * (area * b).sqrt() + b / area;
            prop_assert!((conv.access_bound() / paper - 1.0).abs() < 1e-12);
        }
    }
}
