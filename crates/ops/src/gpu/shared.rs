//! Scratch memory that all nodes of a session share: they run one after the other, and none reads what another left.

use super::KernelPlan;

/// How much of it there is.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedScratch {
    /// Quads of each piece.
    pub quads: Vec<usize>,
}

impl SharedScratch {
    /// Makes each piece as large as `plan` wants it.
    pub fn hold(&mut self, plan: &KernelPlan) {
        let wanted = plan.scratch();
        self.quads.resize(self.quads.len().max(wanted.len()), 0);
        self.quads.iter_mut().zip(wanted).for_each(|(quads, of)| *quads = of.max(*quads));
    }

    /// Bytes of all pieces.
    pub fn bytes(&self) -> u64 {
        self.quads.iter().map(|quads| *quads as u64 * 16).sum()
    }
}
