//! A latency table as it is read: a row an operator and device.

use anyhow::{Context, bail, ensure};
use ops::Graph;
use profile::{Shape, file};
use report::{Findings, Measurements};
use serde::Deserialize;
use std::{collections::HashMap, path::Path};

/// An operator on a device.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Row {
    /// The operator, as [`super::alone`] names it.
    pub model: String,
    /// Shapes of its inputs.
    pub input: String,
    /// The device's name.
    pub device: String,
    /// Threads that ran it.
    pub threads: usize,
    /// Median time, nanoseconds; none of an emulated device.
    pub median_ns: Option<f64>,
}

/// The rows of a device with so many threads.
#[derive(Clone, Debug)]
pub struct Table {
    /// The device's name.
    pub device: String,
    /// Threads that ran its operators.
    pub threads: usize,
    /// Times by operator and inputs, nanoseconds.
    times: HashMap<(String, String), f64>,
}

impl Table {
    /// The tables of the file at `path`, `ops.csv` or profiles, one a device and number of threads.
    ///
    /// # Errors
    /// Where it cannot be read, or has no row with a time.
    pub fn read(path: &Path) -> anyhow::Result<Vec<Self>> {
        let shown = path.display();
        let lines = match path.extension().is_some_and(|end| end == "csv") {
            true => std::io::read_to_string(file::open(path).with_context(|| shown.to_string())?)?,
            false => {
                let profiles = profile::read(path, &mut |warning| report::screen::tell(warning))?;
                let mut lines = Vec::new();
                report::csv(&Findings::of(&Measurements::of(&profiles)), &mut lines)?;
                String::from_utf8(lines)?
            }
        };
        let tables = Self::of(&lines).with_context(|| format!("{shown} is no latency table"))?;
        ensure!(!tables.is_empty(), "{shown} has no operator with a time");
        Ok(tables)
    }

    /// Those of `ops.csv`'s text. Of an operator that stands there several times, the last row counts.
    fn of(text: &str) -> anyhow::Result<Vec<Self>> {
        let mut tables: Vec<Self> = Vec::new();
        for (i, row) in csv::Reader::from_reader(text.as_bytes()).deserialize().enumerate() {
            let row: Row = row.with_context(|| format!("row {}", i + 2))?;
            let Some(ns) = row.median_ns else { continue };
            if !(ns.is_finite() && ns >= 0.0) {
                bail!("row {}: median_ns is {ns}, expected a time", i + 2);
            }
            let own = |table: &Self| (&table.device, table.threads) == (&row.device, row.threads);
            let at = tables.iter().position(own).unwrap_or_else(|| {
                let times = HashMap::new();
                tables.push(Self { device: row.device.clone(), threads: row.threads, times });
                tables.len() - 1
            });
            tables[at].times.insert((row.model, plain(&row.input)), ns);
        }
        Ok(tables)
    }

    /// The time of an operator that is a network of its own, nanoseconds.
    pub fn ns(&self, own: &Graph) -> Option<f64> {
        self.times.get(&(own.name.clone(), plain(&Shape::list(&own.inputs)))).copied()
    }
}

/// Shapes as they are compared: tables of all versions write `1x3x224x224` or `1×3×224×224`.
fn plain(shapes: &str) -> String {
    shapes.replace('×', "x")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_operator_and_shape_on_their_device() {
        let text = "model,input,device,threads,median_ns,more\n\
                    relu,1x8x4x4,A,1,10,x\nrelu,1×8×4×4,A,1,12,x\nrelu,1x8x4x4,B,2,7,x\nadd,1x8x4x4,B,2,,x\n";
        let tables = Table::of(text).unwrap();
        assert_eq!(tables.len(), 2);
        assert!(tables.iter().all(|table| table.times.len() == 1));
        let mut builder = ops::GraphBuilder::new("n", Shape::new(1, 8, 4, 4));
        let x = builder.push("r", ops::Unary(ops::UnaryFn::Relu), &[ops::Value::INPUT]).unwrap();
        let own = Graph { name: "relu".to_owned(), ..builder.finish(x) };
        assert_eq!((tables[0].ns(&own), tables[1].ns(&own)), (Some(12.0), Some(7.0)));
        assert_eq!(tables[0].ns(&Graph { name: "add".to_owned(), ..own }), None);
    }

    #[test]
    fn what_is_no_table_is_told_with_its_row() {
        for (text, words) in [
            ("a,b\n1,2\n", "row 2"),
            ("model,input,device,threads,median_ns\nr,1x1x1x1,A,1,-5\n", "row 2: median_ns is -5"),
            ("model,input,device,threads,median_ns\nr,1x1x1x1,A,one,5\n", "row 2"),
        ] {
            let refusal = format!("{:#}", Table::of(text).unwrap_err());
            assert!(refusal.contains(words), "{text}: {refusal}");
        }
    }
}
