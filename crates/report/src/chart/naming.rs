//! What charts' files are called.

use crate::{analysis::Analysis, compare::pair::Pair, names::Name};
use profile::Profile;

/// The name of a chart of one measurement.
pub fn of_measurement(a: &Analysis, what: &str) -> Name {
    let p = &a.profile;
    let (batch, threads) = (format!("b{}", p.batch), format!("t{}", p.threads));
    let (kind, level) = (p.device.kind.name(), p.lowering());
    let words = [&p.model, &level, &batch, kind, &p.device.name, &threads, what];
    Name::new(&words, &[&p.inputs(), &whereabouts(p)])
}

/// The name of a chart over all networks of one place.
pub fn of_place(a: &Analysis, what: &str) -> Name {
    let p = &a.profile;
    let (batch, threads) = (format!("b{}", p.batch), format!("t{}", p.threads));
    let (kind, level) = (p.device.kind.name(), p.lowering());
    let words = ["all", &level, &batch, kind, &p.device.name, &threads, what];
    Name::new(&words, &[&whereabouts(p)])
}

/// The name of a chart of two sides.
pub fn of_pair(pair: &Pair<'_>, what: &str) -> Name {
    let [a, b] = [pair.a, pair.b].map(|a| &a.profile);
    let words = ["compare", &a.model, &b.model, what];
    Name::new(&words, &[pair.session(), &whereabouts(a), &whereabouts(b)])
}

/// The name of a chart of two measurements of other times or machines.
pub fn of_two([a, b]: [&Analysis; 2], what: &str) -> Name {
    let [a, b] = [&a.profile, &b.profile];
    let words = ["apart", &a.model, &b.model, what];
    Name::new(&words, &[&a.taken_at, &b.taken_at, &whereabouts(a), &whereabouts(b)])
}

/// Device and machine in full, for names of files: two of one name are two.
pub fn whereabouts(p: &Profile) -> String {
    format!("{:?} {:?}", p.device, p.machine)
}
