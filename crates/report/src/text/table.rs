//! A table that fits: names are shortened, then columns left out, until it is narrow enough.

use crate::format::shorten;
use comfy_table::{Cell, CellAlignment, LineStyle, TableStyle};

/// Narrowest that the first column gets before a column is left out for it.
const NAME_WIDTH: usize = 26;

const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Which side a column's text stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A column's title, side and worth.
#[derive(Clone, Debug)]
pub struct Column {
    title: String,
    align: Align,
    worth: u8,
}

impl Column {
    /// A column; the one with the least `worth` is left out first.
    pub fn new(title: &str, align: Align, worth: u8) -> Self {
        Self { title: title.to_owned(), align, worth }
    }
}

/// Rows of text under columns; the first column names the row.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table.
    pub fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Appends a row: a text a column.
    pub fn row(&mut self, row: Vec<String>) {
        debug_assert_eq!(row.len(), self.columns.len());
        self.rows.push(row);
    }

    /// The table in at most `width` characters, if the first column and one other fit.
    pub fn render(mut self, width: usize) -> String {
        self.fit(width);
        let mut table = comfy_table::Table::new();
        table.load_style(STYLE);
        let align = |c: &Column| match c.align {
            Align::Left => CellAlignment::Left,
            Align::Right => CellAlignment::Right,
        };
        let cells = |row: &[String]| -> Vec<Cell> {
            let columns = self.columns.iter().zip(row);
            columns.map(|(c, text)| Cell::new(text).set_alignment(align(c))).collect()
        };
        let titles: Vec<String> = self.columns.iter().map(|c| c.title.clone()).collect();
        table.set_header(cells(&titles));
        table.add_rows(self.rows.iter().map(|row| cells(row)));
        table.trim_fmt()
    }

    fn fit(&mut self, width: usize) {
        while self.total() > width && self.columns.len() > 2 {
            let over = self.total() - width;
            if self.width_of(0) >= NAME_WIDTH + over {
                break;
            }
            let worths = self.columns.iter().enumerate().skip(1).map(|(i, c)| (c.worth, i));
            let Some((_, least)) = worths.min() else { break };
            self.columns.remove(least);
            self.rows.iter_mut().for_each(|row| drop(row.remove(least)));
        }
        let over = self.total().saturating_sub(width);
        let name_width = (self.width_of(0) - over.min(self.width_of(0))).max(NAME_WIDTH.min(width));
        for row in &mut self.rows {
            row[0] = shorten(&row[0], name_width);
        }
    }

    /// Width of column `i`: its longest text.
    fn width_of(&self, i: usize) -> usize {
        let texts = self.rows.iter().map(|row| &row[i]).chain([&self.columns[i].title]);
        texts.map(|text| text.chars().count()).max().unwrap_or(0)
    }

    /// Width of the whole table: a blank on each side of each column and one between two.
    fn total(&self) -> usize {
        (0..self.columns.len()).map(|i| self.width_of(i) + 3).sum::<usize>() - 1
    }
}
