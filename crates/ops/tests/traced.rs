//! A network on traced lanes: what is told of its kernels, by hand.

use ops::{
    Conv2d, GraphBuilder, Session, Tune, Unary, UnaryFn, Value,
    cpu::{CpuOptions, CpuSession},
    simd::{Isa, Observer},
    verify::verify,
};
use profile::{Instruction, Shape, Vectors};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

/// What was told, by steps.
#[derive(Default)]
struct Steps {
    current: BTreeMap<Instruction, u64>,
    touched: [usize; 2],
    steps: Vec<(BTreeMap<Instruction, u64>, [usize; 2])>,
}

impl Observer for Steps {
    fn issue(&mut self, instruction: Instruction, _: u64, _: u64) -> u64 {
        *self.current.entry(instruction).or_default() += 1;
        0
    }

    fn touch(&mut self, _: usize, bytes: usize, write: bool) {
        self.touched[usize::from(write)] += bytes;
    }
}

/// 1×1, 16 → 16 channels, over 8×8 pixels; then a relu in place.
#[test]
fn a_convolution_issues_a_multiply_add_for_four_and_loads_its_tiles() {
    let mut b = GraphBuilder::new("net", Shape::new(1, 16, 8, 8));
    let conv = b.push("conv", Conv2d::new(16, 1), &[Value::INPUT]).unwrap();
    let relu = b.push("relu", Unary(UnaryFn::Relu), &[conv]).unwrap();
    let graph = b.finish(relu);
    let options =
        CpuOptions { isa: Isa::traced(Vectors::Neon), tune: Tune::OFF, ..CpuOptions::default() };
    let mut session = CpuSession::prepare(&graph, options).unwrap();
    let inputs = graph.drawn_inputs(0);
    assert!(verify(&mut session, &inputs, 0).unwrap().passed());
    let observe = |session: &mut CpuSession| {
        let steps = Rc::new(RefCell::new(Steps::default()));
        session.set_inputs(&inputs).unwrap();
        session.run_observed(steps.clone(), &mut |nodes| {
            assert_eq!(nodes.len(), 1);
            let mut all = steps.borrow_mut();
            let step = (std::mem::take(&mut all.current), std::mem::take(&mut all.touched));
            all.steps.push(step);
        });
        steps.take().steps
    };
    let steps = observe(&mut session);
    let [(conv, [read, written]), (relu, moved)] = &steps[..] else { panic!("{steps:?}") };
    // Strips of five pixels, the last of four, by four vectors: 16 channels.
    let (pixels, vectors, k, strips) = (64, 4, 16, 13);
    assert_eq!(conv[&Instruction::Fma], pixels * vectors * k);
    assert_eq!(conv.get(&Instruction::Broadcast), None);
    let loads = strips * vectors * (k + 1) + pixels * k / 4;
    assert_eq!(conv[&Instruction::Load], loads, "weights and biases, and four inputs each");
    assert_eq!(conv[&Instruction::Store], pixels * vectors);
    assert_eq!(*read as u64, 16 * loads);
    assert_eq!(*written, 64 * 16 * 4);
    assert_eq!(relu[&Instruction::Compare], 64 * 4);
    assert_eq!(*moved, [64 * 16 * 4; 2]);
    assert_eq!(observe(&mut session), steps, "again the same");
}
