//! Trials of kernels that others disturbed: what won them is marked, and tried anew when nobody disturbs it.

use crate::measure::Watch;
use ops::Tune;
use profile::Device;
use report::screen;

/// Does `prepare`, in which kernels of `device` may be tried, and marks what won where others took what the
/// trials needed.
pub fn watched<T>(device: &Device, tune: &Tune, prepare: impl FnOnce() -> T) -> T {
    let watch = Watch::start(device);
    let prepared = prepare();
    if let Err(e) = tune.tell(watch.finish().is_crowded()) {
        screen::tell(format_args!(
            "warning: that trials of kernels were disturbed is not kept: {e}"
        ));
    }
    prepared
}

/// Forgets what won while others disturbed it, unless they would do so now.
pub fn forget_disturbed(device: &Device, tune: &Tune) {
    if tune.is_disturbed() && !Watch::a_moment(device).is_crowded() {
        tune.forget_disturbed();
    }
}
