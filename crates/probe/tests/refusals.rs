//! What the command does where the system refuses what it asks for: threads, and processors of their own.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::Folder;
use profile::Profile;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use std::{
    collections::BTreeMap,
    env, fs,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
};

/// Measures a small network with `program`, which runs the command with what is left of the arguments.
fn measure(program: &mut Command, out: &Path) -> Output {
    let small = ["--model", "lenet5", "--device", "cpu", "--no-calibration", "--no-tune"];
    let short = ["--warmup", "1", "--iters", "3", "--format", "json", "--out"];
    program.args(small).args(short).arg(out).stdin(Stdio::null()).output().unwrap()
}

/// A system call, refused to this thread and to all that it starts.
fn refuse(call: i64, errno: libc::c_int) {
    let refuse = SeccompAction::Errno(errno.unsigned_abs());
    let calls = BTreeMap::from([(call, Vec::new())]);
    let arch = env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(calls, SeccompAction::Allow, refuse, arch).unwrap();
    seccompiler::apply_filter(&BpfProgram::try_from(filter).unwrap()).unwrap();
}

#[test]
fn threads_that_the_system_does_not_pin_are_not_called_pinned() {
    let pinned = |refused: bool| {
        let folder = Folder::new(if refused { "unpinned" } else { "pinned" });
        let run = || {
            if refused {
                // A container answers so for a processor that is not its own.
                refuse(libc::SYS_sched_setaffinity, libc::EINVAL);
            }
            measure(&mut Command::new(env!("CARGO_BIN_EXE_probe")), &folder.0)
        };
        let out = thread::scope(|scope| scope.spawn(run).join()).unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let profile: Profile = serde_json::from_slice(&out.stdout).unwrap();
        let told = profile.timing.note.contains("not pinned to processors (processor ");
        assert_eq!(told, !profile.settings.pinned, "{}", profile.timing.note);
        assert_eq!(told, profile.timing.note.contains("Invalid argument"));
        assert_eq!(profile.workers.len(), usize::from(profile.settings.pinned));
        profile.settings.pinned
    };
    assert!(!pinned(true));
    assert!(pinned(false));
}

/// The last processor that this process may use.
fn last_processor() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap();
    allowed.trim().rsplit([',', '-']).next().unwrap().to_owned()
}

#[test]
fn processors_are_those_of_the_list_and_of_the_mask() {
    let (folder, last) = (Folder::new("processors"), last_processor());
    let masked = |more: &[&str]| {
        let mut command = Command::new("taskset");
        command.args(["-c", &last, env!("CARGO_BIN_EXE_probe")]).args(more);
        command
    };
    let mut listed = Command::new(env!("CARGO_BIN_EXE_probe"));
    listed.args(["--cpus", &last]);
    for (mut command, name) in [(listed, "listed"), (masked(&[]), "masked")] {
        let out = measure(&mut command, &folder.0.join(name));
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let profile: Profile = serde_json::from_slice(&out.stdout).unwrap();
        let [worker] = &profile.workers[..] else { panic!("{:?}", profile.workers) };
        assert_eq!(worker.cpu.to_string(), last);
        assert!(worker.measured_mhz.is_some_and(|mhz| mhz > 100.0), "{worker:?}");
    }
    let out = measure(&mut masked(&["--cpus", "9999"]), &folder.0.join("refused"));
    let refused = String::from_utf8(out.stderr).unwrap();
    assert_eq!((out.status.code(), refused.lines().count()), (Some(1), 1), "{refused}");
    assert!(refused.contains(&format!("may use the processors {last}, not 9999")), "{refused}");
}

#[test]
fn a_clock_that_the_system_refuses_is_no_trouble() {
    let folder = Folder::new("clock");
    let run = || {
        refuse(libc::SYS_clock_gettime, libc::EPERM);
        measure(&mut Command::new(env!("CARGO_BIN_EXE_probe")), &folder.0)
    };
    let out = thread::scope(|scope| scope.spawn(run).join()).unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice::<Profile>(&out.stdout).unwrap();
}

/// As a user of its own where we are root, whom no limit binds; else as one who has other processes.
#[test]
fn a_thread_that_the_system_refuses_is_an_error_in_one_line() {
    let folder = Folder::new("threads");
    let program = folder.0.join("probe");
    fs::copy(env!("CARGO_BIN_EXE_probe"), &program).unwrap();
    let limited = "ulimit -u 1 && chmod 777 \"$1\" && if [ \"$(id -u)\" = 0 ]; \
                   then exec setpriv --reuid 61234 --regid 61234 --clear-groups \"${@:2}\"; \
                   else exec \"${@:2}\"; fi";
    let mut bash = Command::new("bash");
    bash.args(["-c", limited, "bash"]).args([&folder.0, &program]);
    let out = measure(&mut bash, &folder.0.join("out"));
    let message = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(1), "{message}");
    let errors: Vec<&str> = message.lines().filter(|line| line.starts_with("error: ")).collect();
    let [error] = errors[..] else { panic!("expected one error: {message}") };
    for part in ["lenet5", "thread", "limit of processes and threads is 1 ", "`ulimit -u`"] {
        assert!(error.contains(part), "{part} in {error}");
    }
    assert!(!message.contains("panicked"), "{message}");
}
