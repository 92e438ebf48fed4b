//! Where the time of one device goes by class: a bar of shares a network.

use super::{
    axes::NUMBERS,
    canvas::{Area, text_width},
    frame::{BODY, Frame, MARGIN},
    naming::of_place,
    picture::{Chart, Rendered},
    share_bars::{self, Bar, notes, present},
};
use crate::{analysis::Analysis, format::shorten};
use profile::Class;

/// Height of a network's row.
const ROW: i32 = 20;
/// The share of it that is empty on each side of its bar.
const GAP: f64 = 0.1;
const NAME_LENGTH: usize = 34;

/// Every network that one device ran at one level, most convolution first. `None` where fewer
/// than two have times.
///
/// # Errors
/// Where a picture cannot be written.
pub fn chart(group: &[&Analysis]) -> Rendered<Option<Chart>> {
    let label = |a: &Analysis| shorten(&a.profile.model, NAME_LENGTH);
    let mut bars: Vec<Bar> = group.iter().filter_map(|a| Bar::of_time(a, label(a))).collect();
    let Some(first) = group.first().filter(|_| bars.len() > 1) else { return Ok(None) };
    bars.sort_by(|a, b| b.share(Class::Conv).total_cmp(&a.share(Class::Conv)));
    let frame = Frame {
        title: "Every network: share of time by class".to_owned(),
        subtitle: vec![
            format!(
                "{} · {}, batch {}",
                first.place(),
                first.profile.lowering(),
                first.profile.batch
            ),
            "% of the operators' time, a bar a network, most convolution first".to_owned(),
        ],
        classes: present(bars.iter()),
        notes: notes(bars.iter()),
    };
    let widest = bars.iter().map(|bar| text_width(&bar.label, BODY)).max().unwrap_or(0);
    let height = bars.len() as i32 * ROW + NUMBERS;
    let plot = |area: &Area<'_>| {
        let mut plot = share_bars::plot(area, bars.len(), MARGIN + widest + 8)?;
        let labels: Vec<&str> = bars.iter().map(|bar| bar.label.as_str()).collect();
        share_bars::axes(&mut plot, &labels)?;
        let ends = |row: usize| (row as f64 + GAP, (row + 1) as f64 - GAP);
        bars.iter().enumerate().try_for_each(|(row, bar)| bar.draw(&mut plot, ends(row)))
    };
    frame.render(of_place(first, "classes"), height, plot).map(Some)
}
