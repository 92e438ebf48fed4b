//! Does a network fit into this machine? Asked before anything is allocated.

use anyhow::ensure;
use ops::{Graph, Keep, Node, Op, cpu::CpuSession};
use profile::{Machine, Shape};
use std::fs;

/// Packed weights per weight: register tiles are padded.
const PACKING: f64 = 1.3;

/// Values at the points of Winograd's algorithm per tap of a 3×3 kernel. Maps of fewer pixels make theirs
/// anew in every run.
const AT_POINTS: f64 = 4.0;
const KEPT_FROM: usize = 24 * 24;

/// What the program takes besides: its code, and what is read between two trials of a kernel.
const BESIDE: u64 = 128 << 20;

/// Refuses a network that needs more memory than the machine has.
///
/// # Errors
/// In that case, with both numbers.
pub fn demand(graph: &Graph, machine: &Machine) -> anyhow::Result<()> {
    demand_bytes(graph, bytes(graph), machine)
}

/// Refuses a network that needs more memory than the machine has beside a file of its weights.
///
/// # Errors
/// In that case, with both numbers.
pub fn demand_beside_file(graph: &Graph, machine: &Machine) -> anyhow::Result<()> {
    let file: f64 = graph.nodes.iter().map(|node| drawn(graph, node)).sum();
    demand_bytes(graph, bytes(graph) + file as u64, machine)
}

/// Refuses networks that need more memory together than the machine has, while one of them is verified and
/// the others stand ready to be timed.
///
/// # Errors
/// In that case, with both numbers, naming the largest.
pub fn demand_together<'a>(
    graphs: impl Iterator<Item = &'a Graph> + Clone,
    machine: &Machine,
) -> anyhow::Result<()> {
    let ready: u64 = graphs.clone().map(ready_bytes).fold(0, u64::saturating_add);
    let Some(largest) = graphs.max_by_key(|graph| bytes(graph)) else { return Ok(()) };
    demand_bytes(largest, bytes(largest).saturating_add(ready), machine)
}

/// Refuses a network that needs so many bytes, where the machine has less.
///
/// # Errors
/// In that case, with both numbers.
pub fn demand_bytes(graph: &Graph, need: u64, machine: &Machine) -> anyhow::Result<()> {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let left = left_of_limits(&read("/proc/self/limits"), &read("/proc/self/status"));
    let has = machine.memory_bytes.min(left.unwrap_or(u64::MAX));
    ensure!(
        need <= has,
        "{} on {} needs {} of memory, this machine lets the lab have {}: use a smaller batch or input",
        graph.name,
        Shape::list(&graph.inputs),
        gib(need),
        gib(has)
    );
    Ok(())
}

/// Bytes that verifying a network on the CPU takes at most, which is more than timing it takes: packed
/// weights, those of one node in more forms, and the activations twice: a node that writes over its input is
/// compared by a copy of it.
pub fn bytes(graph: &Graph) -> u64 {
    let largest = graph.nodes.iter().map(|node| trial(graph, node)).fold(0.0, f64::max);
    let kept = CpuSession::activation_bytes(graph, Keep::Each);
    BESIDE + kept + (ready_bytes(graph) as f64 + largest) as u64
}

/// Bytes that a network takes which is ready to be timed on the CPU.
fn ready_bytes(graph: &Graph) -> u64 {
    let weights: f64 = graph.nodes.iter().map(|node| packed(graph, node)).sum();
    CpuSession::activation_bytes(graph, Keep::Output) + weights as u64
}

/// Bytes of a node's weights as a kernel has them.
fn packed(graph: &Graph, node: &Node) -> f64 {
    drawn(graph, node) * if at_points(node) { AT_POINTS } else { PACKING }
}

/// Bytes that choosing a node's kernel takes besides: its weights as they were drawn, and as another kernel
/// has them.
fn trial(graph: &Graph, node: &Node) -> f64 {
    let forms = if at_points(node) { 2.0 } else { 1.0 };
    drawn(graph, node) + forms * packed(graph, node)
}

fn drawn(graph: &Graph, node: &Node) -> f64 {
    let weights = node.op.weights(&graph.input_shapes(node));
    weights.iter().map(|weight| weight.shape.elements() as f64).sum::<f64>()
        * size_of::<f32>() as f64
}

/// Whether a kernel may keep the node's weights at the points of Winograd's algorithm.
fn at_points(node: &Node) -> bool {
    let Op::Conv2d(conv) = &node.op else { return false };
    (conv.kernel, conv.stride, conv.groups) == ((3, 3), (1, 1), 1)
        && node.output.area() >= KEPT_FROM
}

/// What the process may still take of its address space and of its data, bytes, by its files `limits` and
/// `status` in Linux's `/proc`; `None` where it has no such limit.
fn left_of_limits(limits: &str, status: &str) -> Option<u64> {
    let after = |text: &str, name: &str| -> Option<u64> {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let left = |(limit, used)| {
        let kib = after(status, used).unwrap_or(0);
        Some(after(limits, limit)?.saturating_sub(kib * 1024))
    };
    let pairs = [("Max address space", "VmSize:"), ("Max data size", "VmData:")];
    pairs.into_iter().filter_map(left).min()
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
        // Each alone fits, both ready at once do not.
        let both = || [&graph, &graph].into_iter();
        let room = machine(bytes(&graph));
        assert!(demand(&graph, &room).is_ok());
        assert!(
            demand_together(both(), &room).is_err() && demand_beside_file(&graph, &room).is_err()
        );
        assert!(demand_together(both(), &machine(bytes(&graph) + 2 * ready_bytes(&graph))).is_ok());
    }

    #[test]
    fn what_the_process_may_still_take_is_the_less_of_two_limits() {
        let limits = |address: &str, data: &str| {
            let soft = |name: &str, soft: &str| {
                format!("{name:26}{soft:21}unlimited            bytes     \n")
            };
            soft("Max data size", data)
                + &soft("Max stack size", "8388608")
                + &soft("Max address space", address)
        };
        let status =
            "Name:\tprobe\nVmPeak:\t 9999 kB\nVmSize:\t    1000 kB\nVmData:\t      10 kB\n";
        let left = |address, data| left_of_limits(&limits(address, data), status);
        assert_eq!(left("unlimited", "unlimited"), None);
        assert_eq!(left("8192000000", "unlimited"), Some(8_192_000_000 - 1_024_000));
        assert_eq!(left("8192000000", "50000"), Some(50_000 - 10_240));
        assert_eq!(left("1000", "unlimited"), Some(0));
        assert_eq!(left_of_limits("", ""), None);
    }
}
