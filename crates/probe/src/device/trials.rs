//! Trials of kernels that others disturbed: what won them is marked, and tried anew when nobody disturbs it.

use crate::measure::Watch;
use ops::Tune;
use profile::Device;

/// Does `prepare`, in which kernels of `device` may be tried, and marks what won where others took what the
/// trials needed.
pub fn watched<T>(device: &Device, tune: &Tune, prepare: impl FnOnce() -> T) -> T {
    let watch = Watch::start(device);
    let prepared = prepare();
    // Where the file cannot be written, nothing that won is kept, and the session's note says so.
    let _ = tune.mark(watch.finish().is_crowded());
    prepared
}

/// Forgets what won while others disturbed it, unless they would do so now.
pub fn forget_disturbed(device: &Device, tune: &Tune) {
    if tune.is_disturbed() && !Watch::a_moment(device).is_crowded() {
        tune.forget_disturbed();
    }
}
