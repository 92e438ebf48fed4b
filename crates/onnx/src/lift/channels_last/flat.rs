//! Features that are a map's elements pixel by pixel: the lab flattens channel by channel, and the kernel that reads
//! them is put in that order.

use crate::{
    lift::elements::{ELEMENT_WISE, POINTWISE},
    read::{
        call::Known,
        net::{FileNet, FileStep, Id},
    },
};
use std::collections::HashMap;

/// The features that the lab makes for those of the file, and the map's axes with channels last.
#[derive(Default)]
pub(super) struct Flat(HashMap<Id, (Id, [usize; 3])>);

impl Flat {
    /// Whether a step reads such features.
    pub fn is_read(&self, step: &FileStep) -> bool {
        step.inputs.iter().flatten().any(|id| self.0.contains_key(id))
    }

    /// The step that flattens `map`. The file's own stays for whoever reads its features otherwise.
    pub fn begin(&mut self, net: &mut FileNet, step: &FileStep, map: Id) -> Option<Vec<FileStep>> {
        let &[_, c, h, w] = net.dims(map)? else { return None };
        let to = step.outputs[0];
        let made = net.value_like(to, Known::Dims(net.dims(to)?.to_vec()));
        self.0.insert(to, (made, [h, w, c]));
        Some(vec![net.reshaped(step, map, made)?, step.clone()])
    }

    /// What is computed of them: element by element, or by a matrix product.
    pub fn written(&mut self, net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let (kind, to) = (net.call(step)?.kind, step.outputs[0]);
        if matches!(kind, "Gemm" | "MatMul") {
            let (features, axes) = *self.0.get(&step.input(0)?)?;
            let turned = net.call(step)?.int("transB", 0) != 0;
            let kernel = in_order(net, step.input(1)?, axes, usize::from(turned))?;
            let mut inputs = step.inputs.clone();
            (inputs[0], inputs[1]) = (Some(features), Some(kernel));
            return Some(vec![FileStep { inputs, ..step.clone() }]);
        }
        (POINTWISE.contains(&kind) || ELEMENT_WISE.contains(&kind)).then_some(())?;
        let axes = step.inputs.iter().flatten().find_map(|id| self.0.get(id))?.1;
        let operand = |id: &Option<Id>| match (*id)? {
            id if self.0.contains_key(&id) => self.0.get(&id).map(|(features, _)| *features),
            id if net.constant(id)?.len() == 1 => Some(id),
            id => {
                let along = net.constant(id)?.dims.len().checked_sub(1)?;
                in_order(net, id, axes, along)
            }
        };
        let inputs: Vec<Id> = step.inputs.iter().map(operand).collect::<Option<_>>()?;
        let made = net.value_like(to, Known::Dims(net.dims(to)?.to_vec()));
        self.0.insert(to, (made, axes));
        let node = step.instead(step.kind.clone(), &inputs);
        Some(vec![FileStep { outputs: vec![made], ..node }, step.clone()])
    }
}

/// The constant whose axis `along` has features pixel by pixel, with them channel by channel.
fn in_order(net: &mut FileNet, id: Id, axes: [usize; 3], along: usize) -> Option<Id> {
    let array = net.constant(id)?;
    let (before, rest) = array.dims.split_at_checked(along)?;
    let (&features, after) = rest.split_first()?;
    (features == axes.iter().product::<usize>()).then_some(())?;
    let product = |dims: &[usize]| dims.iter().product::<usize>();
    let [h, w, c] = axes;
    let apart = [product(before), h, w, c, product(after)];
    let apart = array.reshaped(apart.to_vec()).transposed(&[0, 3, 1, 2, 4]);
    let ordered = apart.reshaped(array.dims.clone());
    Some(net.value_like(id, Known::Constant(ordered)))
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds, op, weight};
    use ops::Permute;

    /// A map of 2 × 2 × 2 as features, pixel by pixel.
    fn flattened() -> (Sketch, String) {
        let mut s = Sketch::new(&[1, 2, 2, 2]);
        let rows = s.ints("rows", &[1, 8]);
        let x = s.with("Transpose", &["input"], &[("perm", &[0, 2, 3, 1])]);
        let x = s.node("Reshape", &[&x, &rows]);
        (s, x)
    }

    #[test]
    fn the_kernel_is_put_in_the_order_of_channels() {
        let (mut s, x) = flattened();
        let values = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
        let (shift, kernel) = (s.floats("shift", &[8], &values), s.floats("k", &[8, 1], &values));
        let x = s.node("Add", &[&x, &shift]);
        let x = s.node("Relu", &[&x]);
        let x = s.node("MatMul", &[&x, &kernel]);
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["flatten", "channel_affine", "relu", "linear"]);
        // Channel 1 of the pixel at row 0, column 1 is the file's fourth.
        assert_eq!(weight(&net, 3, "weight").at([0, 5, 0, 0]), 3.0);
        assert_eq!(weight(&net, 1, "shift").at([0, 5, 0, 0]), 3.0);
    }

    #[test]
    fn features_that_are_an_output_keep_the_order_of_the_file() {
        let (s, x) = flattened();
        let net = s.net(&x);
        assert_eq!(kinds(&net), ["permute"]);
        let permute = Permute { axes: vec![2, 4], order: vec![1, 0], to: (8, 1, 1) };
        assert_eq!(op(&net, 0), &permute.into());
    }
}
