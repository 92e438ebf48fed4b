//! What a core has so much of, and its memory.

use strum::Display;

/// A resource of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display)]
#[strum(serialize_all = "kebab-case")]
pub enum Resource {
    /// Slots of vector operations.
    Vector,
    /// Slots of loads.
    Load,
    /// Slots of stores.
    Store,
    /// Slots of whatever is dispatched.
    Dispatch,
    /// Results that are waited for.
    Chains,
    /// Whatever lies beyond the first-level cache.
    Memory,
}
