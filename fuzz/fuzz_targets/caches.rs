//! Any bytes as a file of the cache folder: calibrations, or kernels that won a trial. A damaged file is as
//! good as none; a calibration that is taken from it can be drawn.

#![no_main]

use ops::Tune;
use probe::calibrate::Store;
use profile::Profile;
use std::sync::LazyLock;

/// A network that was measured.
static MEASURED: LazyLock<Profile> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../seeds/profiles/network.jsonl")).expect("a profile")
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let path = fuzz::file(bytes);
    Tune::on(Some(path));
    if let Some(calibration) = Store::at(path).get("key") {
        fuzz::report(&[Profile { calibration: Some(calibration), ..MEASURED.clone() }]);
    }
});
