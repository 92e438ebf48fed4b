//! The document as pages: each one file that needs nothing else.
//!
//! Text from files gets into a page as markup, which escapes it, and is made visible at the end.

use crate::{
    chart::{
        palette,
        picture::{Chart, Rendered},
        render::render,
    },
    document::block::{Block, Details, Document, Form, Medium, Role, Section},
    visible,
};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const CSS: &str = include_str!("page.css");
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

/// The pages of `document`; `drawn` hears of every chart.
///
/// # Errors
/// Where plotters fails.
pub fn pages(document: Document<'_>, rendered: &mut dyn FnMut()) -> Rendered<Pages> {
    let contents = contents(&document);
    let mut writer = Writer { pages: Pages::default(), closing: Markup::default(), rendered };
    writer.closing = writer.section(document.closing)?;
    let sections = document.sections.into_iter().map(|section| writer.section(section));
    let sections = sections.collect::<Rendered<Vec<Markup>>>()?;
    let index = writer.page(&html! { (contents) @for section in sections { (section) } });
    Ok(Pages { index, ..writer.pages })
}

/// Writes markup, and collects what stands beside it.
struct Writer<'d> {
    pages: Pages,
    /// What ends every page.
    closing: Markup,
    rendered: &'d mut dyn FnMut(),
}

impl Writer<'_> {
    fn section(&mut self, section: Section<'_>) -> Rendered<Markup> {
        let blocks = self.blocks(section.blocks)?;
        let details = section.details.map(|details| self.details(details, &blocks)).transpose()?;
        Ok(html! { section id=[section.id] { (blocks) @if let Some(d) = details { (d) } } "\n" })
    }

    fn details(&mut self, details: Details<'_>, before: &Markup) -> Rendered<Markup> {
        let Details { summary, form, blocks } = details;
        let blocks = self.blocks(blocks)?;
        let Form::Page(name) = form else {
            return Ok(fold(&summary, &blocks, form == Form::Open));
        };
        let path = format!("networks/{name}.html");
        let back = html! { p { a href="../index.html" { "All networks" } } };
        let own = self.page(&html! { (back) (before) (blocks) });
        let link = html! { p { a href=(path) { (summary) } } };
        self.pages.networks.push((path, own));
        Ok(link)
    }

    fn blocks(&mut self, blocks: Vec<Block<'_>>) -> Rendered<Markup> {
        let all =
            blocks.into_iter().map(|block| self.block(block)).collect::<Rendered<Vec<_>>>()?;
        Ok(html! { @for block in all { (block) } })
    }

    fn block(&mut self, block: Block<'_>) -> Rendered<Markup> {
        Ok(match block {
            Block::Heading(2, text) => html! { h2 { (text) } },
            Block::Heading(3, text) => html! { h3 { (text) } },
            Block::Heading(_, text) => html! { h4 { (text) } },
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
            Block::Fold(summary, blocks) => fold(&summary, &self.blocks(blocks)?, false),
            Block::Only(Medium::Page, block) => self.block(*block)?,
            Block::Only(Medium::Terminal, _) => Markup::default(),
        })
    }

    fn figure(&mut self, chart: Chart) -> Markup {
        let figure = html! { figure { (chart.inline()) } "\n" };
        self.pages.charts.push(chart);
        figure
    }

    /// A page. Whatever text it holds was escaped when it became markup, and is made visible here.
    fn page(&self, body: &Markup) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width,initial-scale=1";
                    title { (TITLE) }
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
                }
            }
        };
        visible::lines(&page.into_string()).into_owned() + "\n"
    }
}

fn fold(summary: &str, content: &Markup, open: bool) -> Markup {
    html! { details open[open] { summary { (summary) } (content) } }
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
