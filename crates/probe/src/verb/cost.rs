//! `probe cost`: what a network must compute and touch, by formula. Nothing runs.

use crate::{
    args::{CostArgs, TextFormat},
    models, output,
};
use ops::{Attrs, Graph, Node};
use profile::{ACCESS_CONVENTION, Class, Cost, FLOPS_CONVENTION, Level, Shape};
use report::{
    format::{count, grouped},
    screen,
    table::{Column, Table},
};
use serde::Serialize;
use std::process::ExitCode;

/// Runs the verb.
///
/// # Errors
/// Where a network cannot be built.
pub fn run(args: &CostArgs) -> anyhow::Result<ExitCode> {
    let graphs = models::graphs(&args.models)?;
    match args.format {
        TextFormat::Json => {
            for graph in &graphs {
                screen::print(&screen::json(&NetworkCost::of(graph))?)?;
            }
        }
        TextFormat::Table => {
            let tables = match graphs.as_slice() {
                [graph] => operators(graph),
                graphs => networks(graphs),
            };
            screen::print(&format!("{tables}\n{FLOPS_CONVENTION}.\n{ACCESS_CONVENTION}.\n"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A network's cost as JSON has it.
#[derive(Serialize)]
struct NetworkCost<'a> {
    model: &'a str,
    input: Shape,
    level: Level,
    params: u64,
    /// Parameters of parts that only training runs: in `params`, but in none of `ops`.
    #[serde(skip_serializing_if = "Option::is_none")]
    training_params: Option<u64>,
    mul_adds: u64,
    flops: u64,
    access: Total,
    ops: Vec<OpCost<'a>>,
}

/// Memory access cost of a whole network.
#[derive(Serialize)]
struct Total {
    elements: u64,
    bytes: u64,
}

/// An operator's cost as JSON has it.
#[derive(Serialize)]
struct OpCost<'a> {
    name: &'a str,
    kind: &'static str,
    class: Class,
    inputs: Vec<Shape>,
    output: Shape,
    attrs: Attrs,
    #[serde(flatten)]
    cost: Cost,
}

impl<'a> NetworkCost<'a> {
    fn of(graph: &'a Graph) -> Self {
        let Cost { params, mul_adds, flops, access } = graph.cost();
        Self {
            model: &graph.name,
            input: graph.input,
            level: graph.level,
            params,
            training_params: Some(graph.training_params).filter(|n| *n > 0),
            mul_adds,
            flops,
            access: Total { elements: access.elements(), bytes: access.bytes() },
            ops: graph.nodes.iter().map(|node| OpCost::of(graph, node)).collect(),
        }
    }
}

impl<'a> OpCost<'a> {
    fn of(graph: &'a Graph, node: &'a Node) -> Self {
        Self {
            name: &node.name,
            kind: node.op.kind(),
            class: node.op.class(),
            inputs: graph.input_shapes(node),
            output: node.output,
            attrs: node.attrs(),
            cost: graph.node_cost(node),
        }
    }
}

/// The numbers that both tables end with.
fn numbers() -> Vec<Column> {
    let number = Column::numbers;
    vec![
        number("params", 4),
        number("mult-adds", 6),
        number("FLOPs", 3),
        number("MAC KiB", 5),
        number("mult-adds/element", 2),
    ]
}

/// A cost under [`numbers`].
fn cells(cost: Cost) -> Vec<String> {
    let intensity = cost.mul_adds as f64 / cost.access.elements().max(1) as f64;
    vec![
        count(cost.params),
        count(cost.mul_adds),
        count(cost.flops),
        grouped(cost.access.bytes() as f64 / 1024.0, 1),
        grouped(intensity, 1),
    ]
}

/// The row of parameters that belong to no operator that runs.
const TRAINING: &str = "(not run: auxiliary classifiers)";

/// Every operator of one network, and their sum.
fn operators(graph: &Graph) -> String {
    let words = [("operator", 9), ("kind", 7), ("class", 3), ("output", 4)];
    let words = words.map(|(title, worth)| Column::words(title, worth));
    let mut table = Table::new(words.into_iter().chain(numbers()).collect());
    let mut row = |words: [String; 4], cost| {
        table.row(words.into_iter().chain(cells(cost)).collect());
    };
    for node in &graph.nodes {
        let (kind, class) = (node.op.kind().to_owned(), node.op.class().to_string());
        row([node.name.clone(), kind, class, node.output.to_string()], graph.node_cost(node));
    }
    let words = |name: &str| [name.to_owned(), String::new(), String::new(), String::new()];
    if graph.training_params > 0 {
        let cost = Cost { params: graph.training_params, ..Cost::default() };
        row(words(TRAINING), cost);
    }
    row(words("Σ"), graph.cost());
    let title = format!("{}, {}, input {}", graph.name, graph.level, graph.input);
    format!("{title}\n{}\nΣ adds exact numbers, not rounded ones.\n", table.text(output::width()))
}

/// One line a network.
fn networks(graphs: &[Graph]) -> String {
    let words = [("network", 9), ("input", 7)].map(|(t, w)| Column::words(t, w));
    let operators = Column::numbers("operators", 1);
    let columns = words.into_iter().chain([operators]).chain(numbers()).collect();
    let mut table = Table::new(columns);
    for graph in graphs {
        let words = [graph.name.clone(), graph.input.to_string(), graph.nodes.len().to_string()];
        table.row(words.into_iter().chain(cells(graph.cost())).collect());
    }
    table.text(output::width()) + "\n"
}
