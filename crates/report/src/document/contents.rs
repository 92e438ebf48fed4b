//! The document's sections, in their order: answers, networks, comparisons, guidelines, and what stands behind them.

use super::{
    across, answers, apart, architectures,
    block::{Document, Section},
    ceilings, compared, kinds, measured, models, network, reading, studies, sweeps,
};
use crate::{
    analysis::Analysis,
    answer::Prices,
    compare::apart::Apart,
    findings::Findings,
    names::{Name, told_apart},
};

/// Most networks that the first page shows operator by operator, and most operators, those of each measurement counted.
/// Beyond, each network has a page of its own, and the first one stays small.
const NETWORKS: usize = 12;
const OPERATORS: usize = 1000;

/// The document of `findings`.
pub fn document<'a>(findings: &'a Findings<'a>) -> Document<'a> {
    let prices = Prices::among(&findings.architectures);
    let (networks, pages) = networks(&findings.networks, &prices);
    let paths: Vec<String> = match pages.is_empty() {
        true => (0..networks.len()).map(|i| format!("#{}", id(i))).collect(),
        false => pages.iter().map(|(path, _)| path.clone()).collect(),
    };
    let mut sections: Vec<Section<'a>> =
        answers::section(findings, &prices, &paths).into_iter().collect();
    sections.extend(networks);
    let pairs = findings.pairs.iter().enumerate().map(|(i, pair)| {
        let id = Some(format!("pair-{i}"));
        Section { id, ..compared::section(pair) }
    });
    sections.extend(pairs);
    sections.extend(kinds::section(&findings.networks));
    sections.extend(findings.places.iter().filter_map(across::section));
    sections.extend(sweeps::sections(findings));
    sections.extend(studies::verdicts(findings));
    sections.extend(architectures::section(&findings.architectures));
    sections.extend(studies::guidelines(findings));
    sections.extend(models::section(findings));
    sections.extend(ceilings::section(findings));
    sections.push(measured::section(findings));
    Document { sections, pages, closing: reading::section() }
}

/// Measurements of other times or machines, a section each.
pub fn apart<'a>(all: &'a [Apart<'a>]) -> Document<'a> {
    let section = |(i, apart)| Section { id: Some(format!("apart-{i}")), ..apart::section(apart) };
    let sections = all.iter().enumerate().map(section).collect();
    Document { sections, pages: Vec::new(), closing: reading::section() }
}

/// A section a network, on the first page or on pages of their own.
fn networks<'a>(
    groups: &[Vec<&'a Analysis>],
    prices: &Prices<'_>,
) -> (Vec<Section<'a>>, Vec<(String, Section<'a>)>) {
    let operators: usize = groups.iter().flatten().map(|a| a.ops.len()).sum();
    let sections = groups.iter().enumerate().map(|(i, group)| {
        let (id, entry) = (Some(id(i)), Some(group[0].network()));
        Section { id, entry, ..network::section(group, prices) }
    });
    if groups.len() <= 1 || (groups.len() <= NETWORKS && operators <= OPERATORS) {
        return (sections.collect(), Vec::new());
    }
    let names: Vec<Name> = groups.iter().map(|g| Name::new(&[&g[0].network()], &[])).collect();
    let paths = told_apart(&names).into_iter().map(|name| format!("networks/{name}.html"));
    (Vec::new(), paths.zip(sections).collect())
}

/// What links lead to a network's section by.
fn id(network: usize) -> String {
    format!("network-{network}")
}
