//! `probe predict`: a latency table added up over networks, beside what they take.

use crate::{
    args::{PredictArgs, TextFormat},
    build_info,
    device::{self, Target},
    experiment::{Bench, Subject},
    jobs::{self, Jobs},
    latency::{Prediction, Table},
    machine::machine,
    memory, models, output,
    progress::Progress,
    record::Purpose,
};
use ops::Graph;
use profile::Profile;
use report::{
    format::{NOTHING, change, counted, duration, micros},
    screen,
    table::{self, Column},
};
use std::process::ExitCode;

/// Operators that a table lacks which are named.
const NAMED: usize = 8;

/// Runs the verb.
///
/// # Errors
/// Where the table cannot be read, a network cannot be built, or a device is not there.
pub fn run(args: &PredictArgs) -> anyhow::Result<ExitCode> {
    let tables = Table::read(&args.table)?;
    let graphs = models::graphs(&args.models)?;
    let targets = if args.no_run { Vec::new() } else { targets(args, &tables, &graphs)? };
    let mut jobs = Jobs::new(Progress::over(&graphs, tables.len()));
    for graph in &graphs {
        for table in &tables {
            let target = targets.iter().find(|target| is_of(table, target.as_ref()));
            let profile = match target {
                Some(target) => {
                    let target = target.as_ref();
                    let name = jobs::name(graph, target);
                    let measured =
                        jobs.run(&name, |progress| measure(args, graph, target, progress));
                    let Some(profile) = measured else { continue };
                    Some(profile)
                }
                None => None,
            };
            let prediction = Prediction::of(table, graph, profile.as_ref());
            let shown = match args.format {
                TextFormat::Json => screen::json(&prediction)?,
                TextFormat::Table => text(&prediction, args.no_run),
            };
            jobs.above(|| screen::print(&shown))?;
        }
    }
    jobs.finish();
    Ok(jobs.exit_code())
}

/// The devices that tables are of, of those asked for.
fn targets(
    args: &PredictArgs,
    tables: &[Table],
    graphs: &[Graph],
) -> anyhow::Result<Vec<Box<dyn Target>>> {
    build_info::demand_optimised()?;
    let machine = machine()?;
    graphs.iter().try_for_each(|graph| memory::demand(graph, &machine))?;
    let mut targets = device::open(&args.devices, &machine, graphs)?;
    targets.retain(|target| tables.iter().any(|table| is_of(table, target.as_ref())));
    Ok(targets)
}

/// Whether `table` was measured on `target`.
fn is_of(table: &Table, target: &dyn Target) -> bool {
    (table.device.as_str(), table.threads) == (&*target.device().name, target.threads())
}

/// What `graph` takes on `target`.
fn measure(
    args: &PredictArgs,
    graph: &Graph,
    target: &dyn Target,
    progress: &mut Progress,
) -> anyhow::Result<Profile> {
    let machine = machine()?;
    let (seed, max_secs) = (args.devices.seed, args.max_secs);
    let bench = Bench { target, machine: &machine, seed, max_secs };
    let subject = Subject { graph: graph.clone(), purpose: Purpose::Itself };
    Ok(bench.measure(&[subject], &mut |what| progress.say(|| what))?.swap_remove(0))
}

/// A prediction as text.
fn text(p: &Prediction, no_run: bool) -> String {
    let threads = counted(p.threads, "thread");
    let mut text =
        format!("{} on {}, {threads}: table {}", p.model, p.device, duration(p.table_ns));
    match &p.measured {
        Some(m) => {
            let half = m.interval_ns.map(|(low, high)| (high - m.whole_ns).max(m.whole_ns - low));
            let interval = half.map(|ns| format!(" ± {}", duration(ns))).unwrap_or_default();
            let (whole, error) = (duration(m.whole_ns), change(m.error));
            text += &format!(", measured {whole}{interval}: the table is off by {error}.\n");
            text += &format!(
                "Its operators take {} in the network; the rest of the run is {}.\n",
                duration(m.operators_ns),
                duration(m.whole_ns - m.operators_ns)
            );
        }
        None => {
            let unmeasured =
                "; that device is not among those asked for here, so nothing was measured";
            text += &format!("{}.\n", if no_run { "" } else { unmeasured });
        }
    }
    format!("{text}\n{}\n{}\n", classes(p), missing(p))
}

/// The same by class.
fn classes(p: &Prediction) -> String {
    let mut table = table::Table::new(vec![
        Column::words("class", 9),
        Column::numbers("operators", 5),
        Column::numbers("table µs", 8),
        Column::numbers("in the network µs", 7),
        Column::numbers("table is off by", 6),
    ]);
    for class in &p.classes {
        let off = class.network_ns.filter(|ns| *ns > 0.0).map(|ns| class.table_ns / ns - 1.0);
        let or_nothing = |cell: Option<String>| cell.unwrap_or_else(|| NOTHING.to_owned());
        table.row(vec![
            class.class.to_string(),
            class.operators.to_string(),
            micros(class.table_ns),
            or_nothing(class.network_ns.map(micros)),
            or_nothing(off.map(change)),
        ]);
    }
    table.text(output::width())
}

/// What the table lacks.
fn missing(p: &Prediction) -> String {
    let lacking: usize = p.missing.iter().map(|(_, times)| times).sum();
    if lacking == 0 {
        return "The table has all of its operators.\n".to_owned();
    }
    let named = p.missing.iter().take(NAMED).map(|(name, times)| format!("  {times} × {name}\n"));
    let more = p.missing.len().saturating_sub(NAMED);
    let more = if more > 0 { format!("  and {more} others\n") } else { String::new() };
    format!(
        "The table lacks {lacking} of {}, which count as nothing (`probe table --model {}` measures them):\n{}{more}",
        counted(p.operators, "operator"),
        p.model,
        named.collect::<String>()
    )
}
