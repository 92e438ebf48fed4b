//! What Linux's files tell of a processor, and of heat. Each function takes the root of the file system, and
//! tells nothing where a file is missing.

use super::{designs, list::CpuList};
use profile::Core;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

/// Degrees Celsius that a sensor of a running processor can tell.
const HEAT: std::ops::RangeInclusive<f64> = 1.0..=150.0;

/// The folder of a processor's files.
fn folder(root: &Path, cpu: usize) -> PathBuf {
    root.join(format!("sys/devices/system/cpu/cpu{cpu}"))
}

fn text(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn value<T: FromStr>(path: &Path) -> Option<T> {
    text(path)?.parse().ok()
}

fn list(path: &Path) -> Vec<usize> {
    value::<CpuList>(path).map_or_else(Vec::new, |list| list.0)
}

/// A frequency that stands in a file as kHz.
fn mhz(path: &Path) -> Option<f64> {
    value::<u32>(path).filter(|&khz| khz > 0).map(|khz| f64::from(khz) / 1e3)
}

/// The processors `cpus`, in their order.
pub fn cores(root: &Path, cpus: &[usize]) -> Vec<Core> {
    let names = names(&fs::read_to_string(root.join("proc/cpuinfo")).unwrap_or_default());
    let kinds = [("cpu_core", "performance"), ("cpu_atom", "efficiency")]
        .map(|(unit, kind)| (list(&root.join("sys/devices").join(unit).join("cpus")), kind));
    let one = |&cpu: &usize| {
        let at = folder(root, cpu);
        let of_register = text(&at.join("regs/identification/midr_el1"))
            .and_then(|midr| u64::from_str_radix(midr.trim_start_matches("0x"), 16).ok())
            .map(designs::of_register);
        let kind = kinds.iter().find(|(cpus, _)| cpus.contains(&cpu));
        let siblings = list(&at.join("topology/thread_siblings_list"));
        Core {
            cpu,
            name: of_register.or_else(|| names.get(&cpu).cloned()).unwrap_or_default(),
            kind: kind.map_or_else(String::new, |(_, kind)| (*kind).to_owned()),
            // A number below 0 is none.
            package: value(&at.join("topology/physical_package_id")),
            cluster: value::<u16>(&at.join("topology/cluster_id"))
                .filter(|&id| id < u16::MAX)
                .map(usize::from),
            siblings: siblings.into_iter().filter(|&other| other != cpu).collect(),
            capacity: value::<u16>(&at.join("cpu_capacity")).map(u64::from),
            max_mhz: mhz(&at.join("cpufreq/cpuinfo_max_freq")),
            measured_mhz: None,
            governor: text(&at.join("cpufreq/scaling_governor")).unwrap_or_default(),
        }
    };
    cpus.iter().map(one).collect()
}

/// The processors' names by `/proc/cpuinfo`: of an ARM core by its maker and part, of others the brand.
fn names(cpuinfo: &str) -> BTreeMap<usize, String> {
    let mut found = BTreeMap::new();
    for processor in cpuinfo.split("\n\n") {
        let fields = processor.lines().filter_map(|line| line.split_once(':'));
        let fields: BTreeMap<&str, &str> = fields.map(|(k, v)| (k.trim(), v.trim())).collect();
        let number = |key| {
            let text: &&str = fields.get(key)?;
            u32::from_str_radix(text.trim_start_matches("0x"), 16).ok()
        };
        let Some(cpu) = fields.get("processor").and_then(|cpu| cpu.parse().ok()) else { continue };
        let arm = number("CPU implementer").zip(number("CPU part"));
        let name = arm.map(|(maker, part)| designs::name(maker, part));
        if let Some(name) = name.or_else(|| Some((*fields.get("model name")?).to_owned())) {
            found.insert(cpu, name);
        }
    }
    found
}

/// The frequency that the system last gave a processor, MHz.
pub fn frequency(root: &Path, cpu: usize) -> Option<f64> {
    mhz(&folder(root, cpu).join("cpufreq/scaling_cur_freq"))
}

/// The temperature of the hottest of the processor's sensors, degrees Celsius.
pub fn temperature(root: &Path) -> Option<f64> {
    let entries = |folder: &str| fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
    let of_processor = |file: &Path, words: &[&str]| {
        text(file).is_some_and(|name| words.iter().any(|word| name.contains(word)))
    };
    let zones = entries("sys/class/thermal").map(|zone| zone.path());
    let zones =
        zones.filter(|zone| of_processor(&zone.join("type"), &["cpu", "soc", "core", "pkg"]));
    let chips = entries("sys/class/hwmon").map(|chip| chip.path());
    let chips =
        chips.filter(|chip| of_processor(&chip.join("name"), &["coretemp", "k10temp", "cpu"]));
    let inputs = chips.flat_map(|chip| fs::read_dir(chip).into_iter().flatten().flatten());
    let inputs = inputs.map(|file| file.path()).filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("temp") && name.ends_with("_input")
    });
    let files = zones.map(|zone| zone.join("temp")).chain(inputs);
    let degrees = files.filter_map(|file| Some(value::<f64>(&file)? / 1e3));
    degrees.filter(|degrees| HEAT.contains(degrees)).max_by(f64::total_cmp)
}
