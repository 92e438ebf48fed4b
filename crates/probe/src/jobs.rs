//! The jobs of a verb, one after the other. What goes wrong with one is told at once, the others are done
//! all the same, and the exit code says so.

use crate::{
    device::Target, error::chain, interrupt, own_thread::on_own_thread, progress::Progress,
};
use ops::Graph;
use report::screen;
use std::process::ExitCode;

/// The name of a job: a network on a device.
pub fn name(graph: &Graph, target: &dyn Target) -> String {
    format!("{} on {}", graph.name, target.device().label())
}

/// Jobs, done or still to do.
pub struct Jobs {
    progress: Progress,
    failed: bool,
    /// Whether it was said what the user's wish to stop ended.
    ended: bool,
}

impl Jobs {
    /// The jobs of this bar, none done yet.
    pub const fn new(progress: Progress) -> Self {
        Self { progress, failed: false, ended: false }
    }

    /// Does a job on a thread of its own, unless the user wants to stop. Where it fails, that is told; of
    /// those that are not begun, the first.
    pub fn run<T: Send>(
        &mut self,
        name: &str,
        job: impl FnOnce(&mut Progress) -> anyhow::Result<T> + Send,
    ) -> Option<T> {
        if interrupt::requested() {
            if !std::mem::replace(&mut self.ended, true) {
                self.progress.above(|| screen::tell(format!("interrupted: {name} was not begun")));
            }
            return None;
        }
        self.progress.begin(name.to_owned());
        let done = on_own_thread(|| job(&mut self.progress));
        self.progress.end();
        done.map_err(|e| self.tell(name, &e)).ok()
    }

    /// Tells why a job ended; it did not fail where the user ended it.
    fn tell(&mut self, name: &str, error: &anyhow::Error) {
        let why = chain(error);
        let line = if interrupt::requested() {
            self.ended = true;
            format!("{name}: {why}")
        } else {
            self.failed = true;
            format!("error: {name}: {why}")
        };
        self.progress.above(|| screen::tell(line));
    }

    /// Passes over a job that was done before.
    pub fn skip(&mut self) {
        self.progress.skip();
    }

    /// Does what writes to the terminal while the bar is away.
    pub fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        self.progress.above(write)
    }

    /// Counts a job as failed that was done.
    pub const fn fail(&mut self) {
        self.failed = true;
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.progress.finish();
    }

    /// How the program should end.
    pub fn exit_code(&self) -> ExitCode {
        match (interrupt::requested(), self.failed) {
            (true, _) => interrupt::exit_code(),
            (false, true) => ExitCode::FAILURE,
            (false, false) => ExitCode::SUCCESS,
        }
    }
}
