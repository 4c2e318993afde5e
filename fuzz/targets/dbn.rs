//! The DBN reader and its feed, with the metadata header and without.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| omni_fuzz::walk::dbn_both(bytes));
