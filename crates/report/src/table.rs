//! A table, as text that fits a screen or as HTML.
//!
//! On a screen that is too narrow the names in the first column are shortened, then the columns
//! that one misses least are left out. So are columns that may be missing, where no row has anything there.
//! A page's script sorts a table by any column and filters its rows; what it needs to know stands in attributes.

use crate::{
    format::{NOTHING, shorten},
    visible,
};
use comfy_table::{Cell, CellAlignment, LineStyle, TableStyle};
use maud::{Markup, html};

/// Narrowest that the first column gets before another column is left out for it.
const NAME_WIDTH: usize = 26;

const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A class that a page gives a cell for its text; `None` where it is as any other.
type Tone = fn(&str) -> Option<&'static str>;

/// A column's title, side and worth.
#[derive(Clone, Debug)]
pub struct Column {
    title: String,
    alignment: CellAlignment,
    worth: u8,
    optional: bool,
    choice: bool,
    wraps: bool,
    tone: Option<Tone>,
}

impl Column {
    /// A column of words; the one with the least `worth` is left out first.
    pub fn words(title: &str, worth: u8) -> Self {
        Self {
            title: title.to_owned(),
            alignment: CellAlignment::Left,
            worth,
            optional: false,
            choice: false,
            wraps: false,
            tone: None,
        }
    }

    /// A column of numbers.
    pub fn numbers(title: &str, worth: u8) -> Self {
        Self { alignment: CellAlignment::Right, ..Self::words(title, worth) }
    }

    /// The same, left out where no row has anything there.
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// The same, whose few different texts a reader may choose rows by.
    pub fn choice(self) -> Self {
        Self { choice: true, ..self }
    }

    /// The same, whose cells may have several lines on a page.
    pub fn wraps(self) -> Self {
        Self { wraps: true, ..self }
    }

    /// The same, whose cells look on a page as their texts say.
    pub fn toned(self, tone: Tone) -> Self {
        Self { tone: Some(tone), ..self }
    }
}

/// Rows of text under columns; the first column names the row.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Row>,
    of_operators: bool,
}

/// A text a column, and what the first of them leads to on a page.
#[derive(Clone, Debug)]
struct Row {
    cells: Vec<String>,
    href: Option<String>,
}

impl Table {
    /// An empty table.
    pub fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new(), of_operators: false }
    }

    /// The same, whose rows stand for operators by their names: what a reader picks there is marked in charts.
    pub fn of_operators(self) -> Self {
        Self { of_operators: true, ..self }
    }

    /// Appends a row: a text of one line a column.
    pub fn row(&mut self, row: Vec<String>) {
        self.push(row, None);
    }

    /// Appends a row whose name leads to `href` on a page.
    pub fn link(&mut self, row: Vec<String>, href: String) {
        self.push(row, Some(href));
    }

    fn push(&mut self, row: Vec<String>, href: Option<String>) {
        debug_assert_eq!(row.len(), self.columns.len());
        let cells = row.into_iter().map(|text| visible::line(text).into_owned()).collect();
        self.rows.push(Row { cells, href });
    }

    /// The table as Markdown, each cell as `escaped` has it.
    pub fn markdown(mut self, escaped: impl Fn(&str) -> String) -> String {
        self.leave_out_unfilled();
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let side = |column: &Column| match column.alignment {
            CellAlignment::Right => "--:",
            CellAlignment::Left | CellAlignment::Center => ":--",
        };
        let titles = line(self.columns.iter().map(|column| escaped(&column.title)).collect());
        let sides = line(self.columns.iter().map(|column| side(column).to_owned()).collect());
        let row = |row: &Row| line(row.cells.iter().map(|cell| escaped(cell)).collect());
        titles + &sides + &self.rows.iter().map(row).collect::<String>()
    }

    /// The table in lines of at most `width` characters, if its first column and one more fit.
    pub fn text(mut self, width: usize) -> String {
        self.leave_out_unfilled();
        self.fit(width);
        let cells = |row: &[String]| -> Vec<Cell> {
            let columns = self.columns.iter().zip(row);
            columns.map(|(c, text)| Cell::new(text).set_alignment(c.alignment)).collect()
        };
        let titles: Vec<String> = self.columns.iter().map(|c| c.title.clone()).collect();
        let mut table = comfy_table::Table::new();
        table.load_style(STYLE);
        table.set_header(cells(&titles));
        table.add_rows(self.rows.iter().map(|row| cells(&row.cells)));
        table.trim_fmt()
    }

    /// The table as an HTML element that scrolls sideways where it is too wide.
    pub fn html(mut self) -> Markup {
        self.leave_out_unfilled();
        let side = |c: &Column| (c.alignment == CellAlignment::Right).then_some("n");
        let wraps = |c: &Column| c.wraps.then_some("w");
        let class =
            |c: &Column, text: &str| c.tone.and_then(|tone| tone(text)).or(side(c)).or(wraps(c));
        html! {
            div class="table" data-ops[self.of_operators] {
                table {
                    thead { tr {
                        @for c in &self.columns { th class=[side(c)] data-choice[c.choice] { (c.title) } }
                    } }
                    tbody {
                        @for row in &self.rows {
                            "\n"
                            tr {
                                @for (i, (c, text)) in self.columns.iter().zip(&row.cells).enumerate() {
                                    td class=[class(c, text)] {
                                        @match row.href.as_ref().filter(|_| i == 0) {
                                            Some(href) => { a href=(href) { (text) } }
                                            None => { (text) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            "\n"
        }
    }

    fn leave_out_unfilled(&mut self) {
        let filled =
            |i: usize| self.rows.iter().any(|row| !["", NOTHING].contains(&&*row.cells[i]));
        let columns = self.columns.iter().enumerate();
        let unfilled: Vec<usize> =
            columns.filter(|&(i, c)| c.optional && !filled(i)).map(|(i, _)| i).collect();
        unfilled.into_iter().rev().for_each(|i| self.leave_out(i));
    }

    fn leave_out(&mut self, column: usize) {
        self.columns.remove(column);
        self.rows.iter_mut().for_each(|row| drop(row.cells.remove(column)));
    }

    fn fit(&mut self, width: usize) {
        while self.total() > width && self.columns.len() > 2 {
            if self.width_of(0) >= NAME_WIDTH + self.total() - width {
                break;
            }
            let worths = self.columns.iter().enumerate().skip(1).map(|(i, c)| (c.worth, i));
            let Some((_, least)) = worths.min() else { break };
            self.leave_out(least);
        }
        let over = self.total().saturating_sub(width);
        let name_width = self.width_of(0).saturating_sub(over).max(NAME_WIDTH.min(width));
        for row in &mut self.rows {
            row.cells[0] = shorten(&row.cells[0], name_width);
        }
    }

    /// Width of column `i`: its longest text.
    fn width_of(&self, i: usize) -> usize {
        let texts = self.rows.iter().map(|row| &row.cells[i]).chain([&self.columns[i].title]);
        texts.map(|text| text.chars().count()).max().unwrap_or(0)
    }

    /// Width of the whole table: a blank on each side of each column and one between two.
    fn total(&self) -> usize {
        (0..self.columns.len()).map(|i| self.width_of(i) + 3).sum::<usize>() - 1
    }
}
