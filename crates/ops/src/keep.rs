//! What outlives a run.

/// Whether a session's buffers may be reused within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Only the outputs outlive the run; buffers are shared where lifetimes allow.
    Output,
    /// As [`Keep::Output`], but every node's output is whole when [`Session::run_each`](crate::Session::run_each) shows it. On a
    /// GPU as [`Keep::Everything`].
    Each,
    /// Every node's output stays readable after a run.
    Everything,
}
