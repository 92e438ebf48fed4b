//! What the user sees while the lab works: one bar, on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

/// Time between two drawings: drawing disturbs what is measured.
const PERIOD: Duration = Duration::from_millis(200);

/// A bar over all jobs, with a line that says what is being done.
pub struct Progress {
    bar: ProgressBar,
    job: String,
    drawn: Instant,
}

impl Progress {
    /// A bar over `jobs` jobs, drawn on standard error if that is a terminal.
    pub fn new(jobs: usize) -> Self {
        // Drawn only when told to: a thread that ticks would disturb what is measured.
        let bar = ProgressBar::with_draw_target(Some(jobs as u64), ProgressDrawTarget::stderr());
        let template = "{bar:30} {pos}/{len} · {elapsed} gone, about {eta} left · {wide_msg}";
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        Self { bar, job: String::new(), drawn: Instant::now() }
    }

    /// Begins a job.
    pub fn begin(&mut self, job: String) {
        self.bar.set_message(job.clone());
        self.job = job;
    }

    /// Says how far the job is, unless something was said a moment ago.
    pub fn say(&mut self, state: impl FnOnce() -> String) {
        if self.drawn.elapsed() >= PERIOD {
            self.bar.set_message(format!("{}: {}", self.job, state()));
            self.drawn = Instant::now();
        }
    }

    /// Ends a job.
    pub fn end(&self) {
        self.bar.inc(1);
    }

    /// Writes lines to standard error, or whatever `write` does, above the bar.
    pub fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
