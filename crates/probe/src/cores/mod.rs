//! The processor cores that this process may use: what each is, and which are the fastest.
//!
//! A chip has several kinds of cores, a core several threads, and a container some of them all. Whoever does
//! not choose is given the fastest, one thread a core before a second one of any.

mod designs;
mod list;
mod tree;

pub use list::CpuList;
pub use tree::{frequency, temperature};

use anyhow::ensure;
use list::written;
use profile::Core;
use std::{cmp::Reverse, path::Path};

/// The share of the largest capacity below which a core of the same name is of another kind. Cores of one
/// kind differ by a few per cent, as some of them reach a higher frequency.
const EFFICIENCY: f64 = 0.8;

/// The processors that this process may use, the fastest first.
#[derive(Clone, Debug)]
pub struct Cores(Vec<Core>);

impl Cores {
    /// Those of this process. To be asked before any thread is pinned.
    pub fn own() -> Self {
        Self::at(Path::new("/"), &allowed())
    }

    /// The processors `allowed`, as the file system at `root` tells of them.
    pub fn at(root: &Path, allowed: &[usize]) -> Self {
        let mut cores = tree::cores(root, allowed);
        tell_kinds(&mut cores);
        cores.sort_by_cached_key(|core| rank(core, allowed));
        Self(cores)
    }

    /// Those of the list `asked` in its order, or all, the fastest first.
    ///
    /// # Errors
    /// Where the process may not use one of the list.
    pub fn chosen(&self, asked: Option<&CpuList>) -> anyhow::Result<Vec<Core>> {
        let Some(CpuList(asked)) = asked else { return Ok(self.0.clone()) };
        let find = |cpu: &usize| self.0.iter().find(|core| core.cpu == *cpu);
        let refused: Vec<usize> = asked.iter().copied().filter(|cpu| find(cpu).is_none()).collect();
        let all: Vec<usize> = self.0.iter().map(|core| core.cpu).collect();
        ensure!(
            refused.is_empty(),
            "--cpus {}: this process may use the processors {}, not {}",
            written(asked),
            written(&all),
            written(&refused)
        );
        Ok(asked.iter().filter_map(find).cloned().collect())
    }

    /// What they are, in words; empty where the system does not tell.
    pub fn designs(&self) -> String {
        designs_of(&self.0)
    }
}

/// What `cores` are, each design once; empty where the system does not tell of all.
pub fn designs_of(cores: &[Core]) -> String {
    let mut designs: Vec<String> = Vec::new();
    for design in cores.iter().map(Core::design) {
        if design.is_empty() {
            return String::new();
        }
        if !designs.contains(&design) {
            designs.push(design);
        }
    }
    designs.join(" + ")
}

/// What a measurement on `cores` holds for: their kinds, each with its highest frequency, in words.
pub fn types_of(cores: &[Core]) -> String {
    let mut types: Vec<String> = Vec::new();
    for core in cores {
        let most = core.max_mhz.map_or_else(String::new, |mhz| format!(" {mhz:.0} MHz"));
        types.push(core.design() + &most);
    }
    types.sort();
    types.dedup();
    types.join(" + ")
}

/// What comes first is faster: the first thread of a core before others, then what the system takes for
/// fastest, then what is known of designs. Then those that are near each other.
fn rank(core: &Core, allowed: &[usize]) -> impl Ord + use<> {
    let before = |&&other: &&usize| other < core.cpu && allowed.contains(&other);
    let thread = core.siblings.iter().filter(before).count();
    let khz = core.max_mhz.map(|mhz| (mhz * 1e3) as u64);
    let fast = (Reverse(core.capacity), Reverse(khz), Reverse(designs::place(&core.name)));
    (thread, fast, core.package, core.cluster, core.cpu)
}

/// Tells kinds of cores apart that have one name, where the system does so by their capacity alone.
fn tell_kinds(cores: &mut [Core]) {
    let same = cores.windows(2).all(|pair| pair[0].design() == pair[1].design());
    let Some(largest) = cores.iter().filter_map(|core| core.capacity).max().filter(|_| same) else {
        return;
    };
    let is_small = |core: &Core| {
        core.capacity.is_some_and(|capacity| (capacity as f64) < EFFICIENCY * largest as f64)
    };
    if cores.iter().any(is_small) {
        for core in cores {
            let kind = if is_small(core) { "efficiency" } else { "performance" };
            kind.clone_into(&mut core.kind);
        }
    }
}

/// The processors that the calling thread may run on.
#[cfg(target_os = "linux")]
fn allowed() -> Vec<usize> {
    use rustix::thread::{CpuSet, sched_getaffinity};
    let set = sched_getaffinity(None).ok();
    set.map_or_else(counted, |set| (0..CpuSet::MAX_CPU).filter(|&cpu| set.is_set(cpu)).collect())
}

/// Other systems tell how many there are.
#[cfg(not(target_os = "linux"))]
fn allowed() -> Vec<usize> {
    counted()
}

/// So many processors as the system says that there are.
fn counted() -> Vec<usize> {
    (0..std::thread::available_parallelism().map_or(1, usize::from)).collect()
}

#[cfg(test)]
mod tests;
