//! A wish to stop, which long work looks at between two steps.

use crate::SessionError;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

/// Asks whoever holds a clone of it to stop; made of a flag that anybody may set, such as the handler of a
/// signal. The default is never set.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// The wish that is there once `flag` is set.
    pub const fn once(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }

    /// Ends work that should stop.
    ///
    /// # Errors
    /// [`SessionError::Interrupted`] where the flag is set.
    pub fn check(&self) -> Result<(), SessionError> {
        if self.0.load(Relaxed) { Err(SessionError::Interrupted) } else { Ok(()) }
    }
}
