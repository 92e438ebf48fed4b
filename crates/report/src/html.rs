//! The document as pages: each one file that needs nothing else.
//!
//! A page is complete as it is. A script that stands in it adds what paper cannot: tables that sort and filter, marks
//! that tell what they are, picks that show in every chart and table. Text from files gets into a page as markup,
//! which escapes it, and is made visible at the end.

use crate::{
    chart::{
        palette,
        picture::{Chart, Rendered},
        render::render,
    },
    document::block::{Block, Document, Medium, Part, Role, Section},
    visible,
};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const CSS: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
const TITLE: &str = "Latency and memory access cost of convolutional networks";

/// The pages of a report and the charts in them.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    /// The first page.
    pub index: String,
    /// Pages of their own: path from the first page, and the page.
    pub networks: Vec<(String, String)>,
    /// All charts, in the order in which the pages show them.
    pub charts: Vec<Chart>,
}

/// The pages of `document`; `rendered` hears of every chart.
///
/// # Errors
/// Where a picture cannot be written.
pub fn pages(document: Document<'_>, rendered: &mut dyn FnMut()) -> Rendered<Pages> {
    let contents = contents(&document);
    let mut writer = Writer { charts: Vec::new(), closing: Markup::default(), rendered };
    writer.closing = writer.section(document.closing)?;
    let sections = document.sections.into_iter().map(|section| writer.section(section));
    let sections = sections.collect::<Rendered<Vec<Markup>>>()?;
    let index = writer.page(TITLE, &html! { (contents) @for section in sections { (section) } });
    let own = document.pages.into_iter().map(|(path, section)| {
        let title = section.entry.clone().unwrap_or_default();
        let section = writer.section(section)?;
        let back = html! { nav { a href="../index.html" { "All networks" } } };
        Ok((path, writer.page(&title, &html! { (back) (section) })))
    });
    let networks = own.collect::<Rendered<Vec<_>>>()?;
    Ok(Pages { index, networks, charts: writer.charts })
}

/// Writes markup, and collects the charts in it.
struct Writer<'d> {
    charts: Vec<Chart>,
    /// What ends every page.
    closing: Markup,
    rendered: &'d mut dyn FnMut(),
}

impl Writer<'_> {
    fn section(&mut self, section: Section<'_>) -> Rendered<Markup> {
        let blocks = self.blocks(section.blocks)?;
        Ok(html! { section id=[section.id] { (blocks) } "\n" })
    }

    fn blocks(&mut self, blocks: Vec<Block<'_>>) -> Rendered<Markup> {
        let all =
            blocks.into_iter().map(|block| self.block(block)).collect::<Rendered<Vec<_>>>()?;
        Ok(html! { @for block in all { (block) } })
    }

    fn block(&mut self, block: Block<'_>) -> Rendered<Markup> {
        Ok(match block {
            Block::Heading(depth, text) => heading(depth, &text),
            Block::Paragraph(role, text) => html! { p class=[class(role)] { (text) } "\n" },
            Block::List(facts) => html! {
                ul class="facts" {
                    @for fact in facts { li class=[fact.warns.then_some("warn")] { (fact.text) } "\n" }
                }
            },
            Block::Terms(terms) => html! {
                dl {
                    @for (term, meaning) in terms { dt { (term) } "\n" dd { (meaning) } "\n" }
                }
            },
            Block::Table(table) => table.html(),
            Block::Chart(figure) => {
                let chart = render(&figure)?;
                (self.rendered)();
                html! { @if let Some(chart) = chart { (self.figure(chart)) } }
            }
            Block::Part(Part { depth, title, open, blocks }) => {
                let blocks = self.blocks(blocks)?;
                html! {
                    details class="part" open[open] { summary { (heading(depth, &title)) } (blocks) }
                    "\n"
                }
            }
            Block::Fold(summary, blocks) => {
                let blocks = self.blocks(blocks)?;
                html! { details { summary { (summary) } (blocks) } "\n" }
            }
            Block::Only(Medium::Page, block) => self.block(*block)?,
            Block::Only(Medium::Terminal, _) => Markup::default(),
        })
    }

    fn figure(&mut self, chart: Chart) -> Markup {
        let figure = html! { figure { (chart.inline()) } "\n" };
        self.charts.push(chart);
        figure
    }

    /// A page. Whatever text it holds was escaped when it became markup, and is made visible here.
    fn page(&self, title: &str, body: &Markup) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width,initial-scale=1";
                    title { (title) }
                    style { (PreEscaped(CSS)) (PreEscaped(palette::style())) }
                }
                "\n"
                body {
                    header {
                        h1 { (TITLE) }
                        p class="lead" {
                            "Operator by operator: what each must compute, what memory it must touch, how \
                             long it took on which device, and how sure that is."
                        }
                    }
                    "\n"
                    (body)
                    (self.closing)
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        visible::lines(&page.into_string()).into_owned() + "\n"
    }
}

fn heading(depth: u8, text: &str) -> Markup {
    match depth {
        2 => html! { h2 { (text) } },
        3 => html! { h3 { (text) } },
        _ => html! { h4 { (text) } },
    }
}

const fn class(role: Role) -> Option<&'static str> {
    match role {
        Role::Lead => Some("lead"),
        Role::Finding => Some("account"),
        Role::Note => Some("note"),
        Role::Warning => Some("warn"),
        Role::Title => None,
    }
}

/// Links to what the first page has.
fn contents(document: &Document<'_>) -> Markup {
    let link = |id: &str, text: &str| html! { li { a href={ "#" (id) } { (text) } } "\n" };
    let sections = document.sections.iter().chain([&document.closing]);
    let listed = sections.filter_map(|s| s.id.as_deref().zip(s.entry.as_deref()));
    html! {
        nav { ul { @for (id, entry) in listed { (link(id, entry)) } } }
        "\n"
    }
}
