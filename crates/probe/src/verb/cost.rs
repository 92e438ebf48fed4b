//! `probe cost`: what a network must compute and touch, by formula. Nothing runs.

use crate::{
    args::{CostArgs, TableFormat},
    models, output,
};
use anyhow::ensure;
use onnx::{Counted, Partial, Unsupported};
use ops::{Attrs, Graph, Node};
use profile::{ACCESS_CONVENTION, Access, Class, Cost, FLOPS_CONVENTION, Level, Shape};
use report::{
    format::{count, counted, grouped},
    rows::Rows,
    screen,
    table::{Column, Table},
    visible,
};
use serde::Serialize;
use std::process::ExitCode;
use zoo::Options;

/// Runs the verb.
///
/// # Errors
/// Where a network cannot be built.
pub fn run(args: &CostArgs) -> anyhow::Result<ExitCode> {
    let costs = if args.partial {
        let sizes = models::sizes(&args.models);
        let specs =
            args.models.model.iter().flat_map(|spec| sizes.iter().map(move |size| (spec, *size)));
        specs.map(|(spec, size)| partial(spec, args, size)).collect::<anyhow::Result<_>>()?
    } else {
        models::graphs(&args.models)?.iter().map(NetworkCost::of).collect::<Vec<_>>()
    };
    match args.format {
        TableFormat::Json => {
            for cost in &costs {
                screen::print(&screen::json(cost)?)?;
            }
        }
        TableFormat::Table => {
            let tables = match costs.as_slice() {
                [cost] => operators(cost),
                costs => networks(costs),
            };
            let missing: String = costs.iter().map(not_counted).collect();
            let conventions = format!("{FLOPS_CONVENTION}.\n{ACCESS_CONVENTION}.\n");
            screen::print(&format!("{tables}{missing}\n{conventions}"))?;
        }
        TableFormat::Csv => screen::print(&rows(&costs).csv()?)?,
        TableFormat::Markdown => screen::print(&rows(&costs).markdown())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The cost of the network `spec`, where it is a file perhaps of a part of it.
fn partial(spec: &str, args: &CostArgs, size: Options) -> anyhow::Result<NetworkCost> {
    let level = args.models.level;
    if models::is_file(spec) {
        let partial = models::partial(spec, size)?;
        if !partial.missing.is_empty() {
            ensure!(
                level != Level::Fused,
                "{spec} can be counted in part only, and then as the file has it: leave out --level {level}"
            );
            return Ok(NetworkCost::of_part(partial));
        }
    }
    let graph = models::graph(spec, &args.models, size)?;
    Ok(NetworkCost::of(&graph))
}

/// A network's cost as JSON has it.
#[derive(Serialize)]
struct NetworkCost {
    model: String,
    input: Shape,
    /// Shapes of the inputs after the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    more_inputs: Vec<Shape>,
    level: Level,
    params: u64,
    /// Parameters of parts that only training runs: in `params`, but in none of `ops`.
    #[serde(skip_serializing_if = "Option::is_none")]
    training_params: Option<u64>,
    mul_adds: u64,
    flops: u64,
    access: Total,
    ops: Vec<OpCost>,
    /// The same counts.
    #[serde(skip)]
    total: Cost,
    /// Whether all of this is but a part of the network.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    partial: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_counted: Vec<NotCounted>,
}

/// Memory access cost of a whole network.
#[derive(Serialize)]
struct Total {
    elements: u64,
    bytes: u64,
}

/// An operator's cost as JSON has it.
#[derive(Serialize)]
struct OpCost {
    name: String,
    kind: &'static str,
    class: Class,
    inputs: Vec<Shape>,
    output: Shape,
    attrs: Attrs,
    #[serde(flatten)]
    cost: Cost,
}

/// Nodes of a file that are alike and not counted.
#[derive(Serialize)]
struct NotCounted {
    kind: String,
    attributes: String,
    shapes: String,
    missing: String,
    nodes: Vec<String>,
    #[serde(skip)]
    text: String,
}

impl NetworkCost {
    /// Of a whole network.
    fn of(graph: &Graph) -> Self {
        let ops = graph.nodes.iter().map(|node| OpCost::of(graph, node)).collect();
        Self {
            level: graph.level,
            training_params: Some(graph.training_params).filter(|n| *n > 0),
            ..Self::sum(&graph.name, &graph.inputs, graph.cost(), ops)
        }
    }

    /// Of what of a network can be counted.
    fn of_part(part: Partial) -> Self {
        let total = part.operators.iter().map(|op| op.cost).sum();
        let ops = part.operators.into_iter().map(OpCost::of_part).collect();
        let not_counted = part.missing.into_iter().map(NotCounted::of).collect();
        Self { partial: true, not_counted, ..Self::sum(&part.name, &part.inputs, total, ops) }
    }

    /// Shapes of all inputs as text.
    fn inputs(&self) -> String {
        Shape::list([&self.input].into_iter().chain(&self.more_inputs))
    }

    fn sum(model: &str, inputs: &[Shape], total: Cost, ops: Vec<OpCost>) -> Self {
        let Cost { params, mul_adds, flops, access } = total;
        Self {
            model: model.to_owned(),
            input: inputs[0],
            more_inputs: inputs[1..].to_vec(),
            level: Level::Raw,
            params,
            training_params: None,
            mul_adds,
            flops,
            access: Total { elements: access.elements(), bytes: access.bytes() },
            ops,
            total,
            partial: false,
            not_counted: Vec::new(),
        }
    }
}
impl OpCost {
    fn of(graph: &Graph, node: &Node) -> Self {
        Self {
            name: node.name.clone(),
            kind: node.op.kind(),
            class: node.op.class(),
            inputs: graph.input_shapes(node),
            output: node.output,
            attrs: node.attrs(),
            cost: graph.node_cost(node),
        }
    }

    fn of_part(counted: Counted) -> Self {
        let Counted { name, op, inputs, output, cost } = counted;
        let (kind, class, attrs) = (op.kind(), op.class(), op.attrs());
        Self { name, kind, class, inputs, output, attrs, cost }
    }
}

impl NotCounted {
    fn of(nodes: Unsupported) -> Self {
        let text = nodes.to_string();
        let Unsupported { kind, attributes, shapes, missing, nodes } = nodes;
        Self { kind, attributes, shapes, missing, nodes, text }
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
fn operators(network: &NetworkCost) -> String {
    let words = [("operator", 9), ("kind", 7), ("class", 3), ("output", 4)];
    let words = words.map(|(title, worth)| Column::words(title, worth));
    let mut table = Table::new(words.into_iter().chain(numbers()).collect());
    let mut row = |words: [String; 4], cost| {
        table.row(words.into_iter().chain(cells(cost)).collect());
    };
    for op in &network.ops {
        let (kind, class) = (op.kind.to_owned(), op.class.to_string());
        row([op.name.clone(), kind, class, op.output.to_string()], op.cost);
    }
    let words = |name: &str| [name.to_owned(), String::new(), String::new(), String::new()];
    if let Some(params) = network.training_params {
        row(words(TRAINING), Cost { params, ..Cost::default() });
    }
    row(words(if network.partial { "Σ of a part" } else { "Σ" }), network.total);
    let model = visible::line(&network.model);
    let title = format!("{model}, {}, input {}", network.level, network.inputs());
    format!("{title}\n{}\nΣ adds exact numbers, not rounded ones.\n", table.text(output::width()))
}

/// One line a network.
fn networks(all: &[NetworkCost]) -> String {
    let words = [("network", 9), ("input", 7)].map(|(t, w)| Column::words(t, w));
    let operators = Column::numbers("operators", 1);
    let columns = words.into_iter().chain([operators]).chain(numbers()).collect();
    let mut table = Table::new(columns);
    for network in all {
        let part = if network.partial { ", a part" } else { "" };
        let name = format!("{}{part}", network.model);
        let words = [name, network.inputs(), network.ops.len().to_string()];
        table.row(words.into_iter().chain(cells(network.total)).collect());
    }
    table.text(output::width()) + "\n"
}

/// Exact numbers: of one network a row an operator, of several a row each.
fn rows(costs: &[NetworkCost]) -> Rows {
    match costs {
        [cost] => {
            Rows { titles: &OPERATOR_TITLES, rows: cost.ops.iter().map(OpCost::row).collect() }
        }
        costs => {
            Rows { titles: &NETWORK_TITLES, rows: costs.iter().map(NetworkCost::row).collect() }
        }
    }
}

const OPERATOR_TITLES: [&str; 12] = [
    "operator",
    "kind",
    "class",
    "inputs",
    "output",
    "params",
    "mul_adds",
    "flops",
    "access_read",
    "access_written",
    "access_weights",
    "access_bytes",
];

const NETWORK_TITLES: [&str; 8] =
    ["network", "input", "level", "operators", "params", "mul_adds", "flops", "access_bytes"];

impl OpCost {
    /// Under [`OPERATOR_TITLES`].
    fn row(&self) -> Vec<String> {
        let Cost { params, mul_adds, flops, access } = self.cost;
        let Access { read, written, weights } = access;
        let words = [
            self.name.clone(),
            self.kind.to_owned(),
            self.class.to_string(),
            plain(&Shape::list(&self.inputs)),
            plain(&self.output.to_string()),
        ];
        let counts = [params, mul_adds, flops, read, written, weights, access.bytes()];
        words.into_iter().chain(counts.map(|count| count.to_string())).collect()
    }
}

impl NetworkCost {
    /// Under [`NETWORK_TITLES`].
    fn row(&self) -> Vec<String> {
        let words = [self.model.clone(), plain(&self.inputs()), self.level.to_string()];
        let counts =
            [self.ops.len() as u64, self.params, self.mul_adds, self.flops, self.access.bytes];
        words.into_iter().chain(counts.map(|count| count.to_string())).collect()
    }
}

/// Shapes that need no sign beyond ASCII.
fn plain(shapes: &str) -> String {
    shapes.replace('×', "x")
}

/// What of a network is not counted; nothing where all of it is.
fn not_counted(network: &NetworkCost) -> String {
    if !network.partial {
        return String::new();
    }
    let nodes: usize = network.not_counted.iter().map(|group| group.nodes.len()).sum();
    let lines =
        network.not_counted.iter().map(|group| format!("  {}\n", visible::line(&group.text)));
    let lines: String = lines.collect();
    let nodes = counted(nodes, "node") + if nodes == 1 { " is" } else { " are" };
    let model = visible::line(&network.model);
    format!("\nPartial: of {model} {nodes} not counted:\n{lines}")
}
