//! What no pass took, in words: each node, grouped, with what the lab lacks for it.

use crate::{
    Unsupported,
    proto::Attribute,
    read::{
        array::Array,
        call::Call,
        error::cut,
        infer::Window,
        net::{FileNet, FileStep, Kind},
    },
};
use std::collections::BTreeMap;

/// All of `net` that is no operator of the lab.
pub(crate) fn unsupported(net: &FileNet) -> Vec<Unsupported> {
    let mut groups: BTreeMap<(String, String, String, String), Vec<String>> = BTreeMap::new();
    let activations = activations(net);
    for step in &net.steps {
        let (kind, attributes, missing) = match &step.kind {
            Kind::Node { kind, attributes } => {
                (kind.clone(), listed(attributes), missing(net, step, &activations))
            }
            Kind::View(kind) if !stays(net, step) => {
                (kind.clone(), String::new(), OTHER_AXES.to_owned())
            }
            Kind::Lab(op, _) if !is_of_maps(net, step) => {
                let known = values(step).all(|id| net.dims(id).is_some());
                let missing = if known { OTHER_AXES } else { UNKNOWN_AXES };
                (op.kind().to_owned(), String::new(), missing.to_owned())
            }
            Kind::View(_) | Kind::Lab(..) => continue,
        };
        let shapes = shapes(net, step);
        groups.entry((kind, attributes, shapes, missing)).or_default().push(step.name.clone());
    }
    let group = |((kind, attributes, shapes, missing), nodes)| Unsupported {
        kind,
        attributes,
        shapes,
        missing,
        nodes,
    };
    groups.into_iter().map(group).collect()
}

const OTHER_AXES: &str = "maps in other axes";
const UNKNOWN_AXES: &str = "what makes its inputs, so that their axes are unknown";

/// What a step reads and makes.
fn values(step: &FileStep) -> impl Iterator<Item = usize> + '_ {
    step.inputs.iter().flatten().chain(&step.outputs).copied()
}

/// Whether all that a step reads and makes is maps of the lab.
pub(crate) fn is_of_maps(net: &FileNet, step: &FileStep) -> bool {
    values(step).all(|id| net.shape(id).is_some())
}

/// Whether a view is the same map to the lab.
fn stays(net: &FileNet, step: &FileStep) -> bool {
    let shape = |id: Option<usize>| id.and_then(|id| net.shape(id));
    let source = shape(step.input(0));
    source.is_some() && source == shape(step.outputs.first().copied())
}

/// Whether each value is computed from the network's inputs.
fn activations(net: &FileNet) -> Vec<bool> {
    let mut are = vec![false; net.infos.len()];
    net.inputs.iter().for_each(|&id| are[id] = true);
    for step in &net.steps {
        if step.inputs.iter().flatten().any(|&id| are[id]) {
            step.outputs.iter().for_each(|&id| are[id] = true);
        }
    }
    are
}

/// What the lab lacks for a node.
fn missing(net: &FileNet, step: &FileStep, activations: &[bool]) -> String {
    let Some(call) = net.call(step) else { return String::new() };
    let words =
        MISSING.iter().find(|(kinds, _)| kinds.contains(&call.kind)).map(|(_, words)| *words);
    let computed = step.inputs.iter().flatten().filter(|&&id| activations[id]).count();
    let unfolded =
        step.inputs.iter().flatten().any(|&id| net.constant(id).is_none() && !activations[id]);
    let unknown = call.inputs.iter().flatten().any(|i| i.dims().is_none());
    let words = match call.kind {
        _ if is_quantised(net, step) => "arithmetic of quantised networks",
        _ if unknown => UNKNOWN_AXES,
        _ if computed == 0 => "computing this of constants before the network runs",
        _ if unfolded => "computing one of its constants before the network runs",
        "MatMul" | "Gemm" | "Einsum" if computed > 1 => "attention: a product of two activations",
        "Conv" | "ConvTranspose" if call.has(1) && call.constant(1).is_none() => {
            "a kernel that is computed from activations"
        }
        "Conv" => conv(&call),
        "Resize" | "Upsample" => resize(&call),
        kind if kind.starts_with("Reduce") => "reductions over such axes",
        kind if kind.contains('.') => "operators of another set than ONNX's own",
        _ => words.unwrap_or("an operator of this kind"),
    };
    words.to_owned()
}

/// Whether a node computes with small integers, or reads what one does.
fn is_quantised(net: &FileNet, step: &FileStep) -> bool {
    let quantised = |step: &FileStep| {
        net.call(step).is_some_and(|call| {
            let kind = call.kind;
            kind.contains("uantize") || kind.contains("QLinear") || kind.ends_with("Integer")
        })
    };
    let makers = step.inputs.iter().flatten().filter_map(|&id| net.maker(id));
    makers.chain([step]).any(quantised)
}

fn conv(call: &Call<'_>) -> &'static str {
    let (Some(&[_, channels, ref size @ ..]), Some(&[out, inputs, ref kernel @ ..])) =
        (call.dims(0), call.dims(1))
    else {
        return "convolutions of such axes";
    };
    let groups = usize::try_from(call.int("group", 1)).ok();
    let bias = call.constant(2).map(Array::len);
    let below_one = |name: &str| call.ints(name).iter().any(|&x| x < 1);
    match kernel.len() {
        3 => "three-dimensional convolutions",
        _ if groups.and_then(|g| g.checked_mul(inputs)) != Some(channels) => {
            "convolutions whose groups do not fit their channels"
        }
        _ if call.has(2) && bias.is_none() => "a bias that is computed from activations",
        _ if call.has(2) && bias != Some(out) => "a bias that has not a value for each channel",
        _ if below_one("strides") => "convolutions with a stride below 1",
        _ if below_one("dilations") => "convolutions with a dilation below 1",
        _ if Window::of(call, size, kernel).is_none() => {
            "convolutions with such a window or padding"
        }
        _ => "convolutions of this kind",
    }
}

fn resize(call: &Call<'_>) -> &'static str {
    match call.text("coordinate_transformation_mode") {
        _ if call.int("antialias", 0) != 0 => "resizing with antialiasing",
        _ if call.int("exclude_outside", 0) != 0 => {
            "resizing that leaves out what is outside the map"
        }
        "tf_crop_and_resize" => "resizing of a region",
        _ => "resizing of such axes or modes",
    }
}

/// Operators in words.
const MISSING: &[(&[&str], &str)] = &[
    (&["LSTM", "GRU", "RNN"], "recurrent networks"),
    (&["If", "Loop", "Scan"], "control flow"),
    (&["ConvTranspose"], "transposed convolutions of this kind"),
    (&["LayerNormalization"], "layer norms over other axes than channels"),
    (
        &["InstanceNormalization", "GroupNormalization"],
        "instance and group norms of such axes or weights",
    ),
    (&["Gelu"], "GELU in such a spelling"),
    (&["Add", "Sub", "Mul", "Div"], "arithmetic of such axes, or between images"),
    (&["Pow"], "powers whose exponent is not one number"),
    (&["Pad"], "padding of such axes or modes"),
    (&["Slice", "Split"], "slices of such axes"),
    (&["Transpose"], "transposes that mix images, or whose axes no reshape makes a map's"),
    (&["MatMul", "Gemm", "Einsum"], "products with a matrix along such axes"),
    (
        &["Gather", "GatherND", "GatherElements"],
        "elements picked by computed places, or of such axes",
    ),
    (&["TopK", "NonMaxSuppression", "ArgMax", "ArgMin"], "choosing elements by their size"),
    (&["Reshape", "Squeeze", "Unsqueeze"], "axes that are computed from activations"),
    (&["Where", "Equal", "Greater", "Less", "Not", "And", "Or"], "conditions on activations"),
    (&["LpPool", "GlobalLpPool"], "pools of such powers or windows"),
    (&["Cast", "CastLike"], "activations of other types than 32-bit floats"),
    (&["Dropout"], "dropout in training"),
    (&["BatchNormalization"], "batch norms in training, of other axes or of computed statistics"),
    (&["Softmax", "LogSoftmax"], "softmax over such axes"),
    (&["AveragePool", "MaxPool"], "pools with such windows, padding or outputs"),
    (&["Max", "Min"], "maxima and minima of such activations"),
    (&["Concat"], "concatenation along such axes"),
    (&["Expand"], "maps that are repeated"),
    (&["DepthToSpace", "SpaceToDepth"], "pixel shuffles of such blocks"),
    (
        &["LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "Clip", "HardSigmoid", "ThresholdedRelu"],
        "this activation",
    ),
];

/// Attributes, numbers of one and values of a node that are said.
const MOST: usize = 8;

/// Attributes as text.
fn listed(attributes: &[Attribute]) -> String {
    let value = |a: &Attribute| match (a.i, a.f) {
        _ if a.g.is_some() => "a graph".to_owned(),
        _ if a.t.is_some() => "a tensor".to_owned(),
        _ if !a.s.is_empty() => cut(&String::from_utf8_lossy(&a.s)),
        _ if !a.ints.is_empty() => format!("{:?}", &a.ints[..a.ints.len().min(MOST)]),
        (Some(i), _) => i.to_string(),
        (_, Some(f)) => f.to_string(),
        _ => "…".to_owned(),
    };
    let one = |a: &Attribute| format!("{}={}", cut(&a.name), value(a));
    some(attributes.iter().map(one))
}

/// What a step makes of what, as axes.
fn shapes(net: &FileNet, step: &FileStep) -> String {
    let axes = |id: usize| match net.dims(id) {
        Some([]) => "scalar".to_owned(),
        Some(dims) => dims.iter().map(usize::to_string).collect::<Vec<_>>().join("×"),
        None => "?".to_owned(),
    };
    let inputs = some(step.inputs.iter().flatten().copied().map(axes));
    format!("{inputs} → {}", some(step.outputs.iter().copied().map(axes)))
}

/// The first of these, and whether there are more.
fn some(mut all: impl Iterator<Item = String>) -> String {
    let mut message: Vec<String> = all.by_ref().take(MOST).collect();
    message.extend(all.next().map(|_| "…".to_owned()));
    message.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::testing::Sketch;

    #[test]
    fn every_node_is_named_once_with_what_is_missing() {
        let mut s = Sketch::new(&[1, 2, 2, 2]);
        let x = s.node("Cos", &["input"]);
        let x = s.node("Cos", &[&x]);
        let x = s.node("MatMul", &[&x, "input"]);
        let found = unsupported(&s.net(&x));
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].kind.as_str(), found[0].nodes.len()), ("Cos", 2));
        assert_eq!(found[0].shapes, "1×2×2×2 → 1×2×2×2");
        assert_eq!(found[1].missing, "attention: a product of two activations");
    }

    #[test]
    fn a_convolution_is_refused_for_what_it_has() {
        let refused = |attribute: (&str, &[i64]), bias: &[f32]| {
            let mut s = Sketch::new(&[1, 4, 9, 9]);
            let kernel = s.floats("kernel", &[4, 4, 3, 3], &[0.5; 144]);
            let bias = s.floats("bias", &[bias.len() as i64], bias);
            let x = s.with("Conv", &["input", &kernel, &bias], &[attribute]);
            unsupported(&s.net(&x)).remove(0).missing
        };
        let four = [1.0; 4];
        for group in [0, 3, -1] {
            assert!(refused(("group", &[group]), &four).contains("groups"), "{group}");
        }
        assert!(refused(("group", &[1]), &[1.0; 3]).contains("a bias"));
        assert!(refused(("strides", &[0, 1]), &four).contains("a stride below 1"));
        assert!(refused(("dilations", &[1, 0]), &four).contains("a dilation below 1"));
        assert!(refused(("pads", &[-1; 4]), &four).contains("window or padding"));
    }

    #[test]
    fn what_a_resizing_has_too_much_is_named() {
        let refused = |resize: fn(&mut Sketch, &[&str]) -> String| {
            let mut s = Sketch::new(&[1, 2, 4, 4]);
            let sizes = s.ints("sizes", &[1, 2, 2, 2]);
            let x = resize(&mut s, &["input", "", "", &sizes]);
            unsupported(&s.net(&x)).remove(0).missing
        };
        let smooth = refused(|s, inputs| s.with("Resize", inputs, &[("antialias", &[1])]));
        assert_eq!(smooth, "resizing with antialiasing");
        let cropped = refused(|s, inputs| {
            let mode = ("coordinate_transformation_mode", "tf_crop_and_resize");
            s.worded("Resize", inputs, &[mode])
        });
        assert_eq!(cropped, "resizing of a region");
    }

    #[test]
    fn a_computed_bias_is_named() {
        let mut s = Sketch::new(&[1, 4]);
        let (map, row) = (s.ints("map", &[1, 4, 1, 1]), s.ints("row", &[4]));
        let kernel = s.floats("kernel", &[4, 4, 1, 1], &[0.5; 16]);
        let bias = s.node("Reshape", &["input", &row]);
        let x = s.node("Reshape", &["input", &map]);
        let x = s.node("Conv", &[&x, &kernel, &bias]);
        let found = unsupported(&s.net(&x));
        assert!(found.iter().any(|u| u.missing.contains("bias that is computed")), "{found:?}");
    }

    #[test]
    fn views_and_other_axes_are_called_what_they_are() {
        let mut s = Sketch::new(&[1, 8, 1, 1]);
        let axes = s.ints("axes", &[0]);
        let x = s.node("Unsqueeze", &["input", &axes]);
        let x = s.with("LogSoftmax", &[&x], &[("axis", &[3])]);
        let found = unsupported(&s.net(&x));
        assert_eq!((found[0].kind.as_str(), found[1].kind.as_str()), ("LogSoftmax", "Unsqueeze"));
        assert!(found[0].missing.contains("such axes"));
    }
}
