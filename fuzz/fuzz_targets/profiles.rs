//! Any bytes as `profiles.jsonl`: refused in one line, or drawn whole.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::profiles(bytes));
