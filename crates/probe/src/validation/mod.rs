//! Modelled cores against what was published of real ones, a comparison a file.

mod boards;
mod comparison;
mod cores_apart;
mod paper;
mod products;
mod published;
mod traced;

use crate::args::Compared;
use comparison::Comparison;
use report::validation::Row;
use std::collections::BTreeSet;

/// Makes the comparisons `asked` for, networks that several need once; their rows.
///
/// # Errors
/// Where published figures cannot be read, or a network cannot be traced.
pub fn rows(asked: &[Compared]) -> anyhow::Result<Vec<Row>> {
    let comparisons: Vec<_> =
        asked.iter().map(|one| comparison(*one)).collect::<anyhow::Result<_>>()?;
    let mut jobs = BTreeSet::new();
    for comparison in &comparisons {
        jobs.extend(comparison.jobs()?);
    }
    let traces = traced::all(jobs.into_iter().collect())?;
    let rows = comparisons.iter().map(|comparison| comparison.rows(&traces));
    Ok(rows.collect::<anyhow::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

fn comparison(asked: Compared) -> anyhow::Result<Box<dyn Comparison>> {
    Ok(match asked {
        Compared::Products => Box::new(products::Products),
        Compared::Boards => Box::new(boards::Boards(published::read()?)),
        Compared::Cores => Box::new(cores_apart::CoresApart(published::read()?)),
        Compared::Paper => Box::new(paper::Paper::read()?),
    })
}
