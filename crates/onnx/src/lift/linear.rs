//! Linear operators: `Gemm`, and `MatMul` with an `Add`.

use super::view::sole_maker;
use crate::read::{
    array::Array,
    net::{FileNet, FileStep, Kind, Weight},
};
use ops::{Linear, Op};

pub(super) fn linear(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    let gemm = match call.kind {
        "Gemm" => true,
        "MatMul" => false,
        _ => return None,
    };
    let kernel = call.constant(1)?;
    let (&[_, _], &[rows, columns]) = (call.dims(0)?, &kernel.dims[..]) else { return None };
    let turned = gemm && call.int("transB", 0) != 0;
    let (out, strides) =
        if turned { (rows, [columns, 1, 0, 0]) } else { (columns, [1, columns, 0, 0]) };
    (call.int("transA", 0) == 0).then_some(())?;
    let factor = call.float("alpha", 1.0);
    let mut weights = vec![Weight { factor, ..Weight::new("weight", kernel, strides) }];
    let beta = call.float("beta", 1.0);
    if gemm && call.has(2) && beta != 0.0 {
        let bias = call.constant(2).filter(|b| an_output(b, out))?;
        weights.push(Weight { factor: beta, ..Weight::vector("bias", bias) });
    }
    let op = Linear { out, bias: weights.len() == 2 };
    Some(vec![step.instead(Kind::Lab(op.into(), weights), &[step.input(0)?])])
}

/// An addition of a value an output is the bias of the matrix product before it.
pub(super) fn bias(net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    (net.call(step)?.kind == "Add").then_some(())?;
    let (id, array) = net.with_constant(step)?;
    let before = sole_maker(net, id)?;
    let Kind::Lab(Op::Linear(Linear { out, bias: false }), weights) = &before.kind else {
        return None;
    };
    (an_output(array, *out) && array.dims.len() <= 2).then_some(())?;
    let mut weights = weights.clone();
    weights.push(Weight::vector("bias", array));
    let kind = Kind::Lab(Linear { out: *out, bias: true }.into(), weights);
    Some(vec![FileStep { name: before.name.clone(), ..step.instead(kind, &[before.input(0)?]) }])
}

/// Whether a constant has a value for each output, or one for all.
fn an_output(array: &Array, out: usize) -> bool {
    array.len() == 1 || array.len() == out && array.dims.last() == Some(&out)
}

#[cfg(test)]
mod tests {
    use crate::{
        lift::testing::{Sketch, kinds, op, weight},
        read::net::FileNet,
    };
    use ops::Linear;

    const KERNEL: [f32; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];

    fn columns(net: &FileNet) -> Vec<f32> {
        let kernel = weight(net, 0, "weight");
        (0..2).flat_map(|o| (0..3).map(move |i| [o, i, 0, 0])).map(|at| kernel.at(at)).collect()
    }

    #[test]
    fn both_ways_to_write_a_kernel_are_read() {
        let mut s = Sketch::new(&[1, 3]);
        let kernel = s.floats("kernel", &[2, 3], &KERNEL);
        let x = s.with("Gemm", &["input", &kernel], &[("transB", &[1])]);
        let net = s.net(&x);
        assert_eq!(op(&net, 0), &Linear { out: 2, bias: false }.into());
        assert_eq!(columns(&net), KERNEL);

        let mut s = Sketch::new(&[1, 3]);
        let kernel = s.floats("kernel", &[3, 2], &KERNEL);
        let bias = s.floats("bias", &[2], &[7.0, 8.0]);
        let x = s.node("MatMul", &["input", &kernel]);
        let x = s.node("Add", &[&x, &bias]);
        let net = s.net(&x);
        assert_eq!(op(&net, 0), &Linear { out: 2, bias: true }.into());
        assert_eq!(columns(&net), [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
        assert_eq!(weight(&net, 0, "bias").at([0, 1, 0, 0]), 8.0);
    }

    #[test]
    fn a_product_of_two_activations_is_left() {
        let mut s = Sketch::new(&[3, 3]);
        let x = s.node("MatMul", &["input", "input"]);
        assert_eq!(kinds(&s.net(&x)), ["MatMul"]);
    }
}
