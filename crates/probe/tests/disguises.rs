//! What only plays the device that it seems to be, and what the user must be told at the start: the command
//! under emulators, with drivers that have no hardware, and without a cache folder.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::print_stdout, reason = "a test says why it did not run")]

use std::process::{Command, Output, Stdio};

const PROBE: &str = env!("CARGO_BIN_EXE_probe");

/// The outcome of `args`, a program and its arguments; `None` where there is no such program.
fn run(args: &[&str], change: impl Fn(&mut Command)) -> Option<Output> {
    let mut command = Command::new(args[0]);
    command.args(&args[1..]).stdin(Stdio::null());
    change(&mut command);
    let output = command.output().ok();
    if output.is_none() {
        println!("skipped: no {}", args[0]);
    }
    output
}

fn message(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Refused in one line with `why`, where `file` is there and the environment has these variables.
#[cfg(all(feature = "gpu", target_os = "linux"))]
fn demand_refused(file: &str, variables: &[(&str, &str)], why: &str) {
    if !std::path::Path::new(file).exists() {
        println!("skipped: no {file}");
        return;
    }
    let output = run(&[PROBE, "verify", "--model", "lenet5", "--device", "gpu"], |command| {
        // Without a folder the loader complains of it, in lines of its own.
        command.envs(variables.iter().copied()).env("XDG_RUNTIME_DIR", std::env::temp_dir());
    });
    let output = output.unwrap();
    let message = message(&output);
    assert!(!output.status.success() && output.stdout.is_empty(), "{message}");
    let errors: Vec<&str> = message.lines().filter(|line| line.starts_with("error: ")).collect();
    assert!(errors.len() == 1 && errors[0].contains(why), "{message}");
}

/// Mesa's driver for AMD's GPUs plays one that is not there, to test its compiler.
#[cfg(all(feature = "gpu", target_os = "linux"))]
#[test]
fn a_driver_without_hardware_is_refused() {
    let driver = "/usr/share/vulkan/icd.d/radeon_icd.x86_64.json";
    let variables = [
        ("VK_ICD_FILENAMES", driver),
        ("VK_DRIVER_FILES", driver),
        ("RADV_FORCE_FAMILY", "navi21"),
    ];
    demand_refused(driver, &variables, "it computes nothing");
}

/// Another one of Mesa's drops what a driver is given.
#[cfg(all(feature = "gpu", target_os = "linux"))]
#[test]
fn a_layer_that_drops_commands_is_refused() {
    let layer = "/usr/share/vulkan/explicit_layer.d/VkLayer_INTEL_nullhw.json";
    let variables = [("VK_INSTANCE_LAYERS", "VK_LAYER_INTEL_nullhw")];
    demand_refused(layer, &variables, "VK_LAYER_INTEL_nullhw drops all commands");
}

/// Emulators of one's own architecture, with the brand of a processor that there is.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn an_emulated_processor_is_called_so_whatever_its_brand() {
    let verify = [PROBE, "verify", "--model", "lenet5", "--device", "cpu", "--format", "json"];
    let rendering = |args: &[&str]| {
        let output = run(args, |_| ())?;
        assert!(output.status.success(), "{args:?}: {}", message(&output));
        let verified: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        Some(verified["device"]["rendering"].as_str().unwrap().to_owned())
    };
    let emulators: [&[&str]; 3] = [
        &["qemu-x86_64-static", "-cpu", "Nehalem"],
        &["qemu-x86_64", "-cpu", "Nehalem"],
        &["valgrind", "-q", "--tool=none"],
    ];
    for emulator in emulators {
        let Some(found) = rendering(&[emulator, &verify].concat()) else { continue };
        assert_eq!(found, "emulated", "{emulator:?}");
    }
}

#[test]
fn a_start_that_remembers_nothing_says_so_and_what_to_do() {
    let here = std::env::temp_dir().join(format!("probe-no-cache-{}", std::process::id()));
    std::fs::create_dir_all(&here).unwrap();
    let file = here.join("file");
    std::fs::write(&file, "").unwrap();
    let verify = [PROBE, "verify", "--model", "lenet5", "--device", "cpu"];
    let warnings = |home: Option<&str>, more: &[&str]| -> Vec<String> {
        let output = run(&[&verify, more].concat(), |command| {
            for name in ["XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"] {
                command.env_remove(name);
            }
            command.envs(home.map(|home| ("HOME", home)));
        });
        let output = output.unwrap();
        assert!(output.status.success(), "{}", message(&output));
        let warnings = message(&output);
        warnings.lines().filter(|l| l.starts_with("warning: ")).map(str::to_owned).collect()
    };
    for (home, why) in [(None, "no cache folder"), (file.to_str(), "cannot be written")] {
        let [told] = warnings(home, &[]).try_into().unwrap();
        assert!(told.contains(why) && told.contains("XDG_CACHE_HOME"), "{told}");
        assert!(told.ends_with("--no-calibration --no-tune"), "{told}");
        let [told] = warnings(home, &["--no-tune"]).try_into().unwrap();
        assert!(told.ends_with("with --no-calibration"), "{told}");
    }
    assert_eq!(warnings(None, &["--no-calibration", "--no-tune"]), [""; 0]);
    assert_eq!(warnings(here.to_str(), &[]), [""; 0]);
    std::fs::remove_dir_all(here).unwrap();
}
