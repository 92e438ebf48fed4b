//! Giving devices their calibrations: the remembered one, or a new one.

use super::Target;
use crate::{
    args::DeviceArgs,
    calibrate::{Limits, Store, flaw, key},
    measure::{Seen, Watch},
    own_thread::on_own_thread,
};
use anyhow::bail;
use profile::{Calibration, Machine};
use report::{ceilings, screen};

/// Gives each of `targets` its calibration, unless the command line says otherwise: what was not
/// measured on this machine before is measured now.
///
/// # Errors
/// Where a device is lost.
pub fn calibrate_all(
    targets: &mut [Box<dyn Target>],
    args: &DeviceArgs,
    machine: &Machine,
) -> anyhow::Result<()> {
    if args.no_calibration {
        return Ok(());
    }
    let mut measured = targets.iter_mut().filter(|target| !target.is_modelled());
    measured.try_for_each(|target| calibrate(target.as_mut(), machine, false))
}

/// Gives `target` its calibration: the one that is remembered or, where there is none or `again`, a new
/// one. One that was disturbed is measured anew as soon as nothing would disturb it. One that cannot be
/// remembered is told and used.
///
/// # Errors
/// Where the device is lost.
pub fn calibrate(target: &mut dyn Target, machine: &Machine, again: bool) -> anyhow::Result<()> {
    let store = Store::of_user();
    let (device, threads) = (target.device(), target.threads());
    let key = key(device, machine, threads, &target.core_types(), &Limits::own());
    let busy = || on_own_thread(|| Ok(busy(target)));
    let calibration = match store.get(&key).filter(|_| !again) {
        Some(remembered) if !outdated(&remembered, busy)? => Some(remembered),
        _ => {
            screen::tell(format_args!("calibrating {} …", target.device().place(target.threads())));
            let measured = on_own_thread(|| measured(target))?;
            if let Some(Err(e)) = measured.as_ref().map(|c| store.put(key, c)) {
                screen::tell(format_args!("warning: this calibration will be measured again: {e}"));
            }
            measured
        }
    };
    if let Some((measured, caution)) =
        calibration.as_ref().and_then(|c| Some((c, ceilings::caution(c)?)))
    {
        let again = match measured.reasons.is_empty() {
            true => "",
            false => " They are measured anew at the next start that finds it quiet.",
        };
        screen::tell(format_args!("warning: {caution}{again}"));
    }
    *target.calibration() = calibration;
    Ok(())
}

/// Whether a remembered calibration should be measured anew: it was disturbed, and now nothing would disturb
/// it, as `busy` says.
fn outdated(
    calibration: &Calibration,
    busy: impl FnOnce() -> anyhow::Result<Vec<String>>,
) -> anyhow::Result<bool> {
    Ok(!calibration.reasons.is_empty() && busy()?.is_empty())
}

/// A new calibration of `target`, with what disturbed it.
fn measured(target: &dyn Target) -> anyhow::Result<Option<Calibration>> {
    let mut watch = Watch::start(target.device());
    let measured = target.calibrate(&mut || watch.inspect())?;
    let reasons = disturbances(&watch.finish(), target);
    let Some(calibration) = measured.map(|c| Calibration { reasons, ..c }) else { return Ok(None) };
    match flaw(&calibration) {
        Some(flaw) => bail!(
            "calibrating {} failed: {flaw}; leave it out with --no-calibration",
            target.device().label()
        ),
        None => Ok(Some(calibration)),
    }
}

/// What would disturb a calibration of `target` that began now.
fn busy(target: &dyn Target) -> Vec<String> {
    disturbances(&Watch::a_moment(target.device()), target)
}

/// What disturbs `target`, the machine's doing and others'. How well medians are known is no matter here.
fn disturbances(seen: &Seen, target: &dyn Target) -> Vec<String> {
    let mut reasons = seen.noise(Some(0.0), 1.0, None).reasons;
    reasons.extend(target.watchers());
    reasons
}

#[cfg(test)]
mod tests {
    use super::{super::Prepared, *};
    use ops::{Graph, Keep};
    use profile::{Device, DeviceKind, Rendering};

    /// A device with somebody between it and the lab.
    struct Watched(Device);

    impl Target for Watched {
        fn device(&self) -> &Device {
            &self.0
        }
        fn threads(&self) -> usize {
            1
        }
        fn watchers(&self) -> Vec<String> {
            vec!["a layer".to_owned()]
        }
        fn calibrate(&self, inspect: &mut dyn FnMut()) -> anyhow::Result<Option<Calibration>> {
            inspect();
            Ok(Some(Calibration::default()))
        }
        fn calibration(&mut self) -> &mut Option<Calibration> {
            unreachable!("it is kept elsewhere")
        }
        fn ceilings(&self) -> Option<&Calibration> {
            None
        }
        fn prepare(&self, _: &Graph, _: Keep) -> anyhow::Result<Box<dyn Prepared>> {
            unreachable!("it runs nothing")
        }
    }

    #[test]
    fn what_disturbs_a_calibration_stands_in_it() {
        let (name, arch, driver) = ("a".to_owned(), "vulkan".to_owned(), String::new());
        let (kind, rendering) = (DeviceKind::Gpu, Rendering::Real);
        let bus = String::new();
        let target = Watched(Device { name, kind, arch, rendering, driver, bus });
        let found = measured(&target).unwrap().unwrap();
        assert!(found.reasons.iter().any(|why| why == "a layer"), "{found:?}");
        assert!(busy(&target).iter().any(|why| why == "a layer"));
    }

    #[test]
    fn a_disturbed_calibration_lasts_until_nothing_would_disturb_a_new_one() {
        let of = |reasons: &[&str]| Calibration {
            reasons: reasons.iter().map(|&why| why.to_owned()).collect(),
            ..Calibration::default()
        };
        let outdated =
            |then: &[&str], now: &[&str]| outdated(&of(then), || Ok(of(now).reasons)).unwrap();
        assert!(outdated(&["load"], &[]));
        assert!(!outdated(&["load"], &["load"]));
        assert!(!outdated(&[], &[]) && !outdated(&[], &["load"]));
    }
}
