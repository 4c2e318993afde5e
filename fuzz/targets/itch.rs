//! The ITCH 5.0 reader and its feed.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| omni_fuzz::walk::itch_all(bytes));
