//! Machines as their files tell of them, each with the processors that are taken first.

use super::*;
use std::{fmt::Write, fs};
use tempfile::TempDir;

/// A file system of these files.
fn faked(files: &[(String, String)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{text}\n")).unwrap();
    }
    root
}

/// Files of processor `cpu`, by their names in its folder.
fn files_of(cpu: usize, files: &[(&str, &str)]) -> Vec<(String, String)> {
    let place = |name: &str| format!("sys/devices/system/cpu/cpu{cpu}/{name}");
    files.iter().map(|(name, text)| (place(name), (*text).to_owned())).collect()
}

/// An ARM processor: register, capacity, highest frequency in kHz, cluster.
fn arm(cpu: usize, midr: &str, capacity: &str, khz: &str, cluster: &str) -> Vec<(String, String)> {
    let own = cpu.to_string();
    files_of(
        cpu,
        &[
            ("regs/identification/midr_el1", midr),
            ("cpu_capacity", capacity),
            ("cpufreq/cpuinfo_max_freq", khz),
            ("cpufreq/scaling_governor", "schedutil"),
            ("topology/physical_package_id", "0"),
            ("topology/cluster_id", cluster),
            ("topology/thread_siblings_list", &own),
        ],
    )
}

/// An x86 processor: package, threads of its core, highest frequency in kHz.
fn x86(cpu: usize, package: &str, threads: &str, khz: &str) -> Vec<(String, String)> {
    files_of(
        cpu,
        &[
            ("topology/physical_package_id", package),
            ("topology/thread_siblings_list", threads),
            ("cpufreq/cpuinfo_max_freq", khz),
            ("cpufreq/scaling_governor", "powersave"),
        ],
    )
}

/// `/proc/cpuinfo` of so many processors of one brand.
fn brand(name: &str, processors: usize) -> (String, String) {
    let mut text = String::new();
    for cpu in 0..processors {
        write!(text, "processor\t: {cpu}\nvendor_id\t: a\nmodel name\t: {name}\n\n").unwrap();
    }
    ("proc/cpuinfo".to_owned(), text)
}

/// The order of all of `cores`.
fn order(cores: &Cores) -> Vec<usize> {
    cores.0.iter().map(|core| core.cpu).collect()
}

/// Four A55 and two pairs of A76, of which the second is a little faster.
#[test]
fn rk3588() {
    let (a55, a76) = ("0x00000000412fd050", "0x00000000414fd0b0");
    let little = (0..4).flat_map(|cpu| arm(cpu, a55, "414", "1800000", "0"));
    let big = (4..8).flat_map(|cpu| {
        let (khz, cluster) = if cpu < 6 { ("2352000", "1") } else { ("2400000", "2") };
        arm(cpu, a76, "1024", khz, cluster)
    });
    let root = faked(&little.chain(big).collect::<Vec<_>>());
    let all: Vec<usize> = (0..8).collect();
    let cores = Cores::at(root.path(), &all);
    assert_eq!(order(&cores), [6, 7, 4, 5, 0, 1, 2, 3]);
    assert_eq!(cores.designs(), "Cortex-A76 + Cortex-A55");
    let first = &cores.0[0];
    assert_eq!((first.package, first.cluster, first.siblings.len()), (Some(0), Some(2), 0));
    assert_eq!((first.max_mhz, first.capacity), (Some(2400.0), Some(1024)));
    assert_eq!((first.governor.as_str(), first.kind.as_str()), ("schedutil", ""));
    let asked = cores.chosen(Some(&"4-7,0".parse().unwrap())).unwrap();
    assert_eq!(asked.iter().map(|core| core.cpu).collect::<Vec<_>>(), [4, 5, 6, 7, 0]);
    assert_eq!(types_of(&asked[..2]), "Cortex-A76 2352 MHz");
    assert_eq!(types_of(&asked[1..3]), "Cortex-A76 2352 MHz + Cortex-A76 2400 MHz");
    let container = Cores::at(root.path(), &[1, 2]);
    assert_eq!((order(&container), container.designs()), (vec![1, 2], "Cortex-A55".to_owned()));
}

/// Three A510, two A715, two A710 and an X3. Its kernel tells no registers: `/proc/cpuinfo` does.
#[test]
fn snapdragon_8_gen_2() {
    let cores = [
        ("0xd46", "325", "2016000"),
        ("0xd46", "325", "2016000"),
        ("0xd46", "325", "2016000"),
        ("0xd4d", "817", "2803200"),
        ("0xd4d", "817", "2803200"),
        ("0xd47", "811", "2803200"),
        ("0xd47", "811", "2803200"),
        ("0xd4e", "1024", "3187200"),
    ];
    let mut files = Vec::new();
    let mut cpuinfo = "Processor\t: AArch64 Processor rev 1 (aarch64)\n".to_owned();
    for (cpu, (part, capacity, khz)) in cores.into_iter().enumerate() {
        let maker = "CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x1\n";
        write!(cpuinfo, "processor\t: {cpu}\n{maker}CPU part\t: {part}\nCPU revision\t: 1\n\n")
            .unwrap();
        files.extend(arm(cpu, "", capacity, khz, "-1"));
    }
    files.push(("proc/cpuinfo".to_owned(), cpuinfo));
    let root = faked(&files);
    let cores = Cores::at(root.path(), &(0..8).collect::<Vec<_>>());
    assert_eq!(order(&cores), [7, 3, 4, 5, 6, 0, 1, 2]);
    assert_eq!(cores.designs(), "Cortex-X3 + Cortex-A715 + Cortex-A710 + Cortex-A510");
    assert_eq!(cores.0[0].cluster, None);
}

/// Efficient cores come first in the system's count.
#[test]
fn apple_m1_under_linux() {
    let slow = (0..4).flat_map(|cpu| arm(cpu, "0x611f0220", "485", "2064000", "0"));
    let fast = (4..8).flat_map(|cpu| arm(cpu, "0x611f0230", "1024", "3204000", "1"));
    let root = faked(&slow.chain(fast).collect::<Vec<_>>());
    let cores = Cores::at(root.path(), &(0..8).collect::<Vec<_>>());
    assert_eq!(order(&cores), [4, 5, 6, 7, 0, 1, 2, 3]);
    assert_eq!(designs_of(&cores.0[..4]), "Firestorm-M1");
}

/// Two fast cores of two threads each, and two others. One of the fast ones reaches a little more.
#[test]
fn an_intel_hybrid() {
    let name = "12th Gen Intel(R) Core(TM) i3-1215U";
    let mut files = vec![brand(name, 6)];
    for (cpu, threads, khz) in [
        (0, "0-1", "4400000"),
        (1, "0-1", "4400000"),
        (2, "2-3", "4500000"),
        (3, "2-3", "4500000"),
        (4, "4", "3300000"),
        (5, "5", "3300000"),
    ] {
        files.extend(x86(cpu, "0", threads, khz));
    }
    let told = [("cpu_core", "0-3"), ("cpu_atom", "4-5")];
    let told = told.map(|(unit, cpus)| (format!("sys/devices/{unit}/cpus"), cpus.to_owned()));
    let all = [0, 1, 2, 3, 4, 5];
    let by_units = faked(&[files.clone(), told.to_vec()].concat());
    // Others tell by capacity alone.
    let capacities = ["1000", "1000", "1024", "1024", "620", "620"].into_iter().enumerate();
    let capacities = capacities.flat_map(|(cpu, value)| files_of(cpu, &[("cpu_capacity", value)]));
    let by_capacity = faked(&[files, capacities.collect()].concat());
    for root in [by_units, by_capacity] {
        let cores = Cores::at(root.path(), &all);
        assert_eq!(order(&cores), [2, 0, 4, 5, 3, 1]);
        assert_eq!(cores.0[0].design(), format!("{name}, performance core"));
        assert_eq!(cores.0[2].design(), format!("{name}, efficiency core"));
        assert_eq!(cores.0[0].siblings, [3]);
    }
}

/// Two packages of two cores of two threads each: packages are filled one after the other.
#[test]
fn a_server_with_two_threads_a_core() {
    let mut files = vec![brand("AMD EPYC 9124 16-Core Processor", 8)];
    for cpu in 0..8 {
        let package = if cpu % 4 < 2 { "0" } else { "1" };
        let threads = format!("{},{}", cpu % 4, cpu % 4 + 4);
        files.extend(x86(cpu, package, &threads, "3700000"));
    }
    let root = faked(&files);
    let cores = Cores::at(root.path(), &(0..8).collect::<Vec<_>>());
    assert_eq!(order(&cores), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(cores.designs(), "AMD EPYC 9124 16-Core Processor");
    // A mask leaves the second threads of package 0, and one core of package 1 with both threads.
    let cores = Cores::at(root.path(), &[2, 4, 5, 6]);
    assert_eq!(order(&cores), [4, 5, 2, 6]);
}

/// Its files tell of fewer processors than it has, and have them by other numbers.
#[test]
fn a_container_whose_files_tell_of_others() {
    let root = faked(&[brand("Invented", 2)]);
    let cores = Cores::at(root.path(), &[12, 13]);
    assert_eq!((order(&cores), cores.designs()), (vec![12, 13], String::new()));
    let bare = Cores::at(&root.path().join("nothing"), &[0, 1]);
    assert_eq!((order(&bare), types_of(&bare.0)), (vec![0, 1], String::new()));
}

#[test]
fn a_list_with_a_processor_that_is_not_allowed_is_refused_in_one_line() {
    let cores = Cores::at(Path::new("/nowhere"), &[0, 1, 2, 3]);
    let refusal = cores.chosen(Some(&"2-5".parse().unwrap())).unwrap_err().to_string();
    assert_eq!(refusal, "--cpus 2-5: this process may use the processors 0-3, not 4-5");
}

#[test]
fn a_process_may_run_somewhere() {
    assert!(!Cores::own().0.is_empty());
}

#[test]
fn heat_is_the_hottest_of_the_processors_sensors() {
    let sensor = |path: &str, text: &str| (format!("sys/class/{path}"), text.to_owned());
    let root = faked(&[
        sensor("thermal/thermal_zone0/type", "soc-thermal"),
        sensor("thermal/thermal_zone0/temp", "48200"),
        sensor("thermal/thermal_zone1/type", "bigcore0-thermal"),
        sensor("thermal/thermal_zone1/temp", "61500"),
        sensor("thermal/thermal_zone2/type", "battery"),
        sensor("thermal/thermal_zone2/temp", "90000"),
        sensor("hwmon/hwmon0/name", "k10temp"),
        sensor("hwmon/hwmon0/temp1_input", "-273000"),
    ]);
    assert_eq!(temperature(root.path()), Some(61.5));
    fs::write(root.path().join("sys/class/hwmon/hwmon0/temp1_input"), "75250\n").unwrap();
    assert_eq!(temperature(root.path()), Some(75.25));
    assert_eq!(temperature(&root.path().join("nothing")), None);
}

#[test]
fn the_frequency_is_what_the_system_last_gave() {
    let root = faked(&files_of(3, &[("cpufreq/scaling_cur_freq", "1416000")]));
    assert_eq!([3, 4].map(|cpu| frequency(root.path(), cpu)), [Some(1416.0), None]);
}
