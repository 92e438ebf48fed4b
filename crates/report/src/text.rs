//! What a measurement looks like on a screen.
//!
//! [`measurement`] is everything about one device, [`comparison`] sets the devices that ran one
//! network side by side. Both fit a given width. Every table stands under the device's label, and
//! the conventions stand under the tables.

use crate::{
    analysis::{Analysis, by_network, timed},
    place::told_apart,
    sentences,
    table::Table,
    tables,
};
use profile::Profile;

/// Operators in the "top by time" table.
pub(crate) const TOP: usize = 10;

/// Everything about one measurement, in lines of at most `width` characters.
pub fn measurement(profile: &Profile, width: usize) -> String {
    let a = Analysis::of(profile);
    let caution = a.caution().map_or_else(String::new, |c| format!("\n{}", wrap(&c, width)));
    let titled = |title: &str, table: Table| {
        let title = wrap(&format!("{title} · {} · {}", profile.model, a.place()), width);
        format!("{title}\n{}{caution}", table.text(width))
    };
    let wrapped = |lines: Vec<String>| -> String {
        lines.iter().map(|line| wrap(line, width)).collect::<Vec<_>>().join("\n")
    };
    let mut facts = vec![
        a.network(),
        a.place(),
        sentences::verification(&a),
        sentences::noise(&a),
        sentences::timing(&a),
    ];
    facts.extend(sentences::memory(&a));
    let mut parts = vec![wrapped(facts)];
    parts.push(titled("Operators in the order in which they ran", tables::operators(&a.ops)));
    if a.has_times() {
        parts.push(titled("Top by time", tables::operators(a.slowest(TOP))));
    }
    parts.push(titled("By class", tables::classes(&a.classes())));
    let bounds = a.bounds();
    if !bounds.is_empty() {
        parts.push(titled("By bound", tables::bounds(&bounds)));
    }
    let account = a.account().map(|account| sentences::account(&account));
    let closing = [sentences::whole_run(&a), account, sentences::instrumentation(&a)];
    let closing: Vec<String> = closing.into_iter().flatten().collect();
    if !closing.is_empty() {
        parts.push(wrapped(closing));
    }
    parts.push(wrap(&sentences::conventions(), width));
    parts.join("\n\n") + "\n"
}

/// Class shares of every network that ran on two devices or more; `None` where none did.
pub fn comparison(profiles: &[Profile], width: usize) -> Option<String> {
    let profiles = told_apart(profiles);
    let analyses: Vec<_> =
        profiles.iter().filter(|p| timed(p) && p.is_network()).map(Analysis::of).collect();
    let groups = by_network(&analyses).into_iter().filter(|group| group.len() > 1);
    let tables: Vec<String> = groups
        .map(|group| {
            let table = tables::shares(&group, "device", |a| a.place() + a.noisy()).text(width);
            let title = format!("Share of Σ operators by class: {}", group[0].network());
            format!("{}\n{table}", wrap(&title, width))
        })
        .collect();
    (!tables.is_empty()).then(|| tables.join("\n\n") + "\n")
}

/// Breaks `text` at blanks so that no line is wider than `width`, if its words allow.
pub(crate) fn wrap(text: &str, width: usize) -> String {
    let (mut out, mut used) = (String::new(), 0);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        let gap = usize::from(used > 0);
        if used + gap + length > width && used > 0 {
            out.push('\n');
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn widest(text: &str) -> usize {
        text.lines().map(|l| l.chars().count()).max().unwrap_or(0)
    }

    #[test]
    fn a_measurement_reads_well() {
        let ops = fixture::shufflenet([1, 0, 0]);
        let profile = fixture::profile("synthetic_net", ops, fixture::core(), 1);
        insta::assert_snapshot!(measurement(&profile, 160));
    }

    #[test]
    fn a_narrow_screen_leaves_columns_out() {
        let profile = fixture::shufflenet_on(fixture::rasteriser(), 1);
        for width in [60, 80, 100, 140] {
            let text = measurement(&profile, width);
            let tables = text.lines().filter(|l| l.contains("branch2") && !l.contains("tolerance"));
            assert!(widest(&tables.collect::<Vec<_>>().join("\n")) <= width, "{text}");
            assert!(text.contains("GFLOP/s") || width < 80, "{text}");
        }
    }

    #[test]
    fn every_table_names_the_device_and_its_rendering() {
        let profile = fixture::shufflenet_on(fixture::rasteriser(), 1);
        let text = measurement(&profile, 140);
        assert_eq!(text.matches("software-rendered").count(), 4, "heading and three tables");
    }

    #[test]
    fn emulated_times_are_not_shown() {
        let profile = fixture::shufflenet_on(fixture::emulated(), 1);
        let text = measurement(&profile, 140);
        assert!(text.contains("emulated") && text.contains("none is shown"));
        assert!(!text.contains("images/s") && !text.contains("Σ operators"), "{text}");
        let conv1 = text.lines().find(|l| l.trim_start().starts_with("conv1 ")).unwrap();
        assert_eq!(conv1.matches('–').count(), 5, "{conv1}");
        let both = [profile, fixture::shufflenet_on(fixture::core(), 1)];
        assert_eq!(comparison(&both, 140), None);
    }

    #[test]
    fn devices_stand_side_by_side() {
        let profiles = [
            fixture::shufflenet_on(fixture::core(), 1),
            fixture::shufflenet_on(fixture::rasteriser(), 1),
        ];
        insta::assert_snapshot!(comparison(&profiles, 140).unwrap());
        assert_eq!(comparison(&profiles[..1], 140), None);
    }

    #[test]
    fn a_noisy_run_is_called_noisy() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        profile.noise.reasons = vec!["load average 3.10 on 2 processors".into()];
        assert!(measurement(&profile, 140).contains("NOISY RUN: load average 3.10"));
    }

    /// Four tables have shares of ceilings.
    #[test]
    fn under_each_table_of_shares_stands_that_ceilings_were_disturbed() {
        let mut profile = fixture::calibrated();
        let told = |profile: &Profile| {
            measurement(profile, 400).matches("disturbed machine (other programs)").count()
        };
        assert_eq!(told(&profile), 0);
        let reasons = vec!["other programs".to_owned()];
        profile.calibration.as_mut().unwrap().reasons = reasons;
        assert_eq!(told(&profile), 4);
    }

    #[test]
    fn a_negative_residual_says_why() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        profile.whole_ns.iter_mut().for_each(|ns| *ns /= 2);
        let text = measurement(&profile, 140).replace('\n', " ");
        assert!(text.contains(" scatter − ") && text.contains("; negative:"), "{text}");
    }
}
