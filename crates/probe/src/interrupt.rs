//! Ctrl-C: asked politely, the lab stops between two runs; asked twice, at once.

use std::{
    process,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
};

/// Exit code of a program that Ctrl-C ended: 128 + SIGINT.
pub const EXIT_CODE: u8 = 130;

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Starts listening.
///
/// # Errors
/// Where the system refuses a handler.
pub fn listen() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        if REQUESTED.swap(true, SeqCst) {
            process::exit(i32::from(EXIT_CODE));
        }
    })?;
    Ok(())
}

/// Whether the user wants the lab to stop.
pub fn requested() -> bool {
    REQUESTED.load(SeqCst)
}
