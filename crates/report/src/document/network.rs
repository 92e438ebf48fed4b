//! One network on every device that ran it.

use super::{
    block::{Block, Fact, Medium, Part, Role, Section},
    figure::Figure,
};
use crate::{
    alive::Alive,
    analysis::{Analysis, measured},
    answer::{self, Prices},
    beside::Beside,
    format::counted,
    sentences,
    table::Table,
    tables,
};

/// Operators in the table of those that take longest.
const TOP: usize = 10;

/// The section of one network's measurements: the answers, then each device operator by operator.
pub fn section<'a>(group: &[&'a Analysis], prices: &Prices<'_>) -> Section<'a> {
    let mut blocks = heading(group[0]);
    blocks.extend(group.iter().map(|a| Block::finding(answer::sentence(a, prices.of(a)))));
    blocks.extend(shares(group));
    let remembered = group.iter().find_map(|a| Some((*a, Alive::of(&a.ops)?)));
    blocks.extend(remembered.into_iter().flat_map(|(a, alive)| memory(a, &alive)));
    blocks.extend(group.iter().zip(0..).map(|(a, i)| Block::Part(measurement(a, i == 0))));
    Section { blocks, ..Section::default() }
}

/// The devices side by side.
pub fn overview<'a>(group: &[&'a Analysis]) -> Vec<Block<'a>> {
    [heading(group[0]), shares(group)].concat()
}

fn heading<'a>(a: &Analysis) -> Vec<Block<'a>> {
    let p = &a.profile;
    let meaning = sentences::level(p.level);
    let lead = format!("Input {}, level {}: {meaning}.", p.inputs(), p.lowering());
    vec![Block::Heading(2, p.model.clone()), Block::Paragraph(Role::Lead, lead)]
}

/// Shares of time by class, and which operators matter on one kind of device alone.
fn shares<'a>(group: &[&'a Analysis]) -> Vec<Block<'a>> {
    let mut blocks = vec![Block::Chart(Figure::Devices(group.to_vec()))];
    if group.len() > 1 {
        let title = "Share of Σ operators by class:".to_owned();
        blocks.push(Block::Paragraph(Role::Title, title).only(Medium::Terminal));
        blocks.push(Block::Table(tables::shares_of_network(group)));
    }
    blocks.extend(Beside::of(group).into_iter().flat_map(|beside| moves(&beside)));
    blocks
}

/// What is alive at once.
fn memory<'a>(a: &'a Analysis, alive: &Alive) -> [Block<'a>; 2] {
    [Block::finding(sentences::alive(a, alive)), Block::Chart(Figure::Alive(a))]
}

/// Which operators matter on the GPU and not on the ARM core, or the other way round.
fn moves<'a>(beside: &Beside<'_>) -> Vec<Block<'a>> {
    let title = "Operators of 1 % or more whose place by time differs most:".to_owned();
    vec![
        Block::finding(sentences::beside(beside)),
        Block::Paragraph(Role::Title, title),
        Block::Table(tables::moves(beside)),
    ]
}

/// One device, operator by operator.
fn measurement(a: &Analysis, open: bool) -> Part<'_> {
    let place = a.place();
    let account = a.account().filter(|_| measured(&a.profile));
    let account = account.map(|account| sentences::account(&account));
    let parts = sentences::parts(a);
    let summary = [sentences::whole_run(a), parts, account].into_iter().flatten();
    let mut blocks: Vec<Block<'_>> = summary.map(Block::finding).collect();
    blocks.push(Block::List(facts(a)));
    let caution = a.caution();
    let judged = |table: Table| {
        let caution = caution.clone().map(Block::warning);
        [Block::Table(table)].into_iter().chain(caution).collect::<Vec<_>>()
    };
    let titled = |title: &str| Block::Heading(4, format!("{title} · {place}"));
    let slowest = a.slowest(TOP);
    if !slowest.is_empty() {
        blocks.push(titled("Top by time"));
        blocks.extend(judged(tables::operators(slowest)));
    }
    blocks.push(Block::Chart(Figure::Operators(a)));
    blocks.push(titled("By class"));
    blocks.extend(judged(tables::classes(&a.classes())));
    let bounds = a.bounds();
    if !bounds.is_empty() {
        blocks.push(titled("By bound"));
        blocks.extend(judged(tables::bounds(&bounds)));
    }
    blocks.extend([Figure::MulAdds(a), Figure::Roofline(a)].map(Block::Chart));
    let all = format!("All {} · {place}", counted(a.ops.len(), "operator"));
    blocks.push(Block::Fold(all, judged(tables::operators(&a.ops))));
    Part { depth: 3, title: format!("{} on {place}", a.profile.model), open, blocks }
}

/// How it was measured.
fn facts(a: &Analysis) -> Vec<Fact> {
    let p = &a.profile;
    let facts = [
        (Some(sentences::verification(a)), !p.verification.passed),
        (Some(sentences::noise(a)), !p.noise.reasons.is_empty()),
        (Some(sentences::timing(a)), !p.timing.note.is_empty()),
        (sentences::workers(p), false),
        (sentences::memory(a), false),
        (sentences::instrumentation(a).filter(|_| measured(p)), false),
        (sentences::stamping(a), false),
        (sentences::cross_check(a), false),
    ];
    facts.into_iter().filter_map(|(text, warns)| Some(Fact { text: text?, warns })).collect()
}
