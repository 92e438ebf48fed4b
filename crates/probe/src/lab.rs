//! One run of a verb that measures: its jobs, and the folder that keeps what they find.

use crate::{jobs::Jobs, progress::Progress, run_folder::RunFolder};
use profile::Profile;
use report::{Findings, Measurements, latency::Drift, screen};
use std::process::ExitCode;

/// A run.
pub struct Lab {
    folder: RunFolder,
    jobs: Jobs,
}

impl Lab {
    /// A run of the jobs of `progress` that keeps its profiles in `folder`.
    pub const fn new(folder: RunFolder, progress: Progress) -> Self {
        Self { folder, jobs: Jobs::new(progress) }
    }

    /// Does a job, as [`Jobs::run`].
    pub fn run<T: Send>(
        &mut self,
        name: &str,
        job: impl FnOnce(&mut Progress) -> anyhow::Result<T> + Send,
    ) -> Option<T> {
        self.jobs.run(name, job)
    }

    /// Passes over a job if the folder holds what it would find; returns whether it does.
    pub fn skip_if_held(&mut self, is_it: impl Fn(&Profile) -> bool) -> bool {
        let held = self.holds(is_it);
        if held {
            self.skip();
        }
        held
    }

    /// Whether the folder holds a profile like this.
    pub fn holds(&self, is_it: impl Fn(&Profile) -> bool) -> bool {
        self.folder.profiles().iter().any(is_it)
    }

    /// Passes over a job.
    pub fn skip(&mut self) {
        self.jobs.skip();
    }

    /// Shows `text`, which tells of finished `profiles`, and writes these down.
    ///
    /// # Errors
    /// Where either cannot be written.
    pub fn keep(&mut self, text: &str, profiles: Vec<Profile>) -> anyhow::Result<()> {
        let shown = self.jobs.above(|| screen::print(text));
        self.jobs.above(|| self.folder.append(profiles))?;
        Ok(shown?)
    }

    /// Shows what all that the folder holds says together, as `summary` has it, and draws the report of it.
    ///
    /// # Errors
    /// Where the folder cannot be read, or anything be written.
    pub fn finish(
        self,
        summary: impl FnOnce(&Findings<'_>) -> anyhow::Result<String>,
    ) -> anyhow::Result<ExitCode> {
        self.end(summary, RunFolder::render)
    }

    /// As [`Self::finish`], but with rows for programs, and how far the machine drifted, in the place of the report.
    ///
    /// # Errors
    /// As [`Self::finish`].
    pub fn finish_rows(
        self,
        drifts: &[Drift],
        summary: impl FnOnce(&Findings<'_>) -> anyhow::Result<String>,
    ) -> anyhow::Result<ExitCode> {
        self.end(summary, |folder, findings| folder.write_rows(findings, drifts))
    }

    fn end(
        mut self,
        summary: impl FnOnce(&Findings<'_>) -> anyhow::Result<String>,
        write: impl FnOnce(&RunFolder, &Findings<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<ExitCode> {
        self.jobs.finish();
        self.folder.reread()?;
        if !self.folder.profiles().is_empty() {
            let measured = Measurements::of(self.folder.profiles());
            let findings = Findings::of(&measured);
            let shown = screen::print(&summary(&findings)?);
            write(&self.folder, &findings)?;
            shown?;
        }
        Ok(self.jobs.exit_code())
    }
}
