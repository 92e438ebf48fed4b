//! What a document consists of.

use super::figure::Figure;
use crate::table::Table;

/// A document: sections in their order.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// The sections of the first page.
    pub sections: Vec<Section<'a>>,
    /// What has a page of its own: path from the first page, and what it says.
    pub pages: Vec<(String, Section<'a>)>,
    /// What ends every page.
    pub closing: Section<'a>,
}

/// A section.
#[derive(Clone, Debug, Default)]
pub struct Section<'a> {
    /// What links lead to it by.
    pub id: Option<String>,
    /// What it is called in the contents; `None` where it is not listed.
    pub entry: Option<String>,
    /// What it says.
    pub blocks: Vec<Block<'a>>,
}

/// Blocks that belong together, under a heading by which a page folds them.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// How deep its heading is: 2 for a section, 3 for a part of one.
    pub depth: u8,
    /// Its heading.
    pub title: String,
    /// Whether a page shows it unasked.
    pub open: bool,
    /// What it says.
    pub blocks: Vec<Block<'a>>,
}

/// A part of a section. Text in it is text, whatever characters it has.
#[derive(Clone, Debug)]
pub enum Block<'a> {
    /// A heading of a section (2), a part (3) or a table (4).
    Heading(u8, String),
    /// A paragraph.
    Paragraph(Role, String),
    /// Facts, a line each.
    List(Vec<Fact>),
    /// Words, and what is meant by them.
    Terms(Vec<(String, String)>),
    /// A table.
    Table(Table),
    /// A chart, which only a page shows.
    Chart(Figure<'a>),
    /// Blocks under a heading that a page folds; a terminal shows them all.
    Part(Part<'a>),
    /// Blocks for those who ask.
    Fold(String, Vec<Block<'a>>),
    /// A block for one medium alone.
    Only(Medium, Box<Block<'a>>),
}

/// What a paragraph is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It says what is meant.
    Lead,
    /// It says what was found.
    Finding,
    /// It stands beside something.
    Note,
    /// It warns.
    Warning,
    /// It is the title of what follows.
    Title,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it says.
    pub text: String,
    /// Whether it warns.
    pub warns: bool,
}

/// Where a document is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// A page, where there is room.
    Page,
    /// A terminal.
    Terminal,
}

impl<'a> Block<'a> {
    /// A part's heading.
    pub fn part(text: impl Into<String>) -> Self {
        Self::Heading(3, text.into())
    }

    /// A section's blocks, folded under its title.
    pub const fn folded(title: String, blocks: Vec<Self>) -> Self {
        Self::Part(Part { depth: 2, title, open: false, blocks })
    }

    /// A remark.
    pub fn note(text: impl Into<String>) -> Self {
        Self::Paragraph(Role::Note, text.into())
    }

    /// Something that was found.
    pub fn finding(text: impl Into<String>) -> Self {
        Self::Paragraph(Role::Finding, text.into())
    }

    /// A warning.
    pub fn warning(text: impl Into<String>) -> Self {
        Self::Paragraph(Role::Warning, text.into())
    }

    /// Facts none of which warns.
    pub fn facts(facts: impl IntoIterator<Item = String>) -> Self {
        Self::List(facts.into_iter().map(|text| Fact { text, warns: false }).collect())
    }

    /// The same for one medium alone.
    pub fn only(self, medium: Medium) -> Self {
        Self::Only(medium, Box::new(self))
    }

    /// The charts in it.
    fn charts(&self) -> usize {
        match self {
            Self::Chart(_) => 1,
            Self::Part(Part { blocks, .. }) | Self::Fold(_, blocks) => charts(blocks),
            Self::Only(_, block) => block.charts(),
            _ => 0,
        }
    }
}

impl Document<'_> {
    /// How many charts it has, those included that turn out to have nothing to show.
    pub fn charts(&self) -> usize {
        let own = self.pages.iter().map(|(_, section)| section);
        self.sections.iter().chain(own).map(|section| charts(&section.blocks)).sum()
    }
}

fn charts(blocks: &[Block<'_>]) -> usize {
    blocks.iter().map(Block::charts).sum()
}
