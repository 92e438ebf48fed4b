//! One network's turn among several that are measured in turn.

use super::{Samples, append};
use ops::{Session, SessionError};

/// A network that runs for less is run once untimed before each sample: the networks between its
/// samples emptied the caches of its weights and maps.
const COLD: u64 = 20_000_000;

impl Samples {
    /// Takes one sample of `session`, whose input is set: `runs` whole runs together, and where `in_full` a run
    /// with every operator timed. `check` may end it before each run.
    ///
    /// # Errors
    /// Where the device is lost, and those of `check`.
    pub fn take_turn(
        &mut self,
        session: &mut dyn Session,
        runs: usize,
        in_full: bool,
        check: &dyn Fn() -> Result<(), SessionError>,
    ) -> Result<(), SessionError> {
        if self.whole.last().is_none_or(|&ns| ns < COLD) {
            session.run()?;
        }
        let mut sum = 0;
        for _ in 0..runs {
            check()?;
            sum += session.run()?;
        }
        self.whole.push(sum);
        if in_full {
            check()?;
            self.instrument(session)?;
        }
        Ok(())
    }

    /// Takes a run with every operator timed.
    ///
    /// # Errors
    /// Where the device is lost.
    pub fn instrument(&mut self, session: &mut dyn Session) -> Result<(), SessionError> {
        let mut times = vec![0; self.ops.len()];
        self.instrumented.push(session.run_timed(&mut times)?);
        append(&mut self.ops, &times);
        Ok(())
    }
}
