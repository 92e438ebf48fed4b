//! The experiments that come with the lab are sound, and what is not is refused with its line.

use super::*;

const GOOD: &str = r#"guideline = "G2"
title = "t"
blocks = 2
held_fixed = "h"
analysis = "a"

[[grid]]
name = "gpu"
spatial = [8]
multipliers = [1]
points = [
    { label = "g=1", dose = 1, block.grouped = { channels = 8, groups = 1 } },
    { label = "g=2", dose = 2, block.grouped = { channels = 12, groups = 2 } },
]
"#;

#[test]
fn the_built_in_experiments_are_sound() {
    let all = Experiment::named("all").unwrap();
    assert_eq!(all.iter().map(|e| e.guideline).collect::<Vec<_>>(), Guideline::ALL);
    for experiment in &all {
        for grid in &experiment.grids {
            let setups = experiment.setups(grid);
            let mul_adds: Vec<u64> =
                setups.iter().map(|s| s.stack.build().unwrap().cost().mul_adds).collect();
            assert!(mul_adds.iter().all(|m| *m > 0));
        }
    }
}

/// Mult-adds of the paper's points stay within 5.5 % of the base's: its own rounding.
#[test]
fn the_paper_s_mult_adds_are_nearly_equal() {
    for experiment in Experiment::named("all").unwrap() {
        for grid in experiment
            .grids
            .iter()
            .filter(|g| ["gpu", "arm", "paper"].contains(&g.name.get_ref().as_str()))
        {
            for setups in
                experiment.setups(grid).chunk_by(|a, b| a.point.multiplier == b.point.multiplier)
            {
                let work = |s: &Setup| s.stack.build().unwrap().cost().mul_adds as f64;
                for setup in setups {
                    let drift = work(setup) / work(&setups[0]) - 1.0;
                    assert!(drift.abs() < 0.0552, "{}: {drift}", setup.stack);
                }
            }
        }
    }
}

#[test]
fn table_1_by_hand() {
    let g1 = Experiment::named("g1").unwrap().remove(0);
    let models: Vec<String> = g1.setups(&g1.grids[0]).iter().map(|s| s.stack.to_string()).collect();
    assert_eq!(models.len(), 15);
    assert_eq!(models[3], "g1(c1=36,c2=432,blocks=10,size=56x56)");
    assert_eq!(models[4], models[0], "the base has a twin");
    assert_eq!(models[13], "g1(c1=144,c2=1728,blocks=10,size=56x56)");
}

#[test]
fn nonsense_is_refused_with_its_line() {
    assert!(Experiment::parse("x.toml", GOOD).is_ok());
    for (from, to, line, what) in [
        ("blocks = 2", "blocks = 0", 3, "blocks is 0"),
        ("blocks = 2", "blocks = -1", 3, "invalid value"),
        ("blocks = 2", "blocks = 2\nbatch = 1", 4, "unknown field `batch`"),
        ("\"G2\"", "\"G5\"", 1, "unknown variant `G5`"),
        ("spatial = [8]", "spatial = []", 9, "spatial is empty"),
        ("spatial = [8]", "spatial = [8, 0]", 9, "spatial has 0"),
        ("multipliers = [1]", "multipliers = [70000]", 10, "multipliers has 70000"),
        ("dose = 2", "dose = nan", 13, "dose is NaN"),
        ("dose = 2", "dose = 0.5", 13, "dose is 0.5"),
        ("dose = 2", "dose = 1e19", 13, "field `experiment.dose`: 1e+19"),
        ("dose = 2", "dose = 1", 11, "one point of least dose"),
        ("dose = 1", "dose = 1, runs = 2", 11, "the base, run once"),
        ("dose = 2", "dose = 2, runs = 2", 11, "others to compare with it"),
        ("dose = 2", "dose = inf", 13, "dose is inf"),
        ("dose = 2", "dose = 1e-320", 13, "dose is 1e-320:"),
        ("spatial = [8]", "spatial = [8, 8]", 9, "spatial has 8 twice"),
        ("multipliers = [1]", "multipliers = [1, 2, 1]", 10, "multipliers has 1 twice"),
        ("multipliers = [1]", "multipliers = [1.5]", 10, "invalid type"),
        ("[[grid]]", "[grid]", 7, "invalid type"),
        ("[[grid]]", "[[grids]]", 7, "unknown field `grids`"),
        ("dose = 2", "dose = 2, runs = 0", 13, "runs is 0"),
        ("dose = 2", "dose = 2, speed = 3", 13, "unknown field `speed`"),
        ("channels = 12, groups = 2", "channels = 12, groups = 5", 13, "block0.conv"),
        ("channels = 12, groups = 2", "channels = 0, groups = 2", 13, "channels is 0"),
        (
            "channels = 12, groups = 2",
            "channels = 12, groups = 2, g = 1",
            13,
            "unexpected keys in table: g",
        ),
        ("channels = 12, groups = 2", "channels = 12", 13, "missing field `groups`"),
        ("block.grouped = { channels = 12", "block.heap = { channels = 12", 13, "`heap`"),
        (
            "block.grouped = { channels = 12, groups = 2 }",
            "block = {}",
            13,
            "expected exactly one block",
        ),
        (
            "groups = 2 }",
            "groups = 2 }, block.pair = { c1 = 1, c2 = 1 }",
            13,
            "expected exactly one block",
        ),
        ("label = \"g=2\"", "label = \"g=1\"", 13, "two points are called"),
        ("title = \"t\"", "title = \"t", 2, ""),
    ] {
        let text = GOOD.replace(from, to);
        assert_ne!(text, GOOD);
        let error = Experiment::parse("x.toml", &text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("x.toml:{line}: ")), "{to}: {error}");
        assert!(error.contains(what), "{to}: {error}");
        assert!(!error.contains('\n'), "{to}: {error}");
    }
}

/// What no reader would take is refused before anything is measured, and not repeated whole.
#[test]
fn what_a_profile_could_not_hold_is_refused_with_its_line() {
    let long = "l".repeat(20_000);
    for (from, to, line, what) in [
        ("g=2", &*long, 13, "field `experiment.label`: a text of 20000 bytes"),
        ("gpu", &*long, 12, "field `experiment.grid`: a text of 20000 bytes"),
        ("\"G2\"", &*format!("{long:?}"), 1, "unknown variant `lll"),
    ] {
        let text = GOOD.replacen(from, to, 1);
        let error = Experiment::parse("x.toml", &text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("x.toml:{line}: ")), "{error}");
        assert!(error.contains(what) && error.len() < 1000, "{error}");
    }
}

/// Each is refused before its networks are built.
#[test]
fn more_than_can_be_held_is_refused_with_its_line() {
    let numbers = |n: usize| (1..=n).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    let (sizes, widths) = (format!("[{}]", numbers(19)), format!("[{}]", numbers(18)));
    let fragments = "fragments = { channels = 8, fragments = 65536, arrangement = \"series\" }";
    let grouped = "grouped = { channels = 12, groups = 2 }";
    for (changes, line, what) in [
        (vec![("blocks = 2", "blocks = 65536"), (grouped, fragments)], 13, "more than 65536 nodes"),
        (
            vec![(grouped, fragments)],
            13,
            "g3(channels=8,fragments=65536,series,blocks=2,size=8x8): would have",
        ),
        (
            vec![("blocks = 2", "blocks = 65536"), ("[8]", "[8, 4]")],
            13,
            "more than 262144 nodes together",
        ),
        (vec![("[8]", &sizes), ("[1]", &widths)], 11, "more than 1000 networks"),
        (
            vec![("channels = 12, groups = 2", "channels = 65536, groups = 1"), ("[8]", "[65536]")],
            13,
            "the limit is",
        ),
    ] {
        let text = changes.iter().fold(GOOD.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        });
        let error = Experiment::parse("x.toml", &text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("x.toml:{line}: ")), "{changes:?}: {error}");
        assert!(error.contains(what) && !error.contains('\n'), "{changes:?}: {error}");
    }
    let none = GOOD[..GOOD.find("[[grid]]").unwrap()].to_owned() + "grid = []\n";
    let error = Experiment::parse("x.toml", &none).unwrap_err().to_string();
    assert!(error.contains("expected a [[grid]]"), "{error}");
    let g3 = Experiment::named("g3").unwrap().remove(0);
    let error = g3.over(&[1, 60_000], 60_000, 1).unwrap_err().to_string();
    assert!(error.starts_with("--ratios: g3(") && error.contains("65536 nodes"), "{error}");
}

#[test]
fn two_grids_of_one_name_are_refused() {
    let grid = &GOOD[GOOD.find("[[grid]]").unwrap()..];
    let other = grid.replace("\"gpu\"", "\"arm\"");
    assert!(Experiment::parse("x.toml", &format!("{GOOD}\n{other}")).is_ok());
    let error = Experiment::parse("x.toml", &format!("{GOOD}\n{grid}")).unwrap_err().to_string();
    assert_eq!(error, "x.toml:17: two grids are called \"gpu\"");
}

/// The files speak of their own points: of "the last grid", of "c/√2 for two".
#[test]
fn computed_points_are_not_told_of_in_the_file_s_words() {
    for name in ["g1", "g2", "g3"] {
        let written = Experiment::named(name).unwrap().remove(0);
        let computed = written.clone().over(&[1, 4], 64, 28).unwrap();
        assert_eq!((computed.title, computed.grids.len()), (written.title, 1));
        assert_eq!(computed.held_fixed, "mult-adds, to within 10 % (column drift)");
        assert_eq!(computed.analysis, "", "{name}");
    }
}

#[test]
fn what_is_no_experiment_is_said() {
    let error = |which: &str| format!("{:#}", Experiment::named(which).unwrap_err());
    assert!(error("g5").contains("expected g1, g2, g3, g4, all"));
    assert!(error("nowhere.toml").contains("nowhere.toml"));
}
