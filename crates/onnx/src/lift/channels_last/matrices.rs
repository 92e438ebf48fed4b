//! Matrices that have a map's pixels as rows and its channels as columns: what is computed of them is computed of the
//! map.

use super::Turning;
use crate::{
    lift::{
        elements::{ELEMENT_WISE, POINTWISE},
        linear,
    },
    read::{
        call::Known,
        net::{FileNet, FileStep, Id, Kind},
    },
};
use ops::{Conv2d, Op};

impl Turning {
    /// What is multiplied or computed element by element, or becomes a map again. The step itself stays for whoever
    /// reads the matrix.
    pub(super) fn of_matrices(
        &mut self,
        net: &mut FileNet,
        step: &FileStep,
    ) -> Option<Vec<FileStep>> {
        let kind = net.call(step)?.kind;
        let (made, inputs, channels) = match kind {
            "Reshape" => return self.map_again(net, step),
            "Gemm" | "MatMul" => {
                let Kind::Lab(Op::Linear(linear), weights) = linear::linear(net, step)?.pop()?.kind
                else {
                    return None;
                };
                let conv = Conv2d { bias: linear.bias, ..Conv2d::new(linear.out, 1) };
                let map = *self.matrices.get(&step.input(0)?)?;
                (Kind::Lab(conv.into(), weights), vec![map], linear.out)
            }
            kind if POINTWISE.contains(&kind) || ELEMENT_WISE.contains(&kind) => {
                let &[_, channels] = net.dims(step.outputs[0])? else { return None };
                let operand = |id: &Option<Id>| self.beside(net, (*id)?, channels);
                let inputs = step.inputs.iter().map(operand).collect::<Option<_>>()?;
                (step.kind.clone(), inputs, channels)
            }
            _ => return None,
        };
        let map = step.inputs.iter().flatten().find_map(|id| self.matrices.get(id))?;
        let &[n, _, h, w] = net.dims(*map)? else { return None };
        let to = net.value_like(step.outputs[0], Known::Dims(vec![n, channels, h, w]));
        self.matrices.insert(step.outputs[0], to);
        let node = FileStep { outputs: vec![to], ..step.instead(made, &inputs) };
        Some(vec![node, step.clone()])
    }

    fn map_again(&mut self, net: &FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
        let map = *self.matrices.get(&step.input(0)?)?;
        let &[n, c, h, w] = net.dims(map)? else { return None };
        if net.dims(step.outputs[0])? == [n, h, w, c] {
            self.first.insert(step.outputs[0], map);
        }
        None
    }

    /// An operand: a matrix's map, a number, or a value for each column.
    fn beside(&self, net: &mut FileNet, id: Id, channels: usize) -> Option<Id> {
        if let Some(&map) = self.matrices.get(&id) {
            return Some(map);
        }
        let array = net.constant(id)?;
        if array.len() == 1 {
            return Some(id);
        }
        (array.len() == channels && array.dims.last() == Some(&channels)).then_some(())?;
        let values = array.reshaped(vec![1, channels, 1, 1]);
        Some(net.value_like(id, Known::Constant(values)))
    }
}
