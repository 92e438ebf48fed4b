//! Facts about the machine, from the operating system.

use crate::{cgroup, cores::Cores};
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
        cpu: Some(Cores::own().designs())
            .filter(|cores| !cores.is_empty())
            .unwrap_or_else(|| brand(&system)),
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

/// Family and model, as the processor has them.
#[cfg(target_arch = "x86_64")]
fn model() -> String {
    let signature = raw_cpuid::CpuId::new().get_feature_info();
    signature.map_or_else(String::new, |signature| {
        format!("family {}, model {}", signature.family_id(), signature.model_id())
    })
}

/// System calls tell no more than the brand.
#[cfg(not(target_arch = "x86_64"))]
const fn model() -> String {
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_processors_memory_and_a_name() {
        let machine = machine().unwrap();
        assert!(machine.cores >= 1 && machine.memory_bytes > 1 << 20, "{machine:?}");
        assert!(!machine.cpu.is_empty() && !machine.os.is_empty(), "{machine:?}");
        let model = machine.model.starts_with("family ") && machine.model.contains(", model ");
        assert_eq!(model, cfg!(target_arch = "x86_64"), "{machine:?}");
    }
}
