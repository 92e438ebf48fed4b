//! Facts about the machine, from the operating system.

use crate::cgroup;
use anyhow::Context;
use profile::Machine;
use std::{path::Path, thread::available_parallelism};
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

/// The machine that this program runs on.
///
/// # Errors
/// Where the system does not tell its memory and processors.
pub fn machine() -> anyhow::Result<Machine> {
    let system = System::new_with_specifics(
        RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::nothing().with_ram()),
    )
    .context("cannot learn about this machine")?;
    let limit = cgroup::memory_limit(Path::new("/")).unwrap_or(u64::MAX);
    Ok(Machine {
        os: System::long_os_version().unwrap_or_default(),
        kernel: System::kernel_version().unwrap_or_default(),
        cpu: brand(&system),
        model: model(),
        cores: available_parallelism().map_or(1, usize::from),
        memory_bytes: system.total_memory().min(limit),
    })
}

/// The processor's brand, or the architecture where the system does not tell it.
fn brand(system: &System) -> String {
    let brand = system.cpus().first().map_or("", |cpu| cpu.brand().trim());
    if brand.is_empty() {
        format!("{} processor", std::env::consts::ARCH)
    } else {
        brand.to_owned()
    }
}

/// Family and model, from leaf 1 of CPUID.
#[cfg(target_arch = "x86_64")]
fn model() -> String {
    let signature = std::arch::x86_64::__cpuid(1).eax;
    let (family, model) = family_and_model(signature);
    format!("family {family}, model {model}")
}

/// System calls tell no more than the brand.
#[cfg(not(target_arch = "x86_64"))]
const fn model() -> String {
    String::new()
}

/// What a processor's signature says (AMD's and Intel's manuals, CPUID function 1): the families from 15 on
/// add an extension, and those have longer model numbers, as has Intel's family 6.
#[cfg(any(test, target_arch = "x86_64"))]
fn family_and_model(signature: u32) -> (u32, u32) {
    let bits = |from: u32, count: u32| signature >> from & ((1 << count) - 1);
    let family = bits(8, 4);
    let extension = if family == 15 { bits(20, 8) } else { 0 };
    let longer = if family == 6 || family == 15 { bits(16, 4) } else { 0 };
    (family + extension, longer << 4 | bits(4, 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_of_known_processors() {
        // Zen 5, Zen 3, Ice Lake, Pentium.
        for (signature, expected) in [
            (0x00B0_0F21, (26, 2)),
            (0x00A2_0F10, (25, 33)),
            (0x0006_06A6, (6, 106)),
            (0x543, (5, 4)),
        ] {
            assert_eq!(family_and_model(signature), expected, "{signature:x}");
        }
    }

    #[test]
    fn the_machine_has_processors_memory_and_a_name() {
        let machine = machine().unwrap();
        assert!(machine.cores >= 1 && machine.memory_bytes > 1 << 20, "{machine:?}");
        assert!(!machine.cpu.is_empty() && !machine.os.is_empty(), "{machine:?}");
    }
}
