//! The page: everything about a set of measurements in one file that needs nothing else.

mod guidelines;

use crate::{
    analysis::{Analysis, by_network, by_place},
    chart::{Chart, Drawn, class_shares, models, mul_adds, operators, palette},
    sentences, tables,
    text::TOP,
};
use profile::Profile;

const CSS: &str = include_str!("page.css");

/// Networks above which the page shows their sections folded up.
const UNFOLDED: usize = 4;

/// A page and the charts in it.
#[derive(Clone, Debug)]
pub struct Page {
    /// The page.
    pub html: String,
    /// Its charts, in the order in which it shows them.
    pub charts: Vec<Chart>,
}

/// The page of `profiles`.
///
/// # Errors
/// Where plotters fails.
pub fn page(profiles: &[Profile]) -> Drawn<Page> {
    // Points of experiments are no networks that anybody runs: they have pages of their own kind.
    let whole_networks = profiles.iter().filter(|p| p.experiment.is_none());
    let analyses: Vec<Analysis<'_>> = whole_networks.map(Analysis::of).collect();
    let networks = by_network(&analyses);
    let mut charts = Vec::new();
    let mut body = String::new();
    body += &measured(&analyses);
    for place in by_place(&analyses) {
        body += &across_networks(&latest(&place), &mut charts)?;
    }
    for (i, group) in networks.iter().enumerate() {
        body += &network(group, i, networks.len() <= UNFOLDED, &mut charts)?;
    }
    body += &guidelines::sections(profiles, &mut charts)?;
    body += HOW_TO_READ;
    let html = format!(
        "<!DOCTYPE html>\n<html lang=en>\n<head><meta charset=utf-8>\n\
         <meta name=viewport content=\"width=device-width,initial-scale=1\">\n\
         <title>{title}</title>\n<style>{CSS}{}</style></head>\n<body>\n\
         <header><h1>{title}</h1>\n<p class=lead>Operator by operator: what each must compute, what \
         memory it must touch, how long it took on which device, and how sure that is.</p></header>\n\
         {}{body}<p class=note>{}</p>\n</body>\n</html>\n",
        palette::style(),
        contents(&networks),
        escape(&sentences::conventions()),
        title = "Latency and memory access cost of convolutional networks",
    );
    Ok(Page { html, charts })
}

/// `text` with the signs replaced that mean something in HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn contents(networks: &[Vec<&Analysis<'_>>]) -> String {
    let links: String = networks
        .iter()
        .enumerate()
        .map(|(i, group)| {
            format!("<li><a href=#network-{i}>{}</a></li>", escape(&group[0].network()))
        })
        .collect();
    format!(
        "<nav><ul><li><a href=#measured>What was measured</a></li>{links}\
         <li><a href=#how-to-read>How to read this</a></li></ul></nav>\n"
    )
}

/// What ran, on which machine, built from what, how it was asked to measure.
fn measured(analyses: &[Analysis<'_>]) -> String {
    let mut facts: Vec<String> = Vec::new();
    for a in analyses {
        let (machine, build, settings) =
            (&a.profile.machine, &a.profile.build, &a.profile.settings);
        let memory = machine.memory_bytes as f64 / f64::from(1 << 30);
        let sampling = match settings.iters {
            0 => String::new(),
            n => format!(" or {n} samples"),
        };
        let line = format!(
            "{}, {} processors, {memory:.1} GiB, {} {} · version {} at commit {}, {}, {} · seed \
             {}, {} runs of warm-up, samples until the median's 95 % interval is within {} % or \
             {} s{sampling} have passed, threads {}pinned",
            machine.cpu,
            machine.cores,
            machine.os,
            machine.kernel,
            build.version,
            if build.commit.is_empty() { "unknown" } else { &build.commit },
            build.rustc,
            build.target,
            settings.seed,
            settings.warmup,
            settings.precision * 100.0,
            settings.max_secs,
            if settings.pinned { "" } else { "not " },
        );
        if !facts.contains(&line) {
            facts.push(line);
        }
    }
    let facts: String = facts.iter().map(|f| format!("<li>{}</li>\n", escape(f))).collect();
    format!(
        "<section id=measured><h2>What was measured</h2>\n{}<ul class=facts>{facts}</ul></section>\n",
        tables::measurements(analyses).html(),
    )
}

/// The last measurement of each network.
fn latest<'r, 'a>(group: &[&'r Analysis<'a>]) -> Vec<&'r Analysis<'a>> {
    let again = |i: usize| group[i + 1..].iter().any(|b| b.network() == group[i].network());
    (0..group.len()).filter(|&i| !again(i)).map(|i| group[i]).collect()
}

/// All networks of one device together, where there are enough of them.
fn across_networks(group: &[&Analysis<'_>], charts: &mut Vec<Chart>) -> Drawn<String> {
    let mut figures = String::new();
    for chart in models::charts(group)?.into_iter().chain(class_shares::networks(group)?) {
        figures += &figure(chart, charts);
    }
    if figures.is_empty() {
        return Ok(figures);
    }
    let table = tables::shares(group, "network", |a| a.profile.model.clone()).html();
    Ok(format!(
        "<section><h2>Every network on {}</h2>\n{figures}<details><summary>The shares as a \
         table</summary>{table}</details></section>\n",
        escape(&group[0].place())
    ))
}

/// One network on every device that ran it.
fn network(
    group: &[&Analysis<'_>],
    id: usize,
    open: bool,
    charts: &mut Vec<Chart>,
) -> Drawn<String> {
    let mut body = String::new();
    if let Some(chart) = class_shares::devices(group)? {
        body += &figure(chart, charts);
    }
    if group.len() > 1 {
        body += &tables::shares(group, "device", |a| a.place()).html();
    }
    for a in group {
        body += &measurement(a, charts)?;
    }
    let p = group[0].profile;
    let title = escape(&p.model);
    let what =
        escape(&format!("Input {}, level {}: {}.", p.input, p.level, sentences::level(p.level)));
    Ok(format!(
        "<section id=network-{id}><h2>{title}</h2>\n<p class=lead>{what}</p>\n\
         <details{}><summary>Charts and tables</summary>\n{body}</details></section>\n",
        if open { " open" } else { "" }
    ))
}

/// One network on one device.
fn measurement(a: &Analysis<'_>, charts: &mut Vec<Chart>) -> Drawn<String> {
    let warn = |text: String, bad: bool| {
        format!("<li{}>{}</li>", if bad { " class=warn" } else { "" }, escape(&text))
    };
    let account = a.account().map(|account| sentences::account(&account));
    let summary: String = [sentences::whole_run(a), account]
        .into_iter()
        .flatten()
        .map(|line| format!("<p class=account>{}</p>\n", escape(&line)))
        .collect();
    let facts = [
        warn(sentences::verification(a), !a.profile.verification.passed),
        warn(sentences::noise(a), !a.profile.noise.reasons.is_empty()),
        warn(sentences::timing(a), !a.profile.timing.note.is_empty()),
        sentences::instrumentation(a).map_or(String::new(), |line| warn(line, false)),
    ]
    .concat();
    let drawn = [operators::chart(a)?, mul_adds::chart(a)?];
    let figures: String = drawn.into_iter().flatten().map(|c| figure(c, charts)).collect();
    let top = if a.has_times() {
        let table = tables::operators(a.slowest(TOP)).html();
        format!("<h4>Top by time</h4>{table}")
    } else {
        String::new()
    };
    Ok(format!(
        "<h3>{place}</h3>\n{summary}<ul class=facts>{facts}</ul>\n{figures}\
         <h4>By class · {place}</h4>{}{top}\
         <details><summary>All {} operators · {place}</summary>{}</details>\n",
        tables::classes(&a.classes()).html(),
        a.ops.len(),
        tables::operators(&a.ops).html(),
        place = escape(&a.place()),
    ))
}

fn figure(chart: Chart, charts: &mut Vec<Chart>) -> String {
    let html = format!("<figure>{}</figure>\n", chart.inline());
    charts.push(chart);
    html
}

const HOW_TO_READ: &str = "<section id=how-to-read><h2>How to read this</h2>
<dl>
<dt>Time of an operator</dt><dd>Taken inside the running network, not alone: caches hold what the \
operator before left there. The median of all samples; ± is the larger side of its 95 % interval, \
which comes from order statistics and assumes no distribution.</dd>
<dt>Σ operators, residual, whole run</dt><dd>The whole run is timed without looking at its operators. \
What it takes beyond the sum of the operators' medians is the residual: dispatch, barriers, timer. \
It is negative where timing an operator costs more than what stands between two.</dd>
<dt>Share</dt><dd>Of the sum of the operators' medians, not of the whole run.</dd>
<dt>GFLOP/s and GB/s</dt><dd>FLOPs and memory access cost over time. Both amounts are what the \
operator must do by formula, not what a kernel issued or a bus carried.</dd>
<dt>Class</dt><dd>The buckets of the ShuffleNetV2 paper's figure 2: conv (depthwise included); \
element-wise (activations, add, multiply, a batch norm that stands alone); data (split, concat, pad, \
flatten); shuffle; other (pooling, linear, normalisation over a window, softmax).</dd>
<dt>real, software-rendered, emulated, modelled</dt><dd>Whether the device is what its kind says. A \
software-rendered GPU is a GPU interface drawn by the processor: its times are true of itself and \
say nothing about a graphics card. An emulated device proves results, and its times are not shown. \
A modelled one never ran.</dd>
<dt>Verified</dt><dd>Before the clock started, every operator's output was compared with a reference \
in 64-bit arithmetic, within a tolerance that follows from rounding.</dd>
<dt>Noisy</dt><dd>The machine did something else, its clock moved, or the samples did not settle: the \
numbers may be off by more than their intervals say.</dd>
</dl></section>
";
