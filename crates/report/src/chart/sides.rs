//! Where the time of two sides goes by class: a bar of shares a side.

use super::{
    figure2::{self, Panel},
    picture::{Chart, Rendered},
    share_bars::Bar,
};
use crate::{analysis::Analysis, format::duration, names::Name};

/// Two sides that were compared, in a file called `name`. `None` where one has no times.
///
/// # Errors
/// Where a picture cannot be written.
pub fn chart([a, b]: [&Analysis; 2], name: Name) -> Rendered<Option<Chart>> {
    let bar = |letter: &str, a: &Analysis| {
        let run = a.whole.map(|w| format!(" · {} a run", duration(w.median)));
        let label = format!("{letter}: {} · {}{}", a.network(), a.place(), run.unwrap_or_default());
        Bar::of_time(a, label)
    };
    let (Some(a), Some(b)) = (bar("A", a), bar("B", b)) else { return Ok(None) };
    let panel = Panel { title: None, bars: vec![a, b] };
    let title = "A and B: share of time by class".to_owned();
    let subtitle = "% of the operators' time, a bar a side".to_owned();
    figure2::chart(name, title, subtitle, &[panel]).map(Some)
}
