//! A network predicted from a table, beside what it takes.

use super::{alone::alone, rows::Table};
use ops::Graph;
use profile::{Class, Profile};
use serde::Serialize;
use stats::Estimate;

/// What a table says of a network.
#[derive(Clone, Debug, Serialize)]
pub struct Prediction {
    /// The network.
    pub model: String,
    /// The device's name.
    pub device: String,
    /// Threads.
    pub threads: usize,
    /// Σ of the table over the operators that it has, nanoseconds.
    pub table_ns: f64,
    /// The network's operators but for views, which take no time.
    pub operators: usize,
    /// Those that the table lacks, each once, as `probe table` would name them, with how often they stand there.
    pub missing: Vec<(String, usize)>,
    /// The same by class.
    pub classes: Vec<ClassPrediction>,
    /// What was measured, where it was.
    pub measured: Option<MeasuredBeside>,
}

/// What a table says of a network's operators of a class.
#[derive(Clone, Debug, Serialize)]
pub struct ClassPrediction {
    /// The class.
    pub class: Class,
    /// Its operators that the table has.
    pub operators: usize,
    /// Σ of the table over them, nanoseconds.
    pub table_ns: f64,
    /// Σ of the medians of the very same operators in the running network, nanoseconds.
    pub network_ns: Option<f64>,
}

/// What the network takes.
#[derive(Clone, Debug, Serialize)]
pub struct MeasuredBeside {
    /// Median of whole runs, nanoseconds.
    pub whole_ns: f64,
    /// The 95 % interval of that, nanoseconds.
    pub interval_ns: Option<(f64, f64)>,
    /// Σ of all operators' medians in the running network, nanoseconds.
    pub operators_ns: f64,
    /// Σ of the table over the whole run, less 1.
    pub error: f64,
}

impl Prediction {
    /// Of `graph`; `profile` is what it takes on the table's device.
    pub fn of(table: &Table, graph: &Graph, profile: Option<&Profile>) -> Self {
        let mut prediction = Self {
            model: graph.name.clone(),
            device: table.device.clone(),
            threads: table.threads,
            table_ns: 0.0,
            operators: 0,
            missing: Vec::new(),
            classes: Vec::new(),
            measured: None,
        };
        let median = |samples: &[u64]| Estimate::of(samples).map(|e| e.median);
        for (i, node) in graph.nodes.iter().enumerate().filter(|(_, node)| !node.view) {
            let own = alone(graph, i);
            prediction.operators += 1;
            match table.ns(&own) {
                Some(ns) => {
                    let there = profile.and_then(|p| median(&p.ops.get(i)?.samples_ns));
                    prediction.add(node.op.class(), ns, there);
                }
                None => prediction.lacks(&own),
            }
        }
        prediction.measured = profile.and_then(|p| {
            let whole = Estimate::of(&p.whole_ns)?;
            let operators_ns = p.ops.iter().filter_map(|op| median(&op.samples_ns)).sum();
            let error = prediction.table_ns / whole.median.max(1.0) - 1.0;
            Some(MeasuredBeside {
                whole_ns: whole.median,
                interval_ns: whole.interval,
                operators_ns,
                error,
            })
        });
        prediction
    }

    /// An operator of `class` that the table has, which takes `there` in the network.
    fn add(&mut self, class: Class, ns: f64, there: Option<f64>) {
        self.table_ns += ns;
        let at = self.classes.iter().position(|c| c.class == class).unwrap_or_else(|| {
            let network_ns = there.map(|_| 0.0);
            self.classes.push(ClassPrediction { class, operators: 0, table_ns: 0.0, network_ns });
            self.classes.len() - 1
        });
        let sum = &mut self.classes[at];
        sum.operators += 1;
        sum.table_ns += ns;
        sum.network_ns = sum.network_ns.zip(there).map(|(sum, there)| sum + there);
    }

    /// An operator that the table lacks.
    fn lacks(&mut self, own: &Graph) {
        let name = format!("{} over {}", own.name, profile::Shape::list(&own.inputs));
        match self.missing.iter_mut().find(|(known, _)| *known == name) {
            Some((_, times)) => *times += 1,
            None => self.missing.push((name, 1)),
        }
    }
}
