//! One network's turn among several that are measured in turn.

use super::Samples;
use ops::{Parts, Session, SessionError};

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
        let (mut sum, mut parts) = (0, Some(Parts { gpu_ns: Some(0), encode_ns: 0, submit_ns: 0 }));
        for _ in 0..runs {
            check()?;
            let (ns, of_run) = session.run_in_parts()?;
            sum += ns;
            parts = parts.zip(of_run).map(|(all, run)| all + run);
        }
        self.push_whole(sum, parts);
        if in_full {
            check()?;
            let mut times = vec![0; self.ops.len()];
            self.instrument(session, &mut times)?;
        }
        Ok(())
    }
}
