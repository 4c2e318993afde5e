//! What opening a market data file does: telling formats apart, decompressing.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| omni_fuzz::walk::opened(bytes));
