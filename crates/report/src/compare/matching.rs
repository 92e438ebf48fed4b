//! Which operator of one side is which of the other.
//!
//! First by name, where the kind is the same: those may have other shapes. Then what is left on both sides by
//! what it does: operators of one kind with the same attributes and shapes do the same work under another
//! name. What is then left was removed or added.

use profile::OpRecord;
use serde::Serialize;
use std::collections::{HashMap, VecDeque};

/// How two operators were matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Match {
    /// By name, and they do the same work.
    Same,
    /// By name; attributes or shapes differ.
    Changed,
    /// By the work that they do; names differ.
    Renamed,
    /// Only A has it.
    Removed,
    /// Only B has it.
    Added,
}

/// A row of a comparison: operators of A and of B by their position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matched {
    /// A's.
    pub a: Option<usize>,
    /// B's.
    pub b: Option<usize>,
    /// How they were matched.
    pub how: Match,
}

/// What operators that were matched are called: `old → new` where names differ.
pub fn name(a: Option<&OpRecord>, b: Option<&OpRecord>) -> String {
    match (a, b) {
        (Some(a), Some(b)) if a.name != b.name => format!("{} → {}", a.name, b.name),
        (a, b) => b.or(a).map_or_else(String::new, |op| op.name.clone()),
    }
}

/// The operators of `a` and `b` beside each other, in the order in which B runs its own; what was removed
/// stands where A runs it.
pub fn matched(a: &[&OpRecord], b: &[&OpRecord]) -> Vec<Matched> {
    let by_name = counterparts(a, b, |op| (op.name.as_str(), op.kind.as_str()));
    let mut of_b: Vec<Option<usize>> = vec![None; b.len()];
    let mut of_a: Vec<Option<usize>> = vec![None; a.len()];
    for (i, j) in by_name {
        (of_a[i], of_b[j]) = (Some(j), Some(i));
    }
    let left_a: Vec<usize> = (0..a.len()).filter(|&i| of_a[i].is_none()).collect();
    let left_b: Vec<usize> = (0..b.len()).filter(|&j| of_b[j].is_none()).collect();
    let rest_a: Vec<&OpRecord> = left_a.iter().map(|&i| a[i]).collect();
    let rest_b: Vec<&OpRecord> = left_b.iter().map(|&j| b[j]).collect();
    for (i, j) in counterparts(&rest_a, &rest_b, work) {
        (of_a[left_a[i]], of_b[left_b[j]]) = (Some(left_b[j]), Some(left_a[i]));
    }
    rows(a, b, &of_a, &of_b)
}

/// Pairs of positions of operators with the same `key`, the first with the first.
fn counterparts<'o, K: std::hash::Hash + Eq>(
    a: &[&'o OpRecord],
    b: &[&'o OpRecord],
    key: impl Fn(&'o OpRecord) -> K,
) -> Vec<(usize, usize)> {
    let mut waiting: HashMap<K, VecDeque<usize>> = HashMap::new();
    for (i, op) in a.iter().enumerate() {
        waiting.entry(key(op)).or_default().push_back(i);
    }
    let pair = |(j, op): (usize, &&'o OpRecord)| Some((waiting.get_mut(&key(op))?.pop_front()?, j));
    b.iter().enumerate().filter_map(pair).collect()
}

/// What an operator does, whatever it is called.
fn work(op: &OpRecord) -> impl std::hash::Hash + Eq {
    let attrs: Vec<(&String, String)> = op.attrs.iter().map(|(k, v)| (k, v.to_string())).collect();
    (op.kind.as_str(), attrs, op.inputs.as_slice(), op.output)
}

/// Rows in the order of B, those that only A has before the one that A runs next.
fn rows(
    a: &[&OpRecord],
    b: &[&OpRecord],
    of_a: &[Option<usize>],
    of_b: &[Option<usize>],
) -> Vec<Matched> {
    let mut rows = Vec::new();
    let mut told = 0;
    let mut removed_until = |end: usize, rows: &mut Vec<Matched>| {
        let gone = (told..end).filter(|&i| of_a[i].is_none());
        rows.extend(gone.map(|i| Matched { a: Some(i), b: None, how: Match::Removed }));
        told = told.max(end);
    };
    for (j, counterpart) in of_b.iter().enumerate() {
        let how = match counterpart {
            None => Match::Added,
            Some(i) => {
                removed_until(*i, &mut rows);
                how(a[*i], b[j])
            }
        };
        rows.push(Matched { a: *counterpart, b: Some(j), how });
    }
    removed_until(a.len(), &mut rows);
    rows
}

fn how(a: &OpRecord, b: &OpRecord) -> Match {
    match (a.name == b.name, work(a) == work(b)) {
        (false, _) => Match::Renamed,
        (true, true) => Match::Same,
        (true, false) => Match::Changed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Net;

    fn told(a: &[OpRecord], b: &[OpRecord]) -> Vec<(String, String, Match)> {
        let (a, b): (Vec<_>, Vec<_>) = (a.iter().collect(), b.iter().collect());
        let name =
            |ops: &[&OpRecord], i: Option<usize>| i.map_or(String::new(), |i| ops[i].name.clone());
        matched(&a, &b).iter().map(|m| (name(&a, m.a), name(&b, m.b), m.how)).collect()
    }

    #[test]
    fn operators_are_matched_by_name_then_by_work() {
        let mut a = Net::new(32);
        a.conv("stem", 8, 3, 1, 1);
        a.same("gone", "relu", profile::Class::ElementWise);
        a.conv("same", 8, 1, 1, 1);
        a.conv("old", 8, 3, 1, 8);
        a.conv("wide", 16, 1, 1, 1);
        let mut b = Net::new(32);
        b.conv("stem", 8, 3, 1, 1);
        b.conv("same", 8, 1, 1, 1);
        b.conv("new", 8, 3, 1, 8);
        b.conv("wide", 12, 1, 1, 1);
        b.same("extra", "add", profile::Class::ElementWise);
        let rows = told(&a.ops(), &b.ops());
        let row = |a: &str, b: &str, how| (a.to_owned(), b.to_owned(), how);
        let expected = [
            row("stem", "stem", Match::Same),
            row("gone", "", Match::Removed),
            row("same", "same", Match::Same),
            row("old", "new", Match::Renamed),
            row("wide", "wide", Match::Changed),
            row("", "extra", Match::Added),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_name_that_stands_for_another_kind_is_no_match() {
        let mut a = Net::new(8);
        a.same("x", "relu", profile::Class::ElementWise);
        let mut b = Net::new(8);
        b.same("x", "sigmoid", profile::Class::ElementWise);
        let rows = told(&a.ops(), &b.ops());
        assert_eq!(
            rows.iter().map(|row| row.2).collect::<Vec<_>>(),
            [Match::Added, Match::Removed]
        );
    }

    #[test]
    fn every_operator_stands_in_one_row() {
        let a = crate::fixture::shufflenet([4, 8, 4]);
        let mut b = crate::fixture::shufflenet([2, 9, 4]);
        b.reverse();
        let rows = told(&a, &b);
        let mut of_a: Vec<&String> =
            rows.iter().map(|row| &row.0).filter(|n| !n.is_empty()).collect();
        let mut all: Vec<&String> = a.iter().map(|op| &op.name).collect();
        of_a.sort();
        all.sort();
        assert_eq!(of_a, all);
        let of_b: Vec<&String> = rows.iter().map(|row| &row.1).filter(|n| !n.is_empty()).collect();
        assert_eq!(of_b, b.iter().map(|op| &op.name).collect::<Vec<_>>(), "in the order of B");
    }
}
