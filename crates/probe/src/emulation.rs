//! Is this processor an emulator's? Its results prove the code right, its times mean nothing.
//!
//! A user-mode emulator such as qemu-user translates one program and passes its system calls to a
//! host of another architecture. It covers its tracks in a few well-known files
//! (`/proc/self/exe`, in newer versions `/proc/cpuinfo`), but the kernel, which knows only the
//! emulator's own executable, still answers truly for the same facts under the thread's name.

#[cfg(target_os = "linux")]
use std::fs;

/// Whether the program runs on an emulated processor of brand `cpu`, as far as can be seen.
pub fn emulated(cpu: &str) -> bool {
    brand_of_emulator(cpu) || foreign_executable()
}

/// Brands that emulators give their processors: qemu's translator (a qemu machine that runs on
/// the real processor keeps that one's brand, or is a "Virtual CPU"), and Rosetta.
fn brand_of_emulator(cpu: &str) -> bool {
    ["QEMU TCG", "VirtualApple"].iter().any(|brand| cpu.contains(brand))
}

/// Whether the kernel runs an executable for another architecture than this program's.
#[cfg(target_os = "linux")]
fn foreign_executable() -> bool {
    let Some(own) = elf_machine(std::env::consts::ARCH) else { return false };
    let Ok(tasks) = fs::read_dir("/proc/self/task") else { return false };
    tasks
        .flatten()
        .filter_map(|task| head(&task.path().join("exe")))
        .any(|head| machine_of(&head).is_some_and(|machine| machine != own))
}

#[cfg(not(target_os = "linux"))]
const fn foreign_executable() -> bool {
    false
}

/// The first 20 bytes of a file.
#[cfg(target_os = "linux")]
fn head(path: &std::path::Path) -> Option<[u8; 20]> {
    let mut head = [0; 20];
    std::io::Read::read_exact(&mut fs::File::open(path).ok()?, &mut head).ok()?;
    Some(head)
}

/// The field `e_machine` of an ELF header.
#[cfg(target_os = "linux")]
fn machine_of(head: &[u8; 20]) -> Option<u16> {
    let field = [head[18], head[19]];
    match (head.starts_with(b"\x7fELF"), head[5]) {
        (true, 1) => Some(u16::from_le_bytes(field)),
        (true, 2) => Some(u16::from_be_bytes(field)),
        _ => None,
    }
}

/// `e_machine` of executables for the architectures that the lab is built for (System V ABI).
#[cfg(target_os = "linux")]
fn elf_machine(arch: &str) -> Option<u16> {
    Some(match arch {
        "x86" => 3,
        "arm" => 40,
        "x86_64" => 62,
        "aarch64" => 183,
        "riscv64" => 243,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brands_tell_translators_from_virtual_machines() {
        assert!(brand_of_emulator("QEMU TCG CPU version 2.5+"));
        assert!(!brand_of_emulator("QEMU Virtual CPU version 2.5+"));
        assert!(!brand_of_emulator("Cortex-A76"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_executable_says_what_it_is_for() {
        let mut head = *b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xb7\0";
        assert_eq!(machine_of(&head), elf_machine("aarch64"));
        head[5] = 2;
        assert_eq!(machine_of(&head), Some(0xb700));
        assert_eq!(machine_of(b"#!/bin/sh\n#         "), None);
    }
}
