//! Rows for other programs: exact values under titles, as CSV or Markdown.

use crate::{
    export::Formulaless,
    markdown::escaped,
    table::{Column, Table},
};
use std::io;

/// Titles, and rows of as many cells.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The titles.
    pub titles: &'static [&'static str],
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

impl Rows {
    /// As CSV, in which no text is a formula.
    ///
    /// # Errors
    /// Where there is no memory for it.
    pub fn csv(&self) -> io::Result<String> {
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(self.titles)?;
        for row in &self.rows {
            table.serialize(row.iter().map(|cell| cell_of(cell)).collect::<Vec<_>>())?;
        }
        let bytes = table.into_inner().map_err(csv::IntoInnerError::into_error)?;
        String::from_utf8(bytes).map_err(io::Error::other)
    }

    /// As a table in Markdown; columns of numbers are flush right.
    pub fn markdown(&self) -> String {
        let column = |(i, title): (usize, &&str)| match self.is_of_numbers(i) {
            true => Column::numbers(title, 1),
            false => Column::words(title, 1),
        };
        let mut table = Table::new(self.titles.iter().enumerate().map(column).collect());
        self.rows.iter().for_each(|row| table.row(row.clone()));
        table.markdown(escaped)
    }

    /// Whether every cell of column `i` is a number, or nothing.
    fn is_of_numbers(&self, i: usize) -> bool {
        self.rows.iter().all(|row| row[i].is_empty() || is_number(&row[i]))
    }
}

fn is_number(cell: &str) -> bool {
    cell.parse::<f64>().is_ok()
}

/// A number as it is, a text as one that no spreadsheet computes.
fn cell_of(cell: &str) -> Formulaless<'_> {
    if is_number(cell) { Formulaless::number(cell) } else { Formulaless::of(cell) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_numbers_or_text_and_nothing_else() {
        let row = |name: &str, n: &str| vec![name.to_owned(), n.to_owned()];
        let rows = Rows { titles: &["name", "n"], rows: vec![row("=a|b", "-1.5"), row("c,d", "")] };
        assert_eq!(rows.csv().unwrap(), "name,n\n'=a|b,-1.5\n\"c,d\",\n");
        assert_eq!(rows.markdown(), "| name | n |\n| :-- | --: |\n| =a\\|b | -1.5 |\n| c,d |  |\n");
    }
}
