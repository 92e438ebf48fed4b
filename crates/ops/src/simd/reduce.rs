//! Runs of elements, each reduced to one number.

#![expect(clippy::needless_range_loop, reason = "sums are read by their indices")]

use super::Lanes;

/// Vectors of a run that are reduced side by side, so that one does not wait for another.
const CHAINS: usize = 4;

/// Ones, as many as the widest vectors have lanes.
const ONES: [f32; 16] = [1.0; 16];

/// The sum of `len` elements.
///
/// # Safety
/// `x` is valid for reading them.
#[inline(always)]
pub(crate) unsafe fn total<L: Lanes>(x: *const f32, len: usize) -> f32 {
    let mut sums = [L::splat(0.0); CHAINS];
    let mut at = 0;
    // SAFETY: every part lies within the run.
    unsafe {
        while at + CHAINS * L::N <= len {
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = sum.add(L::load(x.add(at + i * L::N)));
            }
            at += CHAINS * L::N;
        }
        while at < len {
            let n = L::N.min(len - at);
            sums[0] = sums[0].add(L::load_up_to(x.add(at), n));
            at += n;
        }
    }
    let [a, b, c, d] = sums;
    a.add(b).add(c.add(d)).sum()
}

/// How many vectors of each of `runs` go side by side.
const fn chains(runs: usize) -> usize {
    if runs == 1 { CHAINS } else { CHAINS / 2 }
}

/// Σ (x − `less`)² of `len` elements of each run.
///
/// # Safety
/// Each `x` is valid for reading them.
#[inline(always)]
pub(crate) unsafe fn squares<L: Lanes, const R: usize>(
    x: [*const f32; R],
    len: usize,
    less: [f32; R],
) -> [f32; R] {
    const { assert!(L::N <= ONES.len()) }
    let chains = const { chains(R) };
    let mut sums = [[L::splat(0.0); CHAINS]; R];
    let mut at = 0;
    // SAFETY: every part lies within the run.
    unsafe {
        while at + chains * L::N <= len {
            for r in 0..R {
                for i in 0..chains {
                    let difference = L::load(x[r].add(at + i * L::N)).sub(L::splat(less[r]));
                    sums[r][i] = sums[r][i].fma(difference, difference);
                }
            }
            at += chains * L::N;
        }
        while at < len {
            let n = L::N.min(len - at);
            // Lanes beyond the run count as 0.
            let ones = L::load_up_to(ONES.as_ptr(), n);
            for r in 0..R {
                let x = L::load_up_to(x[r].add(at), n);
                let difference = x.sub(L::splat(less[r])).mul(ones);
                sums[r][0] = sums[r][0].fma(difference, difference);
            }
            at += n;
        }
    }
    let mut totals = [0.0; R];
    for r in 0..R {
        let [a, b, c, d] = sums[r];
        let first = a.add(b);
        totals[r] = if chains == CHAINS { first.add(c.add(d)) } else { first }.sum();
    }
    totals
}

/// The largest of `len >= 1` elements.
///
/// # Safety
/// `x` is valid for reading them.
#[inline(always)]
pub(crate) unsafe fn largest<L: Lanes>(x: *const f32, len: usize) -> f32 {
    // SAFETY: every part lies within the run.
    unsafe {
        let mut most = [L::broadcast(x); CHAINS];
        let mut at = 0;
        while at + CHAINS * L::N <= len {
            for (i, most) in most.iter_mut().enumerate() {
                *most = most.max(L::load(x.add(at + i * L::N)));
            }
            at += CHAINS * L::N;
        }
        while at + L::N <= len {
            most[0] = most[0].max(L::load(x.add(at)));
            at += L::N;
        }
        if at < len && len >= L::N {
            // Some elements twice.
            most[1] = most[1].max(L::load(x.add(len - L::N)));
            at = len;
        }
        // A partial vector's empty lanes are 0, which may be too large.
        while at < len {
            most[1] = most[1].max(L::broadcast(x.add(at)));
            at += 1;
        }
        let [a, b, c, d] = most;
        a.max(b).max(c.max(d)).largest()
    }
}
