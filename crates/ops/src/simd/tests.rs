//! Every instruction set's lanes against plain f32 arithmetic.

use super::{Isa, Lanes, Vectorised};

/// Runs every method of `L` on lanes 1, 2, 3 … and compares with scalar arithmetic.
struct EveryMethod;

impl Vectorised for EveryMethod {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let a: Vec<f32> = (1..=L::N).map(|i| i as f32 * 1.25 - 3.0).collect();
        let b: Vec<f32> = (1..=L::N).map(|i| i as f32).collect();
        // SAFETY: both hold N elements.
        let (va, vb) = unsafe { (L::load(a.as_ptr()), L::load(b.as_ptr())) };
        check::<L>("add", va.add(vb), |i| a[i] + b[i]);
        check::<L>("sub", va.sub(vb), |i| a[i] - b[i]);
        check::<L>("mul", va.mul(vb), |i| a[i] * b[i]);
        check::<L>("div", va.div(vb), |i| a[i] / b[i]);
        check::<L>("max", va.max(vb), |i| a[i].max(b[i]));
        check::<L>("min", va.min(vb), |i| a[i].min(b[i]));
        check::<L>("sqrt", vb.sqrt(), |i| b[i].sqrt());
        check::<L>("round", va.round(), |i| a[i].round_ties_even());
        check::<L>("exp2", va.round().exp2_of_integer(), |i| a[i].round_ties_even().exp2());
        let (m, k) = vb.mantissa_and_exponent();
        check::<L>("mantissa and exponent", m.mul(k.exp2_of_integer()), |i| b[i]);
        let root = std::f32::consts::FRAC_1_SQRT_2;
        check::<L>("mantissa from the root of a half on", m.max(L::splat(root)).sub(m), |_| 0.0);
        check::<L>("mantissa below that of two", m.min(L::splat(2.0 * root)).sub(m), |_| 0.0);
        let scaled = |i: usize| b[i] * a[i].round_ties_even().exp2();
        check::<L>("times_power", vb.times_power(va.round()), scaled);
        check::<L>("fma", L::splat(0.5).fma(va, vb), |i| 0.5 + a[i] * b[i]);
        // SAFETY: `a` holds an element.
        check::<L>("broadcast", unsafe { L::broadcast(a.as_ptr()) }, |_| a[0]);
        spread::<L, 1>(va, &a);
        spread::<L, 2>(va, &a);
        spread::<L, 4>(va, &a);
        spread::<L, 8>(va, &a);
        let (first, second) = va.interleave(vb);
        let turn = |i: usize| if i.is_multiple_of(2) { a[i / 2] } else { b[i / 2] };
        check::<L>("interleave, first", first, turn);
        check::<L>("interleave, second", second, |i| turn(L::N + i));
        let (x, y) = first.deinterleave(second);
        check::<L>("deinterleave, first", x, |i| a[i]);
        check::<L>("deinterleave, second", y, |i| b[i]);
        let vc = va.add(vb);
        let (first, second, third) = va.interleave3(vb, vc);
        let turn = |i: usize| [a[i / 3], b[i / 3], a[i / 3] + b[i / 3]][i % 3];
        check::<L>("interleave3, first", first, turn);
        check::<L>("interleave3, second", second, |i| turn(L::N + i));
        check::<L>("interleave3, third", third, |i| turn(2 * L::N + i));
        let (x, y, z) = first.deinterleave3(second, third);
        check::<L>("deinterleave3, first", x, |i| a[i]);
        check::<L>("deinterleave3, second", y, |i| b[i]);
        check::<L>("deinterleave3, third", z, |i| a[i] + b[i]);
        assert_eq!(vb.sum(), b.iter().sum::<f32>());
        assert_eq!(va.largest(), a[L::N - 1]);
        for n in 0..L::N {
            // SAFETY: `a` holds n < N elements.
            let part = unsafe { L::load_first(a.as_ptr(), n) };
            check::<L>("load_first", part, |i| if i < n { a[i] } else { 0.0 });
            let mut out = vec![-7.0; L::N];
            // SAFETY: `out` holds n < N elements.
            unsafe { va.store_first(out.as_mut_ptr(), n) };
            for i in 0..L::N {
                assert_eq!(out[i], if i < n { a[i] } else { -7.0 }, "store_first {n} lane {i}");
            }
        }
    }
}

/// Where `L` holds whole groups of `G`.
#[inline(always)]
fn spread<L: Lanes, const G: usize>(va: L, a: &[f32]) {
    if L::N.is_multiple_of(G) {
        for k in 0..G {
            check::<L>("spread", va.spread::<G>(k), |i| a[i / G * G + k]);
        }
    }
}

#[inline(always)]
fn check<L: Lanes>(what: &str, got: L, want: impl Fn(usize) -> f32) {
    let mut out = vec![0.0; L::N];
    // SAFETY: `out` holds N elements.
    unsafe { got.store(out.as_mut_ptr()) };
    for (i, &g) in out.iter().enumerate() {
        assert_eq!(g, want(i), "{what}, lane {i} of {}", L::N);
    }
}

#[test]
fn every_instruction_set_computes_as_scalar_code_does() {
    Isa::for_tests().into_iter().for_each(|isa| isa.run(EveryMethod));
}

#[test]
fn a_missing_instruction_set_is_named_with_those_that_are_there() {
    let error = "mmx".parse::<Isa>().unwrap_err().to_string();
    assert!(error.contains("mmx") && error.contains("scalar"), "{error}");
}

#[test]
fn what_is_tried_starts_with_what_was_asked_for_and_is_there() {
    let available = Isa::available();
    for isa in &available {
        let tried = isa.contenders();
        assert_eq!(tried[0], *isa);
        assert!(tried.iter().all(|t| available.contains(t) && t.lanes() <= isa.lanes()), "{isa}");
        assert_eq!(tried.len(), if isa.name() == "avx512" { 2 } else { 1 }, "{isa}");
    }
}
