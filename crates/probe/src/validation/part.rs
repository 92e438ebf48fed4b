//! An operator as models see it: what it takes on a described core, and what it must do.

use super::traced::Trace;
use ops::Node;
use profile::{Class, Modelled};

/// An operator, or several alike.
pub struct Part {
    /// Its class.
    pub class: Class,
    /// How often it runs.
    pub times: f64,
    /// What the core takes for it, nanoseconds.
    pub core_ns: f64,
    /// What memory takes for it, nanoseconds.
    pub memory_ns: f64,
    /// Its mult-adds.
    pub mul_adds: f64,
    /// Its memory access cost, bytes.
    pub bytes: f64,
}

impl Part {
    /// So many of it.
    pub fn repeat(&mut self, times: f64) {
        self.times *= times;
        self.mul_adds *= times;
        self.bytes *= times;
    }
}

/// A network's operators.
pub fn parts(trace: &Trace) -> Vec<Part> {
    let part = |(node, (_, modelled)): (&Node, &(u64, Modelled))| {
        let cost = trace.graph.node_cost(node);
        let memory = modelled.resource_ns.get("memory").copied().unwrap_or(0);
        let of_core = modelled.resource_ns.iter().filter(|(name, _)| *name != "memory");
        Part {
            class: node.op.class(),
            times: 1.0,
            core_ns: of_core.map(|(_, ns)| *ns).max().unwrap_or(0) as f64,
            memory_ns: memory as f64,
            mul_adds: cost.mul_adds as f64,
            bytes: cost.access.bytes() as f64,
        }
    };
    trace.graph.nodes.iter().zip(&trace.operators).map(part).collect()
}
