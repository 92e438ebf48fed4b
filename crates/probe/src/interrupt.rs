//! Ctrl-C, the system's wish that the program end, a terminal that closes: asked once, the lab stops between
//! two runs and writes down what it has; asked twice, at once.
//!
//! Everything is done in the signal's handler, by flags: no thread, which the system could refuse, waits.

use ops::{SessionError, Stop};
use report::screen;
use signal_hook::{consts::signal, flag, low_level};
use std::{
    io,
    process::ExitCode,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
};

static REQUESTED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// The signal that asked last.
static SIGNAL: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// Exit code of a program that the user interrupted: 128 + the signal, as shells have it.
pub fn exit_code() -> ExitCode {
    ExitCode::from(code_of(SIGNAL.load(Relaxed)))
}

/// Ends the program at once, as [`exit_code`] has it. A driver may still work on what nobody waits for any more,
/// and would crash if its library were taken down meanwhile.
pub fn exit() -> ! {
    low_level::exit(code_of(SIGNAL.load(Relaxed)).into())
}

fn code_of(signal: usize) -> u8 {
    128 + u8::try_from(signal).unwrap_or_default()
}

/// Starts listening. Where the system refuses a handler, a line says that its signal ends the program as
/// it always does.
pub fn listen() {
    for (signal, name) in signals() {
        if let Err(e) = on(signal) {
            screen::tell(format_args!(
                "warning: {name} will end the program at once and lose what it measures: {e}"
            ));
        }
    }
}

/// The handlers of one signal, in the order in which they are called: the second time, the first of them
/// finds what the second one left.
fn on(signal: i32) -> io::Result<()> {
    let number = usize::try_from(signal).unwrap_or_default();
    let code = code_of(number).into();
    flag::register_conditional_shutdown(signal, code, Arc::clone(&REQUESTED))?;
    flag::register_usize(signal, Arc::clone(&SIGNAL), number)?;
    flag::register(signal, Arc::clone(&REQUESTED)).map(|_| ())
}

/// What is listened to: a closing terminal only where nobody, such as `nohup`, told the program to outlive it.
fn signals() -> Vec<(i32, &'static str)> {
    let mut signals = vec![(signal::SIGINT, "Ctrl-C"), (signal::SIGTERM, "SIGTERM")];
    #[cfg(target_os = "linux")]
    if !is_ignored(
        &std::fs::read_to_string("/proc/self/status").unwrap_or_default(),
        signal::SIGHUP,
    ) {
        signals.push((signal::SIGHUP, "SIGHUP"));
    }
    signals
}

/// Whether a process of this `/proc/…/status` ignores `signal`; one that does not tell counts as such.
#[cfg(any(test, target_os = "linux"))]
fn is_ignored(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_none_or(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Whether the user wants the lab to stop.
pub fn requested() -> bool {
    check().is_err()
}

/// Ends what the user wants to stop.
///
/// # Errors
/// [`SessionError::Interrupted`] in that case.
pub fn check() -> Result<(), SessionError> {
    stop().check()
}

/// The user's wish, for sessions to look at.
pub fn stop() -> Stop {
    Stop::once(Arc::clone(&REQUESTED))
}

#[cfg(test)]
mod tests {
    use super::is_ignored;

    #[test]
    fn a_program_under_nohup_is_told_of() {
        let status =
            |mask| format!("Name:\tprobe\nSigBlk:\t0000\nSigIgn:\t{mask}\nSigCgt:\t0001\n");
        assert!(is_ignored(&status("0000000000000001"), 1));
        assert!(!is_ignored(&status("0000000000001006"), 1));
        assert!(is_ignored(&status("0000000000001006"), 2));
        assert!(is_ignored("", 1) && is_ignored(&status("x"), 1));
    }
}
