//! `probe calibrate`: what each device of this machine can do at most.

use crate::{
    args::{CalibrateArgs, TextFormat},
    build_info, device,
    machine::machine,
    output,
};
use profile::{Calibration, Device};
use report::{ceilings, screen, terminal};
use serde::Serialize;
use std::process::ExitCode;

/// A calibration as JSON has it.
#[derive(Serialize)]
struct Measured<'a> {
    device: &'a Device,
    threads: usize,
    #[serde(flatten)]
    calibration: &'a Calibration,
    levels: Vec<ceilings::Level>,
}

/// Runs the verb.
///
/// # Errors
/// Where a device asked for is not there, or is lost.
pub fn run(args: &CalibrateArgs) -> anyhow::Result<ExitCode> {
    device::demand_measured(&args.devices, "a calibration")?;
    build_info::demand_optimised()?;
    let machine = machine()?;
    for mut target in device::open(&args.devices, &machine, &[])? {
        device::calibrate(target.as_mut(), &machine, args.again)?;
        let (device, threads) = (target.device(), target.threads());
        let Some(calibration) = target.ceilings() else {
            screen::tell(format_args!("{}: nothing can be measured there", device.label()));
            continue;
        };
        let levels = ceilings::levels(calibration);
        let heading = format!("{}, calibrated {}", device.place(threads), calibration.taken_at);
        screen::print(&match args.format {
            TextFormat::Json => screen::json(&Measured { device, threads, calibration, levels })?,
            TextFormat::Table => terminal::ceilings(heading, calibration, output::width()) + "\n",
        })?;
    }
    Ok(ExitCode::SUCCESS)
}
