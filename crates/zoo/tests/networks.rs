//! Parameters, mult-adds and memory access of whole networks against counts of other
//! implementations, to the last digit.
//!
//! `data/networks.csv` holds the counts: `network` names the package and its network, `source` how
//! it was counted (with PyTorch on meta tensors), `model` is the same network here. `access` sums
//! inputs, outputs and weights of convolution (also transposed) and linear operators.

#![allow(clippy::unwrap_used, reason = "a broken table should end the test")]

use profile::Level;
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    network: String,
    model: String,
    input: String,
    params: u64,
    mul_adds: u64,
    access: u64,
    source: String,
}

#[test]
fn every_network_counts_as_its_source_does() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/networks.csv");
    let mut failures = Vec::new();
    let mut checked = 0;
    for row in csv::Reader::from_path(file).unwrap().deserialize() {
        let row: Row = row.unwrap();
        checked += 1;
        if let Err(what) = check(&row) {
            failures.push(format!("{} ({}) as {}: {what}", row.network, row.source, row.model));
        }
    }
    assert_eq!(checked, NETWORKS, "rows in the table");
    assert!(failures.is_empty(), "{}\n{} of {checked} differ", failures.join("\n"), failures.len());
}

const NETWORKS: usize = 296;

fn check(row: &Row) -> Result<(), String> {
    let [c, h, w] = row.input.split('x').map(|n| n.parse().unwrap()).collect::<Vec<usize>>()[..]
    else {
        return Err(format!("input {}", row.input));
    };
    let options = zoo::Options { input: Some((h, w)), batch: 1 };
    let raw = zoo::build(&row.model, options).map_err(|e| e.to_string())?;
    if raw.inputs[0].c != c {
        return Err(format!("takes {} channels, not {c}", raw.inputs[0].c));
    }
    for level in [Level::Raw, Level::Folded] {
        let graph = raw.at(level);
        let cost = graph.cost();
        let access: u64 = graph
            .nodes
            .iter()
            .filter(|n| matches!(n.op.kind(), "conv2d" | "conv_transpose2d" | "linear"))
            .map(|n| graph.node_cost(n).access.elements())
            .sum();
        let ours = (cost.params, cost.mul_adds, access);
        let theirs = (row.params, row.mul_adds, row.access);
        if ours != theirs {
            return Err(format!("{level} has {ours:?}, expected {theirs:?}"));
        }
    }
    Ok(())
}

/// A count that a package's own documentation states: parameters, and mult-adds rounded to
/// three decimals of 10⁹ where it states them.
#[derive(Deserialize)]
struct Documented {
    model: String,
    size: Option<usize>,
    params: u64,
    giga_mul_adds: Option<f64>,
    source: String,
}

#[test]
fn documented_counts_hold() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/documented.csv");
    let mut failures = Vec::new();
    for row in csv::Reader::from_path(file).unwrap().deserialize() {
        let row: Documented = row.unwrap();
        let options = zoo::Options { input: row.size.map(|s| (s, s)), batch: 1 };
        let cost = zoo::build(&row.model, options).unwrap().cost();
        let giga = (cost.mul_adds as f64 / 1e6).round() / 1e3;
        if cost.params != row.params || row.giga_mul_adds.is_some_and(|g| g != giga) {
            let theirs = (row.params, row.giga_mul_adds);
            let ours = (cost.params, giga);
            failures.push(format!("{}: {ours:?}, {} says {theirs:?}", row.model, row.source));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
