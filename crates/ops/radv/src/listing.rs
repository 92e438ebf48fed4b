//! What a listing of an AMD GPU's instructions says of loads: which stand before the first wait for one of them.

use crate::Compiled;
use std::{collections::HashMap, ops::Range};

/// Loads from memory in a loop, or in a shader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loads {
    /// All of them.
    pub all: usize,
    /// Those that stand before the first wait for one of them.
    pub before_wait: usize,
}

impl Compiled {
    /// The loads of all of the shader, where there are any.
    pub fn loads(&self) -> Option<Loads> {
        loads(&self.lines())
    }

    /// The loads of each loop that has any, but in loops in it.
    pub fn loads_of_loops(&self) -> Vec<Loads> {
        let lines = self.lines();
        let mut loops: Vec<(Range<usize>, Loads)> =
            loops(&lines).filter_map(|of| Some((of.clone(), loads(&lines[of])?))).collect();
        let all = loops.clone();
        let is_in = |inner: &Range<usize>, outer: &Range<usize>| {
            inner != outer && outer.start <= inner.start && inner.end <= outer.end
        };
        loops.retain(|(outer, _)| !all.iter().any(|(inner, _)| is_in(inner, outer)));
        loops.into_iter().map(|(_, of)| of).collect()
    }

    fn lines(&self) -> Vec<&str> {
        self.assembly.lines().map(str::trim).collect()
    }
}

/// The lines of each loop: from the label that a branch goes back to, to that branch.
fn loops(lines: &[&str]) -> impl Iterator<Item = Range<usize>> {
    let numbered = || lines.iter().enumerate();
    let labels: HashMap<&str, usize> =
        numbered().filter_map(|(i, line)| Some((line.strip_suffix(':')?, i))).collect();
    let branches = numbered().filter(|(_, line)| line.contains("branch"));
    branches.filter_map(move |(end, line)| {
        let start = *labels.get(line.split_whitespace().nth(1)?)?;
        (start <= end).then_some(start..end)
    })
}

fn loads(lines: &[&str]) -> Option<Loads> {
    let is_load = |line: &&str| line.starts_with("buffer_load") || line.starts_with("global_load");
    let is_wait = |line: &&str| line.starts_with("s_waitcnt") && line.contains("vmcnt");
    let behind = lines.iter().copied().skip_while(|line| !is_load(line));
    let before_wait = behind.clone().take_while(|line| !is_wait(line)).filter(is_load).count();
    let all = behind.filter(is_load).count();
    (all > 0).then_some(Loads { all, before_wait })
}
