//! Two maps stacked along a new axis and summed over it: their sum.

use super::view::root;
use crate::read::{
    infer,
    net::{Net, Step},
};
use ops::Binary;

pub(super) fn stack(net: &Net, step: &Step) -> Option<Vec<Step>> {
    let call = net.call(step)?;
    (call.kind == "ReduceSum").then_some(())?;
    let joined = net.node(step.input(0)?, "Concat")?;
    let rank = net.dims(joined.outputs[0])?.len();
    let along = net.call(joined)?.axis("axis", 1, rank)?;
    let &[Some(a), Some(b)] = &joined.inputs[..] else { return None };
    let thin = |id| net.dims(id).is_some_and(|dims| dims.get(along) == Some(&1));
    let sum = infer::reduce(&call)?;
    let (a, b) = (thin(a).then(|| root(net, a))?, thin(b).then(|| root(net, b))?);
    let maps = [a, b].iter().all(|&id| net.dims(id) == Some(&sum.dims) && net.shape(id).is_some());
    (sum.over == [along] && maps).then(|| vec![step.lab(Binary::ADD, &[a, b])])
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds};

    #[test]
    fn a_sum_over_a_new_axis_is_an_addition() {
        let summed = |axis: i64| {
            let mut s = Sketch::new(&[1, 4, 3, 3]);
            let new = s.ints("new", &[0]);
            let a = s.node("Relu", &["input"]);
            let b = s.node("Tanh", &["input"]);
            let a = s.node("Unsqueeze", &[&a, &new]);
            let b = s.node("Unsqueeze", &[&b, &new]);
            let x = s.with("Concat", &[&a, &b], &[("axis", &[0])]);
            let over = s.ints("over", &[axis]);
            let x = s.with("ReduceSum", &[&x, &over], &[("keepdims", &[0])]);
            s.net(&x)
        };
        assert_eq!(kinds(&summed(0)), ["relu", "tanh", "add"]);
        assert!(kinds(&summed(2)).contains(&"ReduceSum"));
    }
}
