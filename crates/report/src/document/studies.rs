//! The guidelines: the verdicts together, then verdict, chart and tables of each study.

use super::{
    block::{Block, Medium, Part, Role, Section},
    figure::Figure,
};
use crate::{
    findings::Findings,
    guidelines::{
        g4,
        study::Study,
        tables::{
            self, FRAGMENTS, SAVINGS, beside_the_papers_core, conditions, sentence, statement,
        },
    },
    selection::{last, left_out},
    table::Table,
};
use profile::Guideline;

/// Most studies of one guideline that are drawn.
const DRAWN: usize = 64;

const TITLE: &str = "The guidelines' verdicts";

/// The verdicts of all studies; none where there are no studies.
pub fn verdicts<'a>(findings: &Findings<'_>) -> Option<Section<'a>> {
    let all = Block::Table(tables::verdicts(&findings.studies));
    let page = [
        Block::Table(tables::matrix(&findings.studies)),
        Block::note(tables::MATRIX),
        Block::Fold("With intervals, and where it matters".to_owned(), vec![all.clone()]),
    ];
    let mut blocks = vec![Block::Heading(2, TITLE.to_owned()), all.only(Medium::Terminal)];
    blocks.extend(page.map(|block| block.only(Medium::Page)));
    let (id, entry) = (Some("verdicts".to_owned()), Some(TITLE.to_owned()));
    (!findings.studies.is_empty()).then_some(Section { id, entry, blocks })
}

/// A section a guideline that was studied.
pub fn guidelines<'a>(findings: &'a Findings<'a>) -> Vec<Section<'a>> {
    Guideline::ALL.into_iter().filter_map(|guideline| section(findings, guideline)).collect()
}

fn section<'a>(findings: &'a Findings<'a>, guideline: Guideline) -> Option<Section<'a>> {
    let all: Vec<&Study<'_>> =
        findings.studies.iter().filter(|s| s.guideline == guideline).collect();
    let rendered = last(&all, DRAWN);
    let mut blocks = vec![Block::Heading(2, format!("{guideline}: {}", statement(guideline)))];
    blocks.extend(rendered.iter().zip(0..).map(|(study, i)| Block::Part(one(study, i == 0))));
    let things = "studies, the last ones: verdicts.json has all";
    blocks.extend(left_out(rendered.len(), all.len(), things).map(Block::note));
    if guideline == Guideline::G3 {
        blocks.extend(fragments(findings));
    }
    let name = Some(guideline.to_string());
    let section = Section { id: name.clone(), entry: name, blocks };
    (!all.is_empty()).then_some(section)
}

/// One study.
fn one<'a>(study: &'a Study<'a>, open: bool) -> Part<'a> {
    let verdict = study.judged.verdict.name();
    let conditions = match study.disturbances().as_slice() {
        [] => Block::note(conditions(study)),
        _ => Block::warning(conditions(study)),
    };
    let mut blocks = vec![Block::finding(sentence(study)), Block::Chart(Figure::SlowDown(study))];
    blocks.extend(beside_the_papers_core(study).map(Block::finding));
    blocks.extend(titled(SAVINGS, &g4::savings(study), tables::savings));
    blocks.push(conditions);
    let points = Block::Table(tables::points(study));
    blocks.push(Block::Fold("The points as a table".to_owned(), vec![points]));
    let title = format!("{}, grid {}: {verdict}", study.place(), study.grid_label());
    Part { depth: 3, title, open, blocks }
}

/// Where the time of fragments goes.
pub fn fragments<'a>(findings: &Findings<'_>) -> Vec<Block<'a>> {
    let costs: Vec<_> = findings
        .fragments
        .iter()
        .map(|(study, costs)| (&findings.studies[*study], *costs))
        .collect();
    titled(FRAGMENTS, &costs, tables::fragments)
}

/// A table of `rows` under its title; nothing where there are none.
fn titled<'a, T>(title: &str, rows: &[T], table: impl Fn(&[T]) -> Table) -> Vec<Block<'a>> {
    if rows.is_empty() {
        return Vec::new();
    }
    vec![Block::Paragraph(Role::Title, title.to_owned()), Block::Table(table(rows))]
}
