//! What the terminal shows of measurements: parts of the document, as text.

use crate::{
    analysis::{Analysis, timed},
    answer::Prices,
    ceilings::Ceilings,
    compare::{apart::Apart, pair::Pair},
    document::{
        apart, architectures, ceilings, compared, measured, network, reading, studies, sweeps,
    },
    findings::Findings,
    text,
};
use profile::{Calibration, Profile};

/// How much is shown of a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What takes the time, and the operators that take most of it.
    Brief,
    /// Every operator as well.
    Full,
}

/// One measurement, in lines of at most `width` characters.
pub fn measurement(profile: &Profile, extent: Extent, width: usize) -> String {
    network(&[&Analysis::of(profile)], &Prices::default(), extent, width)
}

/// The networks that a report draws, one after the other, each on all of its devices.
pub fn networks(findings: &Findings<'_>, extent: Extent, width: usize) -> String {
    let prices = Prices::among(&findings.architectures);
    let texts = findings.networks.iter().map(|group| network(group, &prices, extent, width));
    texts.collect::<Vec<_>>().join("\n")
}

fn network(group: &[&Analysis], prices: &Prices<'_>, extent: Extent, width: usize) -> String {
    let section = network::section(group, prices);
    let section = match extent {
        Extent::Brief => text::brief(section, "--ops shows them", width),
        Extent::Full => text::section(section, width),
    };
    section + "\n" + &text::blocks([reading::conventions()], width)
}

/// Every measurement of a network, a row each.
pub fn measurements(findings: &Findings<'_>, width: usize) -> String {
    text::section(measured::section(findings), width)
}

/// The devices of every network that ran on several; nothing where none did.
pub fn comparison(findings: &Findings<'_>, width: usize) -> String {
    let timed = findings.networks.iter().map(|group| {
        group.iter().copied().filter(|a| timed(&a.profile)).collect::<Vec<&Analysis>>()
    });
    let groups = timed.filter(|group| group.len() > 1);
    let texts: Vec<String> =
        groups.map(|group| text::blocks(network::overview(&group), width)).collect();
    texts.join("\n")
}

/// Networks over batches and sizes of input; nothing where none was measured at several.
pub fn sweeps(findings: &Findings<'_>, width: usize) -> String {
    text::sections(sweeps::sections(findings), width)
}

/// Every study: its points, its verdict.
pub fn studies(findings: &Findings<'_>, width: usize) -> String {
    text::sections(studies::guidelines(findings), width)
}

/// What all studies say together: the verdicts, and what fragments cost.
pub fn verdicts(findings: &Findings<'_>, width: usize) -> String {
    let verdicts = text::sections(studies::verdicts(findings), width);
    let fragments = studies::fragments(findings);
    if fragments.is_empty() { verdicts } else { verdicts + "\n" + &text::blocks(fragments, width) }
}

/// What networks lose to each guideline.
pub fn architectures(findings: &Findings<'_>, width: usize) -> String {
    text::sections(architectures::section(&findings.architectures), width)
}

/// Two sides that were measured in turn.
pub fn pair(pair: &Pair<'_>, width: usize) -> String {
    text::section(compared::section(pair), width)
}

/// What two files have that can be compared although it was not measured in turn.
pub fn apart(all: &[Apart<'_>], width: usize) -> String {
    text::sections(all.iter().map(apart::section), width)
}

/// What a device can do, under a `heading`.
pub fn ceilings(heading: String, calibration: &Calibration, width: usize) -> String {
    text::blocks(ceilings::part(heading, &Ceilings::of(calibration.clone()), None), width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{compare, fixture, measurements::Measurements};

    fn compared(profiles: &[Profile]) -> String {
        comparison(&Findings::of(&Measurements::of(profiles)), 140)
    }

    fn widest(text: &str) -> usize {
        text.lines().map(|l| l.chars().count()).max().unwrap_or(0)
    }

    #[test]
    fn a_measurement_reads_well() {
        let ops = fixture::shufflenet([1, 0, 0]);
        let profile = fixture::profile("synthetic_net", ops, fixture::core(), 1);
        insta::assert_snapshot!(measurement(&profile, Extent::Full, 160));
    }

    #[test]
    fn a_narrow_screen_leaves_columns_out() {
        let profile = fixture::shufflenet_on(fixture::rasteriser(), 1);
        for width in [60, 80, 100, 140] {
            let text = measurement(&profile, Extent::Full, width);
            let tables = text.lines().filter(|l| l.contains("branch2") && !l.contains("tolerance"));
            assert!(widest(&tables.collect::<Vec<_>>().join("\n")) <= width, "{text}");
            assert!(text.contains("GFLOP/s") || width < 80, "{text}");
        }
    }

    #[test]
    fn every_table_names_the_device_and_its_rendering() {
        let profile = fixture::shufflenet_on(fixture::rasteriser(), 1);
        let text = measurement(&profile, Extent::Full, 140);
        assert_eq!(
            text.matches("software-rendered").count(),
            5,
            "answer, heading and three tables"
        );
    }

    #[test]
    fn a_modelled_operator_shows_what_binds_it_what_it_asked_for_and_its_band() {
        let profile = fixture::shufflenet_on(fixture::modelled(), 1);
        let text = measurement(&profile, Extent::Full, 400);
        let titles = text.lines().find(|line| line.contains("issued KiB")).unwrap();
        for title in ["MAC KiB", "L2 KiB", "memory KiB", "± 20 %", "bound"] {
            assert!(titles.contains(title), "{title}: {titles}");
        }
        assert!(!text.contains("95 %") && !text.contains("L3"), "{text}");
        assert!(text.contains("a band of 20 %"), "{text}");
        let bounds = text.lines().skip_while(|line| !line.starts_with("By bound"));
        let bounds: Vec<&str> =
            bounds.take(6).filter_map(|l| l.split_whitespace().next()).collect();
        assert!(bounds.contains(&"memory") && bounds.contains(&"vector"), "{bounds:?}");
    }

    #[test]
    fn modelled_runs_are_not_called_measured() {
        let profiles = [
            fixture::shufflenet_on(fixture::core(), 1),
            fixture::shufflenet_on(fixture::modelled(), 1),
        ];
        let text = measurements(&Findings::of(&Measurements::of(&profiles)), 200);
        let (measured, modelled) = text.split_once("What was modelled, not measured").unwrap();
        assert!(measured.contains("Core X-1") && !measured.contains("Core A-1"), "{text}");
        assert!(modelled.contains("Core A-1") && modelled.contains("(band of 20 %)"), "{text}");
        assert!(!modelled.contains("quiet") && !modelled.contains("Core X-1"), "{text}");
    }

    #[test]
    fn emulated_times_are_not_shown() {
        let profile = fixture::shufflenet_on(fixture::emulated(), 1);
        let text = measurement(&profile, Extent::Full, 140);
        assert!(text.contains("emulated") && text.contains("none is shown"));
        for of_time in ["images/s", "Σ operators", "preparing took"] {
            assert!(!text.contains(of_time), "{of_time} in {text}");
        }
        let conv1 = text.lines().find(|l| l.trim_start().starts_with("conv1 ")).unwrap();
        assert_eq!(conv1.matches('–').count(), 5, "{conv1}");
        let both = [profile, fixture::shufflenet_on(fixture::core(), 1)];
        assert_eq!(compared(&both), "");
    }

    #[test]
    fn devices_stand_side_by_side() {
        let profiles = [
            fixture::shufflenet_on(fixture::core(), 1),
            fixture::shufflenet_on(fixture::rasteriser(), 1),
        ];
        insta::assert_snapshot!(compared(&profiles));
        assert_eq!(compared(&profiles[..1]), "");
    }

    #[test]
    fn two_sides_stand_beside_each_other() {
        let measured = Measurements::of(&fixture::sides());
        let findings = Findings::of(&measured);
        insta::assert_snapshot!(pair(&findings.pairs[0], 140));
    }

    #[test]
    fn files_of_other_times_say_what_can_be_compared() {
        let [a, b] = [[fixture::calibrated()], [fixture::shufflenet_on(fixture::core(), 2)]];
        let told = |b: &[Profile]| {
            let [a, b] = [&a, b].map(Measurements::of);
            apart(&compare::apart::apart(&a, &b), 140)
        };
        insta::assert_snapshot!(told(&b));
        let [mut elsewhere] = b;
        elsewhere.machine.cores += 1;
        assert!(told(&[elsewhere]).contains("of other devices, machines or thread counts"));
    }

    #[test]
    fn a_noisy_run_is_called_noisy() {
        let mut profile = fixture::shufflenet_on(fixture::core(), 1);
        profile.noise.reasons = vec!["load average 3.10 on 2 processors".into()];
        assert!(measurement(&profile, Extent::Full, 140).contains("NOISY RUN: load average 3.10"));
    }

    /// Four tables have shares of ceilings.
    #[test]
    fn under_each_table_of_shares_stands_that_ceilings_were_disturbed() {
        let mut profile = fixture::calibrated();
        let told = |profile: &Profile| {
            measurement(profile, Extent::Full, 400)
                .matches("disturbed machine (other programs)")
                .count()
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
        let text = measurement(&profile, Extent::Full, 140).replace('\n', " ");
        assert!(text.contains(" non-additivity − ") && text.contains("; negative:"), "{text}");
    }
}
