//! A run of elements reduced to one number.

use super::Lanes;

/// Vectors that are reduced side by side, so that one does not wait for another.
const CHAINS: usize = 4;

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
