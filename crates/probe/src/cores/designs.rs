//! Names of ARM cores by the register that tells them apart, MIDR_EL1.
//!
//! The numbers are those of Linux (`arch/arm64/include/asm/cputype.h`) and of util-linux (`lscpu-arm.c`).

/// Who made a core, its number among the maker's, and its name. Of cores that stand in one chip, the slower
/// comes first: where a system tells no capacity and no frequency, that decides.
const DESIGNS: &[(u32, u32, &str)] = &[
    (0x41, 0xc07, "Cortex-A7"),
    (0x41, 0xc08, "Cortex-A8"),
    (0x41, 0xc09, "Cortex-A9"),
    (0x41, 0xc0d, "Cortex-A12"),
    (0x41, 0xc0e, "Cortex-A17"),
    (0x41, 0xc0f, "Cortex-A15"),
    (0x41, 0xd01, "Cortex-A32"),
    (0x41, 0xd02, "Cortex-A34"),
    (0x41, 0xd04, "Cortex-A35"),
    (0x41, 0xd03, "Cortex-A53"),
    (0x41, 0xd05, "Cortex-A55"),
    (0x41, 0xd06, "Cortex-A65"),
    (0x41, 0xd43, "Cortex-A65AE"),
    (0x41, 0xd46, "Cortex-A510"),
    (0x41, 0xd80, "Cortex-A520"),
    (0x41, 0xd07, "Cortex-A57"),
    (0x41, 0xd08, "Cortex-A72"),
    (0x41, 0xd09, "Cortex-A73"),
    (0x41, 0xd0a, "Cortex-A75"),
    (0x41, 0xd0b, "Cortex-A76"),
    (0x41, 0xd0e, "Cortex-A76AE"),
    (0x41, 0xd0d, "Cortex-A77"),
    (0x41, 0xd41, "Cortex-A78"),
    (0x41, 0xd42, "Cortex-A78AE"),
    (0x41, 0xd4b, "Cortex-A78C"),
    (0x41, 0xd47, "Cortex-A710"),
    (0x41, 0xd4d, "Cortex-A715"),
    (0x41, 0xd81, "Cortex-A720"),
    (0x41, 0xd89, "Cortex-A720AE"),
    (0x41, 0xd87, "Cortex-A725"),
    (0x41, 0xd8b, "C1-Pro"),
    (0x41, 0xd44, "Cortex-X1"),
    (0x41, 0xd4c, "Cortex-X1C"),
    (0x41, 0xd48, "Cortex-X2"),
    (0x41, 0xd4e, "Cortex-X3"),
    (0x41, 0xd82, "Cortex-X4"),
    (0x41, 0xd85, "Cortex-X925"),
    (0x41, 0xd8c, "C1-Ultra"),
    (0x41, 0xd4a, "Neoverse-E1"),
    (0x41, 0xd0c, "Neoverse-N1"),
    (0x41, 0xd49, "Neoverse-N2"),
    (0x41, 0xd8e, "Neoverse-N3"),
    (0x41, 0xd40, "Neoverse-V1"),
    (0x41, 0xd4f, "Neoverse-V2"),
    (0x41, 0xd83, "Neoverse-V3AE"),
    (0x41, 0xd84, "Neoverse-V3"),
    (0x42, 0x100, "Brahma-B53"),
    (0x42, 0x516, "ThunderX2"),
    (0x43, 0x0a0, "ThunderX"),
    (0x43, 0x0af, "ThunderX2"),
    (0x43, 0x0b8, "ThunderX3"),
    (0x46, 0x001, "A64FX"),
    (0x48, 0xd01, "Kunpeng-920"),
    (0x48, 0xd40, "Cortex-A76"),
    (0x4e, 0x000, "Denver"),
    (0x4e, 0x003, "Denver-2"),
    (0x4e, 0x004, "Carmel"),
    (0x4e, 0x010, "Olympus"),
    (0x50, 0x000, "X-Gene"),
    (0x51, 0x205, "Kryo-Silver"),
    (0x51, 0x211, "Kryo-Silver"),
    (0x51, 0x201, "Kryo-Gold"),
    (0x51, 0x801, "Kryo-2XX-Silver"),
    (0x51, 0x800, "Kryo-2XX-Gold"),
    (0x51, 0x803, "Kryo-3XX-Silver"),
    (0x51, 0x802, "Kryo-3XX-Gold"),
    (0x51, 0x805, "Kryo-4XX-Silver"),
    (0x51, 0x804, "Kryo-4XX-Gold"),
    (0x51, 0xc00, "Falkor"),
    (0x51, 0xc01, "Saphira"),
    (0x53, 0x001, "Exynos-M1"),
    (0x53, 0x002, "Exynos-M3"),
    (0x53, 0x003, "Exynos-M4"),
    (0x53, 0x004, "Exynos-M5"),
    (0x61, 0x020, "Icestorm-A14"),
    (0x61, 0x021, "Firestorm-A14"),
    (0x61, 0x022, "Icestorm-M1"),
    (0x61, 0x023, "Firestorm-M1"),
    (0x61, 0x024, "Icestorm-M1-Pro"),
    (0x61, 0x025, "Firestorm-M1-Pro"),
    (0x61, 0x028, "Icestorm-M1-Max"),
    (0x61, 0x029, "Firestorm-M1-Max"),
    (0x61, 0x032, "Blizzard-M2"),
    (0x61, 0x033, "Avalanche-M2"),
    (0x61, 0x034, "Blizzard-M2-Pro"),
    (0x61, 0x035, "Avalanche-M2-Pro"),
    (0x61, 0x038, "Blizzard-M2-Max"),
    (0x61, 0x039, "Avalanche-M2-Max"),
    (0x6d, 0xd49, "Azure-Cobalt-100"),
    (0x70, 0x660, "FTC660"),
    (0x70, 0x661, "FTC661"),
    (0x70, 0x662, "FTC662"),
    (0x70, 0x663, "FTC663"),
    (0xc0, 0xac3, "AmpereOne"),
    (0xc0, 0xac4, "AmpereOne-A"),
];

/// The name of the core of a maker; the numbers where nobody knows one.
pub fn name(maker: u32, part: u32) -> String {
    let known = DESIGNS.iter().find(|design| (design.0, design.1) == (maker, part));
    known.map_or_else(|| format!("ARM core {maker:#04x}/{part:#05x}"), |design| design.2.to_owned())
}

/// The name of the core whose register MIDR_EL1 has this value: the maker in bits 24 to 31, the part in 4 to 15.
pub fn of_register(midr: u64) -> String {
    let bits = |from: u32, many: u32| (midr >> from) as u32 & ((1 << many) - 1);
    name(bits(24, 8), bits(4, 12))
}

/// Its place among all, slower ones of a chip first; `None` for one that nobody knows.
pub fn place(name: &str) -> Option<usize> {
    DESIGNS.iter().position(|design| design.2 == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_named_by_their_register() {
        assert_eq!(of_register(0x414f_d0b1), "Cortex-A76");
        assert_eq!(of_register(0x0000_0000_611f_0230), "Firestorm-M1");
        assert_eq!(of_register(0x51df_804e), "Kryo-4XX-Gold");
        assert_eq!(of_register(0x41ff_fff0), "ARM core 0x41/0xfff");
    }

    #[test]
    fn no_number_stands_twice() {
        let mut numbers: Vec<_> = DESIGNS.iter().map(|design| (design.0, design.1)).collect();
        numbers.sort_unstable();
        assert!(numbers.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn of_one_chip_the_slower_comes_first() {
        for [slow, fast] in [
            ["Cortex-A53", "Cortex-A72"],
            ["Cortex-A510", "Cortex-A710"],
            ["Cortex-A715", "Cortex-X3"],
            ["Kryo-4XX-Silver", "Kryo-4XX-Gold"],
            ["Icestorm-M1", "Firestorm-M1"],
        ] {
            assert!(place(slow) < place(fast), "{slow} {fast}");
        }
        assert_eq!(place("AMD EPYC"), None);
    }
}
