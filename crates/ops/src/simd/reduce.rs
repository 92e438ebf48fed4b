//! A run of elements reduced to one number.

use super::Lanes;

/// Vectors that are reduced side by side, so that one does not wait for another.
const CHAINS: usize = 4;

/// Lanes of the widest vectors.
const WIDEST: usize = 16;

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

/// Σ (x − `less`)² of `len` elements.
///
/// # Safety
/// `x` is valid for reading them.
#[inline(always)]
pub(crate) unsafe fn squares<L: Lanes>(x: *const f32, len: usize, less: f32) -> f32 {
    const { assert!(L::N <= WIDEST) }
    let less = L::splat(less);
    let mut sums = [L::splat(0.0); CHAINS];
    let mut at = 0;
    // SAFETY: every part lies within the run.
    unsafe {
        while at + CHAINS * L::N <= len {
            for (i, sum) in sums.iter_mut().enumerate() {
                let difference = L::load(x.add(at + i * L::N)).sub(less);
                *sum = sum.fma(difference, difference);
            }
            at += CHAINS * L::N;
        }
        while at < len {
            let n = L::N.min(len - at);
            let mut difference = L::load_up_to(x.add(at), n).sub(less);
            if n < L::N {
                // Stored and loaded again, so that lanes beyond the run count as 0.
                let mut part = [0.0; WIDEST];
                difference.store_first(part.as_mut_ptr(), n);
                difference = L::load_first(part.as_ptr(), n);
            }
            sums[0] = sums[0].fma(difference, difference);
            at += n;
        }
    }
    let [a, b, c, d] = sums;
    a.add(b).add(c.add(d)).sum()
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
        // A partial vector's empty lanes are 0, which may be too large.
        while at < len {
            most[1] = most[1].max(L::broadcast(x.add(at)));
            at += 1;
        }
        let [a, b, c, d] = most;
        a.max(b).max(c.max(d)).largest()
    }
}
