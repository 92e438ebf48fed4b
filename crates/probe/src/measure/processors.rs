//! Who ran on the processors, as Linux tells; elsewhere nothing is known.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Ticks of others below which there are none: two counts of ticks differ by as many where nobody else ran.
const FEWEST_TICKS: u64 = 3;

/// The namespace of processes that sees all of them, as Linux numbers it (`include/linux/proc_ns.h`).
const ALL_PROCESSES: &str = "pid:[4026531836]";

/// What all processors and this process's threads did since the system's start, in ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    all: Ticks,
    /// What was run on each processor, and its time in all.
    each: BTreeMap<usize, [u64; 2]>,
    /// This process's threads by number.
    threads: BTreeMap<u64, Thread>,
    /// Other programs by number.
    programs: BTreeMap<u64, Program>,
    /// Whether those of other containers are hidden.
    contained: bool,
}

/// All processors together.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ticks {
    total: u64,
    busy: u64,
    stolen: u64,
    /// This process's.
    own: u64,
}

/// A program that can be seen from here: a container shows its own.
#[derive(Clone, Debug, PartialEq)]
struct Program {
    name: String,
    ticks: u64,
    /// Where its first thread ran last.
    processor: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Thread {
    ticks: u64,
    /// Where it ran last.
    processor: usize,
    /// Whether it can run nowhere else.
    pinned: bool,
    /// How often a processor was taken from it.
    preempted: u64,
}

/// What happened between two looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Share of all processor time that the hypervisor took.
    pub steal: f64,
    /// Share of all processor time that other programs took.
    pub others: f64,
    /// Of the processors that threads are pinned to, the one that others used most, and the share of its
    /// time that they took.
    pub rival: Option<(usize, f64)>,
    /// How often a processor was taken from the threads that are pinned, or from all where none is.
    pub preempted: u64,
}

impl Snapshot {
    /// What can be seen now, in the folder `proc`; `None` where the system does not tell.
    pub fn at(proc: &Path) -> Option<Self> {
        let stat = fs::read_to_string(proc.join("stat")).ok()?;
        let own = fs::read_to_string(proc.join("self/stat")).ok()?;
        let each = stat.lines().filter_map(processor).collect();
        let all = Ticks::parse(&stat, &own)?;
        let namespace = fs::read_link(proc.join("self/ns/pid")).ok();
        let contained = namespace.is_some_and(|link| link != Path::new(ALL_PROCESSES));
        let (threads, programs) = (threads(proc), programs(proc, &own));
        Some(Self { all, each, threads, programs, contained })
    }

    /// The processors that a thread is pinned to.
    pub fn pinned(&self) -> BTreeSet<usize> {
        let pinned = self.threads.values().filter(|thread| thread.pinned);
        pinned.map(|thread| thread.processor).collect()
    }

    /// Takes in the threads of an `earlier` snapshot that ended since.
    pub fn remember(&mut self, earlier: Self) {
        for (id, thread) in earlier.threads {
            self.threads.entry(id).or_insert(thread);
        }
    }

    /// Who else ran on processor `at` between `self` and a `later` snapshot, in words: the program that ran most, of
    /// those that were seen there last, if it had half of what others had there.
    pub fn rival_on(&self, later: &Self, at: usize) -> String {
        let ran = |(id, now): (&u64, &Program)| {
            now.ticks.saturating_sub(self.programs.get(id).map_or(0, |before| before.ticks))
        };
        let there = later.programs.iter().filter(|(_, program)| program.processor == at);
        let most = there.max_by_key(|&program| ran(program));
        let half = self.others_on(later, at).unwrap_or(0).div_ceil(2).max(FEWEST_TICKS);
        match most.filter(|&program| ran(program) >= half) {
            Some((_, most)) => format!("another program ({})", most.name),
            None if later.contained => "a process of another container".to_owned(),
            None => "another program".to_owned(),
        }
    }

    /// What happened between `self` and a `later` snapshot; `None` where no tick passed.
    pub fn until(&self, later: &Self) -> Option<Usage> {
        let (before, now) = (self.all, later.all);
        let since = |now: u64, before: u64| now.saturating_sub(before);
        let total = since(now.total, before.total) as f64;
        let others = since(now.busy, before.busy).saturating_sub(since(now.own, before.own));
        let others = if others < FEWEST_TICKS { 0 } else { others };
        let any_pinned = later.threads.values().any(|thread| thread.pinned);
        let preempted = later.threads.iter().filter(|(_, now)| now.pinned == any_pinned);
        let preempted = preempted.map(|(id, now)| {
            since(now.preempted, self.threads.get(id).map_or(0, |before| before.preempted))
        });
        (total > 0.0).then(|| Usage {
            steal: since(now.stolen, before.stolen) as f64 / total,
            others: others as f64 / total,
            rival: self.rival(later),
            preempted: preempted.sum(),
        })
    }

    /// The processor with pinned threads that others used most, and their share of its time.
    fn rival(&self, later: &Self) -> Option<(usize, f64)> {
        let pinned = later.threads.values().filter(|thread| thread.pinned);
        let share = |thread: &Thread| {
            let at = thread.processor;
            let total = later.each.get(&at)?[1].saturating_sub(self.each.get(&at)?[1]);
            let others = self.others_on(later, at).filter(|others| *others >= FEWEST_TICKS);
            (total > 0).then(|| (at, others.unwrap_or(0) as f64 / total as f64))
        };
        pinned.filter_map(share).max_by(|(_, a), (_, b)| a.total_cmp(b))
    }

    /// Ticks of others on processor `at` between `self` and a `later` snapshot, if the system tells.
    fn others_on(&self, later: &Self, at: usize) -> Option<u64> {
        let run = later.each.get(&at)?[0].saturating_sub(self.each.get(&at)?[0]);
        Some(run.saturating_sub(self.own_until(later, at)))
    }

    /// Ticks of this process on processor `at` between `self` and a `later` snapshot.
    fn own_until(&self, later: &Self, at: usize) -> u64 {
        let there = later.threads.iter().filter(|(_, thread)| thread.processor == at);
        let since = |(id, now): (&u64, &Thread)| {
            now.ticks.saturating_sub(self.threads.get(id).map_or(0, |before| before.ticks))
        };
        there.map(since).sum()
    }
}

impl Ticks {
    /// From Linux's `/proc/stat` and `/proc/self/stat` (man 5 proc).
    fn parse(all: &str, own: &str) -> Option<Self> {
        let all = numbers(all.lines().next()?.strip_prefix("cpu ")?)?;
        let &[user, nice, system, idle, wait, irq, soft_irq, stolen] = all.get(..8)?.as_array()?;
        let busy = user + nice + system + irq + soft_irq;
        Some(Self { total: busy + idle + wait + stolen, busy, stolen, own: times(own)?.0 })
    }
}

fn numbers(text: &str) -> Option<Vec<u64>> {
    text.split_whitespace().map(|n| n.parse().ok()).collect()
}

/// A processor's number, the ticks for which programs ran on it, and all of its ticks, from a line of
/// `/proc/stat`.
fn processor(line: &str) -> Option<(usize, [u64; 2])> {
    let (name, ticks) = line.split_once(' ')?;
    let ticks = numbers(ticks)?;
    let run = ticks.get(..3)?.iter().sum();
    Some((name.strip_prefix("cpu")?.parse().ok()?, [run, ticks.get(..8)?.iter().sum()]))
}

/// Ticks, and the processor used last, of a process or a thread by its file `stat`: fields 14, 15 and 39.
/// The name, which stands in parentheses, may hold spaces.
fn times(stat: &str) -> Option<(u64, usize)> {
    let after: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = after.get(11..13)?.iter().map(|n| n.parse::<u64>().ok()).sum::<Option<u64>>()?;
    Some((ticks, after.get(36)?.parse().ok()?))
}

/// Programs other than the one whose file `stat` is `own`.
fn programs(proc: &Path, own: &str) -> BTreeMap<u64, Program> {
    let one = |stat: &str| {
        let (ticks, processor) = times(stat)?;
        let (id, rest) = stat.split_once(" (")?;
        let name = rest.rsplit_once(')')?.0.to_owned();
        Some((id.parse().ok()?, Program { name, ticks, processor }))
    };
    let folders = fs::read_dir(proc).into_iter().flatten().flatten();
    let is_program = |folder: &fs::DirEntry| {
        folder.file_name().to_str().is_some_and(|name| name.bytes().all(|b| b.is_ascii_digit()))
    };
    let stats = folders.filter(is_program).filter_map(|folder| {
        // Names are any bytes.
        let stat = fs::read(folder.path().join("stat")).ok()?;
        one(&String::from_utf8_lossy(&stat))
    });
    let own = own.split(' ').next().and_then(|id| id.parse::<u64>().ok());
    stats.filter(|(id, _)| Some(*id) != own).collect()
}

/// This process's threads.
fn threads(proc: &Path) -> BTreeMap<u64, Thread> {
    let one = |folder: &Path| {
        let (ticks, processor) = times(&fs::read_to_string(folder.join("stat")).ok()?)?;
        let status = fs::read_to_string(folder.join("status")).ok()?;
        let field = |name: &str| {
            let mut lines = status.lines().filter_map(|line| line.split_once(':'));
            lines.find(|(key, _)| *key == name).map(|(_, value)| value.trim())
        };
        let pinned = field("Cpus_allowed_list")?.parse() == Ok(processor);
        let preempted = field("nonvoluntary_ctxt_switches")?.parse().ok()?;
        Some(Thread { ticks, processor, pinned, preempted })
    };
    let folders = fs::read_dir(proc.join("self/task")).into_iter().flatten().flatten();
    let thread = |folder: fs::DirEntry| {
        Some((folder.file_name().to_str()?.parse().ok()?, one(&folder.path())?))
    };
    folders.filter_map(thread).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    const OWN: &str = "7 (a) b) S 1 7 7 0 -1 0 0 0 0 0 30 20 0 0 20 0 1 0 5 0 0 1 2 3 4 5 6 7 8 9 10 11 \
                       0 0 17 1 0 0 0\n";

    #[test]
    fn shares_of_all_processor_time() {
        let ticks = |stat: &str| Ticks::parse(stat, OWN);
        let before = ticks("cpu  100 0 10 800 5 0 5 80 0 0\ncpu0 1 2 3\n").unwrap();
        assert_eq!(before, Ticks { total: 1000, busy: 115, stolen: 80, own: 50 });
        let (each, threads, programs) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let none = Snapshot { all: before, each, threads, programs, contained: false };
        let snapshot = |all| Snapshot { all, ..none.clone() };
        let later = Ticks { total: 1200, busy: 195, stolen: 90, own: 90 };
        let seen = snapshot(before).until(&snapshot(later)).unwrap();
        assert_eq!((seen.steal, seen.others, seen.rival), (0.05, 0.2, None));
        assert_eq!(snapshot(before).until(&snapshot(before)), None);
        let few = Ticks { total: 1050, busy: 117, ..before };
        assert_eq!(snapshot(before).until(&snapshot(few)).unwrap().others, 0.0);
        assert_eq!(ticks("cpu  1 2 3"), None);
        assert_eq!(Ticks::parse("", ""), None);
    }

    /// A `/proc` of two processors and two threads, the second of which is pinned to processor 1.
    fn faked(processors: [[u64; 3]; 2], threads: [[u64; 2]; 2]) -> Option<Snapshot> {
        faked_beside(processors, threads, &[])
    }

    /// The same with other programs: number, name, ticks, processor.
    fn faked_beside(
        processors: [[u64; 3]; 2],
        threads: [[u64; 2]; 2],
        programs: &[(u64, &str, u64, usize)],
    ) -> Option<Snapshot> {
        let root = tempfile::tempdir().unwrap();
        let write = |path: PathBuf, text: String| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let line = |name: &str, [run, idle, stolen]: [u64; 3]| {
            format!("{name} {run} 0 0 {idle} 0 0 0 {stolen} 0 0\n")
        };
        let [a, b] = processors;
        let all = std::array::from_fn(|i| a[i] + b[i]);
        write(
            "stat".into(),
            line("cpu ", all) + &line("cpu0", a) + &line("cpu1", b) + "intr 7 8\n",
        );
        write("self/stat".into(), OWN.into());
        for (i, [ticks, preempted]) in threads.into_iter().enumerate() {
            let task = PathBuf::from(format!("self/task/{}", 70 + i));
            let stat = OWN
                .replace(" 30 20 ", &format!(" {ticks} 0 "))
                .replace(" 17 1 ", &format!(" 17 {i} "));
            write(task.join("stat"), stat);
            let allowed = if i == 1 { "1" } else { "0-1" };
            let status = format!(
                "Name:\ta\nCpus_allowed_list:\t{allowed}\nnonvoluntary_ctxt_switches:\t{preempted}\n"
            );
            write(task.join("status"), status);
        }
        for (id, name, ticks, processor) in programs {
            let stat = OWN.replace("7 (a) b)", &format!("{id} ({name})"));
            let stat = stat.replace(" 30 20 ", &format!(" {ticks} 0 "));
            write(
                format!("{id}/stat").into(),
                stat.replace(" 17 1 ", &format!(" 17 {processor} ")),
            );
        }
        Snapshot::at(root.path())
    }

    #[test]
    fn a_rival_is_who_runs_where_a_thread_is_pinned() {
        let idle = [[1000, 0, 0], [1000, 0, 0]];
        let before = faked(idle, [[500, 10], [500, 10]]).unwrap();
        // Processor 0 is another program's alone; on processor 1 it ran for 90 of 200 ticks.
        let shared = [[1200, 0, 0], [1200, 0, 0]];
        let later = faked(shared, [[500, 99], [610, 31]]).unwrap();
        let seen = before.until(&later).unwrap();
        assert_eq!((seen.rival, seen.preempted), (Some((1, 0.45)), 21));
        // Two ticks more than the thread's own are nobody's.
        let alone = faked(shared, [[500, 99], [698, 10]]).unwrap();
        assert_eq!(before.until(&alone).unwrap().rival, Some((1, 0.0)));
        assert_eq!(before.until(&before), None, "no tick passed");
    }

    #[test]
    fn a_rival_has_the_name_of_the_program_that_ran_most_there() {
        let idle = [[1000, 0, 0], [1000, 0, 0]];
        let programs = |ran: u64| {
            [(7, "itself", ran, 1), (8, "old", 900, 1), (9, "a) b", ran / 2, 1), (10, "c", ran, 0)]
        };
        let at = |ran| faked_beside(idle, [[500, 10], [500, 10]], &programs(ran)).unwrap();
        let (before, later) = (at(0), at(90));
        assert_eq!(before.rival_on(&later, 1), "another program (a) b)");
        assert_eq!(before.rival_on(&later, 0), "another program (c)");
        assert_eq!(before.rival_on(&before, 1), "another program");
        assert_eq!(before.pinned(), BTreeSet::from([1]));
    }

    /// What is seen there had less than half of what others had: it was not the rival.
    #[test]
    fn a_rival_that_is_hidden_is_of_another_container_or_without_a_name() {
        let before = faked([[1000, 0, 0], [1000, 0, 0]], [[500, 10], [500, 10]]).unwrap();
        assert!(!before.contained, "a system without namespaces hides nobody");
        let later = [[1200, 0, 0], [1200, 0, 0]];
        let seen =
            |ticks| faked_beside(later, [[500, 99], [610, 31]], &[(9, "seen", ticks, 1)]).unwrap();
        assert_eq!(before.rival_on(&seen(45), 1), "another program (seen)");
        assert_eq!(before.rival_on(&seen(44), 1), "another program");
        let contained = Snapshot { contained: true, ..seen(44) };
        assert_eq!(before.rival_on(&contained, 1), "a process of another container");
        assert_eq!(before.until(&contained).unwrap().rival, Some((1, 0.45)));
    }

    #[test]
    #[cfg(unix)]
    fn a_namespace_of_processes_tells_who_is_in_a_container() {
        let contained = |namespace: &str| {
            let root = tempfile::tempdir().unwrap();
            let own = root.path().join("self/ns");
            fs::create_dir_all(&own).unwrap();
            fs::write(root.path().join("self/stat"), OWN).unwrap();
            fs::write(root.path().join("stat"), "cpu  100 0 10 800 5 0 5 80 0 0\n").unwrap();
            std::os::unix::fs::symlink(namespace, own.join("pid")).unwrap();
            Snapshot::at(root.path()).unwrap().contained
        };
        assert!(contained("pid:[4026532201]") && !contained(ALL_PROCESSES));
    }

    #[test]
    fn nothing_is_known_where_the_system_does_not_tell() {
        assert_eq!(Snapshot::at(Path::new("/nowhere")), None);
    }
}
