//! Simulated times for tests: what a shared machine does to two sides that are measured in turn.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// A machine that drifts, has hiccups, and lays buffers elsewhere in every sitting.
pub struct Machine {
    rng: ChaCha8Rng,
    /// The clock's pace, a random walk of the logarithm.
    pace: f64,
    /// What the neighbours do, correlated from round to round.
    neighbours: f64,
}

/// Times of an operator on both sides, nanoseconds.
pub type Both = [Vec<u64>; 2];

impl Machine {
    /// The machine of this seed.
    pub fn new(seed: u64) -> Self {
        println!("seed {seed}");
        Self { rng: ChaCha8Rng::seed_from_u64(seed), pace: 0.0, neighbours: 0.0 }
    }

    fn uniform(&mut self) -> f64 {
        (f64::from(self.rng.next_u32()) + 0.5) / 2f64.powi(32)
    }

    fn normal(&mut self) -> f64 {
        let (radius, angle) = ((-2.0 * self.uniform().ln()).sqrt(), self.uniform());
        radius * (std::f64::consts::TAU * angle).cos()
    }

    /// What an operator of `ns` takes now.
    fn run(&mut self, ns: f64) -> u64 {
        self.pace += 2e-4 * self.normal();
        let hiccup = if self.uniform() < 0.05 { -0.3 * self.uniform().ln() } else { 0.0 };
        let slower = self.pace + self.neighbours + hiccup + 0.01 * self.normal();
        (ns * slower.exp()).round() as u64
    }

    /// `sittings` of `rounds` in which each operator of A takes its `ns` and B's so many times as long.
    pub fn measure(&mut self, ops: &[(f64, f64)], sittings: usize, rounds: usize) -> Vec<Both> {
        let mut times = vec![[Vec::new(), Vec::new()]; ops.len()];
        for sitting in 0..sittings {
            // What preparing decides: 1 % for as long as the buffers live.
            let placed: Vec<[f64; 2]> =
                ops.iter().map(|_| [0, 1].map(|_| (0.01 * self.normal()).exp())).collect();
            for round in 0..rounds {
                self.neighbours = 0.9 * self.neighbours + 0.01 * self.normal();
                let first = (sitting + round) % 2;
                for side in [first, 1 - first] {
                    for ((both, (ns, ratio)), placed) in times.iter_mut().zip(ops).zip(&placed) {
                        let ns = ns * if side == 1 { *ratio } else { 1.0 };
                        both[side].push(self.run(ns * placed[side]));
                    }
                }
            }
        }
        times
    }
}
