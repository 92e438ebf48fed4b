//! Facts about the machine, from the operating system.

use anyhow::Context;
use profile::Machine;
use std::thread::available_parallelism;
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
    let limit = system.cgroup_limits().map_or(u64::MAX, |c| c.total_memory);
    Ok(Machine {
        os: System::long_os_version().unwrap_or_default(),
        kernel: System::kernel_version().unwrap_or_default(),
        cpu: brand(&system),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_processors_memory_and_a_name() {
        let machine = machine().unwrap();
        assert!(machine.cores >= 1 && machine.memory_bytes > 1 << 20, "{machine:?}");
        assert!(!machine.cpu.is_empty() && !machine.os.is_empty(), "{machine:?}");
    }
}
