//! Does a network fit into this machine? Asked before anything is allocated.

use anyhow::bail;
use ops::{Graph, Keep, cpu::CpuSession};
use profile::Machine;

/// Packed weights per weight: register tiles are padded.
const PACKING: f64 = 1.3;

/// Refuses a network that needs more memory than the machine has.
///
/// # Errors
/// In that case, with both numbers.
pub fn demand(graph: &Graph, machine: &Machine) -> anyhow::Result<()> {
    demand_bytes(graph, bytes(graph), machine)
}

/// Refuses a network that needs so many bytes, where the machine has less.
///
/// # Errors
/// In that case, with both numbers.
pub fn demand_bytes(graph: &Graph, need: u64, machine: &Machine) -> anyhow::Result<()> {
    if need <= machine.memory_bytes {
        return Ok(());
    }
    bail!(
        "{} on {} needs {} of memory, this machine has {}: use a smaller batch or input",
        graph.name,
        graph.input,
        gib(need),
        gib(machine.memory_bytes)
    )
}

/// Bytes that verifying a network on the CPU takes at most, which is more than timing it takes: packed
/// weights, the weights of one node as they were drawn, and the activations twice: a node that writes over
/// its input is compared by a copy of it.
fn bytes(graph: &Graph) -> u64 {
    let weights = |cost: profile::Cost| cost.params as f64 * 4.0;
    let largest = graph.nodes.iter().map(|n| weights(graph.node_cost(n))).fold(0.0, f64::max);
    let packed = weights(graph.cost()) * PACKING;
    let kept = CpuSession::activation_bytes(graph, Keep::Each);
    kept + CpuSession::activation_bytes(graph, Keep::Output) + (packed + largest) as u64
}

fn gib(bytes: u64) -> String {
    format!("{:.2} GiB", bytes as f64 / f64::from(1 << 30))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zoo::Options;

    #[test]
    fn a_network_too_large_is_refused_with_both_numbers() {
        let graph = zoo::build("shufflenet_v2", Options::default()).unwrap();
        let machine = |memory_bytes| Machine { memory_bytes, ..Machine::default() };
        assert!(demand(&graph, &machine(1 << 30)).is_ok());
        let error = demand(&graph, &machine(1 << 20)).unwrap_err().to_string();
        assert!(error.contains("0.00 GiB") && error.contains("1×3×224×224"), "{error}");
    }
}
