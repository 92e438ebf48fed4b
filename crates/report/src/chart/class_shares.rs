//! Where the time of one device goes by class: a bar of shares a network.

use super::{
    canvas::{Canvas, Label, text_width},
    frame::{Frame, MARGIN, WIDTH},
    naming::of_place,
    picture::{Chart, Rendered},
    share_bars::{AXIS_HEIGHT, Bar, axis, notes, present},
};
use crate::{analysis::Analysis, format::shorten};
use profile::Class;

/// Height of a network's row: its label before its bar.
const ROW: i32 = 20;
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
    let widest = bars.iter().map(|bar| text_width(&bar.label, 12)).max().unwrap_or(0);
    let height = bars.len() as i32 * ROW + AXIS_HEIGHT;
    let across = (MARGIN + widest + 8, WIDTH - MARGIN);
    let plot = |canvas: &Canvas<'_>, top: i32| {
        axis(canvas, across, (top, top + height - AXIS_HEIGHT))?;
        for (i, bar) in bars.iter().enumerate() {
            let top = top + i as i32 * ROW;
            canvas.text(&bar.label, (across.0 - 8, top + 8), Label::new(12).ends())?;
            bar.draw(canvas, across, (top, top + 16))?;
        }
        Ok(())
    };
    frame.render(of_place(first, "classes"), height, plot).map(Some)
}
