//! The document's sections, in their order.

use super::{
    across, architectures,
    block::{Document, Form, Section},
    ceilings, compared, kinds, measured, models, network, reading, studies, sweeps,
};
use crate::{
    analysis::Analysis,
    findings::Findings,
    names::{Name, told_apart},
};

/// Most networks that the first page shows operator by operator.
const ON_ONE_PAGE: usize = 12;
/// Most networks that it shows so without being asked.
const UNFOLDED: usize = 4;

/// The document of `findings`.
pub fn document<'a>(findings: &'a Findings<'a>) -> Document<'a> {
    let mut sections = vec![measured::section(findings)];
    let pairs = findings.pairs.iter().enumerate().map(|(i, pair)| {
        let id = Some(format!("pair-{i}"));
        Section { id, ..compared::section(pair) }
    });
    sections.extend(pairs);
    sections.extend(kinds::section(&findings.networks));
    sections.extend(ceilings::section(findings));
    sections.extend(studies::verdicts(findings));
    sections.extend(studies::guidelines(findings));
    sections.extend(architectures::section(&findings.architectures));
    sections.extend(findings.places.iter().filter_map(across::section));
    sections.extend(sweeps::sections(findings));
    sections.extend(networks(&findings.networks));
    sections.extend(models::section(findings));
    Document { sections, closing: reading::section() }
}

/// A section a network.
fn networks<'a>(groups: &[Vec<&'a Analysis>]) -> Vec<Section<'a>> {
    let names: Vec<Name> = groups.iter().map(|g| Name::new(&[&g[0].network()], &[])).collect();
    let form = |name: String| match groups.len() {
        few if few <= UNFOLDED => Form::Open,
        some if some <= ON_ONE_PAGE => Form::Folded,
        _ => Form::Page(name),
    };
    let sections = groups.iter().zip(told_apart(&names)).enumerate().map(|(i, (group, name))| {
        let id = Some(format!("network-{i}"));
        Section { id, entry: Some(group[0].network()), ..network::section(group, form(name)) }
    });
    sections.collect()
}
