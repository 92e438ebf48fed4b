//! `probe`: the lab's command. All of it stands in the library, where tests can reach it.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    probe::main()
}
