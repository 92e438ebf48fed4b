//! Any bytes as `profiles.jsonl`: refused in one line, or drawn whole.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    match profile::read(fuzz::file(bytes)) {
        Ok(profiles) => fuzz::report(&profiles),
        Err(refused) => assert!(!refused.to_string().contains('\n'), "{refused}"),
    }
});
