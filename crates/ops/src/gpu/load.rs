//! A model of a dispatch: what its shader asks of a GPU, and what a described GPU makes of that.
//!
//! A lane works in rounds: it loads, waits, computes. A unit runs as many workgroups side by side as
//! registers, workgroup memory and places allow. A round takes as long as the slowest of: the wait and one
//! workgroup's arithmetic, the arithmetic of all, what all read from workgroup memory. Then come the
//! next workgroups. It ranks kernels; it is no clock.

use super::hardware::Hardware;

/// What a dispatch asks of a GPU, as its kernel's author knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Workgroups.
    pub workgroups: usize,
    /// Invocations of a workgroup.
    pub lanes: usize,
    /// Registers of an invocation that hold operands and sums: a lower bound.
    pub registers: usize,
    /// Bytes of workgroup memory.
    pub shared_bytes: usize,
    /// Rounds of loads, each of which waits for the one before.
    pub rounds: usize,
    /// Quads that an invocation loads in a round.
    pub loads: usize,
    /// Quads that it reads from workgroup memory in a round.
    pub shared_loads: usize,
    /// Multiply-adds that it does in a round.
    pub mul_adds: usize,
    /// Bytes that have to come from memory and go there.
    pub bytes: usize,
}

/// What a GPU makes of a [`Load`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Workgroups side by side on a unit.
    pub resident: usize,
    /// Waves side by side on a unit, while all of them have one.
    pub waves: f64,
    /// Bytes that a unit has asked memory for while it waits.
    pub bytes_in_flight: usize,
    /// Nanoseconds.
    pub ns: f64,
}

/// Times within this of each other are about the same: a test lets the model's median error be as large. A
/// dispatch more costs what it costs for sure.
pub(crate) const ABOUT_AS_FAST: f64 = 1.25;

/// Instructions that a load takes beside itself: its address, and whether it is inside the map.
const OVERHEAD: usize = 8;

/// The most registers of addresses and the like, which are one a quad of operands and sums where those are few:
/// about what RADV's compiler adds to those of kernels.
const OTHER_REGISTERS: usize = 12;

impl Load {
    /// What a GPU makes of it; `None` where it cannot run it, or should not.
    pub fn on(&self, gpu: &Hardware) -> Option<Figures> {
        let room = |all: u32, each: usize| (all as usize).checked_div(each).unwrap_or(usize::MAX);
        let registers = (self.registers + OTHER_REGISTERS.min(self.registers / 4))
            .next_multiple_of(gpu.register_step as usize);
        let resident = room(gpu.registers, self.lanes * registers)
            .min(room(gpu.shared_bytes, self.shared_bytes))
            .min(room(gpu.invocations, self.lanes))
            .min(gpu.workgroups as usize);
        let spills = self.registers > gpu.registers_each as usize
            || self.shared_loads > gpu.quads_at_once as usize;
        if resident == 0 || spills {
            return None;
        }
        let units = gpu.units as usize;
        let busiest = self.workgroups.div_ceil(units);
        let together = self.workgroups.min(units * resident) * self.lanes;
        let turns = busiest / resident;
        let rounds =
            turns as f64 * self.round_ns(gpu, resident) + self.round_ns(gpu, busiest % resident);
        let memory = self.bytes as f64 / f64::from(gpu.memory_gb_s);
        Some(Figures {
            resident,
            waves: together as f64 / f64::from(gpu.units * gpu.wave),
            bytes_in_flight: busiest.min(resident) * self.lanes * self.loads * 16,
            ns: f64::from(gpu.dispatch_ns) + memory.max(self.rounds as f64 * rounds),
        })
    }

    /// Nanoseconds of a round of so many workgroups on a unit.
    fn round_ns(&self, gpu: &Hardware, workgroups: usize) -> f64 {
        if workgroups == 0 {
            return 0.0;
        }
        let ns = 1000.0 / f64::from(gpu.clock_mhz);
        // Lanes of a unit that have no invocation stand still.
        let arithmetic = |workgroups: usize| {
            let lanes = (workgroups * self.lanes).max(gpu.lanes as usize);
            let each = self.mul_adds + OVERHEAD * self.loads;
            (lanes * each) as f64 / f64::from(gpu.lanes) * ns
        };
        // Neighbours read the same quads of one operand, which are sent once.
        let bytes = (workgroups * self.lanes * self.shared_loads * 16) as f64 / 2.0;
        let shared = bytes / f64::from(gpu.shared_bytes_a_clock) * ns;
        let alone = f64::from(gpu.round_ns) + arithmetic(1);
        alone.max(arithmetic(workgroups)).max(shared)
    }
}
