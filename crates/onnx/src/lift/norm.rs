//! Norms and softmax, each a node.

use crate::read::net::{Kind, Net, Step, Weight};
use ops::{BatchNorm, LocalResponseNorm, Softmax};

pub(super) fn norm(net: &Net, step: &Step) -> Option<Vec<Step>> {
    let call = net.call(step)?;
    let input = step.input(0)?;
    let shape = net.shape(input)?;
    match call.kind {
        "BatchNormalization" => {
            let vector = |(i, name)| {
                let array = call.constant(i).filter(|a| a.len() == shape.c)?;
                Some(Weight::vector(name, array))
            };
            let names = ["gamma", "beta", "mean", "variance"];
            let weights: Vec<Weight> = (1..).zip(names).map(vector).collect::<Option<_>>()?;
            // Before operator set 14, training shows in the outputs alone.
            let alone = step.outputs[1..].iter().all(|&o| net.infos[o].name.is_empty());
            (alone && call.int("training_mode", 0) == 0).then_some(())?;
            let norm = BatchNorm { epsilon: call.float("epsilon", 1e-5), ..BatchNorm::default() };
            Some(vec![step.instead(Kind::Lab(norm.into(), weights), &[input])])
        }
        "LRN" => {
            let norm = LocalResponseNorm {
                size: usize::try_from(call.int("size", 0)).ok()?,
                alpha: call.float("alpha", 1e-4),
                beta: call.float("beta", 0.75),
                k: call.float("bias", 1.0),
            };
            let numbers = [norm.alpha, norm.beta, norm.k].iter().all(|x| x.is_finite());
            numbers.then(|| vec![step.lab(norm, &[input])])
        }
        "Softmax" => {
            // Before operator set 13 it goes over all axes from this one on.
            let old = call.opset < 13;
            let axis = call.axis("axis", if old { 1 } else { -1 }, net.dims(input)?.len())?;
            (axis == 1 && (!old || shape.area() == 1)).then(|| vec![step.lab(Softmax, &[input])])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op, weight};
    use ops::BatchNorm;

    #[test]
    fn a_batch_norm_has_its_four_vectors() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let vectors: Vec<String> =
            (0..4).map(|i| s.floats(&format!("v{i}"), &[2], &[i as f32, 9.0])).collect();
        let inputs: Vec<&str> =
            ["input"].into_iter().chain(vectors.iter().map(String::as_str)).collect();
        let x = s.node("BatchNormalization", &inputs);
        let net = s.net(&x);
        assert_eq!(op(&net, 0), &BatchNorm::default().into());
        assert_eq!(weight(&net, 0, "mean").at([0, 0, 0, 0]), 2.0);
        assert_eq!(weight(&net, 0, "mean").at([0, 1, 0, 0]), 9.0);
    }

    #[test]
    fn a_batch_norm_that_makes_statistics_is_left() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let v = s.floats("v", &[2], &[1.0, 2.0]);
        let [x, _] = s.two("BatchNormalization", &["input", &v, &v, &v, &v], &[]);
        assert_eq!(kinds(&s.net(&x)), ["BatchNormalization"]);
    }

    #[test]
    fn a_softmax_over_pixels_is_left() {
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let x = s.with("Softmax", &["input"], &[("axis", &[3])]);
        assert_eq!(kinds(&s.net(&x)), ["Softmax"]);
        let mut s = Sketch::new(&[1, 2, 3, 3]);
        let x = s.with("Softmax", &["input"], &[("axis", &[-3])]);
        assert_eq!(kinds(&s.net(&x)), ["softmax"]);
    }
}
