//! Nodes along some axes of a map with channels last, as they are along those of one with channels first.

use crate::{
    proto::Attribute,
    read::{
        array::Array,
        call::{self, Call, Known},
        geometry, infer,
        layout::{FIRST, LAST},
        net::{FileNet, FileStep, Id, Kind},
    },
};

/// The node along the same axis, `default` where it names none.
pub(super) fn axis(call: &Call<'_>, default: i64) -> Option<Kind> {
    let axis = LAST[call.axis("axis", default, 4)?] as i64;
    let axis = Attribute { name: "axis".to_owned(), i: Some(axis), ..Attribute::default() };
    Some(with(call, &["axis"], [axis]))
}

/// The node with other attributes in place of some.
fn with(call: &Call<'_>, old: &[&str], new: impl IntoIterator<Item = Attribute>) -> Kind {
    let kept = call.attributes.iter().filter(|a| !old.contains(&a.name.as_str())).cloned();
    Kind::Node { kind: call.kind.to_owned(), attributes: kept.chain(new).collect() }
}

fn listed(name: &str, ints: Vec<i64>) -> Attribute {
    Attribute { name: name.to_owned(), ints, ..Attribute::default() }
}

/// Over which axes a reduction goes, and the node that keeps them with one element.
pub(super) fn reduction(call: &Call<'_>) -> Option<(Vec<usize>, Kind)> {
    let over = infer::reduce(call)?.over;
    let mut over: Vec<usize> = over.into_iter().map(|a| LAST[a]).collect();
    over.sort_unstable();
    let axes = over.iter().map(|&a| a as i64).collect();
    Some((over, Kind::Node { kind: call.kind.to_owned(), attributes: vec![listed("axes", axes)] }))
}

/// `Pad`, `Slice`, `Resize` and what repeats elements: the node, and its inputs beside the map.
pub(super) fn moved(net: &mut FileNet, step: &FileStep) -> Option<(Kind, Vec<Option<Id>>)> {
    let call = net.call(step)?;
    match call.kind {
        "Pad" => {
            let (before, after) = infer::pads(&call, 4)?;
            let pads = [before, after].map(|side| FIRST.map(|a| side[a]));
            let kind = with(&call, &["pads"], [listed("pads", pads.concat())]);
            Some((kind, vec![None, step.input(2)]))
        }
        "Slice" => {
            let along = match call.list("axes", 3)? {
                all if all.is_empty() => (0..call.list("starts", 1)?.len() as i64).collect(),
                given => given,
            };
            let axes = along.iter().map(|&a| Some(LAST[call::axis(a, 4)?] as i64));
            let axes = axes.collect::<Option<Vec<_>>>()?;
            let lists = [("starts", 1), ("ends", 2), ("steps", 4)];
            let lists = lists.map(|(name, i)| call.list(name, i).map(|list| listed(name, list)));
            let lists = lists.into_iter().collect::<Option<Vec<_>>>()?;
            let kind = Kind::Node {
                kind: call.kind.to_owned(),
                attributes: lists.into_iter().chain([listed("axes", axes)]).collect(),
            };
            Some((kind, Vec::new()))
        }
        "Resize" | "Upsample" => {
            let resized = infer::resize(&call)?;
            let kind = with(&call, &["axes", "scales"], []);
            let dims: [usize; 4] = resized.dims.try_into().ok()?;
            match resized.scales {
                Some(scales) => {
                    let scales = Array::floats(vec![4], FIRST.map(|a| scales[a]));
                    let scales = net.value_like(step.outputs[0], Known::Constant(scales));
                    Some((kind, vec![None, Some(scales)]))
                }
                None => {
                    let sizes = lengths(net, step, FIRST.map(|a| dims[a]));
                    Some((kind, vec![None, None, Some(sizes)]))
                }
            }
        }
        "Tile" => {
            let times: [usize; 4] =
                geometry::lengths(call.constant(1)?.as_ints()?)?.try_into().ok()?;
            let kind = with(&call, &[], []);
            Some((kind, vec![Some(lengths(net, step, FIRST.map(|a| times[a])))]))
        }
        "Expand" => {
            let dims: [usize; 4] = net.dims(step.outputs[0])?.try_into().ok()?;
            let kind = with(&call, &[], []);
            Some((kind, vec![Some(lengths(net, step, FIRST.map(|a| dims[a])))]))
        }
        _ => None,
    }
}

/// A constant of lengths for a step.
fn lengths(net: &mut FileNet, step: &FileStep, all: [usize; 4]) -> Id {
    net.value_like(step.outputs[0], Known::Constant(Array::lengths(&all)))
}

#[cfg(test)]
mod tests {
    use crate::{
        lift::testing::{Sketch, kinds, op},
        read::net::FileNet,
    };
    use ops::{ChannelSlice, Pad2d, Resize};

    /// What a node between two transposes of a map of 4 × 6 × 5 becomes.
    fn between(write: impl FnOnce(&mut Sketch, &str) -> String) -> FileNet {
        let mut s = Sketch::new(&[1, 4, 6, 5]);
        let x = s.with("Transpose", &["input"], &[("perm", &[0, 2, 3, 1])]);
        let x = write(&mut s, &x);
        let x = s.with("Transpose", &[&x], &[("perm", &[0, 3, 1, 2])]);
        s.net(&x)
    }

    #[test]
    fn pads_are_those_of_rows_and_columns() {
        let net = between(|s, x| {
            let pads = s.ints("pads", &[0, 1, 2, 0, 0, 3, 4, 0]);
            s.node("Pad", &[x, &pads])
        });
        let pad = Pad2d { vertical: (1, 3), horizontal: (2, 4), ..Pad2d::zeros(0) };
        assert_eq!((kinds(&net).len(), op(&net, 0)), (1, &pad.into()));
    }

    #[test]
    fn slices_go_along_their_axes() {
        let sliced = |axis: i64, start: i64, step: i64| {
            between(|s, x| {
                let all = [("start", start), ("end", i64::MAX), ("axis", axis), ("step", step)];
                let given = all.map(|(name, value)| s.ints(name, &[value]));
                s.node("Slice", &[x, &given[0], &given[1], &given[2], &given[3]])
            })
        };
        let channels = ChannelSlice { start: 1, step: 2, len: 2 };
        assert_eq!(op(&sliced(-1, 1, 2), 0), &channels.into());
        assert_eq!(op(&sliced(1, 2, 1), 0), &Pad2d::crop(2, 0, 0, 0).into());
        assert_eq!(op(&sliced(2, 2, 1), 0), &Pad2d::crop(0, 0, 2, 0).into());
    }

    #[test]
    fn sizes_and_scales_are_those_of_rows_and_columns() {
        let words = [
            ("mode", "nearest"),
            ("coordinate_transformation_mode", "asymmetric"),
            ("nearest_mode", "floor"),
        ];
        let sized = between(|s, x| {
            let sizes = s.ints("sizes", &[1, 12, 15, 4]);
            s.worded("Resize", &[x, "", "", &sizes], &words)
        });
        assert_eq!(op(&sized, 0), &Resize::nearest(12, 15).into());
        let scaled = between(|s, x| {
            let scales = s.floats("scales", &[4], &[1.0, 2.0, 3.0, 1.0]);
            s.worded("Resize", &[x, "", &scales], &words)
        });
        assert_eq!(op(&scaled, 0), &Resize::nearest(12, 15).into());
    }

    #[test]
    fn a_pixel_that_is_repeated_is_a_resize_or_broadcasts() {
        let tiled = |times: &[i64], scales: bool| {
            between(|s, x| {
                let times = s.ints("times", times);
                let mean = s.with("ReduceMean", &[x], &[("axes", &[1, 2])]);
                let mean = s.node("Tile", &[&mean, &times]);
                if scales { s.node("Mul", &[x, &mean]) } else { mean }
            })
        };
        let net = tiled(&[1, 6, 5, 1], false);
        assert_eq!(kinds(&net), ["global_avg_pool2d", "resize"]);
        assert_eq!(op(&net, 1), &Resize::nearest(6, 5).into());
        assert_eq!(kinds(&tiled(&[1, 6, 5, 1], true)), ["global_avg_pool2d", "mul"]);
        assert!(kinds(&tiled(&[1, 6, 5, 2], false)).contains(&"Tile"));
    }
}
