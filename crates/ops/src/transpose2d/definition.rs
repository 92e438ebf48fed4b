//! Rows become columns.

/// A map with its rows and columns exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transpose2d;
