//! The caches that the operating system tells of. Linux does, in a folder of files; elsewhere there
//! are none, and the memory mountain alone speaks.

use profile::Cache;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Bytes of the largest cache that is believed: those of all processors together stay a number.
const LARGEST: u64 = 1 << 40;

/// Where Linux tells.
const PROCESSORS: &str = "/sys/devices/system/cpu";

/// The data caches of the processors `cpus`, those of one level together. A cache that
/// several of them share counts once.
pub fn caches(cpus: &[usize]) -> Vec<Cache> {
    read(Path::new(PROCESSORS), cpus)
}

fn read(processors: &Path, cpus: &[usize]) -> Vec<Cache> {
    // Level → the caches of it, each told apart by who shares it.
    let mut levels: BTreeMap<u32, BTreeSet<(String, u64)>> = BTreeMap::new();
    for processor in cpus {
        let folder = processors.join(format!("cpu{processor}")).join("cache");
        for index in fs::read_dir(folder).into_iter().flatten().flatten() {
            if let Some((level, sharers, bytes)) = one(&index.path()) {
                levels.entry(level).or_default().insert((sharers, bytes));
            }
        }
    }
    let sum = |(level, caches): (u32, BTreeSet<(String, u64)>)| Cache {
        name: format!("L{level}"),
        bytes: caches.iter().map(|(_, bytes)| bytes).sum(),
    };
    levels.into_iter().map(sum).collect()
}

/// Level, sharers and size of the cache that `index` tells of; `None` where it holds no data.
fn one(index: &Path) -> Option<(u32, String, u64)> {
    let file = |name: &str| {
        let text = fs::read_to_string(index.join(name)).ok()?;
        Some(text.trim().to_owned())
    };
    let level = file("level")?.parse().ok()?;
    let holds_data = file("type")? != "Instruction";
    let bytes = size(&file("size")?)?;
    holds_data.then_some((level, file("shared_cpu_list")?, bytes))
}

/// `512K` in bytes.
fn size(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match &text[digits.len()..] {
        "" => 1,
        "K" => 1 << 10,
        "M" => 1 << 20,
        "G" => 1 << 30,
        _ => return None,
    };
    let bytes = digits.parse::<u64>().ok()?.checked_mul(unit)?;
    (bytes <= LARGEST).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(["32K", "3M", "7", "1G"].map(size), [32768, 3 << 20, 7, 1 << 30].map(Some));
        assert_eq!(["", "K", "1T", "x", "2048G"].map(size), [None; 5]);
    }

    /// Two processors with an L1 each and one L2 for both; a third one beside them.
    #[test]
    fn what_is_shared_counts_once() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let write = |cpu: usize, index: usize, [level, kind, size, sharers]: [&str; 4]| {
            let folder = root.join(format!("cpu{cpu}/cache/index{index}"));
            fs::create_dir_all(&folder).unwrap();
            for (name, text) in
                [("level", level), ("type", kind), ("size", size), ("shared_cpu_list", sharers)]
            {
                fs::write(folder.join(name), format!("{text}\n")).unwrap();
            }
        };
        for (cpu, own, both) in [(0, "0", "0-1"), (1, "1", "0-1"), (2, "2", "2")] {
            write(cpu, 0, ["1", "Data", "32K", own]);
            write(cpu, 1, ["1", "Instruction", "64K", own]);
            write(cpu, 2, ["2", "Unified", "1M", both]);
        }
        let bytes = |cpus| read(root, cpus).iter().map(|c| c.bytes).collect::<Vec<_>>();
        assert_eq!(bytes(&[0]), [32 << 10, 1 << 20]);
        assert_eq!(bytes(&[0, 1]), [64 << 10, 1 << 20]);
        assert_eq!(bytes(&[2, 1]), [64 << 10, 2 << 20]);
        assert_eq!(bytes(&[0, 1, 2]), [96 << 10, 2 << 20]);
        assert_eq!(read(root, &[0])[1].name, "L2");
        assert_eq!(read(&root.join("nothing"), &[0]), []);
    }
}
