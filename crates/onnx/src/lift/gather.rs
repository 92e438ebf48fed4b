//! Elements that a `Gather` picks along an axis by constants, as slices: one, such as stand a step apart, or a few runs
//! of such that are joined.

use super::{
    anew::{Anew, int, ints},
    view::seen,
};
use crate::read::net::{FileNet, FileStep, Id};

/// `net` with such nodes written as slices.
pub(super) fn gathers(net: FileNet) -> FileNet {
    net.written_anew(gather)
}

/// Most runs that are joined: each is an operator.
const MOST: usize = 16;

fn gather(net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    (call.kind == "Gather" && seen(net, step).is_none()).then_some(())?;
    let (x, dims, indices) = (step.input(0)?, call.dims(0)?.to_vec(), call.constant(1)?);
    let along = call.axis("axis", 0, dims.len())?;
    (along > 0 && indices.dims.len() < 2).then_some(())?;
    let len = dims[along] as i64;
    let place = |&i: &i64| (-len..len).contains(&i).then(|| if i < 0 { i + len } else { i });
    let places: Vec<i64> = indices.as_ints()?.iter().map(place).collect::<Option<_>>()?;
    let runs = runs(&places);
    (1..=MOST).contains(&runs.len()).then_some(())?;
    let mut anew = Anew::new(net, step);
    let picked = Picked { x, dims, along };
    let parts: Vec<Id> = runs.iter().map(|run| picked.slice(&mut anew, *run)).collect();
    let made = match parts[..] {
        [only] => only,
        ref all => {
            let dims = picked.with(places.len());
            anew.node("Concat", vec![int("axis", along as i64)], all, &dims)
        }
    };
    Some(anew.end(made))
}

/// Places a step apart.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Run {
    first: i64,
    step: i64,
    len: usize,
}

/// `places` as runs, each as long as can be.
fn runs(places: &[i64]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for &place in places {
        match runs.last_mut() {
            Some(run) if run.len == 1 && place != run.first => {
                run.step = place - run.first;
                run.len = 2;
            }
            Some(run) if run.len > 1 && place == run.first + run.step * run.len as i64 => {
                run.len += 1;
            }
            _ => runs.push(Run { first: place, step: 1, len: 1 }),
        }
    }
    runs
}

/// What is picked from.
struct Picked {
    x: Id,
    dims: Vec<usize>,
    along: usize,
}

impl Picked {
    fn slice(&self, anew: &mut Anew<'_>, Run { first, step, len }: Run) -> Id {
        let end = first + step * len as i64;
        // An end before the first element would count from the last.
        let end = if end < 0 { i64::MIN } else { end };
        let all = [("starts", first), ("ends", end), ("axes", self.along as i64), ("steps", step)];
        let attributes = all.map(|(name, at)| ints(name, vec![at])).to_vec();
        anew.node("Slice", attributes, &[self.x], &self.with(len))
    }

    /// The axes with so many elements along that one.
    fn with(&self, len: usize) -> Vec<usize> {
        let mut dims = self.dims.clone();
        dims[self.along] = len;
        dims
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::testing::{Sketch, kinds, op};
    use ops::{ChannelSlice, ChannelSplit};

    #[test]
    fn channels_are_picked_in_runs() {
        let picked = |indices: &[i64]| {
            let mut s = Sketch::new(&[1, 6, 3, 3]);
            let indices = s.ints("indices", indices);
            let x = s.with("Gather", &["input", &indices], &[("axis", &[1])]);
            let x = s.node("Relu", &[&x]);
            s.net(&x)
        };
        let reversed = ChannelSlice { start: 5, step: -1, len: 6 };
        assert_eq!(op(&picked(&[5, 4, 3, 2, 1, 0]), 0), &reversed.into());
        assert_eq!(op(&picked(&[-4, 3]), 0), &ChannelSplit { start: 2, len: 2 }.into());
        let mixed = ["channel_split", "channel_slice", "concat", "relu"];
        assert_eq!(kinds(&picked(&[3, 4, 5, 0, 2])), mixed);
        assert!(kinds(&picked(&[6])).contains(&"Gather"));
    }

    #[test]
    fn an_index_takes_its_axis_away() {
        let mut s = Sketch::new(&[1, 6, 3, 3]);
        let second = s.whole("second", -5);
        let map = s.ints("map", &[1]);
        let x = s.with("Gather", &["input", &second], &[("axis", &[1])]);
        let x = s.node("Unsqueeze", &[&x, &map]);
        let x = s.node("Relu", &[&x]);
        let net = s.net(&x);
        assert_eq!(op(&net, 0), &ChannelSplit { start: 1, len: 1 }.into());
        assert_eq!(kinds(&net), ["channel_split", "view", "relu"]);
    }

    #[test]
    fn runs_are_as_long_as_can_be() {
        let run = |first, step, len| Run { first, step, len };
        assert_eq!(runs(&[1, 3, 5, 5, 2]), [run(1, 2, 3), run(5, -3, 2)]);
        assert_eq!(runs(&[2, 2]), [run(2, 1, 1), run(2, 1, 1)]);
        assert_eq!(runs(&[]), []);
    }
}
