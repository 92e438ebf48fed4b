//! What Linux's control groups allow the program: its own group, and all groups round it, may each have a
//! limit of memory and a quota of processor time. Of both versions; elsewhere there are none.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The least limit of memory that any of the groups has, bytes. `root` is the root of the file system.
pub fn memory_limit(root: &Path) -> Option<u64> {
    // Above `memory.high` the system slows a program down to nearly nothing. A limit of version 1 that is
    // none is a number too large for any machine.
    let files = ["memory.max", "memory.high", "memory.limit_in_bytes"];
    let groups = groups(root, "memory");
    let limits = groups.iter().flat_map(|group| files.map(|file| group.join(file)));
    limits.filter_map(|file| fs::read_to_string(file).ok()?.trim().parse().ok()).min()
}

/// The least quota of processor time that any of the groups has, in processors. `root` is the root of the file
/// system.
pub fn quota(root: &Path) -> Option<f64> {
    let of = |group: PathBuf| {
        let read = |file: &str| fs::read_to_string(group.join(file)).ok();
        let first_version = || Some(read("cpu.cfs_quota_us")? + &read("cpu.cfs_period_us")?);
        let both = read("cpu.max").or_else(first_version)?;
        // No quota is `max` or a number below 0.
        let mut both = both.split_whitespace().map(|text| text.parse().ok());
        let (quota, period): (f64, f64) = both.next()?.zip(both.next()?)?;
        (quota > 0.0 && period > 0.0).then(|| quota / period)
    };
    groups(root, "cpu").into_iter().filter_map(of).min_by(f64::total_cmp)
}

/// How often the groups' quotas halted the program so far: each group's number of periods in which it had
/// work, and of those in which it was halted. `root` is the root of the file system.
pub fn throttled(root: &Path) -> Vec<Throttled> {
    let count = |text: &str, key: &str| -> Option<u64> {
        let mut lines = text.lines().filter_map(|line| line.split_once(' '));
        lines.find(|(name, _)| *name == key)?.1.trim().parse().ok()
    };
    let of = |group: PathBuf| {
        let text = fs::read_to_string(group.join("cpu.stat")).ok()?;
        let periods = count(&text, "nr_periods")?;
        Some(Throttled { periods, halted: count(&text, "nr_throttled")?, group })
    };
    groups(root, "cpu").into_iter().filter_map(of).collect()
}

/// A group's count of periods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Throttled {
    group: PathBuf,
    /// Periods of the quota in which the group had work.
    pub periods: u64,
    /// Those in which it was halted.
    pub halted: u64,
}

impl Throttled {
    /// Such counts of some group.
    #[cfg(test)]
    pub fn of(halted: u64, periods: u64) -> Self {
        Self { group: PathBuf::new(), periods, halted }
    }

    /// The counts of the group that was halted most from `before` to `now`; `None` where none has a quota.
    pub fn between(before: &[Self], now: &[Self]) -> Option<Self> {
        let since = |now: &Self| {
            let before = before.iter().find(|before| before.group == now.group)?;
            Some(Self {
                group: now.group.clone(),
                periods: now.periods.checked_sub(before.periods).filter(|periods| *periods > 0)?,
                halted: now.halted.checked_sub(before.halted)?,
            })
        };
        now.iter().filter_map(since).max_by_key(|group| group.halted)
    }
}

/// The folders of the program's group and of all groups round it, innermost first, as the hierarchies have
/// them that know `controller`.
fn groups(root: &Path, controller: &str) -> Vec<PathBuf> {
    let read = |file: &str| fs::read_to_string(root.join(file)).unwrap_or_default();
    let (own, mounts) = (read("proc/self/cgroup"), read("proc/self/mountinfo"));
    let hierarchies = own.lines().filter_map(|line| {
        // `4:memory:/path`, or `0::/path` of version 2.
        let [_, controllers, path] = line.splitn(3, ':').collect::<Vec<_>>()[..] else {
            return None;
        };
        let wanted = controllers.is_empty() || controllers.split(',').any(|c| c == controller);
        wanted.then_some((controllers.is_empty(), path))
    });
    let mut found = Vec::new();
    for (second, path) in hierarchies {
        let mounts = mounts.lines().filter_map(Mount::parse);
        let mut own = mounts.filter(|mount| match second {
            true => mount.kind == "cgroup2",
            false => mount.kind == "cgroup" && mount.options.split(',').any(|o| o == controller),
        });
        let Some(mount) = own.next() else { continue };
        // What is mounted may be a part of the hierarchy; of a path outside it only that part is seen.
        let inside = Path::new(path).strip_prefix(mount.root).unwrap_or(Path::new(""));
        let at = root.join(mount.point.trim_start_matches('/'));
        let groups = inside.ancestors().map(|inside| at.join(inside));
        found.extend(groups);
    }
    found
}

/// A line of `/proc/self/mountinfo` (man 5 proc).
struct Mount<'a> {
    /// What of the file system is mounted.
    root: &'a str,
    /// Where.
    point: &'a str,
    /// The file system's kind.
    kind: &'a str,
    /// Its own options.
    options: &'a str,
}

impl<'a> Mount<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (mount, system) = line.split_once(" - ")?;
        let mut mount = mount.split(' ').skip(3);
        let (root, point) = (mount.next()?, mount.next()?);
        let mut system = system.split(' ');
        let (kind, options) = (system.next()?, system.nth(1)?);
        Some(Self { root, point, kind, options })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    /// A file system of these files.
    fn faked(files: &[(&str, &str)]) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    const SECOND: &str = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";

    #[test]
    fn the_least_limit_of_all_nested_groups_counts() {
        let root = faked(&[
            ("proc/self/cgroup", "0::/user.slice/run 1.scope/inner\n"),
            ("proc/self/mountinfo", SECOND),
            ("sys/fs/cgroup/user.slice/memory.max", "8000000\n"),
            ("sys/fs/cgroup/user.slice/run 1.scope/memory.max", "3000000\n"),
            ("sys/fs/cgroup/user.slice/run 1.scope/memory.high", "max\n"),
            ("sys/fs/cgroup/user.slice/run 1.scope/inner/memory.max", "max\n"),
            ("sys/fs/cgroup/other/memory.max", "1\n"),
        ]);
        assert_eq!(memory_limit(root.path()), Some(3_000_000));
        fs::write(root.path().join("sys/fs/cgroup/user.slice/memory.high"), "2000000\n").unwrap();
        assert_eq!(memory_limit(root.path()), Some(2_000_000));
    }

    #[test]
    fn the_first_version_has_a_hierarchy_a_controller_of_which_a_part_may_be_mounted() {
        let root = faked(&[
            ("proc/self/cgroup", "9:cpu,cpuacct:/docker/a\n4:memory:/docker/a/b\n0::/x\n"),
            (
                "proc/self/mountinfo",
                "32 31 0:29 /docker/a /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
                     35 31 0:32 /docker/a /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n",
            ),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "5000000\n"),
            ("sys/fs/cgroup/memory/b/memory.limit_in_bytes", "9223372036854771712\n"),
            ("sys/fs/cgroup/cpu,cpuacct/cpu.stat", "nr_periods 9\nnr_throttled 4\n"),
        ]);
        assert_eq!(memory_limit(root.path()), Some(5_000_000));
        let [own] = &throttled(root.path())[..] else { panic!("one group") };
        assert_eq!((own.periods, own.halted), (9, 4));
    }

    #[test]
    fn the_least_quota_counts_in_either_version() {
        let root = faked(&[
            ("proc/self/cgroup", "0::/a/b\n"),
            ("proc/self/mountinfo", SECOND),
            ("sys/fs/cgroup/cpu.max", "max 100000\n"),
            ("sys/fs/cgroup/a/cpu.max", "50000 100000\n"),
            ("sys/fs/cgroup/a/b/cpu.max", "300000 100000\n"),
        ]);
        assert_eq!(quota(root.path()), Some(0.5));
        let first = |quota: &str| {
            faked(&[
                ("proc/self/cgroup", "1:cpu,cpuacct:/\n"),
                ("proc/self/mountinfo", "32 31 0:29 / /c rw - cgroup cgroup rw,cpu,cpuacct\n"),
                ("c/cpu.cfs_quota_us", quota),
                ("c/cpu.cfs_period_us", "100000\n"),
            ])
        };
        assert_eq!(quota(first("150000\n").path()), Some(1.5));
        assert_eq!(quota(first("-1\n").path()), None);
    }

    #[test]
    fn of_nested_quotas_the_one_that_halts_most_is_told() {
        let stat = |periods: u64, halted: u64| {
            format!("usage_usec 7\nnr_periods {periods}\nnr_throttled {halted}\nthrottled_usec 1\n")
        };
        let root = faked(&[
            ("proc/self/cgroup", "0::/a/b\n"),
            ("proc/self/mountinfo", SECOND),
            ("sys/fs/cgroup/cpu.stat", "usage_usec 7\n"),
            ("sys/fs/cgroup/a/cpu.stat", &stat(100, 10)),
            ("sys/fs/cgroup/a/b/cpu.stat", &stat(0, 0)),
        ]);
        let before = throttled(root.path());
        assert_eq!(Throttled::between(&before, &before), None, "no period passed");
        fs::write(root.path().join("sys/fs/cgroup/a/cpu.stat"), stat(160, 33)).unwrap();
        fs::write(root.path().join("sys/fs/cgroup/a/b/cpu.stat"), stat(60, 2)).unwrap();
        let most = Throttled::between(&before, &throttled(root.path())).unwrap();
        assert_eq!((most.periods, most.halted), (60, 23));
    }

    #[test]
    fn where_there_are_no_groups_there_is_no_limit() {
        let nothing = Path::new("/nowhere");
        assert_eq!((memory_limit(nothing), throttled(nothing)), (None, Vec::new()));
        let outside = faked(&[
            ("proc/self/cgroup", "0::/../../elsewhere\nno group\n"),
            ("proc/self/mountinfo", SECOND),
            ("sys/fs/cgroup/memory.max", "7\n"),
        ]);
        assert_eq!(memory_limit(outside.path()), Some(7), "of a path outside, what is seen");
    }
}
