//! Where the time of two sides goes by class: a bar of shares a side.

use super::{
    figure2::{self, Panel},
    naming::of_pair,
    picture::{Chart, Rendered},
    share_bars::Bar,
};
use crate::{analysis::Analysis, compare::pair::Pair, format::duration};

/// Two sides that were compared. `None` where one has no times.
///
/// # Errors
/// Where a picture cannot be written.
pub fn chart(pair: &Pair<'_>) -> Rendered<Option<Chart>> {
    let bar = |letter: &str, a: &Analysis| {
        let run = a.whole.map(|w| format!(" · {} a run", duration(w.median)));
        let label = format!("{letter}: {} · {}{}", a.network(), a.place(), run.unwrap_or_default());
        Bar::of_time(a, label)
    };
    let (Some(a), Some(b)) = (bar("A", pair.a), bar("B", pair.b)) else { return Ok(None) };
    let panel = Panel { title: None, bars: vec![a, b] };
    let title = "A and B: share of time by class".to_owned();
    let subtitle = "% of the operators' time, a bar a side".to_owned();
    figure2::chart(of_pair(pair, "classes"), title, subtitle, &[panel]).map(Some)
}
