//! Pairs of simulated sides: false alarms among many operators, and slow-downs that must be found.

use super::*;
use crate::{compare::simulated::Machine, fixture, measurements::Measurements};
use profile::Profile;

/// Two sides of the paper's network in 16 sittings, B's operator `slow` (if any) so many times as slow.
fn sides(machine: &mut Machine, slow: &str, ratio: f64) -> [Profile; 2] {
    let plain = fixture::shufflenet_on(fixture::core(), 1);
    let of = |name: &str| if name == slow { ratio } else { 1.0 };
    let ops: Vec<(f64, f64)> =
        plain.ops.iter().map(|op| (op.samples_ns[0] as f64, of(&op.name))).collect();
    let times = machine.measure(&ops, 16, 10);
    [Letter::A, Letter::B].map(|letter| {
        let which = letter as usize;
        let mut profile = plain.clone();
        for (op, both) in profile.ops.iter_mut().zip(&times) {
            op.samples_ns = both[which].clone();
        }
        let together = |round| times.iter().map(|both| both[which][round]).sum();
        profile.whole_ns = (0..160).map(together).collect();
        profile.instrumented_ns = profile.whole_ns.clone();
        profile.side = Some(Side { session: "2000".into(), letter, rounds: 10, command: None });
        profile
    })
}

fn verdicts(profiles: &[Profile]) -> Vec<(String, Verdict)> {
    let measured = Measurements::of(profiles);
    let pair = Pair::all(measured.all()).remove(0);
    let judged = pair.rows.iter().filter_map(|row| Some((row.name(), row.judged?.verdict)));
    judged.collect()
}

fn differ(verdicts: &[(String, Verdict)]) -> Vec<&str> {
    let differ = verdicts.iter().filter(|(_, v)| matches!(v, Verdict::Faster | Verdict::Slower));
    differ.map(|(name, _)| name.as_str()).collect()
}

/// 136 operators, 100 times: without a correction, seven would differ each time.
#[test]
fn of_all_operators_of_equal_sides_hardly_ever_does_one_differ() {
    let mut machine = Machine::new(7);
    let mut alarms = 0;
    for _ in 0..100 {
        let profiles = sides(&mut machine, "", 1.0);
        alarms += usize::from(!differ(&verdicts(&profiles)).is_empty());
        let measured = Measurements::of(&profiles);
        let pair = Pair::all(measured.all()).remove(0);
        assert!(!pair.is_slower_by(0.02) && pair.operators_slower_by(0.02).is_empty());
    }
    // 5 % and three standard errors.
    assert!(alarms <= 11, "{alarms}");
}

#[test]
fn the_one_operator_that_is_a_tenth_slower_is_found_and_no_other() {
    let mut machine = Machine::new(8);
    let slow = "stage3.2.branch2.conv1";
    let mut others = 0;
    for _ in 0..20 {
        let profiles = sides(&mut machine, slow, 1.1);
        let verdicts = verdicts(&profiles);
        let found = differ(&verdicts);
        assert!(found.contains(&slow), "{found:?}");
        others += found.len() - 1;
        let measured = Measurements::of(&profiles);
        let pair = Pair::all(measured.all()).remove(0);
        assert_eq!(pair.operators_slower_by(0.05), [slow]);
        assert!(!pair.is_slower_by(0.02), "of the whole run it is little");
    }
    assert!(others <= 4, "{others}");
}

#[test]
fn sides_are_paired_by_session_and_the_last_counts() {
    let mut machine = Machine::new(9);
    let [a, b] = sides(&mut machine, "", 1.0);
    let mut other = b.clone();
    other.side.as_mut().unwrap().session = "2001".into();
    let again = Profile { threads: 2, ..b.clone() };
    let profiles = [a, other, b, again];
    let measured = Measurements::of(&profiles);
    let pairs = Pair::all(measured.all());
    assert_eq!(pairs.len(), 1, "a session with one side is no pair");
    let differ: Vec<&str> = pairs[0].differences.iter().map(|d| d.what).collect();
    assert_eq!((pairs[0].session(), differ), ("2000", vec!["threads"]));
    assert_eq!((pairs[0].sittings(), pairs[0].rounds()), (16, 10));
}

#[test]
fn an_emulator_s_times_are_not_compared() {
    let mut machine = Machine::new(10);
    let [a, mut b] = sides(&mut machine, "", 1.0);
    b.device = fixture::emulated().0;
    let measured = Measurements::of(&[a, b]);
    let pair = Pair::all(measured.all()).remove(0);
    assert!(pair.whole().is_none() && pair.rows.iter().all(|row| row.judged.is_none()));
}
