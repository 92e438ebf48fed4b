//! Is this processor an emulator's? Its results prove the code right, its times mean nothing.
//!
//! A user-mode emulator such as qemu-user translates one program and passes its system calls to the
//! host, which may be of the same architecture. The processor that it shows can have any name. It covers its
//! tracks in a few well-known files (`/proc/self/exe`, in newer versions `/proc/cpuinfo`), but the
//! kernel, which knows only the emulator's own executable, still answers truly for the same facts under
//! the thread's name. Valgrind, which runs a program on a processor of its own, is found so, too.

#[cfg(target_os = "linux")]
use std::{
    fs::{self, File},
    io,
    path::Path,
};

/// Whether the program runs on an emulated processor of brand `cpu`, as far as can be seen.
pub fn emulated(cpu: &str) -> bool {
    brand_of_emulator(cpu) || names().iter().any(translator) || foreign_executable()
}

/// Brands that emulators give their processors: qemu's translator (a qemu machine that runs on
/// the real processor keeps that one's brand, or is a "Virtual CPU"), Rosetta, and Box64.
fn brand_of_emulator(cpu: &str) -> bool {
    ["QEMU TCG", "VirtualApple", "Box64"].iter().any(|brand| cpu.contains(brand))
}

/// Whether CPUID names a translator as the processor's maker or as its hypervisor: qemu, FEX, Windows on
/// ARM, Rosetta. They do so whatever the brand.
fn translator(name: &[u8; 12]) -> bool {
    [b"TCGTCGTCGTCG", b"FEXIFEXIEMU\0", b"MicrosoftXTA", b"VirtualApple"].contains(&name)
}

/// Who made the processor, and the hypervisor, as CPUID has them.
#[cfg(target_arch = "x86_64")]
fn names() -> [[u8; 12]; 2] {
    use std::arch::x86_64::__cpuid;
    let bytes = |registers: [u32; 3]| {
        let mut name = [0; 12];
        let registers = registers.map(u32::to_le_bytes);
        name.copy_from_slice(registers.as_flattened());
        name
    };
    let (maker, hypervisor) = (__cpuid(0), __cpuid(0x4000_0000));
    [
        bytes([maker.ebx, maker.edx, maker.ecx]),
        bytes([hypervisor.ebx, hypervisor.ecx, hypervisor.edx]),
    ]
}

/// Others do not tell.
#[cfg(not(target_arch = "x86_64"))]
const fn names() -> [[u8; 12]; 0] {
    []
}

/// Whether the kernel runs another executable than the one that this program is told it is, or one for
/// another architecture.
#[cfg(target_os = "linux")]
fn foreign_executable() -> bool {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else { return false };
    let told = Executable::at(Path::new("/proc/self/exe")).ok();
    tasks
        .flatten()
        .filter_map(|task| Executable::at(&task.path().join("exe")).ok())
        .any(|run| run.is_foreign(told.as_ref(), std::env::consts::ARCH))
}

#[cfg(not(target_os = "linux"))]
const fn foreign_executable() -> bool {
    false
}

/// An executable: the file system and the number of its file, and what it is for.
#[cfg(target_os = "linux")]
struct Executable {
    file: (u64, u64),
    machine: Option<u16>,
}

#[cfg(target_os = "linux")]
impl Executable {
    /// The one at `path`. It is opened, for that is the way that emulators cover.
    fn at(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let mut file = File::open(path)?;
        let about = file.metadata()?;
        let mut head = [0; 20];
        io::Read::read_exact(&mut file, &mut head)?;
        Ok(Self { file: (about.dev(), about.ino()), machine: machine_of(&head) })
    }

    /// Whether this, which the kernel runs, is another than the program was `told`, or not for the
    /// architecture that it was compiled for.
    fn is_foreign(&self, told: Option<&Self>, arch: &str) -> bool {
        let of_another = elf_machine(arch).zip(self.machine).is_some_and(|(own, run)| own != run);
        of_another || told.is_some_and(|told| told.file != self.file)
    }
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
        let translators = [*b"TCGTCGTCGTCG", *b"KVMKVMKVM\0\0\0", *b"GenuineIntel"];
        assert_eq!(translators.each_ref().map(translator), [true, false, false]);
    }

    /// Under an emulator of one's own architecture, the brand and the architecture are right.
    #[cfg(target_os = "linux")]
    #[test]
    fn another_executable_than_the_one_told_is_an_emulators() {
        let run = |number, machine| Executable { file: (1, number), machine };
        let told = run(7, Some(62));
        assert!(!run(7, Some(62)).is_foreign(Some(&told), "x86_64"));
        assert!(run(8, Some(62)).is_foreign(Some(&told), "x86_64"));
        assert!(run(7, Some(183)).is_foreign(Some(&told), "x86_64"));
        assert!(!run(8, Some(62)).is_foreign(None, "x86_64"));
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
