//! What the user sees while the lab works: one bar, on a terminal only.

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget};
use ops::Graph;
use report::{screen, visible};
use std::time::{Duration, Instant};

/// Time between two drawings: drawing disturbs what is measured.
const PERIOD: Duration = Duration::from_millis(200);

/// What every network takes, whatever its size: choosing kernels, samples for at least so long. In
/// mult-adds, as [`weight`].
const ALIKE: u64 = 5_000_000_000;

/// What a parameter takes beyond its mult-adds: to draw and to pack it.
const PARAMETER: u64 = 50;

/// How long a network takes beside others: in mult-adds that take as long, more or less.
fn weight(graph: &Graph) -> u64 {
    let cost = graph.cost();
    ALIKE + cost.mul_adds + PARAMETER * cost.params
}

/// A bar over all jobs, with a line that says what is being done.
pub struct Progress {
    bar: ProgressBar,
    /// How long each job takes beside the others.
    weights: Vec<u64>,
    /// Jobs that ended.
    ended: usize,
    job: String,
    began: Instant,
    drawn: Instant,
}

impl Progress {
    /// A bar over jobs that take as long, beside each other, as their `weights` say; drawn on standard
    /// error if that is a terminal.
    pub fn new(weights: Vec<u64>) -> Self {
        // Drawn only when told to: a thread that ticks would disturb what is measured.
        let bar =
            ProgressBar::with_draw_target(Some(weights.iter().sum()), ProgressDrawTarget::stderr());
        bar.set_style(screen::bar("{bar:30} {prefix} · {wide_msg}"));
        let now = Instant::now();
        Self { bar, weights, ended: 0, job: String::new(), began: now, drawn: now }
    }

    /// A bar over all `graphs`, each on so many devices in turn.
    pub fn over(graphs: &[Graph], devices: usize) -> Self {
        Self::new(graphs.iter().flat_map(|graph| vec![weight(graph); devices]).collect())
    }

    /// Begins a job.
    pub fn begin(&mut self, job: String) {
        self.bar.set_prefix(self.so_far());
        self.job = visible::line(job).into_owned();
        self.bar.set_message(screen::fitting(&self.job).into_owned());
    }

    /// Jobs that ended, the time since the first began, and what is left if the others take as long
    /// for their weight.
    fn so_far(&self) -> String {
        let gone = self.began.elapsed();
        let (done, all) = (self.bar.position(), self.bar.length().unwrap_or(0));
        let left = left(gone, done, all)
            .map_or(String::new(), |left| format!(", about {} left", HumanDuration(left)));
        format!("{}/{} · {} gone{left}", self.ended, self.weights.len(), HumanDuration(gone))
    }

    /// Says how far the job is, unless something was said a moment ago.
    pub fn say(&mut self, state: impl FnOnce() -> String) {
        if self.drawn.elapsed() >= PERIOD {
            self.bar.set_prefix(self.so_far());
            let message = format!("{}: {}", self.job, visible::line(state()));
            self.bar.set_message(screen::fitting(&message).into_owned());
            self.drawn = Instant::now();
        }
    }

    /// Ends a job.
    pub fn end(&mut self) {
        self.bar.inc(self.weights[self.ended]);
        self.ended += 1;
    }

    /// Passes over a job that was done before: it takes no time, so it is none of what is left.
    pub fn skip(&mut self) {
        self.bar.dec_length(self.weights[self.ended]);
        self.ended += 1;
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

/// What is left of work of weight `all` of which `done` took `gone`; `None` before anything is done.
fn left(gone: Duration, done: u64, all: u64) -> Option<Duration> {
    let rest = all.saturating_sub(done) as f64 / done as f64;
    (done > 0).then(|| Duration::from_secs_f64(gone.as_secs_f64() * rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_takes_as_long_for_its_weight() {
        let seconds = Duration::from_secs;
        assert_eq!(left(seconds(10), 0, 7), None);
        assert_eq!(left(seconds(10), 2, 7), Some(seconds(25)));
        assert_eq!(left(seconds(10), 7, 7), Some(Duration::ZERO));
    }

    #[test]
    fn a_job_that_is_passed_over_is_none_of_what_is_left() {
        let mut progress = Progress::new(vec![5, 1, 2]);
        progress.skip();
        progress.begin("b".into());
        progress.end();
        assert_eq!((progress.bar.position(), progress.bar.length()), (1, Some(3)));
        assert!(progress.so_far().starts_with("2/3 · "), "{}", progress.so_far());
    }
}
