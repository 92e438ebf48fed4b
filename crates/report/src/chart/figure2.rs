//! Where the time of a network goes by class, device beside device: the paper's figure 2, drawn anew.
//!
//! A panel a network: what it must do by formula, then GPUs, ARM cores and x86, each kind's published shares behind
//! its own.

use super::{
    axes::{NUMBERS, write},
    canvas::Area,
    frame::{BODY, Frame, MARGIN},
    palette,
    picture::{Chart, Rendered},
    share_bars::{self, Bar, Origin, notes, present},
    style::{Set, label as text},
};
use crate::{
    analysis::{Analysis, measured},
    format::duration,
    formula::Formula,
    names::Name,
    paper,
};
use profile::DeviceKind;

/// Height of a bar with its label over it.
const ROW: i32 = 44;
/// From a row's top to its bar's.
const LABEL: i32 = 16;
const BAR: i32 = 21;
/// Height of a bar by formula.
const THIN_BAR: i32 = 15;
/// Height of a panel's title.
const TITLE: i32 = 24;
/// Between two panels.
const GAP: i32 = 14;

/// A network on its devices.
pub struct Panel {
    /// What stands over it, where it is not alone.
    pub title: Option<String>,
    /// From the top down.
    pub bars: Vec<Bar>,
}

impl Panel {
    /// `None` where no device has times.
    fn of(group: &[&Analysis]) -> Option<Self> {
        let first = *group.iter().find(|a| a.has_times())?;
        let pies = paper::figure2(&first.profile);
        let formulas = Formula::ALL.map(|formula| Bar::of_formula(formula, first));
        let times = group.iter().filter_map(|a| Bar::of_time(a, label(a)));
        let mut bars: Vec<Bar> =
            formulas.into_iter().chain(times).chain(pies.iter().map(Bar::published)).collect();
        bars.sort_by_key(|bar| place(bar.kind));
        Some(Self { title: None, bars })
    }

    /// With its title.
    const fn height(&self) -> i32 {
        self.title_height() + self.bars.len() as i32 * ROW + NUMBERS
    }

    const fn title_height(&self) -> i32 {
        if self.title.is_some() { TITLE } else { 0 }
    }

    fn draw(&self, area: &Area<'_>) -> Rendered {
        if let Some(title) = &self.title {
            area.draw_text(title, &text(BODY).bold(), (MARGIN, 8))?;
        }
        let below_title = area.margin(self.title_height(), 0, 0, 0);
        let mut plot = share_bars::plot(&below_title, self.bars.len(), MARGIN)?;
        share_bars::axes(&mut plot, &[])?;
        for (bar, row) in self.bars.iter().zip(0_u32..) {
            let (tone, height) = match bar.origin {
                Origin::Formula => (palette::MUTED, THIN_BAR),
                Origin::Published => (palette::MUTED, BAR),
                Origin::Measured | Origin::Modelled => (palette::INK, BAR),
            };
            let at = |pixels: i32| f64::from(row) + f64::from(pixels) / f64::from(ROW);
            write(&plot, &bar.label, &text(BODY).tone(tone), (0.0, at(7)), (0, 0))?;
            bar.draw(&mut plot, (at(LABEL), at(LABEL + height)))?;
        }
        Ok(())
    }
}

/// Where bars of a kind stand: first those of no device.
const fn place(kind: Option<DeviceKind>) -> u8 {
    match kind {
        None => 0,
        Some(DeviceKind::Gpu) => 1,
        Some(DeviceKind::Arm) => 2,
        Some(DeviceKind::X86) => 3,
        Some(DeviceKind::Other) => 4,
    }
}

fn label(a: &Analysis) -> String {
    let band = if measured(&a.profile) { "" } else { " ± 20 %" };
    let run = a.whole.map(|w| format!(" · {} a run{band}", duration(w.median)));
    format!("{}{}{}", a.place(), run.unwrap_or_default(), a.noisy())
}

/// One network on every device that ran it, and on the paper's, where its figure 2 has the
/// network. `None` where no device has times.
///
/// # Errors
/// Where a picture cannot be written.
pub fn of_network(group: &[&Analysis]) -> Rendered<Option<Chart>> {
    let Some(panel) = Panel::of(group) else { return Ok(None) };
    let p = &group[0].profile;
    let name = Name::new(&[&p.model, &p.lowering(), &p.inputs(), "classes"], &[]);
    let title = format!("{}: share of time by class", p.model);
    let subtitle = format!("{} · % of the operators' time, a bar a device", group[0].network());
    chart(name, title, subtitle, &[panel]).map(Some)
}

/// Several networks at one level, a panel each, under a `title`, in a file called by `word` and the level.
///
/// # Errors
/// Where a picture cannot be written.
pub fn of_networks(groups: &[Vec<&Analysis>], title: &str, word: &str) -> Rendered<Option<Chart>> {
    let titled = |group: &Vec<&Analysis>| {
        Some(Panel { title: Some(group[0].network()), ..Panel::of(group)? })
    };
    let panels: Vec<Panel> = groups.iter().filter_map(titled).collect();
    if panels.is_empty() {
        return Ok(None);
    }
    let name = Name::new(&[word, &groups[0][0].profile.lowering()], &[]);
    let subtitle = "Share of time by class, % of the operators' time: on GPUs, on ARM cores and on x86, under \
         the share of what the networks must do";
    chart(name, title.to_owned(), subtitle.to_owned(), &panels).map(Some)
}

/// A chart of `panels`, one below the other.
///
/// # Errors
/// Where a picture cannot be written.
pub fn chart(name: Name, title: String, subtitle: String, panels: &[Panel]) -> Rendered<Chart> {
    let bars = || panels.iter().flat_map(|panel| &panel.bars);
    let frame =
        Frame { title, subtitle: vec![subtitle], classes: present(bars()), notes: notes(bars()) };
    let heights = panels.iter().map(|panel| panel.height() + GAP);
    frame.render(name, heights.sum::<i32>() - GAP, |area| {
        let mut rest = area.clone();
        for panel in panels {
            let (own, below) = rest.split_vertically(panel.height());
            panel.draw(&own)?;
            rest = below.margin(GAP, 0, 0, 0);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, measurements::Measurements};

    #[test]
    fn kinds_of_devices_stand_together_under_what_formulas_say() {
        let profiles =
            [fixture::core(), fixture::modelled(), fixture::adapter()].map(fixture::published);
        let measured = Measurements::of(&profiles);
        let group: Vec<&Analysis> = measured.all().iter().collect();
        let panel = Panel::of(&group).unwrap();
        use Origin::{Formula, Measured, Modelled, Published};
        let origins: Vec<Origin> = panel.bars.iter().map(|bar| bar.origin).collect();
        let expected = [Formula, Formula, Measured, Published, Modelled, Published, Measured];
        assert_eq!(origins, expected);
        let texts = of_networks(&[group], "Title", "name").unwrap().unwrap().texts();
        let at = |wanted: &str| texts.iter().position(|text| text.contains(wanted));
        let order = ["mult-adds", "Synthetic GTX", "GTX 1080 Ti", "modelled", "Snapdragon", "avx2"];
        let order = order.map(at);
        assert!(order[0].is_some() && order.is_sorted(), "{texts:?}");
        assert!(at("Modelled (hatched)").is_some() && at("Published (outlined)").is_some());
    }
}
