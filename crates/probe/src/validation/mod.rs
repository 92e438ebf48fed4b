//! Modelled cores against what was published of real ones, a comparison a file.

mod boards;
mod comparison;
mod cores_apart;
mod host;
mod paper;
mod part;
mod products;
mod published;
mod traced;

use crate::args::{Compared, ValidateArgs};
use anyhow::ensure;
use comparison::Comparison;
use report::validation::Row;
use std::collections::BTreeSet;

/// Makes the comparisons asked for, networks that several need once; their rows.
///
/// # Errors
/// Where published figures cannot be read, this machine cannot be measured, or a network cannot be traced.
pub fn rows(args: &ValidateArgs) -> anyhow::Result<Vec<Row>> {
    ensure!(
        args.core.is_none() || args.compared.contains(&Compared::Host),
        "--core is for this machine's own: probe validate host --core PATH"
    );
    let comparisons: Vec<_> =
        args.compared.iter().map(|one| comparison(*one, args)).collect::<anyhow::Result<_>>()?;
    let mut jobs = BTreeSet::new();
    for comparison in &comparisons {
        jobs.extend(comparison.jobs()?);
    }
    let traces = traced::all(jobs.into_iter().collect())?;
    let rows = comparisons.iter().map(|comparison| comparison.rows(&traces));
    Ok(rows.collect::<anyhow::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

fn comparison(asked: Compared, args: &ValidateArgs) -> anyhow::Result<Box<dyn Comparison>> {
    Ok(match asked {
        Compared::Products => Box::new(products::Products),
        Compared::Boards => Box::new(boards::Boards(published::read()?)),
        Compared::Cores => Box::new(cores_apart::CoresApart(published::read()?)),
        Compared::Paper => Box::new(paper::Paper::read()?),
        Compared::Host => Box::new(host::Host::measure(args.core.as_deref())?),
    })
}
