//! Any text as an experiment's file: refused in one line with its place, or networks that can be built.

#![no_main]

use probe::experiment::Experiment;

libfuzzer_sys::fuzz_target!(|text: &str| {
    match Experiment::parse("file.toml", text) {
        Ok(experiment) => {
            for setup in experiment.grids.iter().flat_map(|grid| experiment.setups(grid)) {
                setup.subject("2026-11-30T12:00:00Z").expect("what parses can be built");
            }
        }
        Err(refused) => {
            let message = format!("{refused:#}");
            assert!(message.starts_with("file.toml:"), "{message}");
        }
    }
});
